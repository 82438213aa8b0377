internal import CRDModels
internal import KubernetesAPI
internal import Policy

extension ServerConditions {
    /// The types of the conditions about revisions. They are removed if nothing is known.
    static let revisionTypes: Set<String> = [
        ConditionType.contractRecorded, ConditionType.contractDrifted, ConditionType.curationEnforced,
    ]

    /// The conditions about the server's revision.
    ///
    /// - Parameter curation: of an accepted spec; `nil` keeps what the status says about it.
    func revisionEntries(_ curation: Curation?) -> [Entry] {
        switch observed.revision {
        case nil, .asBefore?: return entriesAsBefore()
        case .notRead?: return []
        case .pending?:
            let finding = Finding(
                .contractPending,
                "what the server offers is not stored yet: it is read again at the next check"
            )
            return [(ConditionType.contractRecorded, .unknown, finding)] + entriesAsBefore().dropRecorded()
        case .notStored(let problem)?:
            return [(ConditionType.contractRecorded, .false, problem.finding)] + entriesAsBefore().dropRecorded()
        case .tooLarge(let bytes, let limit)?:
            let finding = Finding(
                .contractTooLarge,
                """
                what the server offers has \(bytes) bytes as JSON, more than the \(limit) that are stored: use a version \
                of the server with shorter descriptions and schemas, or split it into several servers
                """
            )
            return [(ConditionType.contractRecorded, .false, finding)] + entriesAsBefore().dropRecorded()
        case .stored(let revision)?:
            return entries(of: revision) + curationEntry(revision, curation)
        }
    }

    private func entries(of revision: ServingRevision) -> [Entry] {
        let published =
            revision.publishedTools == revision.tools
            ? "" : ", of which the curation publishes \(revision.publishedTools)"
        let tools = "\(revision.tools) tool\(revision.tools == 1 ? "" : "s")\(published)"
        let recorded: Entry = (
            ConditionType.contractRecorded, .true,
            Finding(.contractRecorded, "revision \(revision.name): \(tools)")
        )
        guard let drift = revision.drift else {
            return [
                recorded,
                (
                    ConditionType.contractDrifted, .false,
                    Finding(.contractStable, "the server offers what it offered when its pods were first checked")
                ),
            ]
        }
        return [
            recorded,
            (
                ConditionType.contractDrifted, .true,
                Finding(
                    .contractDrifted,
                    """
                    the server offers something else than before, with the same image and spec: \
                    \(RevisionDifference.summary(drift.difference)) (revision \(drift.from) before)
                    """
                )
            ),
        ]
    }

    private func curationEntry(_ revision: ServingRevision, _ curation: Curation?) -> [Entry] {
        guard curation?.isDeclared == true else { return [] }
        let warnings = (revision.warnings ?? []).map { "; \($0)" }.joined()
        let text = """
            the gateway enforces the curation; clients that reach the server another way can call all of its \
            tools\(warnings)
            """
        let finding = Finding(
            .curationNotEnforced,
            text.truncated(toCodePoints: Condition.maximumMessageLength)
        )
        return [(ConditionType.curationEnforced, .false, finding)]
    }

    /// What the status already says.
    private func entriesAsBefore() -> [Entry] {
        (server.status?.conditions ?? []).compactMap { condition in
            guard Self.revisionTypes.contains(condition.type), let reason = Reason(rawValue: condition.reason) else {
                return nil
            }
            return (condition.type, condition.status, Finding(reason, condition.message))
        }
    }
}

extension [ServerConditions.Entry] {
    fileprivate func dropRecorded() -> Self { filter { $0.type != ConditionType.contractRecorded } }
}

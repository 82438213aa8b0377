internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import MCPProtocol

/// Stores what servers offer in revisions, and deletes old ones.
///
/// The writes are in this order, and each can be repeated: the revision, its parts, its status, the status of the revision before
/// it, and last the status of the server, which names the revision. After a crash between any two of them, the next pass makes
/// the ones that are missing.
struct RevisionKeeper: Sendable {
    let store: RevisionStore
    let inbox: ContractInbox
    let metrics: OperatorMetrics

    /// One pass over one server.
    struct Pass: Sendable {
        /// The server, with its last known status.
        var server: MCPServer
        /// Its plan; `nil` if its spec was refused.
        var plan: ServerPlan?
        /// What is known about its protocol.
        var state: ProtocolState?
    }

    /// What a pass found.
    struct Outcome: Sendable {
        var report: RevisionReport
        /// The problems that are to be tried again.
        var problems: [WriteProblem] = []
        /// Whether the contract has to be read again before the next regular check.
        var needsCheck = false
    }

    /// Stores what a server offers, if it is new.
    ///
    /// - Throws: errors that are not answers of the API server.
    func keep(_ pass: Pass) async throws -> Outcome {
        let server = pass.server.namespacedName
        let known = pass.server.status?.revision
        if case .disabled? = pass.state {
            inbox.remove(server)
            return Outcome(report: .notRead)
        }
        // A refused spec says nothing about the pods that still run.
        guard let plan = pass.plan, case .settled(.verified(let checked))? = pass.state,
            checked.contractDigest != nil, let uid = pass.server.metadata.uid
        else { return Outcome(report: .asBefore) }
        guard let target = RevisionTarget(server: pass.server, checked: checked) else {
            // An earlier version of the controller did not record the image. The next regular check does: checks of all
            // servers at once would be a burst.
            return Outcome(report: .pending)
        }
        let records = store.records(of: server, uid: uid)
        let stored = records.first { $0.name == target.name && $0.key == target.key }
        if let serving = target.unchanged(known), let stored, store.isComplete(stored) {
            inbox.remove(server, digest: target.contractDigest)
            do {
                try await prune(records, keeping: [serving.name, serving.drift?.from], of: pass.server)
                return Outcome(report: .stored(serving))
            } catch let error as APIError {
                let problem = WriteProblem(error, writing: stored.reference)
                return Outcome(report: .stored(serving), problems: [problem])
            }
        }
        let change = Change(target: target, known: known, checked: checked, plan: plan, records: records)
        do {
            let outcome = try await store(change, server: pass.server)
            if case .stored = outcome.report { inbox.remove(server, digest: target.contractDigest) }
            return outcome
        } catch let error as APIError {
            // A read or a write that failed: the server's other conditions are reported all the same.
            let reference = ObjectReference(
                type: MCPServerRevision.resourceType,
                namespace: server.namespace,
                name: target.name
            )
            let problem = WriteProblem(error, writing: reference)
            return Outcome(report: .notStored(problem), problems: [problem])
        }
    }

    /// A revision that is to be stored, or to serve again.
    private struct Change {
        var target: RevisionTarget
        var known: ServingRevision?
        var checked: ServerProtocolStatus
        var plan: ServerPlan
        var records: [RevisionRecord]

        /// The revision that served before; `nil` if it is the same.
        var previous: String? { known.flatMap { $0.name == target.name ? nil : $0.name } }

        func record(_ name: String?) -> RevisionRecord? { name.flatMap { name in records.first { $0.name == name } } }
    }

    private func store(_ change: Change, server: MCPServer) async throws -> Outcome {
        let target = change.target
        guard let contract = try await contract(change, of: server.namespacedName) else {
            return Outcome(report: .pending, needsCheck: true)
        }
        let content = RevisionContent(contract, curation: target.curation)
        let spec: MCPServerRevisionSpec
        let parts: [String]
        do throws(RevisionTooLarge) {
            (spec, parts) = try content.stored(as: target, provenance: RevisionProvenance(change.checked))
        } catch {
            inbox.remove(server.namespacedName, digest: target.contractDigest)
            return Outcome(report: .tooLarge(bytes: error.bytes, limit: RevisionContent.maximumTotal))
        }
        let record: RevisionRecord
        switch try await store.create(target, spec, parts: parts, metadata: metadata(change, parts.count, of: server)) {
        case .revision(let written): record = written
        case .problem(let problem): return Outcome(report: .notStored(problem), problems: [problem])
        }
        metrics.countWrites(1, controller: "mcpserver", target: "revisions")
        let before = try await change.record(change.previous).asyncFlatMap { try await store.read($0) }
        var status = MCPServerRevisionStatus(state: .serving)
        if let previous = change.previous {
            status.previous = previous
            status.difference = Self.difference(from: before?.contract, to: content.contract)
        }
        if let problem = try await store.report(status, on: record) {
            return Outcome(report: .notStored(problem), problems: [problem])
        }
        if let old = change.record(change.previous) {
            var status = before?.status ?? MCPServerRevisionStatus()
            status.state = .superseded
            if let problem = try await store.report(status, on: old) {
                return Outcome(report: .notStored(problem), problems: [problem])
            }
        }
        var serving = ServingRevision(
            name: target.name,
            contractDigest: target.contractDigest,
            image: target.image.reference,
            podTemplateHash: target.podTemplateHash,
            tools: content.counts.tools,
            publishedTools: content.counts.publishedTools,
            warnings: content.warnings.isEmpty ? nil : content.warnings
        )
        serving.drift = try await drift(change, to: content.contract, before: before?.contract)
        return Outcome(report: .stored(serving))
    }

    /// What the server offers: as it was just read, or from a revision with another image or curation.
    private func contract(_ change: Change, of server: NamespacedName) async throws -> ServerContract? {
        let digest = change.target.contractDigest
        if let contract = inbox.contract(of: server, digest: digest) { return contract }
        for record in change.records where record.contractDigest == digest && store.isComplete(record) {
            if let contract = try await store.read(record)?.contract { return try contract.serverContract }
        }
        return nil
    }

    private func drift(
        _ change: Change,
        to new: RevisionContract,
        before: RevisionContract?
    ) async throws -> ContractDrift? {
        guard let origin = change.target.origin(change.known) else { return nil }
        if let known = change.known, let drift = known.drift, known.contractDigest == change.target.contractDigest {
            return drift
        }
        var first = before
        if origin.revision != change.previous {
            first = try await change.record(origin.revision).asyncFlatMap { try await store.read($0) }?.contract
        }
        return ContractDrift(
            from: origin.revision,
            contractDigest: origin.contractDigest,
            difference: Self.difference(from: first, to: new)
        )
    }

    private static func difference(from old: RevisionContract?, to new: RevisionContract) -> [String] {
        guard let old, let lines = try? RevisionDifference.lines(from: old, to: new) else {
            return ["the differences are not known, because the revision before was deleted or changed"]
        }
        return lines.isEmpty
            ? ["the tools, prompts and resources are the same; the image or the curation differs"] : lines
    }

    private func metadata(_ change: Change, _ parts: Int, of server: MCPServer) -> ObjectMeta {
        var annotations = [
            RevisionRecord.keyAnnotation: change.target.key,
            RevisionRecord.contractAnnotation: change.target.contractDigest,
        ]
        if parts > 0 { annotations[RevisionRecord.partsAnnotation] = String(parts) }
        return ObjectMeta(
            name: change.target.name,
            namespace: server.metadata.namespace,
            labels: ObjectLabels.server(server, tenant: change.plan.tenant.name),
            annotations: annotations,
            ownerReferences: [
                OwnerReference(
                    apiVersion: Moorage.apiVersion,
                    kind: MCPServer.resourceType.kind,
                    name: server.metadata.name ?? "",
                    uid: server.metadata.uid ?? "",
                    controller: true,
                    blockOwnerDeletion: true
                )
            ]
        )
    }

    private func prune(_ records: [RevisionRecord], keeping names: [String?], of server: MCPServer) async throws {
        let expired = RevisionHistory.expired(
            records.map { RevisionHistory.Entry(name: $0.name, creationTimestamp: $0.creationTimestamp) },
            keeping: Set(names.compactMap { $0 }),
            limit: server.spec.revisionHistoryLimit
        )
        for record in records where expired.contains(record.name) { try await store.delete(record) }
    }
}

extension RevisionProvenance {
    /// When and where a check read a contract.
    init(_ checked: ServerProtocolStatus) {
        self.init(
            time: checked.lastCheckTime ?? Timestamp(secondsSinceEpoch: 0),
            pod: checked.pod ?? "",
            protocolVersion: checked.protocolVersion,
            serverName: checked.serverName,
            serverVersion: checked.serverVersion
        )
    }
}

extension Optional where Wrapped: Sendable {
    /// The result of an asynchronous function of the value, if there is one.
    fileprivate func asyncFlatMap<Result>(_ body: (Wrapped) async throws -> Result?) async rethrows -> Result? {
        guard let self else { return nil }
        return try await body(self)
    }
}

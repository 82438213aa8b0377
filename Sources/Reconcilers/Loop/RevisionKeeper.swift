internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import MCPProtocol
internal import Policy

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
        /// The server with the spec that serves, and its last known status.
        var server: MCPServer
        /// Its plan; `nil` if its spec was refused.
        var plan: ServerPlan?
        /// Makes the reviewed part of the spec that serves, which is only needed once a contract was read; `nil` if that is not
        /// known.
        var template: (@Sendable () -> RevisionTemplate)?
        /// Whether all pods run this spec.
        var isRolledOut: Bool
        /// What is known about its protocol.
        var state: ProtocolState?
        /// The revisions that are kept besides those that serve.
        var keeping: Set<String> = []
    }

    /// What a pass found.
    struct Outcome: Sendable {
        var report: RevisionReport
        /// The problems that are to be tried again.
        var problems: [WriteProblem] = []
        /// Whether the contract has to be read again before the next regular check.
        var needsCheck = false
        /// Whether another pass is needed once the status names the revision, for example to delete old ones.
        var needsPass = false
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
        // A refused spec says nothing about the pods that still run, and during a rollout a pod may run the spec before.
        guard let plan = pass.plan, let template = pass.template, pass.isRolledOut,
            case .settled(.verified(let checked))? = pass.state, checked.contractDigest != nil,
            let uid = pass.server.metadata.uid
        else { return Outcome(report: .asBefore) }
        guard let target = RevisionTarget(server: pass.server, template: template(), checked: checked) else {
            // An earlier version of the controller did not record the image. The next regular check does: checks of all
            // servers at once would be a burst.
            return Outcome(report: .pending)
        }
        // The caches of pods and Deployments are not of the same moment: the pod that was checked may be one of the template before.
        guard target.canBe(of: plan.podTemplate, known) else { return Outcome(report: .asBefore) }
        let records = store.records(of: server, uid: uid)
        let stored = records.first { $0.name == target.name && $0.key == target.key }
        let isReviewed = plan.review.isEnforced
        do {
            if let serving = target.unchanged(known, podTemplate: plan.podTemplate, isReviewed: isReviewed), let stored,
                store.isComplete(stored),
                try await !isApproved(serving.drift, stored)
            {
                inbox.remove(server, digest: target.contractDigest)
                return try await pruned(serving, records, pass: pass, stored: stored)
            }
            let change = Change(
                target: target,
                known: known,
                checked: checked,
                plan: plan,
                records: records,
                server: pass.server
            )
            let outcome = try await store(change)
            if case .stored = outcome.report { inbox.remove(server, digest: target.contractDigest) }
            return outcome
        } catch let error as APIError {
            // A read or a write that failed: the server's other conditions are reported all the same.
            let problem = WriteProblem(error, writing: reference(target, of: server))
            return Outcome(report: .notStored(problem), problems: [problem])
        }
    }

    private func reference(_ target: RevisionTarget, of server: NamespacedName) -> ObjectReference {
        ObjectReference(type: MCPServerRevision.resourceType, namespace: server.namespace, name: target.name)
    }

    /// Whether a person has approved what drifted.
    private func isApproved(_ drift: ContractDrift?, _ record: RevisionRecord) async throws -> Bool {
        guard drift != nil, record.generation > 1 else { return false }
        return try await store.review(of: record)?.standing.admits ?? false
    }

    private func pruned(
        _ serving: ServingRevision,
        _ records: [RevisionRecord],
        pass: Pass,
        stored: RevisionRecord
    ) async throws -> Outcome {
        do {
            let names = pass.keeping.union([serving.name, serving.drift?.from].compactMap { $0 })
            try await prune(records, keeping: names, of: pass.server)
            return Outcome(report: .stored(serving))
        } catch let error as APIError {
            return Outcome(report: .stored(serving), problems: [WriteProblem(error, writing: stored.reference)])
        }
    }

    // MARK: What serves

    /// A revision that is to be stored, or to serve again.
    private struct Change {
        var target: RevisionTarget
        var known: ServingRevision?
        var checked: ServerProtocolStatus
        var plan: ServerPlan
        var records: [RevisionRecord]
        var server: MCPServer

        var isReviewed: Bool { plan.review.isEnforced }

        /// The revision that served before; `nil` if it is the same.
        var previous: String? { known.flatMap { $0.name == target.name ? nil : $0.name } }

        func record(_ name: String?) -> RevisionRecord? { name.flatMap { name in records.first { $0.name == name } } }
    }

    private func store(_ change: Change) async throws -> Outcome {
        let target = change.target
        guard let contract = try await contract(target, change.records, key: change.server.namespacedName) else {
            return Outcome(report: .pending, needsCheck: true)
        }
        let content = RevisionContent(contract, curation: target.curation)
        let origin = try await origin(change)
        let draft = Draft(
            target: target,
            content: content,
            provenance: RevisionProvenance(change.checked),
            acceptance: origin.drifted == nil ? origin.acceptance : nil,
            plan: change.plan,
            server: change.server
        )
        let record: RevisionRecord
        switch try await create(draft, key: change.server.namespacedName) {
        case .stored(let written): record = written
        case .failed(let report, let problem):
            return Outcome(report: report, problems: [problem].compactMap { $0 })
        }
        let before = try await change.record(change.previous).asyncFlatMap { try await store.read($0) }
        let isHeld = origin.drifted != nil && change.isReviewed && change.plan.review.onDrift == .quarantine
        var status = MCPServerRevisionStatus()
        if change.previous == nil, record.hasStatus { status = try await store.read(record)?.status ?? status }
        status.state = isHeld ? .held : .serving
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
            template: target.template.digest,
            podTemplate: RevisionTarget.digest(ofPodTemplate: change.plan.podTemplate),
            tools: content.counts.tools,
            publishedTools: content.counts.publishedTools,
            warnings: content.warnings.isEmpty ? nil : content.warnings
        )
        serving.drift = try await drift(origin.drifted, change, to: content.contract, before: before?.contract)
        return Outcome(report: .stored(serving), needsPass: change.previous != nil)
    }

    /// What a server offers in comparison with what may serve with this spec.
    private struct Origin {
        /// The revision that may serve and that the server no longer offers.
        var drifted: (revision: String, contractDigest: String)?
        /// Why what it offers may serve, if nothing drifted.
        var acceptance: RevisionAcceptance?
    }

    private func origin(_ change: Change) async throws -> Origin {
        let (target, known) = (change.target, change.known)
        guard change.isReviewed else {
            return Origin(drifted: target.origin(known), acceptance: .notReviewed)
        }
        let admitted = try await store.reviews(of: change.records)
            .filter { $0.standing.admits && $0.template?.digest == target.template.digest }
            .sorted { ($0.creationTimestamp?.secondsSinceEpoch ?? 0) > ($1.creationTimestamp?.secondsSinceEpoch ?? 0) }
        if admitted.contains(where: { $0.contractDigest == target.contractDigest }) {
            return Origin(acceptance: .contractUnchanged)
        }
        if let approved = admitted.first { return Origin(drifted: (approved.name, approved.contractDigest)) }
        guard let known else { return Origin(acceptance: .firstVersion) }
        if let drifted = target.origin(known, isReviewed: true) { return Origin(drifted: drifted) }
        return known.contractDigest == target.contractDigest
            ? Origin(acceptance: .contractUnchanged) : Origin(drifted: (known.name, known.contractDigest))
    }

    /// What the server offers: as it was just read, or from a revision with another image or curation.
    private func contract(
        _ target: RevisionTarget,
        _ records: [RevisionRecord],
        key: NamespacedName
    ) async throws -> ServerContract? {
        let digest = target.contractDigest
        if let contract = inbox.contract(of: key, digest: digest) { return contract }
        for record in records where record.contractDigest == digest && store.isComplete(record) {
            if let contract = try await store.read(record)?.contract { return try contract.serverContract }
        }
        return nil
    }

    private func drift(
        _ origin: (revision: String, contractDigest: String)?,
        _ change: Change,
        to new: RevisionContract,
        before: RevisionContract?
    ) async throws -> ContractDrift? {
        guard let origin else { return nil }
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

    // MARK: What does not serve yet

    /// What a candidate's pass found.
    enum CandidateOutcome: Sendable {
        /// It is stored. `isAccepted` is whether it may serve, and the differences are those to what serves.
        case stored(name: String, isAccepted: Bool, difference: [String])
        /// It is read again at the next check.
        case pending
        /// It cannot be stored, for this reason in words.
        case tooLarge(String)
        /// A write failed.
        case failed(WriteProblem)
    }

    /// Stores what a candidate offers, and decides whether it may serve.
    ///
    /// - Parameters:
    ///   - server: the server, with the spec that the candidate runs.
    ///   - plan: the candidate's plan.
    ///   - template: the reviewed part of the spec.
    ///   - checked: what its pod said; without a contract if it requires credentials.
    ///   - base: the approved revision that serves.
    func keepCandidate(
        of server: MCPServer,
        plan: ServerPlan,
        template: RevisionTemplate,
        checked: ServerProtocolStatus,
        base: ReviewedRevision?
    ) async throws -> CandidateOutcome {
        let name = server.namespacedName
        let key = HandshakeKey.candidate(of: name)
        let isReadable = checked.contractDigest != nil
        guard let empty = try? ServerContract([:]), let uid = server.metadata.uid,
            let target = RevisionTarget(
                server: server,
                template: template,
                checked: checked,
                unreadable: ContractDigest.of(empty.canonical)
            )
        else { return .pending }
        let records = store.records(of: name, uid: uid)
        do {
            guard let contract = isReadable ? try await contract(target, records, key: key) : empty else {
                return .pending
            }
            let content = RevisionContent(contract, curation: target.curation)
            // What cannot be read cannot be compared.
            let isSame = isReadable && base?.digest == content.digest
            let isAccepted = isSame && plan.review.policy == .onContractChange
            let draft = Draft(
                target: target,
                content: content,
                provenance: RevisionProvenance(checked),
                acceptance: isAccepted ? .contractUnchanged : nil,
                plan: plan,
                server: server
            )
            let record: RevisionRecord
            switch try await create(draft, key: key) {
            case .stored(let written): record = written
            case .failed(.tooLarge(let bytes, let limit), _):
                return .tooLarge("what it offers has \(bytes) bytes as JSON, more than the \(limit) that are stored")
            case .failed(_, let problem): return problem.map(CandidateOutcome.failed) ?? .pending
            }
            let before = try await base.asyncFlatMap { base in
                try await records.first { $0.name == base.name }.asyncFlatMap { try await store.read($0) }
            }
            let difference =
                isReadable
                ? isSame && !isAccepted ? [] : Self.difference(from: before?.contract, to: content.contract)
                : ["it requires credentials, so what it offers cannot be read"]
            // The object decides: a revision that exists already may have been decided about.
            let isAdmitted = try await store.review(of: record)?.standing.admits ?? false
            let status = MCPServerRevisionStatus(
                state: isAdmitted ? .accepted : .held,
                previous: base?.name,
                difference: base == nil || difference.isEmpty ? nil : difference
            )
            if let problem = try await store.report(status, on: record) { return .failed(problem) }
            inbox.remove(key, digest: target.contractDigest)
            return .stored(name: record.name, isAccepted: isAdmitted, difference: base == nil ? [] : difference)
        } catch let error as APIError {
            return .failed(WriteProblem(error, writing: reference(target, of: name)))
        }
    }

    /// Marks a revision as rejected, or as replaced before it served.
    ///
    /// - Returns: the problem, if there is one.
    func close(_ name: String, as state: RevisionState, of server: MCPServer) async throws -> WriteProblem? {
        guard let uid = server.metadata.uid,
            let record = store.records(of: server.namespacedName, uid: uid).first(where: { $0.name == name })
        else { return nil }
        do {
            guard var status = try await store.read(record)?.status, status.state != state else { return nil }
            status.state = state
            return try await store.report(status, on: record)
        } catch let error as APIError {
            return WriteProblem(error, writing: record.reference)
        }
    }

    // MARK: Writing

    /// A revision before it is written.
    private struct Draft {
        var target: RevisionTarget
        var content: RevisionContent
        var provenance: RevisionProvenance
        var acceptance: RevisionAcceptance?
        var plan: ServerPlan
        var server: MCPServer
    }

    private enum Creation {
        case stored(RevisionRecord)
        case failed(RevisionReport, WriteProblem?)
    }

    private func create(_ draft: Draft, key: NamespacedName) async throws -> Creation {
        var spec: MCPServerRevisionSpec
        let parts: [String]
        do throws(RevisionTooLarge) {
            (spec, parts) = try draft.content.stored(as: draft.target, provenance: draft.provenance)
        } catch {
            inbox.remove(key, digest: draft.target.contractDigest)
            return .failed(.tooLarge(bytes: error.bytes, limit: RevisionContent.maximumTotal), nil)
        }
        spec.acceptance = draft.acceptance
        spec.separateApprover = draft.plan.review.separatesApprover ? true : nil
        spec.author = draft.server.metadata.annotations?[MoorageAnnotations.changedBy]
        switch try await store.create(draft.target, spec, parts: parts, metadata: metadata(draft, parts.count)) {
        case .revision(let written):
            metrics.countWrites(1, controller: "mcpserver", target: "revisions")
            return .stored(written)
        case .problem(let problem): return .failed(.notStored(problem), problem)
        }
    }

    private func metadata(_ draft: Draft, _ parts: Int) -> ObjectMeta {
        var annotations = [
            RevisionRecord.keyAnnotation: draft.target.key,
            RevisionRecord.contractAnnotation: draft.target.contractDigest,
        ]
        if parts > 0 { annotations[RevisionRecord.partsAnnotation] = String(parts) }
        let server = draft.server
        return ObjectMeta(
            name: draft.target.name,
            namespace: server.metadata.namespace,
            labels: ObjectLabels.server(server, tenant: draft.plan.tenant.name),
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

    private static func difference(from old: RevisionContract?, to new: RevisionContract) -> [String] {
        guard let old, let lines = try? RevisionDifference.lines(from: old, to: new) else {
            return ["the differences are not known, because the revision before was deleted or changed"]
        }
        return lines.isEmpty
            ? ["the tools, prompts and resources are the same; the image, the spec or the curation differs"] : lines
    }

    private func prune(_ records: [RevisionRecord], keeping names: Set<String>, of server: MCPServer) async throws {
        let expired = RevisionHistory.expired(
            records.map { RevisionHistory.Entry(name: $0.name, creationTimestamp: $0.creationTimestamp) },
            keeping: names,
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

internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import MCPProtocol
internal import Policy
internal import SupplyChain

/// Reads and writes the revisions of servers.
struct RevisionStore: Sendable {
    var informer: Informer<RevisionRecord>
    var configMaps: Informer<MetadataRecord>
    var cluster: any ClusterAccess

    /// The revisions of a server.
    func records(of server: NamespacedName, uid: String) -> [RevisionRecord] {
        informer.store.list(index: RevisionRecord.serverIndex, value: server.description)
            .filter { $0.owner?.uid == uid && !$0.isDeleting }
    }

    /// Whether everything of a revision is stored.
    func isComplete(_ record: RevisionRecord) -> Bool {
        record.hasStatus
            && (0..<record.parts).allSatisfy { index in
                let name = RevisionContent.partName(index, of: record.name)
                return configMaps.store.get(NamespacedName(namespace: record.namespace, name: name)) != nil
            }
    }

    /// Whether what a server offers is stored in one of its revisions.
    func hasContract(_ digest: String, of server: NamespacedName) -> Bool {
        informer.store.list(index: RevisionRecord.serverIndex, value: server.description)
            .contains { $0.contractDigest == digest && !$0.isDeleting && isComplete($0) }
    }

    // MARK: Read

    /// A revision that was read from the cluster.
    struct Stored: Sendable {
        /// Its contract; `nil` if a part of it no longer exists, or is not what was stored.
        var contract: RevisionContract?
        /// Its status.
        var status: MCPServerRevisionStatus?
    }

    /// Reads a revision, and checks its contract against its digest.
    ///
    /// - Returns: `nil` if the revision no longer exists.
    func read(_ record: RevisionRecord) async throws -> Stored? {
        guard let object = try await cluster.get(record.reference),
            object[path: ["metadata", "uid"]]?.stringValue == record.uid
        else { return nil }
        let status = try? object["status"]?.decode(MCPServerRevisionStatus.self)
        guard let spec = try? (object["spec"] ?? [:]).decode(MCPServerRevisionSpec.self) else {
            return Stored(contract: nil, status: status)
        }
        return Stored(
            contract: try await contract(spec, namespace: record.namespace, digest: record.contractDigest),
            status: status
        )
    }

    /// What is decided about revisions, read from the cluster: metadata, which is all that is watched, can be changed by
    /// those who approve.
    func reviews(of records: some Sequence<RevisionRecord>) async throws -> [ReviewedRevision] {
        var reviews: [ReviewedRevision] = []
        for record in records {
            if let review = try await review(of: record) { reviews.append(review) }
        }
        return reviews
    }

    /// What is decided about a revision; `nil` if it no longer exists or cannot be read.
    func review(of record: RevisionRecord) async throws -> ReviewedRevision? {
        guard let object = try await cluster.get(record.reference),
            object[path: ["metadata", "uid"]]?.stringValue == record.uid,
            let revision = try? object.decode(MCPServerRevision.self)
        else { return nil }
        return ReviewedRevision(revision)
    }

    private func contract(
        _ spec: MCPServerRevisionSpec,
        namespace: String,
        digest: String
    ) async throws -> RevisionContract? {
        do {
            return try await RevisionReader(cluster: cluster).contract(of: spec, namespace: namespace, digest: digest)
        } catch is RevisionReader.Failure {
            return nil
        }
    }

    // MARK: Write

    /// The result of storing a revision.
    enum Written: Sendable {
        case revision(RevisionRecord)
        case problem(WriteProblem)
    }

    /// Creates a revision and its parts, unless they exist. Its status is written afterwards, and completes it.
    ///
    /// - Returns: the revision, or the problem that prevents it.
    /// - Throws: errors that are not answers of the API server.
    func create(
        _ target: RevisionTarget,
        _ spec: MCPServerRevisionSpec,
        parts: [String],
        metadata: ObjectMeta
    ) async throws -> Written {
        let reference = ObjectReference(
            type: MCPServerRevision.resourceType,
            namespace: metadata.namespace,
            name: target.name
        )
        let body: JSONValue
        do {
            body = try RevisionStore.body(.init(metadata: metadata, spec: spec))
        } catch {
            return .problem(WriteProblem(.refused, reference, message: "\(error)"))
        }
        let record: RevisionRecord
        switch try await create(body, at: reference) {
        case .created(let object): record = try RevisionRecord(object)
        case .exists(let object):
            let found = try RevisionRecord(object)
            guard found.owner?.uid == metadata.ownerReferences?.first?.uid, found.key == target.key else {
                return .problem(WriteProblem(.nameTaken(owner: found.owner?.description), reference))
            }
            guard !found.isDeleting else { return .problem(WriteProblem(.beingDeleted, reference)) }
            record = found
        case .failed(let problem): return .problem(problem)
        }
        informer.assume(record)
        for (part, text) in zip(spec.parts ?? [], parts) {
            if let problem = try await create(part: part, text, of: record, labels: metadata.labels) {
                return .problem(problem)
            }
        }
        return .revision(record)
    }

    private func create(
        part: RevisionPart,
        _ text: String,
        of record: RevisionRecord,
        labels: [String: String]?
    ) async throws -> WriteProblem? {
        let reference = ObjectReference(type: .configMap, namespace: record.namespace, name: part.name)
        let body: JSONValue = [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string(part.name), "namespace": .string(record.namespace), "labels": .labels(labels ?? [:]),
                "ownerReferences": [
                    [
                        "apiVersion": .string(Moorage.apiVersion),
                        "kind": .string(MCPServerRevision.resourceType.kind), "name": .string(record.name),
                        "uid": .string(record.uid), "controller": true,
                    ]
                ],
            ],
            "immutable": true,
            "data": [RevisionPart.dataKey: .string(text)],
        ]
        let object: JSONValue
        switch try await create(body, at: reference) {
        case .created(let created): object = created
        case .exists(let found):
            let owners = found[path: ["metadata", "ownerReferences"]]?.arrayValue ?? []
            guard owners.contains(where: { $0["uid"]?.stringValue == record.uid }),
                found[path: ["data", RevisionPart.dataKey]]?.stringValue == text
            else { return WriteProblem(.nameTaken(owner: nil), reference) }
            object = found
        case .failed(let problem): return problem
        }
        configMaps.assume(MetadataRecord(try (object["metadata"] ?? [:]).decode(ObjectMeta.self)))
        return nil
    }

    private enum Creation {
        case created(JSONValue)
        case exists(JSONValue)
        case failed(WriteProblem)
    }

    private func create(_ body: JSONValue, at reference: ObjectReference) async throws -> Creation {
        do {
            return .created(try await cluster.create(body, at: reference) { try JSONValue(parsing: $0) })
        } catch let error as APIError where error.isConflict || error.isAlreadyExists {
            guard let found = try await cluster.get(reference) else {
                return .failed(WriteProblem(.failed, reference, message: "it was just deleted"))
            }
            return .exists(found)
        } catch let error as APIError {
            return .failed(WriteProblem(error, writing: reference))
        }
    }

    /// Writes the status of a revision.
    ///
    /// - Returns: the problem, `nil` if the status is written or the revision no longer exists.
    func report(_ status: MCPServerRevisionStatus, on record: RevisionRecord) async throws -> WriteProblem? {
        let body = record.reference.body(["status": try JSONValue(encoding: status)], uid: record.uid)
        do {
            let version = try await cluster.applyStatus(body, to: record.reference)
            var written = record
            written.hasStatus = true
            written.resourceVersion = version ?? record.resourceVersion
            informer.assume(written)
            return nil
        } catch let error as APIError where error.isNotFound || error.isConflict {
            // Its deletion queues the server again.
            return nil
        } catch let error as APIError {
            return WriteProblem(error, writing: record.reference)
        }
    }

    /// Deletes a revision. Its parts are deleted with it.
    func delete(_ record: RevisionRecord) async throws {
        try await cluster.delete(record.reference, uid: record.uid)
    }

    /// A revision as it is created.
    private static func body(_ revision: MCPServerRevision) throws -> JSONValue {
        try JSONValue(encoding: revision)
    }
}

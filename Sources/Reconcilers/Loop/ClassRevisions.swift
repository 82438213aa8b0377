internal import ControllerRuntime
internal import CRDModels
internal import KubernetesAPI
internal import KubernetesClient
internal import Policy

extension ClassRevision: CachedObject {}

/// Stores the states of classes that servers were rendered with, and finds them by their digests.
struct ClassRevisions: Sendable {
    /// The index of revisions by the digest of their content. The digest is computed, not read from the object.
    static let hashIndex = "hash"
    /// The index of revisions by the name of the class.
    static let classIndex = "class"

    var informer: Informer<ClassRevision>
    var cluster: any ClusterAccess
    /// The controller's namespace.
    var namespace: String

    /// The class with a digest, `nil` if Moorage did not store it.
    func resolve(hash: String) -> ResolvedClass? {
        if hash == ResolvedClass.builtIn.hash { return .builtIn }
        return informer.store.list(index: Self.hashIndex, value: hash).first?.resolved
    }

    /// Stores the state of a class, unless it is already stored.
    ///
    /// - Returns: the problem, `nil` if the state is stored.
    func store(_ resolved: ResolvedClass) async throws -> WriteProblem? {
        guard resolved.name != nil, informer.store.keys(index: Self.hashIndex, value: resolved.hash).isEmpty else {
            return nil
        }
        let reference = ObjectReference(
            type: .controllerRevision,
            namespace: namespace,
            name: ClassRevision.name(of: resolved)
        )
        do {
            // Created, like everything on its first write: an existing object of another owner is not changed (docs/adr/0001).
            let written = try await cluster.create(
                ClassRevision.object(of: resolved, namespace: namespace),
                at: reference
            ) { try ClassRevision(JSONValue(parsing: $0)) }
            informer.assume(written)
            return nil
        } catch let error as APIError where error.isConflict || error.isAlreadyExists {
            guard let live = try await cluster.get(reference), let found = try? ClassRevision(live),
                found.resolved.hash == resolved.hash,
                ManagedLabels({ found.metadata.labels?[$0] }) != nil
            else { return WriteProblem(.nameTaken(owner: nil), reference) }
            informer.assume(found)
            return nil
        } catch let error as APIError {
            return WriteProblem(error, writing: reference)
        }
    }

    /// Deletes a class's revisions, except its current state and states that servers use.
    ///
    /// - Parameters:
    ///   - name: the class's name.
    ///   - current: the class, `nil` if it was deleted.
    ///   - isUsed: whether a Deployment has a digest.
    /// - Returns: how many were deleted.
    func prune(_ name: String, current: ResolvedClass?, isUsed: (String) -> Bool) async throws -> Int {
        var count = 0
        for revision in informer.store.list(index: Self.classIndex, value: name) {
            let hash = revision.resolved.hash
            guard hash != current?.hash, !isUsed(hash), let uid = revision.metadata.uid else { continue }
            try await cluster.delete(
                ObjectReference(
                    type: .controllerRevision,
                    namespace: revision.metadata.namespace,
                    name: revision.metadata.name ?? ""
                ),
                uid: uid
            )
            count += 1
        }
        return count
    }
}

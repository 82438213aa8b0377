internal import KubernetesAPI

/// The writes that make the cluster match a render, decided from the caches. Pure: the same render and the same live
/// objects give the same steps, in the same order.
struct ApplyPlan: Sendable, Equatable {
    /// One thing to do.
    enum Step: Sendable, Equatable {
        /// No object with this name is known: create it only if it does not exist.
        case create(DesiredObject)
        /// Our fields belong to the creation of the object with this UID: move them, so that the apply that follows
        /// removes those that are no longer rendered.
        case moveOwnership(ObjectReference, uid: String)
        /// It is ours and differs: apply over the object with this UID only.
        case update(DesiredObject, uid: String)
        /// It is ours, and its content is not cached (mostly a Secret): read it by name, and apply if it differs.
        case verify(DesiredObject, uid: String)
        /// An autoscaler is about to take over the replicas of a Deployment: another field manager owns the number
        /// until it does, because otherwise it would drop to one.
        case handOver(ObjectReference, uid: String, replicas: Int)
        /// It is ours, no longer rendered and not retained: delete the object with this UID.
        case delete(ObjectReference, uid: String)
    }

    /// A problem that prevents a write.
    enum Obstacle: Sendable, Hashable {
        /// An object with this name already exists and is not ours.
        case foreign(ObjectReference, owner: String?)
        /// Our object with this name is being deleted, or belongs to a deleted owner with the same name that is not
        /// garbage collected yet.
        case beingDeleted(ObjectReference)
    }

    /// The steps, in order.
    var steps: [Step] = []
    /// The problems.
    var obstacles: [Obstacle] = []
    /// Objects that are ours and no longer rendered, and that are kept for their data.
    var kept: [ObjectReference] = []
    /// The children that were compared completely and match. The cache notes it, so that the next pass does not compare
    /// them again.
    var verified: [ObjectReference: Verification] = [:]

    /// - Parameters:
    ///   - desired: the render, in the order of writing.
    ///   - live: the known objects of the cluster: those with these names, and all objects of this owner.
    ///   - owner: the object that the render is for.
    ///   - retainable: objects that can belong to the owner without an owner reference, rendered now or not.
    ///   - keepsOthers: whether objects of the owner that are not rendered are left as they are.
    init(
        desired: [DesiredObject],
        live: [ObjectReference: ChildRecord],
        owner: ChildRecord.Owner,
        retainable: Set<ObjectReference> = [],
        keepsOthers: Bool = false
    ) {
        var rendered: Set<ObjectReference> = []
        for object in desired {
            rendered.insert(object.reference)
            guard let record = live[object.reference] else {
                steps.append(.create(object))
                continue
            }
            let mayBeRetained = object.isRetained || retainable.contains(object.reference)
            guard record.belongs(to: owner, mayBeRetained: mayBeRetained) else {
                let isLeftover = record.isDeleting || record.owner?.isNamesake(of: owner) == true
                obstacles.append(
                    isLeftover
                        ? .beingDeleted(object.reference)
                        : .foreign(object.reference, owner: record.owner?.description)
                )
                continue
            }
            if record.isDeleting {
                obstacles.append(.beingDeleted(object.reference))
                continue
            }
            compare(object, with: record)
        }
        handOverReplicas(live)
        if keepsOthers { return }
        let stale = live.values
            .filter { record in
                !record.isDeleting && !rendered.contains(record.reference)
                    && record.belongs(to: owner, mayBeRetained: retainable.contains(record.reference))
            }
            .sorted { $0.reference < $1.reference }
        for record in stale {
            if record.isKeptWhenRemoved {
                kept.append(record.reference)
            } else {
                steps.append(.delete(record.reference, uid: record.uid))
            }
        }
    }

    private mutating func handOverReplicas(_ live: [ObjectReference: ChildRecord]) {
        let createsAutoscaler = steps.contains { step in
            if case .create(let object) = step { object.reference.type == .horizontalPodAutoscaler } else { false }
        }
        guard createsAutoscaler else { return }
        for (index, step) in steps.enumerated() {
            // An autoscaler ignores a Deployment with 0 replicas.
            guard case .update(let object, let uid) = step, object.reference.type == .deployment,
                let replicas = live[object.reference]?.replicas, replicas > 0
            else { continue }
            steps.insert(.handOver(object.reference, uid: uid, replicas: replicas), at: index)
            return
        }
    }

    private mutating func compare(_ object: DesiredObject, with record: ChildRecord) {
        if record.verifiedHash == object.renderHash { return }
        // A remaining owner reference would delete a retained object with its owner.
        let hasRightOwner = object.isRetained == (record.owner == nil)
        guard record.renderHash == object.renderHash, hasRightOwner else {
            update(object, over: record)
            return
        }
        let content = record.content
        if content.isEmpty {
            steps.append(.verify(object, uid: record.uid))
        } else if let live = try? JSONValue(parsing: content),
            FieldCoverage.covers(live: live, desired: object.value)
        {
            verified[object.reference] = Verification(
                resourceVersion: record.resourceVersion,
                renderHash: object.renderHash
            )
        } else {
            update(object, over: record)
        }
    }

    private mutating func update(_ object: DesiredObject, over record: ChildRecord) {
        if record.isOwnedByCreation { steps.append(.moveOwnership(record.reference, uid: record.uid)) }
        steps.append(.update(object, uid: record.uid))
    }
}

internal import KubernetesAPI

/// What must be written so that the cluster equals a render, decided from what the cache knows. Pure: the same render and
/// the same live objects give the same steps, in the same order.
struct ApplyPlan: Sendable, Equatable {
    /// One thing to do.
    enum Step: Sendable, Equatable {
        /// Nothing of that name is known: write it only where there is nothing.
        case create(DesiredObject)
        /// It is ours and differs: apply over the object with this identity, and no other.
        case update(DesiredObject, uid: String)
        /// It is ours, and its content is not cached (a Secret): read it by name, and apply where it differs.
        case verify(DesiredObject, uid: String)
        /// An autoscaler is about to take the number of a Deployment's pods over: have another field manager hold the number
        /// until it does, or it would fall to one in between.
        case handOver(ObjectReference, uid: String, replicas: Int)
        /// It is ours and no longer rendered, and nothing says that it is kept: delete the object with this identity.
        case delete(ObjectReference, uid: String)
    }

    /// Something that stands in the way, about which nothing is written.
    enum Obstacle: Sendable, Hashable {
        /// The name is taken by an object that is not ours.
        case foreign(ObjectReference, owner: String?)
        /// Our own object of that name is being deleted, or belongs to a deleted namesake that is not yet collected.
        case beingDeleted(ObjectReference)
    }

    /// What to do, in the order in which it is to be done.
    var steps: [Step] = []
    /// What stands in the way.
    var obstacles: [Obstacle] = []
    /// What is ours and no longer rendered, and is kept for the data in it.
    var kept: [ObjectReference] = []
    /// The children that were compared in full and found right, so that the next pass need not compare them again.
    var verified: [ObjectReference: Verification] = [:]

    /// - Parameters:
    ///   - desired: the render, in the order of writing.
    ///   - live: what is known of the cluster: objects by these names, and all objects of this owner.
    ///   - owner: the object that the render is for.
    ///   - retainable: what may be the owner's without naming it as the owner, rendered now or not.
    ///   - verified: what earlier passes compared.
    init(
        desired: [DesiredObject],
        live: [ObjectReference: ChildRecord],
        owner: ChildRecord.Owner,
        retainable: Set<ObjectReference> = [],
        verified: [ObjectReference: Verification] = [:]
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
            compare(object, with: record, verified: verified[object.reference])
        }
        handOverReplicas(live)
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
            // None at all is what an autoscaler leaves alone.
            guard case .update(let object, let uid) = step, object.reference.type == .deployment,
                let replicas = live[object.reference]?.replicas, replicas > 0
            else { continue }
            steps.insert(.handOver(object.reference, uid: uid, replicas: replicas), at: index)
            return
        }
    }

    private mutating func compare(_ object: DesiredObject, with record: ChildRecord, verified: Verification?) {
        let current = Verification(resourceVersion: record.resourceVersion, renderHash: object.renderHash)
        if verified == current { return }
        // An owner reference that is left would take a retained object along.
        let hasRightOwner = object.isRetained == (record.owner == nil)
        guard record.renderHash == object.renderHash, hasRightOwner else {
            steps.append(.update(object, uid: record.uid))
            return
        }
        if record.content.isEmpty {
            steps.append(.verify(object, uid: record.uid))
        } else if let live = try? JSONValue(parsing: record.content),
            FieldCoverage.covers(live: live, desired: object.value)
        {
            self.verified[object.reference] = current
        } else {
            steps.append(.update(object, uid: record.uid))
        }
    }
}

import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("Apply plan")
struct ApplyPlanTests {
    static let service = ResourceType(group: "", version: "v1", kind: "Service", plural: "services", isNamespaced: true)
    static let secret = ResourceType(group: "", version: "v1", kind: "Secret", plural: "secrets", isNamespaced: true)
    static let owner = ChildRecord.Owner(groupKind: "MCPServer.moorage.dev", name: "weather", uid: "owner-1")

    private func desired(_ name: String, type: ResourceType = service, hash: String = "h1") -> DesiredObject {
        DesiredObject(
            reference: ObjectReference(type: type, namespace: "ns", name: name),
            value: [
                "apiVersion": "v1", "kind": .string(type.kind), "metadata": ["name": .string(name)], "spec": ["a": 1],
            ],
            renderHash: hash
        )
    }

    private func live(
        _ name: String,
        type: ResourceType = service,
        owner: ChildRecord.Owner? = owner,
        labels: [String: String] = [:],
        hash: String = "h1",
        value: JSONValue = 1,
        isDeleting: Bool = false
    ) throws -> ChildRecord {
        var object: JSONValue = [
            "metadata": [
                "name": .string(name), "namespace": "ns", "uid": .string("uid-\(name)"), "resourceVersion": "7",
                "annotations": ["moorage.dev/render-hash": .string(hash)], "labels": .labels(labels),
            ],
            "spec": ["a": value, "defaulted": true],
        ]
        if let owner {
            object[path: ["metadata", "ownerReferences"]] = [
                [
                    "apiVersion": .string("\(owner.groupKind.drop { $0 != "." }.dropFirst())/v1"),
                    "kind": .string(String(owner.groupKind.prefix { $0 != "." })), "name": .string(owner.name),
                    "uid": .string(owner.uid), "controller": true,
                ]
            ]
        }
        if isDeleting { object[path: ["metadata", "deletionTimestamp"]] = "2026-01-01T00:00:00Z" }
        return try ChildRecord(type: type, value: object, keepsStatus: false)
    }

    private func plan(_ desired: [DesiredObject], _ live: [ChildRecord]) -> ApplyPlan {
        ApplyPlan(
            desired: desired,
            live: Dictionary(live.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first }),
            owner: Self.owner
        )
    }

    // MARK: Retained objects

    static let claim = ObjectReference(type: .persistentVolumeClaim, namespace: "ns", name: "weather-data")

    private func claim(isRetained: Bool) -> DesiredObject {
        var object = desired("weather-data", type: .persistentVolumeClaim)
        object.isRetained = isRetained
        return object
    }

    private func liveClaim(
        owner: ChildRecord.Owner? = nil,
        labels: [String: String] = ["app.kubernetes.io/managed-by": "moorage", "moorage.dev/server": "weather"],
        whenRemoved: String? = nil
    ) throws -> ChildRecord {
        var record = try live("weather-data", type: .persistentVolumeClaim, owner: owner, labels: labels)
        record.annotations[ChildRecord.whenRemovedAnnotation] = whenRemoved
        return record
    }

    private func plan(_ desired: [DesiredObject], claim: ChildRecord) -> ApplyPlan {
        ApplyPlan(
            desired: desired,
            live: [claim.reference: claim],
            owner: Self.owner,
            retainable: [Self.claim]
        )
    }

    @Test("a retained object without owner is recognized by its labels")
    func findsRetained() throws {
        let result = plan([claim(isRetained: true)], claim: try liveClaim())
        #expect(result.steps.isEmpty)
        #expect(result.obstacles.isEmpty)
        #expect(result.verified.count == 1)
    }

    @Test("an owner reference is removed from a retained object, and added to one that is no longer retained")
    func changesOwner() throws {
        let retained = claim(isRetained: true)
        #expect(
            plan([retained], claim: try liveClaim(owner: Self.owner)).steps
                == [.update(retained, uid: "uid-weather-data")]
        )
        let owned = claim(isRetained: false)
        #expect(plan([owned], claim: try liveClaim()).steps == [.update(owned, uid: "uid-weather-data")])
    }

    @Test(
        "an object without owner and without this server's labels is foreign",
        arguments: [
            [:], ["moorage.dev/server": "weather"],
            ["app.kubernetes.io/managed-by": "Helm", "moorage.dev/server": "weather"],
            ["app.kubernetes.io/managed-by": "moorage", "moorage.dev/server": "another"],
            ["app.kubernetes.io/managed-by": "moorage", "moorage.dev/tenant": "acme"],
        ]
    )
    func foreignLabels(labels: [String: String]) throws {
        let result = plan([claim(isRetained: true)], claim: try liveClaim(labels: labels))
        #expect(result.steps.isEmpty)
        #expect(result.obstacles == [.foreign(Self.claim, owner: nil)])
    }

    @Test("a foreign owner is never replaced, whatever the labels say")
    func foreignOwner() throws {
        var record = try liveClaim(owner: ChildRecord.Owner(groupKind: "StatefulSet.apps", name: "db", uid: "other"))
        record.origin = .server("weather")
        let result = plan([claim(isRetained: true)], claim: record)
        #expect(result.steps.isEmpty)
        #expect(result.obstacles == [.foreign(Self.claim, owner: "StatefulSet.apps db")])
    }

    @Test("labels have no effect for objects that are never rendered without an owner")
    func notRetainable() throws {
        var record = try live("a", owner: nil)
        record.origin = .server("weather")
        let result = plan([desired("a")], [record])
        #expect(result.steps.isEmpty)
        #expect(result.obstacles == [.foreign(record.reference, owner: nil)])
        // It is not pruned either.
        #expect(plan([], [record]).steps.isEmpty)
    }

    @Test("a claim that is no longer rendered is kept, whoever owns it, unless its annotation says Delete")
    func keepsClaim() throws {
        for owner in [nil, Self.owner] {
            let kept = plan([], claim: try liveClaim(owner: owner))
            #expect(kept.steps.isEmpty)
            #expect(kept.kept == [Self.claim])
            let deleted = plan([], claim: try liveClaim(owner: owner, whenRemoved: "Delete"))
            #expect(deleted.steps == [.delete(Self.claim, uid: "uid-weather-data")])
            #expect(deleted.kept.isEmpty)
        }
        let foreign = plan([], claim: try liveClaim(labels: [:], whenRemoved: "Delete"))
        #expect(foreign.steps.isEmpty)
        #expect(foreign.kept.isEmpty)
    }

    @Test("the record of someone else's claim only contains what affects its use")
    func foreignClaim() throws {
        let record = try live("c", type: .persistentVolumeClaim, owner: nil, labels: ["app": "db"])
        let content = try JSONValue(parsing: record.content)
        #expect(content["spec"] == [:])
        #expect(content["metadata"] == nil)
    }

    // MARK: Steps

    @Test("missing objects are created, in the order of the render")
    func creates() {
        let result = plan([desired("b"), desired("a")], [])
        #expect(result.steps == [.create(desired("b")), .create(desired("a"))])
    }

    @Test("objects that match are not written")
    func nothing() throws {
        let result = plan([desired("a")], [try live("a")])
        #expect(result.steps.isEmpty)
        #expect(result.obstacles.isEmpty)
        #expect(result.verified.count == 1)
    }

    @Test("an edited field, and a changed render, are applied to the object with the known UID")
    func updates() throws {
        #expect(plan([desired("a")], [try live("a", value: 2)]).steps == [.update(desired("a"), uid: "uid-a")])
        #expect(
            plan([desired("a", hash: "h2")], [try live("a")]).steps == [.update(desired("a", hash: "h2"), uid: "uid-a")]
        )
    }

    @Test("a version that was compared before is not compared again")
    func verified() throws {
        var record = try live("a", value: 2)
        record.confirm("h1")
        #expect(record.content.isEmpty)
        #expect(plan([desired("a")], [record]).steps.isEmpty)
        let changed = desired("a", hash: "h2")
        #expect(plan([changed], [record]).steps == [.update(changed, uid: "uid-a")])
    }

    @Test("an object whose content was dropped is read before it is written, if another render was compared")
    func dropped() throws {
        var record = try live("a")
        record.confirm("h0")
        #expect(plan([desired("a")], [record]).steps == [.verify(desired("a"), uid: "uid-a")])
    }

    @Test("a Secret with an unknown version is read before it is written")
    func secrets() throws {
        let object = desired("s", type: Self.secret)
        let record = try live("s", type: Self.secret)
        #expect(record.content.isEmpty)
        #expect(plan([object], [record]).steps == [.verify(object, uid: "uid-s")])
        var known = record
        known.confirm("h1")
        #expect(plan([object], [known]).steps.isEmpty)
    }

    @Test("objects that are no longer rendered are deleted by UID")
    func prunes() throws {
        let result = plan([desired("a")], [try live("a"), try live("z")])
        #expect(result.steps == [.delete(desired("z").reference, uid: "uid-z")])
    }

    @Test("objects of others are neither written nor deleted", arguments: [true, false])
    func foreign(isRendered: Bool) throws {
        let stranger = ChildRecord.Owner(groupKind: "Deployment.apps", name: "other", uid: "x")
        for owner in [stranger, nil] {
            let result = plan(isRendered ? [desired("a")] : [], [try live("a", owner: owner)])
            #expect(result.steps.isEmpty)
            let obstacle = ApplyPlan.Obstacle.foreign(
                desired("a").reference,
                owner: owner.map { _ in "Deployment.apps other" }
            )
            #expect(result.obstacles == (isRendered ? [obstacle] : []))
        }
    }

    @Test("the plan waits for the deletion of an object of a deleted owner with the same name")
    func namesake() throws {
        let earlier = ChildRecord.Owner(groupKind: "MCPServer.moorage.dev", name: "weather", uid: "owner-0")
        let result = plan([desired("a")], [try live("a", owner: earlier)])
        #expect(result.obstacles == [.beingDeleted(desired("a").reference)])
        #expect(
            plan([desired("a")], [try live("a", isDeleting: true)]).obstacles == [.beingDeleted(desired("a").reference)]
        )
    }

    @Test("fields that belong to the creation are moved before the first apply")
    func movesOwnership() throws {
        var created = try live("a", value: 2)
        created.isOwnedByCreation = true
        let move = ApplyPlan.Step.moveOwnership(created.reference, uid: "uid-a")
        #expect(plan([desired("a")], [created]).steps == [move, .update(desired("a"), uid: "uid-a")])
        var unchanged = try live("a")
        unchanged.isOwnedByCreation = true
        #expect(plan([desired("a")], [unchanged]).steps.isEmpty)
    }

    @Test("a create carries the fingerprint and no identity, an update names the object it is for")
    func bodies() {
        #expect(desired("a").body[path: ["metadata", "uid"]] == nil)
        #expect(desired("a").body[path: ["metadata", "resourceVersion"]] == nil)
        #expect(desired("a").body[path: ["metadata", "annotations", "moorage.dev/render-hash"]] == "h1")
        #expect(desired("a").body(uid: "u")[path: ["metadata", "uid"]] == "u")
    }
}

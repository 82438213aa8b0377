import CRDModels
import Foundation
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

/// Which version runs, from everything that only the controller and approvers can write.
@Suite struct ReviewGateTests {
    private static let now = Timestamp(secondsSinceEpoch: 10_000)

    private static func template(_ name: String) -> RevisionTemplate {
        RevisionTemplate(digest: String(repeating: name, count: 64), spec: ["image": .string(name)])
    }

    private static func revision(
        _ name: String,
        _ template: String,
        acceptance: RevisionAcceptance? = nil,
        approval: RevisionApproval? = nil,
        separate: Bool? = nil,
        author: String? = nil,
        created: Int64 = 0
    ) -> ReviewedRevision {
        var metadata = ObjectMeta(name: name)
        metadata.creationTimestamp = Timestamp(secondsSinceEpoch: created)
        return ReviewedRevision(
            MCPServerRevision(
                metadata: metadata,
                spec: MCPServerRevisionSpec(
                    server: "weather",
                    image: RevisionImage(reference: template),
                    digest: "sha256:\(name)",
                    contractDigest: "sha256:\(name)",
                    counts: RevisionCounts(tools: 1, publishedTools: 1, prompts: 0, resources: 0, resourceTemplates: 0),
                    provenance: RevisionProvenance(time: now, pod: "p"),
                    template: Self.template(template),
                    acceptance: acceptance,
                    separateApprover: separate,
                    author: author,
                    approval: approval
                )
            )
        )
    }

    private static func serving(_ name: String, _ template: String, driftedFrom: String? = nil) -> ServingRevision {
        ServingRevision(
            name: name,
            contractDigest: "sha256:\(name)",
            image: template,
            template: Self.template(template).digest,
            tools: 1,
            publishedTools: 1,
            drift: driftedFrom.map { ContractDrift(from: $0, contractDigest: "sha256:\($0)", difference: []) }
        )
    }

    private static func candidate(
        _ state: CandidateState,
        _ template: String,
        since: Int64 = 10_000,
        restart: String? = nil,
        revision: String? = nil
    ) -> CandidateStatus {
        CandidateStatus(
            state: state,
            template: Self.template(template).digest,
            restart: restart,
            image: template,
            since: Timestamp(secondsSinceEpoch: since),
            revision: revision
        )
    }

    private static func gate(
        _ asked: String,
        policy: ReviewPolicy = .onContractChange,
        serving: ServingRevision? = nil,
        known: CandidateStatus? = nil,
        restart: String? = nil,
        isSuspended: Bool = false
    ) throws -> ReviewGate {
        ReviewGate(
            review: try EffectiveReview(
                spec: MCPServerSpec(),
                tenant: TenantReview(policy: policy, startTimeoutSeconds: 60, holdTimeoutSeconds: 600),
                handshake: .enabled
            ),
            asked: template(asked),
            image: asked,
            restart: restart,
            isSuspended: isSuspended,
            serving: serving,
            known: known,
            now: now
        )
    }

    private static let first = revision("r1", "a", acceptance: .firstVersion)

    @Test("while the spec has not changed, nothing is read and nothing is tried")
    func unchanged() throws {
        let gate = try Self.gate("a", serving: Self.serving("r1", "a"))
        #expect(!gate.needsRevisions)
        #expect(gate.decide([]) == .serve(replacing: nil))
    }

    @Test("the first version serves, unless every version needs an approval")
    func firstVersion() throws {
        #expect(try Self.gate("a").decide([]) == .serve(replacing: nil))
        #expect(try Self.gate("a", policy: .never).decide([]) == .serve(replacing: nil))
        guard case .hold(nil, let candidate) = try Self.gate("a", policy: .always).decide([]) else {
            Issue.record("it is not held")
            return
        }
        #expect(candidate.isRunning && candidate.status?.state == .starting && candidate.remaining == 60)
    }

    @Test("another version is tried beside the one that was approved")
    func changed() throws {
        let gate = try Self.gate("b", serving: Self.serving("r1", "a"))
        guard case .hold(let base, let candidate) = gate.decide([Self.first]) else {
            Issue.record("it is not held")
            return
        }
        #expect(base == Self.first)
        #expect(candidate.status == Self.candidate(.starting, "b") && candidate.isRunning)
    }

    @Test("without a status, as after a restored backup, the revisions say what may serve")
    func withoutStatus() throws {
        let second = Self.revision("r2", "b", acceptance: .contractUnchanged, created: 5)
        guard case .hold(let base, _) = try Self.gate("c").decide([Self.first, second]) else {
            Issue.record("it is not held")
            return
        }
        #expect(base == second)
        guard case .serve(let replacing) = try Self.gate("b").decide([Self.first, second]) else {
            Issue.record("it is held")
            return
        }
        #expect(replacing?.revision == "r2")
    }

    @Test("a version that drifted is not what a new version is compared with")
    func drifted() throws {
        let drifted = Self.revision("r2", "a", created: 5)
        let gate = try Self.gate("b", serving: Self.serving("r2", "a", driftedFrom: "r1"))
        guard case .hold(let base, _) = gate.decide([drifted, Self.first]) else {
            Issue.record("it is not held")
            return
        }
        #expect(base == Self.first)
    }

    @Test(
        "a decision about the version that is asked for decides",
        arguments: [
            (nil, CandidateState.held), (RevisionApproval(decision: .rejected), .rejected),
            (RevisionApproval(decision: .approved), .takingOver),
        ] as [(RevisionApproval?, CandidateState)]
    )
    func decisions(approval: RevisionApproval?, expected: CandidateState) throws {
        let gate = try Self.gate("b", serving: Self.serving("r1", "a"))
        let second = Self.revision("r2", "b", approval: approval, created: 5)
        switch gate.decide([Self.first, second]) {
        case .serve(let replacing):
            #expect(expected == .takingOver)
            #expect(replacing?.state == .takingOver && replacing?.revision == "r2")
        case .hold(let base, let candidate):
            #expect(base == Self.first)
            #expect(candidate.status?.state == expected && candidate.status?.revision == "r2")
            #expect(candidate.isRunning == (expected == .held))
        }
    }

    @Test("an approval by the author of a version does not count where they are separate, nor one without names")
    func separateApprover() throws {
        let cases: [(String?, String?, Bool)] = [
            ("alice", "bob", true), ("alice", "alice", false), (nil, "bob", false), ("alice", nil, false),
        ]
        for (author, approver, admits) in cases {
            let revision = Self.revision(
                "r2",
                "b",
                approval: RevisionApproval(decision: .approved, approver: approver),
                separate: true,
                author: author
            )
            #expect(revision.standing.admits == admits, "\(author ?? "-") \(approver ?? "-")")
        }
        let policy = Self.revision("r2", "b", acceptance: .contractUnchanged, separate: true, author: "alice")
        #expect(policy.standing.admits)
        let rejected = Self.revision(
            "r2",
            "b",
            acceptance: .contractUnchanged,
            approval: RevisionApproval(decision: .rejected, approver: "alice")
        )
        #expect(rejected.standing.isRejected)
    }

    @Test("time ends what does not start, and the pod of what waits")
    func timeouts() throws {
        let serving = Self.serving("r1", "a")
        func candidate(_ known: CandidateStatus, _ revisions: [ReviewedRevision]) throws -> ReviewGate.Candidate? {
            guard case .hold(_, let candidate) = try Self.gate("b", serving: serving, known: known).decide(revisions)
            else { return nil }
            return candidate
        }
        let young = try candidate(Self.candidate(.starting, "b", since: 9_950), [Self.first])
        #expect(young?.status?.since.secondsSinceEpoch == 9_950 && young?.remaining == 10)
        let old = try candidate(Self.candidate(.starting, "b", since: 9_940), [Self.first])
        #expect(old?.status?.state == .timedOut && old?.isRunning == false && old?.status?.since == Self.now)
        let waiting = Self.revision("r2", "b")
        let fresh = try candidate(Self.candidate(.held, "b", since: 9_500, revision: "r2"), [Self.first, waiting])
        #expect(fresh?.isRunning == true && fresh?.remaining == 100)
        let long = try candidate(Self.candidate(.held, "b", since: 9_400, revision: "r2"), [Self.first, waiting])
        #expect(long?.isRunning == false && long?.status?.state == .held)
    }

    @Test(
        "what failed stays so until the spec or the restart annotation changes",
        arguments: [CandidateState.timedOut, .refused]
    )
    func final(state: CandidateState) throws {
        let serving = Self.serving("r1", "a")
        let known = Self.candidate(state, "b", since: 1)
        func isTried(_ asked: String, _ restart: String?) throws -> Bool {
            let gate = try Self.gate(asked, serving: serving, known: known, restart: restart)
            guard case .hold(_, let candidate) = gate.decide([Self.first]) else { return false }
            return candidate.isRunning
        }
        #expect(try !isTried("b", nil))
        #expect(try isTried("b", "1"))
        #expect(try isTried("c", nil))
    }

    @Test("a suspended server tries nothing, and keeps what it ran")
    func suspended() throws {
        let gate = try Self.gate("b", serving: Self.serving("r1", "a"), isSuspended: true)
        #expect(gate.decide([Self.first]) == .hold(Self.first, ReviewGate.Candidate(status: nil, isRunning: false)))
    }

    @Test("what was taking over is what serves while the next version is tried")
    func takingOver() throws {
        let second = Self.revision("r2", "b", acceptance: .contractUnchanged, created: 5)
        let gate = try Self.gate(
            "c",
            serving: Self.serving("r1", "a"),
            known: Self.candidate(.takingOver, "b", revision: "r2")
        )
        guard case .hold(let base, _) = gate.decide([Self.first, second]) else {
            Issue.record("it is not held")
            return
        }
        #expect(base == second)
    }
}

@Suite struct EffectiveReviewTests {
    private func review(
        _ own: ServerReview? = nil,
        tenant: TenantReview = TenantReview(),
        handshake: HandshakeSetting = .enabled
    ) throws(Refusal) -> EffectiveReview {
        try EffectiveReview(spec: MCPServerSpec(review: own), tenant: tenant, handshake: handshake)
    }

    @Test("a server can be stricter than its tenant, and not less strict")
    func stricter() throws {
        #expect(try review().policy == .onContractChange)
        #expect(try review(ServerReview(policy: .always)).policy == .always)
        #expect(try review(tenant: TenantReview(policy: .never)).policy == .never)
        #expect(try review(ServerReview(onDrift: .quarantine)).onDrift == .quarantine)
        let lax = #expect(throws: Refusal.self) { try review(ServerReview(policy: .never)) }
        #expect(lax?.reason == .reviewTooLax && lax?.field == "spec.review.policy")
        let report = #expect(throws: Refusal.self) {
            try review(ServerReview(onDrift: .report), tenant: TenantReview(onDrift: .quarantine))
        }
        #expect(report?.reason == .reviewTooLax && report?.field == "spec.review.onDrift")
    }

    @Test("without a handshake nothing is reviewed, and a policy that somebody set is not ignored")
    func handshake() throws {
        let disabled = HandshakeSetting.disabled(by: "spec.handshake")
        #expect(try review(handshake: disabled).policy == .never)
        let tenants = [
            TenantReview(policy: .onContractChange), TenantReview(policy: .always), TenantReview(onDrift: .quarantine),
        ]
        for tenant in tenants {
            let refusal = #expect(throws: Refusal.self) { try review(tenant: tenant, handshake: disabled) }
            #expect(refusal?.reason == .reviewNeedsHandshake)
        }
        #expect(throws: Refusal.self) { try review(ServerReview(policy: .always), handshake: disabled) }
        #expect(try review(tenant: TenantReview(policy: .never), handshake: disabled).policy == .never)
    }

    @Test("a tenant can be stricter than the platform, and less strict only if the platform allows it")
    func platform() throws {
        func tenant(_ spec: TenantReview, _ loosen: [LoosenableSetting]? = nil) throws -> EffectiveTenant {
            let platform = PlatformConfiguration(
                review: TenantReview(policy: .always, onDrift: .quarantine, separateApprover: true),
                tenantsMayLoosen: loosen
            )
            return try EffectiveTenant(Sample.tenant { $0.review = spec }, namespace: "n", platform: platform)
        }
        let lax = TenantReview(policy: .never, onDrift: .report, separateApprover: false)
        let limited = try tenant(lax)
        #expect(limited.review.policy == .always && limited.review.onDrift == .quarantine)
        #expect(limited.review.separateApprover == true)
        #expect(limited.withoutEffect.count == 3)
        let loose = try tenant(lax, [.review])
        #expect(loose.review.policy == .never && loose.withoutEffect.isEmpty)
        #expect(try tenant(TenantReview()).review.policy == .always)
    }
}

@Suite struct ReviewedSpecTests {
    @Test("every field of the spec is either reviewed or not")
    func fields() {
        let all = Set(MCPServerSpec.schema.properties.names)
        #expect(ReviewedSpec.fields.union(ReviewedSpec.otherFields) == all)
        #expect(ReviewedSpec.fields.isDisjoint(with: ReviewedSpec.otherFields))
    }

    @Test("who changes a reviewed field is the author, by the list of the chart's admission policies")
    func authors() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let file = root.appending(path: "charts/moorage/templates/admission.yaml")
        let line = try #require(
            String(contentsOf: file, encoding: .utf8).split(separator: "\n").first {
                $0.hasPrefix("{{- $reviewed := list ")
            }
        )
        let listed = Set(line.split(separator: "\"").filter { $0.allSatisfy { $0.isLetter } }.map(String.init))
        // Another class is another image, although the revision of the class is not the server's.
        #expect(listed == ReviewedSpec.fields.union(["className"]))
    }

    @Test("a spec with the reviewed part of another one has everything else of its own")
    func replacing() throws {
        let old = MCPServerSpec(image: "old", args: ["--safe"], replicas: 1)
        let new = MCPServerSpec(image: "new", path: "/other", args: ["--all"], replicas: 3)
        let template = ReviewedSpec.template(of: old, image: "old")
        let merged = try #require(ReviewedSpec.replacing(in: new, by: template))
        #expect(merged == MCPServerSpec(image: "old", args: ["--safe"], replicas: 3))
        #expect(ReviewedSpec.template(of: merged, image: "old") == template)
        var forged = template
        forged.spec[path: ["args"]] = ["--all"]
        #expect(ReviewedSpec.replacing(in: new, by: forged) == nil)
    }

    @Test("what is not reviewed does not change the digest, and the image of the class does")
    func digest() {
        let spec = MCPServerSpec(args: ["a"])
        let digest = ReviewedSpec.template(of: spec, image: "i").digest
        #expect(ReviewedSpec.template(of: MCPServerSpec(args: ["a"], replicas: 2), image: "i").digest == digest)
        #expect(ReviewedSpec.template(of: spec, image: "j").digest != digest)
        #expect(ReviewedSpec.template(of: MCPServerSpec(args: ["b"]), image: "i").digest != digest)
    }
}

@Suite struct CandidateRenderTests {
    private func candidate(
        _ name: String = "weather",
        _ change: (inout MCPServerSpec) -> Void = { _ in }
    ) throws -> [RenderedObject] {
        var input = Sample.input(Sample.server(name, change))
        input.role = .candidate(template: String(repeating: "f", count: 64))
        guard case .run(let plan) = decide(input) else { throw NoPlan() }
        return render(plan)
    }

    private struct NoPlan: Error {}

    @Test("a candidate has a Deployment and what its pod reads, and nothing leads to it")
    func objects() throws {
        let objects = try candidate {
            $0.config = ServerConfiguration(env: ["A": "1"])
            $0.replicas = 5
            $0.storage = Storage(size: "1Gi")
        }
        #expect(objects.map(\.reference.type.kind) == ["NetworkPolicy", "Secret", "Deployment"])
        #expect(objects.allSatisfy { $0.reference.name.hasPrefix("weather-candidate") })
        let deployment = try #require(objects.last?.value)
        #expect(deployment[path: ["spec", "replicas"]] == 1)
        #expect(deployment[path: ["spec", "strategy", "type"]] == "Recreate")
        let volumes = deployment[path: ["spec", "template", "spec", "volumes"]]?.arrayValue ?? []
        #expect(volumes.contains { $0["name"] == "data" && $0["emptyDir"] != nil })
        #expect(!volumes.contains { $0["persistentVolumeClaim"] != nil })
        #expect(deployment[path: ["spec", "template", "spec", "serviceAccountName"]] == "weather")
        let owner = deployment[path: ["metadata", "ownerReferences"]]?.arrayValue?.first
        #expect(owner?["name"] == "weather" && owner?["uid"] == "uid-weather")
    }

    @Test("nothing that selects the pods of servers selects a candidate, also not by labels of the spec")
    func labels() throws {
        let objects = try candidate {
            $0.podTemplate = ["metadata": ["labels": ["app": "weather"]]]
        }
        let template = try #require(objects.last?.value[path: ["spec", "template"]])
        let labels = template[path: ["metadata", "labels"]]?.objectValue ?? [:]
        #expect(labels["app"] == nil && labels[MoorageLabels.server] == nil)
        #expect(labels[MoorageLabels.name] == "weather-candidate")
        let selector = objects.last?.value[path: ["spec", "selector", "matchLabels"]]?.objectValue ?? [:]
        #expect(selector == [MoorageLabels.candidate: "weather"])
    }

    @Test("a long name is cut, and differs from that of other servers")
    func longNames() {
        let role = WorkloadRole.candidate(template: "")
        let long = [String(repeating: "a", count: 63), String(repeating: "a", count: 62)]
        let names = long.map(role.name(of:)) + [role.name(of: "weather")]
        #expect(names.allSatisfy { $0.utf8.count <= 63 && $0.hasSuffix("-candidate") })
        #expect(Set(names).count == 3)
    }
}

import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import TestSupport
import Testing

/// Who can write which name into approvals and servers, by the admission policies of the chart.
@Suite("Admission of approvals")
struct ApprovalAdmissionTests {
    /// A request of a user, and whether the API server accepts it.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var user: String
        var patch: JSONValue
        /// Part of the refusal; `nil` if it is accepted.
        var refusal: String?

        var testDescription: String { name }
    }

    private static func approval(_ decision: String, approver: String? = nil) -> JSONValue {
        var approval: [String: JSONValue] = ["decision": .string(decision)]
        approval["approver"] = approver.map { .string($0) }
        return ["spec": ["approval": .object(approval)]]
    }

    /// On a revision that alice has deployed, where approvers are separate.
    static let revisionCases = [
        Case(
            name: "its author cannot approve it",
            user: "alice",
            patch: approval("Approved"),
            refusal: "has deployed this"
        ),
        Case(
            name: "nobody can approve in another name",
            user: "alice",
            patch: approval("Approved", approver: "bob"),
            refusal: "must be the user who decides"
        ),
        Case(name: "its author can reject it", user: "alice", patch: approval("Rejected")),
        Case(name: "somebody else can approve it", user: "bob", patch: approval("Approved")),
        Case(name: "and with their own name", user: "carol", patch: approval("Approved", approver: "carol")),
        Case(
            name: "what the controller reads cannot be changed",
            user: "bob",
            patch: ["metadata": ["annotations": ["moorage.dev/revision-key": "forged"]]],
            refusal: "cannot be changed"
        ),
        Case(
            name: "nor its author",
            user: "bob",
            patch: ["spec": ["author": "dave"]],
            refusal: "only the approval of a revision can be changed"
        ),
    ]

    /// On a server that alice has deployed.
    static let serverCases = [
        Case(
            name: "an author cannot name somebody else",
            user: "bob",
            patch: ["metadata": ["annotations": ["moorage.dev/changed-by": "carol"]], "spec": ["args": ["x"]]],
            refusal: "set it to bob"
        ),
        Case(
            name: "an author cannot be changed without a change",
            user: "bob",
            patch: ["metadata": ["annotations": ["moorage.dev/changed-by": "bob"]]],
            refusal: "leave it as it is"
        ),
    ]

    private func withPolicies(_ body: @Sendable (TestCluster, String) async throws -> Void) async throws {
        try await withCluster { cluster in
            for policy in try await Chart.admissionPolicies() where isAboutNames(policy) {
                let reference = try #require(ResourceType.admissionPolicies[policy["kind"]?.stringValue ?? ""])
                _ = try await cluster.client.apply(
                    reference,
                    policy,
                    options: ApplyOptions(fieldManager: "moorage-tests", force: true)
                )
            }
            let namespace = try await cluster.makeNamespace("approvals")
            do {
                try await body(cluster, namespace)
            } catch {
                try await cluster.removeNamespace(namespace)
                throw error
            }
            try await cluster.removeNamespace(namespace)
        }
    }

    /// Whether a policy is one of these: the others would judge what the other tests on a real cluster write.
    private func isAboutNames(_ policy: JSONValue) -> Bool {
        ["-approvals", "-authors"].contains { (policy[path: ["metadata", "name"]]?.stringValue ?? "").hasSuffix($0) }
    }

    /// Sends a request as a user. Returns the refusal, `nil` if it is accepted.
    private func send(
        _ request: Case,
        to type: ResourceType,
        _ name: String,
        in namespace: String,
        of cluster: TestCluster,
        dryRun: Bool = false
    ) async throws -> String? {
        let client = cluster.client.with(
            transport: ImpersonatingTransport(
                base: cluster.client.transport,
                user: request.user,
                groups: ["system:masters", "system:authenticated"]
            )
        )
        do {
            _ = try await client.patch(
                type,
                name: name,
                namespace: namespace,
                .merge(request.patch),
                options: WriteOptions(dryRun: dryRun)
            )
            return nil
        } catch let error as APIError {
            return error.description
        }
    }

    @Test("a name in an approval or on a server is that of the user who wrote it")
    func names() async throws {
        try await withPolicies { cluster, namespace in
            var server = cluster.server("weather", in: namespace)
            server.spec.suspend = true
            try await cluster.apply(server)
            let hash = "sha256:" + String(repeating: "0", count: 64)
            var metadata = ObjectMeta(name: "weather-1", namespace: namespace)
            metadata.annotations = ["moorage.dev/revision-key": "key"]
            try await cluster.apply(
                MCPServerRevision(
                    metadata: metadata,
                    spec: MCPServerRevisionSpec(
                        server: "weather",
                        image: RevisionImage(reference: "x"),
                        digest: hash,
                        contractDigest: hash,
                        counts: RevisionCounts(
                            tools: 0,
                            publishedTools: 0,
                            prompts: 0,
                            resources: 0,
                            resourceTemplates: 0
                        ),
                        provenance: RevisionProvenance(time: Timestamp(secondsSinceEpoch: 1), pod: "p"),
                        contract: RevisionContract(),
                        separateApprover: true,
                        author: "alice"
                    )
                )
            )
            // Policies take effect a moment after they are created, and a while after their kinds are. What is accepted before must
            // not remain.
            try await eventually("the policies are in force") {
                try await send(
                    Self.revisionCases[0],
                    to: MCPServerRevision.resourceType,
                    "weather-1",
                    in: namespace,
                    of: cluster,
                    dryRun: true
                ) != nil
            }
            func check(_ request: Case, _ type: ResourceType, _ name: String) async throws {
                let refusal = try await send(request, to: type, name, in: namespace, of: cluster)
                if let expected = request.refusal {
                    #expect(refusal?.contains(expected) == true, "\(request.name): \(refusal ?? "accepted")")
                } else {
                    #expect(refusal == nil, "\(request.name): \(refusal ?? "")")
                }
            }
            for request in Self.revisionCases {
                try await check(request, MCPServerRevision.resourceType, "weather-1")
                guard request.refusal == nil else { continue }
                let revision = try await cluster.client.get(
                    MCPServerRevision.self,
                    name: "weather-1",
                    namespace: namespace
                )
                #expect(revision.spec.approval?.approver == request.user, "\(request.name)")
            }
            let deploy = Case(name: "deploys", user: "alice", patch: ["spec": ["args": ["a"]]])
            try await check(deploy, MCPServer.resourceType, "weather")
            func author() async throws -> String? {
                try await cluster.server(named: "weather", in: namespace)?.metadata.annotations?[
                    "moorage.dev/changed-by"
                ]
            }
            #expect(try await author() == "alice")
            for request in Self.serverCases { try await check(request, MCPServer.resourceType, "weather") }
            let scale = Case(name: "scales", user: "bob", patch: ["spec": ["replicas": 2]])
            try await check(scale, MCPServer.resourceType, "weather")
            #expect(try await author() == "alice")
            let change = Case(name: "changes", user: "bob", patch: ["spec": ["args": ["b"]]])
            try await check(change, MCPServer.resourceType, "weather")
            #expect(try await author() == "bob")
        }
    }
}

extension ResourceType {
    /// The kinds of admission policies.
    static let admissionPolicies: [String: ResourceType] = Dictionary(
        uniqueKeysWithValues: ["Validating", "Mutating"].flatMap { verb in
            [("", "policies"), ("Binding", "policybindings")].map { suffix, plural in
                let kind = "\(verb)AdmissionPolicy\(suffix)"
                return (
                    kind,
                    ResourceType(
                        group: "admissionregistration.k8s.io",
                        version: "v1",
                        kind: kind,
                        plural: "\(verb.lowercased())admission\(plural)",
                        isNamespaced: false
                    )
                )
            }
        }
    )
}

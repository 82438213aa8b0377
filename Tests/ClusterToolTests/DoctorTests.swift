import ClusterTool
import CRDModels
import KubernetesAPI
import Testing

@Suite("The checks of an installation")
struct DoctorTests {
    private static let labels: [String: JSONValue] = [
        "app.kubernetes.io/part-of": "moorage", "app.kubernetes.io/version": "0.1.0",
    ]

    private static func deployment(
        _ component: String,
        ready: JSONValue = 1,
        in namespace: String = "moorage-system",
        arguments: [JSONValue] = []
    ) -> JSONValue {
        var labels = Self.labels
        labels["app.kubernetes.io/component"] = .string(component)
        return [
            "metadata": [
                "name": .string("moorage-\(component)"), "namespace": .string(namespace), "labels": .object(labels),
            ],
            "spec": [
                "replicas": 1,
                "template": [
                    "spec": [
                        "containers": [["image": "ghcr.io/moorage/controller:0.1.0", "args": .array(arguments)]]
                    ]
                ],
            ],
            "status": ["readyReplicas": ready],
        ]
    }

    private static func established(_ definition: JSONValue) -> JSONValue {
        var definition = definition
        definition["status"] = ["conditions": [["type": "Established", "status": "True"]]]
        return definition
    }

    private static func subject(
        _ name: String,
        namespace: String? = "mcp-acme",
        _ type: String,
        _ status: String,
        _ reason: String,
        _ message: String = ""
    ) -> JSONValue {
        var metadata: JSONValue = ["name": .string(name)]
        if let namespace { metadata["namespace"] = .string(namespace) }
        return ["metadata": metadata, "status": ["conditions": [Objects.condition(type, status, reason, message)]]]
    }

    /// An installation in which everything is as it should be.
    static let healthy: DoctorFacts = {
        let program = DoctorFacts.Program(
            name: "kubectl moorage",
            version: "0.1.0",
            definitions: CustomResourceDefinitions.all
        )
        var facts = DoctorFacts(
            program: program,
            now: Objects.now,
            version: .found(["major": "1", "minor": "36", "gitVersion": "v1.36.2"])
        )
        facts.serverTime = Timestamp(secondsSinceEpoch: Objects.now.secondsSinceEpoch + 1)
        facts.definitions = .found(CustomResourceDefinitions.all.map(established))
        facts.deployments = .found([DoctorTests.deployment("controller"), DoctorTests.deployment("gateway")])
        facts.pods = .found([])
        facts.services = .found([
            [
                "metadata": [
                    "name": "moorage-gateway", "namespace": "moorage-system",
                    "labels": ["app.kubernetes.io/component": "gateway"],
                ],
                "spec": ["type": "ClusterIP", "clusterIP": "10.0.0.1"],
            ]
        ])
        facts.lease = .found([
            "spec": [
                "holderIdentity": "moorage-controller-1", "leaseDurationSeconds": 15,
                "renewTime": "2026-03-01T11:59:55.000000Z",
            ]
        ])
        facts.permissions = .found([.init(action: "list mcptenants.moorage.dev", namespace: nil, isAllowed: true)])
        facts.policies = .found([["metadata": ["name": "moorage-pods"]]])
        facts.bindings = .found([["spec": ["policyName": "moorage-pods"]]])
        facts.daemonSets = .found([])
        facts.gatewayReadiness = ["moorage-gateway-1": .found(200)]
        facts.monitors = .found(.null)
        facts.tenants = .found([
            DoctorTests.subject("acme", namespace: nil, "NetworkPolicyEnforced", "True", "NetworkPoliciesEnforced")
        ])
        facts.servers = .found([subject("weather", "Ready", "True", "Serving")])
        facts.namespaces = .found([
            [
                "metadata": [
                    "name": "mcp-acme",
                    "labels": ["moorage.dev/tenant": "acme", "pod-security.kubernetes.io/enforce": "restricted"],
                ]
            ]
        ])
        return facts
    }()

    /// A change of the healthy installation, and what the checks say then.
    struct Example: Sendable {
        var change: @Sendable (inout DoctorFacts) -> Void
        var problems: [String]

        init(_ change: @escaping @Sendable (inout DoctorFacts) -> Void, _ problems: [String]) {
            self.change = change
            self.problems = problems
        }
    }

    /// What the checks say that is not as it should be, as `check level: message`.
    private static func problems(_ change: (inout DoctorFacts) -> Void) -> [String] {
        var facts = healthy
        change(&facts)
        return DoctorReport(facts).results.filter { $0.level != .ok }
            .map { "\($0.check) \($0.level.rawValue): \($0.message)" }
    }

    @Test("a healthy installation has no problem, and every check says so")
    func allGood() {
        #expect(Self.problems { _ in } == [])
        let report = DoctorReport(Self.healthy)
        #expect(!report.hasFailed)
        #expect(report.results.count >= 15)
        #expect(report.rendered(console: .plain).hasSuffix("\n\n\(report.results.count) ok\n"))
        #expect(report.json["failed"] == false)
    }

    @Test("if the API server cannot be reached, nothing else is said")
    func unreachable() {
        var facts = Self.healthy
        facts.version = .failed("connection refused")
        let report = DoctorReport(facts)
        #expect(report.hasFailed)
        #expect(report.results.map(\.message) == ["it cannot be reached: connection refused"])
    }

    @Test(
        "problems of the cluster are found",
        arguments: [
            Example(
                { $0.version = .found(["major": "1", "minor": "30+", "gitVersion": "v1.30.1-eks"]) },
                ["API server Failed: it runs v1.30.1-eks, which is too old"]
            ),
            Example(
                { $0.version = .found([:]) },
                ["API server NotChecked: it runs an unknown version, which has no version number"]
            ),
            Example(
                { $0.serverTime = Timestamp(secondsSinceEpoch: $0.now.secondsSinceEpoch - 60) },
                [
                    "Clock Warning: this machine is 60 s ahead of the API server"
                ]
            ),
            Example({ $0.serverTime = nil }, ["Clock NotChecked: the API server does not send its time"]),
            Example({ $0.definitions = .notAllowed }, ["CRDs NotChecked: your account is not allowed to read it"]),
            Example(
                { $0.definitions = .found([]) },
                CustomResourceDefinitions.all.map {
                    "CRDs Failed: \($0[path: ["metadata", "name"]]?.stringValue ?? "") is not installed"
                }
            ),
        ]
    )
    func cluster(_ example: Example) {
        #expect(Self.problems(example.change) == example.problems)
    }

    @Test("a CRD of another version is found by a field, and defaults and descriptions are no difference")
    func otherDefinitions() throws {
        func change(_ body: (inout JSONValue) -> Void) -> [String] {
            Self.problems { facts in
                var all = facts.definitions.value ?? []
                body(&all[0])
                facts.definitions = .found(all)
            }
        }
        let name = try #require(CustomResourceDefinitions.all[0][path: ["metadata", "name"]]?.stringValue)
        #expect(change { $0[path: ["spec", "conversion"]] = ["strategy": "None"] } == [])
        #expect(
            change { $0[path: ["spec", "scope"]] = "Cluster" }
                == ["CRDs Warning: \(name) differs from the one of version 0.1.0: scope"]
        )
        func version(_ body: @escaping (inout JSONValue) -> Void) -> [String] {
            change { definition in
                var versions = definition[path: ["spec", "versions"]]?.arrayValue ?? []
                body(&versions[0])
                definition[path: ["spec", "versions"]] = .array(versions)
            }
        }
        let spec = ["schema", "openAPIV3Schema", "properties", "spec", "properties"]
        #expect(version { $0[path: ["schema", "openAPIV3Schema", "description"]] = "other" } == [])
        #expect(
            version { $0[path: spec + ["new"]] = ["type": "string"] } == [
                "CRDs Warning: \(name) differs from the one of version 0.1.0: "
                    + "versions.0.schema.openAPIV3Schema.properties.spec.properties.new"
            ]
        )
        #expect(
            change { $0["status"] = nil } == [
                "CRDs Failed: \(name) is not established: the API server does not serve it yet"
            ]
        )
    }

    @Test(
        "problems of the installation are found",
        arguments: [
            Example(
                { $0.deployments = .found([]) },
                [
                    "Controller Failed: no Deployment of the controller was found",
                    "Gateway NotChecked: it is not installed",
                ]
            ),
            Example(
                {
                    $0.deployments = .found([
                        DoctorTests.deployment("controller", ready: .null), DoctorTests.deployment("gateway"),
                    ])
                },
                [
                    "Controller Failed: 0 of 1 pods of the Deployment moorage-system/moorage-controller are ready"
                ]
            ),
            Example(
                {
                    $0.deployments = .found([
                        DoctorTests.deployment("controller"), DoctorTests.deployment("gateway"),
                        DoctorTests.deployment("controller", in: "team", arguments: ["--namespaces=team-a,team-b"]),
                    ])
                },
                [
                    "Controller Failed: the Deployments moorage-system/moorage-controller and team/moorage-controller manage the same namespaces"
                ]
            ),
            Example(
                {
                    $0.deployments = .found([
                        DoctorTests.deployment("controller", arguments: ["--namespaces=team-a"]),
                        DoctorTests.deployment("controller", in: "team", arguments: ["--namespaces=team-b"]),
                        DoctorTests.deployment("gateway"),
                    ])
                },
                []
            ),
            Example(
                { $0.program.version = "0.2.0" },
                [
                    "Controller Warning: the Deployment moorage-system/moorage-controller has version 0.1.0, and this program has 0.2.0",
                    "Gateway Warning: the Deployment moorage-system/moorage-gateway has version 0.1.0, and this program has 0.2.0",
                ]
            ),
            Example(
                { $0.gatewayReadiness = ["g": .found(503), "h": .failed("it is blocked")] },
                [
                    "Gateway Failed: /readyz of the pod g answers 503",
                    "Gateway NotChecked: /readyz of the pod h was not read: it is blocked",
                ]
            ),
            Example({ $0.services = .found([]) }, ["Gateway Service Failed: the gateway has no Service"]),
            Example(
                { $0.lease = .found(["spec": ["holderIdentity": "c", "renewTime": "2026-03-01T11:00:00.000000Z"]]) },
                ["Lease Failed: c has not renewed it for 3601 s, and it lasts 15 s"]
            ),
            Example({ $0.lease = .found([:]) }, ["Lease Warning: no controller holds it"]),
            Example(
                { $0.lease = .found(.null) },
                ["Lease NotChecked: there is none: the controller runs without leader election, or has never led"]
            ),
            Example(
                { $0.permissions = .found([.init(action: "patch secrets", namespace: "a", isAllowed: false)]) },
                ["Permissions Failed: the controller lacks: patch secrets in a"]
            ),
            Example(
                { $0.permissions = .notAllowed },
                [
                    "Permissions NotChecked: your account is not allowed to ask for the rights of the controller "
                        + "(create subjectaccessreviews)"
                ]
            ),
            Example(
                { $0.bindings = .found([]) },
                ["Admission Failed: without a binding, and so without effect: moorage-pods"]
            ),
            Example(
                { $0.policies = .found([]) },
                [
                    "Admission Warning: no ValidatingAdmissionPolicy of Moorage is installed: the API server enforces none of its "
                        + "rules itself"
                ]
            ),
        ]
    )
    func installation(_ example: Example) {
        #expect(Self.problems(example.change) == example.problems)
    }

    @Test(
        "problems of tenants and servers are found",
        arguments: [
            Example(
                {
                    $0.tenants = .found([
                        DoctorTests.subject(
                            "acme",
                            namespace: nil,
                            "NetworkPolicyEnforced",
                            "False",
                            "X",
                            "a pod got through"
                        )
                    ])
                },
                ["Network Failed: NetworkPolicies are not enforced, says MCPTenant acme: a pod got through"]
            ),
            Example(
                {
                    $0.tenants = .found([])
                    $0.daemonSets = .found([["metadata": ["name": "kube-flannel-ds"]]])
                },
                ["Network Warning: Flannel runs, which does not enforce NetworkPolicies by itself"]
            ),
            Example(
                {
                    $0.tenants = .found([])
                    $0.daemonSets = .found([["metadata": ["name": "cilium"]]])
                },
                ["Network NotChecked: Cilium runs, which enforces NetworkPolicies unless that is switched off"]
            ),
            Example(
                {
                    $0.tenants = .found([
                        DoctorTests.subject(
                            "acme",
                            namespace: nil,
                            "Accepted",
                            "False",
                            "NamespaceTaken",
                            "it is taken"
                        ),
                        ["metadata": ["name": "new"]],
                        DoctorTests.subject("b", namespace: nil, "NetworkPolicyEnforced", "True", "X"),
                    ])
                },
                [
                    "Tenants Failed: acme is not accepted, NamespaceTaken: it is taken",
                    "Tenants Failed: the controller has not seen new",
                ]
            ),
            Example(
                {
                    $0.servers = .found([
                        DoctorTests.subject("a", "Ready", "False", "ContainerCrashing"),
                        DoctorTests.subject("b", "Ready", "False", "ContainerCrashing"),
                        DoctorTests.subject("c", "Ready", "False", "ImagePullFailed", "not found"),
                        ["metadata": ["name": "d", "namespace": "mcp-acme"]],
                    ])
                },
                [
                    "Registries Warning: servers that cannot read from a registry: 1, such as mcp-acme/c: ImagePullFailed, not found",
                    "Servers Warning: 2 of 4 not ready, ContainerCrashing: mcp-acme/a, mcp-acme/b",
                    "Servers Warning: 1 of 4 not ready, ImagePullFailed: mcp-acme/c",
                    "Servers Warning: 1 of 4 not ready, not seen by the controller: mcp-acme/d",
                ]
            ),
            Example(
                { $0.namespaces = .found([["metadata": ["name": "x", "labels": ["moorage.dev/tenant": "acme"]]]]) },
                ["Pod Security Warning: these namespaces do not enforce baseline or restricted: x"]
            ),
        ]
    )
    func contents(_ example: Example) {
        #expect(Self.problems(example.change) == example.problems)
    }

    @Test("what your account may not read is not checked, and that is said")
    func notAllowed() {
        let facts = DoctorFacts(
            program: Self.healthy.program,
            now: Objects.now,
            version: .found(["major": "1", "minor": "36"])
        )
        let report = DoctorReport(facts)
        #expect(!report.hasFailed)
        #expect(report.results.filter { $0.level == .notChecked }.count >= 12)
        #expect(report.rendered(console: .plain).contains("your account is not allowed to read it"))
    }

    @Test("each failure and each warning has a way out")
    func waysOut() {
        var facts = Self.healthy
        facts.version = .found(["major": "1", "minor": "20"])
        facts.deployments = .found([Self.deployment("controller", ready: 0)])
        facts.definitions = .found([])
        facts.policies = .found([])
        facts.servers = .found([["metadata": ["name": "d", "namespace": "mcp-acme"]]])
        facts.tenants = .found([["metadata": ["name": "new"]]])
        let problems = DoctorReport(facts).results.filter { $0.level == .failed || $0.level == .warning }
        #expect(problems.count >= 6)
        #expect(problems.allSatisfy { $0.wayOut?.isEmpty == false })
    }

    @Test(
        "dates of HTTP are read",
        arguments: [
            ("Sat, 28 Nov 2026 11:01:06 GMT", "2026-11-28T11:01:06Z"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
        ]
    )
    func dates(text: String, time: String) {
        #expect(HTTPDate.parse(text)?.description == time)
    }

    @Test(
        "other texts are no dates",
        arguments: [
            "", "now", "Sat, 28 Nov 2026 11:01:06", "Sat, 28 Foo 2026 11:01:06 GMT", "Sat, 99 Nov 2026 11:01:06 GMT",
        ]
    )
    func noDates(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}

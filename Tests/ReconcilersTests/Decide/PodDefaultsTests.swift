import CRDModels
import KubernetesAPI
import KubernetesClient
import Testing

@testable import Policy
@testable import Reconcilers

private func template(
    _ change: @escaping (inout MCPServerSpec) -> Void = { _ in },
    class classChange: ((inout MCPServerClassSpec) -> Void)? = nil,
    contents: [ContentReference: ReferencedContent] = [:]
) throws -> JSONValue {
    let decision = decide(
        Sample.input(Sample.server("weather", change)) { input in
            if let classChange { input.classes = [Sample.serverClass(isDefault: true, classChange)] }
            input.contents = contents
        }
    )
    return try #require(decision.plan, "\(decision)").podTemplate
}

private func warnings(
    _ change: (inout MCPServerSpec) -> Void,
    contents: [ContentReference: ReferencedContent] = [:]
) throws -> [String] {
    let decision = decide(Sample.input(Sample.server("weather", change)) { $0.contents = contents })
    return try #require(decision.plan, "\(decision)").warnings
}

@Suite("Defaults of pods")
struct PodDefaultsTests {
    private let home: JSONValue = ["name": "HOME", "value": "/tmp"]

    @Test("HOME is /tmp, unless something that Moorage knows sets it")
    func homeDirectory() throws {
        #expect(try template().at("spec.containers.0.env") == [home])
        let bulk = ContentReference(kind: .secret, name: "bulk")
        let settings: [(inout MCPServerSpec) -> Void] = [
            { $0.env = [EnvVar(name: "HOME", value: "/data")] },
            { $0.config = ServerConfiguration(env: ["HOME": "/data"]) },
            {
                $0.config = ServerConfiguration(templates: [
                    ConfigurationTemplate(name: "t", content: "/data", env: "HOME")
                ])
            },
            { $0.envFrom = [EnvFromSource(prefix: "HO", secretRef: SecretEnvSource(name: "bulk"))] },
        ]
        for setting in settings {
            let env = try template(setting, contents: [bulk: .digests(["ME": "x"])]).at("spec.containers.0.env")
            #expect(env?.arrayValue?.contains(home) != true, "\(env ?? .null)")
        }
        let other = try template(
            { $0.envFrom = [EnvFromSource(secretRef: SecretEnvSource(name: "bulk"))] },
            contents: [bulk: .digests(["ME": "x"])]
        )
        #expect(other.at("spec.containers.0.env") == [home])
        let byClass = try template(class: { $0.env = [EnvVar(name: "HOME", value: "/data")] })
        #expect(byClass.at("spec.containers.0.env") == [["name": "HOME", "value": "/data"]])
    }

    @Test("a terminating pod continues to serve for a short time, within its grace period")
    func drain() throws {
        let place = "spec.containers.0.lifecycle.preStop.sleep.seconds"
        #expect(try template().at(place) == 5)
        #expect(try template({ $0.terminationGracePeriodSeconds = 4 }).at(place) == 2)
        #expect(try template({ $0.terminationGracePeriodSeconds = 1 }).at("spec.containers.0")?["lifecycle"] == nil)
        #expect(try template({ $0.drainSeconds = 20 }).at(place) == 20)
        #expect(try template({ $0.drainSeconds = 0 }).at("spec.containers.0")?["lifecycle"] == nil)
        #expect(try template(class: { $0.drainSeconds = 7 }).at(place) == 7)
        let own = try template({
            $0.podTemplate = [
                "spec": [
                    "containers": [["name": "mcp", "lifecycle": ["preStop": ["exec": ["command": ["drain"]]]]]]
                ]
            ]
        })
        #expect(own.at("spec.containers.0.lifecycle") == ["preStop": ["exec": ["command": ["drain"]]]])
        let refusal = decide(Sample.input(Sample.server { $0.drainSeconds = 31 })).refusal
        #expect(refusal?.reason == .specInvalid)
        #expect(refusal?.field == "spec.drainSeconds")
    }

    @Test("an autoscaler has a request to measure")
    func autoscaler() throws {
        let place = "spec.containers.0.resources.requests"
        #expect(try template({ $0.scaling = Scaling(maxReplicas: 3) }).at(place)?["cpu"] == "100m")
        #expect(try template().at(place)?["cpu"] == nil)
        let own = try template({
            $0.scaling = Scaling(maxReplicas: 3, targetCPUUtilizationPercentage: 70)
            $0.resources = ResourceRequirements(requests: ["cpu": "250m"])
        })
        #expect(own.at(place)?["cpu"] == "250m")
        let limited = try template({
            $0.scaling = Scaling(maxReplicas: 3)
            $0.resources = ResourceRequirements(limits: ["cpu": "2"])
        })
        #expect(limited.at(place)?["cpu"] == nil)
        let memory = try template(
            { $0.scaling = Scaling(maxReplicas: 3, targetMemoryUtilizationPercentage: 70) },
            class: { $0.resources = ResourceRequirements(requests: ["cpu": "1"]) }
        )
        #expect(memory.at(place) == ["cpu": "1", "memory": "400Mi"])
    }

    @Test("an additional container without requests, which the autoscaler needs, is reported")
    func unmeasured() throws {
        let hardened = Hardening.securityContext(for: Hardening.podSecurityContext)
        let found = try warnings {
            $0.scaling = Scaling(maxReplicas: 3)
            $0.podTemplate = [
                "spec": [
                    "containers": [["name": "side", "image": .string(Sample.image), "securityContext": hardened]]
                ]
            ]
        }
        #expect(found.count == 1)
        #expect(found.first?.contains("container side") == true)
    }

    @Test("labels and annotations of objects are refused if they are Moorage's own, or not valid")
    func objectMetadata() {
        let wrong: [(String, (inout MCPServerSpec) -> Void)] = [
            (
                "spec.deployment.labels[moorage.dev/tenant]",
                { $0.deployment = DeploymentSettings(labels: ["moorage.dev/tenant": "other"]) }
            ),
            (
                "spec.deployment.annotations[moorage.dev/class-hash]",
                { $0.deployment = DeploymentSettings(annotations: ["moorage.dev/class-hash": "x"]) }
            ),
            ("spec.deployment.labels[a b]", { $0.deployment = DeploymentSettings(labels: ["a b": "c"]) }),
            (
                "spec.serviceAccount.labels[a]",
                { $0.serviceAccount = ServiceAccountSettings(labels: ["a": "b c"]) }
            ),
            (
                "spec.serviceAccount.annotations[a/b/c]",
                { $0.serviceAccount = ServiceAccountSettings(annotations: ["a/b/c": "d"]) }
            ),
        ]
        for (field, change) in wrong {
            let refusal = decide(Sample.input(Sample.server("weather", change))).refusal
            #expect(refusal?.reason == .specInvalid)
            #expect(refusal?.field == field)
        }
    }

    @Test("users can set app.kubernetes.io/part-of")
    func partOf() throws {
        var server = Sample.server {
            $0.deployment = DeploymentSettings(
                labels: ["team": "a"],
                annotations: ["note": "x"]
            )
            $0.serviceAccount = ServiceAccountSettings(labels: ["azure.workload.identity/use": "true"])
            $0.service = ServiceSettings(labels: ["app.kubernetes.io/part-of": "edge"])
        }
        server.metadata.labels = ["app.kubernetes.io/part-of": "shop"]
        let objects = render(try #require(decide(Sample.input(server)).plan))
        let deployment = objects["Deployment"]?.at("metadata")
        #expect(deployment?["labels"]?["team"] == "a")
        #expect(deployment?["labels"]?["moorage.dev/tenant"] == "acme")
        #expect(deployment?["labels"]?["app.kubernetes.io/part-of"] == "shop")
        #expect(deployment?["annotations"]?["note"] == "x")
        #expect(objects["Deployment"]?.at("spec.template.metadata.labels")?["app.kubernetes.io/part-of"] == "shop")
        #expect(objects["ServiceAccount"]?.at("metadata.labels")?["azure.workload.identity/use"] == "true")
        #expect(objects["Service"]?.at("metadata.labels")?["app.kubernetes.io/part-of"] == "edge")
    }
}

@Suite("Warnings about pods")
struct PodWarningsTests {
    @Test(
        "names that usually contain secrets are recognized",
        arguments: [
            ("GITHUB_PERSONAL_ACCESS_TOKEN", true), ("DB_PASSWORD", true), ("api-key", true), ("OPENAI_API_KEY", true),
            ("AWS_SECRET_ACCESS_KEY", true), ("client.secret", true), ("TOKEN", true), ("TOKEN_URL", false),
            ("PASSWORD_FILE", false), ("MAX_TOKENS", false), ("KEY", false), ("PRIMARY_KEY", false),
            ("KEYBOARD", false),
            ("AWS_ACCESS_KEY_ID", false), ("", false),
        ]
    )
    func names(name: String, isSecret: Bool) {
        #expect(PodWarnings.looksLikeSecret(name) == isSecret)
    }

    @Test("a token in the spec causes a warning with its fields and without its value")
    func plainSecrets() throws {
        let found = try warnings {
            $0.env = [EnvVar(name: "API_TOKEN", value: "hunter2"), EnvVar(name: "LOG_LEVEL", value: "info")]
            $0.config = ServerConfiguration(env: ["DB_PASSWORD": "hunter2", "EMPTY_TOKEN": ""])
        }
        #expect(found.count == 1)
        let text = try #require(found.first)
        #expect(text.contains("spec.env[API_TOKEN]") && text.contains("spec.config.env[DB_PASSWORD]"))
        #expect(!text.contains("hunter2") && !text.contains("EMPTY_TOKEN") && !text.contains("LOG_LEVEL"))
        let secret = ContentReference(kind: .secret, name: "s")
        let fromSecret = try warnings(
            {
                $0.env = [
                    EnvVar(
                        name: "API_TOKEN",
                        valueFrom: EnvVarSource(secretKeyRef: SecretKeySelector(name: "s", key: "k"))
                    )
                ]
            },
            contents: [secret: .digests(["k": "d"])]
        )
        #expect(fromSecret.isEmpty)
    }

    private func pulling(_ content: ReferencedContent) throws -> [String] {
        try warnings(
            { $0.imagePullSecrets = [LocalObjectReference(name: "pull")] },
            contents: [ContentReference(kind: .secret, name: "pull"): content]
        )
    }

    private func dockerConfig(_ text: String) -> ReferencedContent {
        .pullSecret(type: "kubernetes.io/dockerconfigjson", values: [".dockerconfigjson": Array(text.utf8)])
    }

    @Test("pull credentials that cannot work are reported, and valid ones are not")
    func pullSecrets() throws {
        #expect(try pulling(dockerConfig(#"{"auths":{"ghcr.io":{"auth":"eA=="}}}"#)).isEmpty)
        #expect(try pulling(dockerConfig(#"{"auths":{"https://ghcr.io/acme/":{}}}"#)).isEmpty)
        let wrong: [(ReferencedContent, String)] = [
            (.pullSecret(type: "Opaque", values: ["token": [1]]), "is of type Opaque"),
            (.pullSecret(type: nil, values: [:]), "is of type Opaque"),
            (.pullSecret(type: "kubernetes.io/dockerconfigjson", values: [:]), "has no key .dockerconfigjson"),
            (dockerConfig("secret text"), "not JSON"),
            (dockerConfig(#"{"auths":{}}"#), "no credentials for any registry"),
            (
                dockerConfig(#"{"auths":{"docker.io":{"auth":"c2VjcmV0"}}}"#),
                "no image pull Secret has credentials for ghcr.io"
            ),
            (dockerConfig(#"{"auths":{"ghcr.io/other":{}}}"#), "no image pull Secret has credentials for ghcr.io"),
        ]
        for (content, text) in wrong {
            let found = try pulling(content)
            #expect(found.count == 1 && found.first?.contains(text) == true, "\(found)")
            #expect(found.first?.contains("c2VjcmV0") == false && found.first?.contains("secret text") == false)
        }
    }

    @Test("an entry matches the same images as in the kubelet")
    func entries() {
        func covers(_ entry: String, _ registry: String, _ repository: String = "a/b") -> Bool {
            PullSecret(registries: [entry]).covers(registry: registry, repository: repository)
        }
        #expect(covers("https://index.docker.io/v1/", "docker.io"))
        #expect(covers("docker.io", "docker.io"))
        #expect(covers("*.example.com", "eu.example.com"))
        #expect(covers("registry-*.example.com", "registry-1.example.com"))
        #expect(!covers("*.example.com", "example.com"))
        #expect(!covers("*.example.com", "a.b.example.com"))
        #expect(covers("example.com:5000", "example.com:5000"))
        #expect(!covers("example.com", "example.com:5000"))
        #expect(covers("example.com/a", "example.com"))
        #expect(!covers("example.com/a", "example.com", "ab/c"))
    }
}

@Suite("Refused pods")
struct PodRefusalTests {
    private func find(_ message: String) throws -> Finding {
        let condition = DeploymentCondition(
            type: "ReplicaFailure",
            status: "True",
            reason: "FailedCreate",
            message: "pods \"weather-1\" is forbidden: \(message)"
        )
        return try #require(PodDiagnosis.find(DeploymentStatus(conditions: [condition])))
    }

    @Test(
        "the message names the cause and a solution",
        arguments: [
            (
                "exceeded quota: moorage, requested: cpu=1, used: cpu=9, limited: cpu=9", Reason.resourceQuotaExceeded,
                "spec.quotas.resourceQuota of the MCPTenant"
            ),
            (
                "exceeded quota: team, requested: cpu=1, used: cpu=9, limited: cpu=9", .resourceQuotaExceeded,
                "the ResourceQuota \"team\""
            ),
            (
                "failed quota: moorage: must specify limits.cpu for: mcp", .resourceQuotaExceeded,
                "set these in spec.resources"
            ),
            (
                "error looking up service account mcp-acme/x: serviceaccount \"x\" not found", .serviceAccountNotFound,
                "create the ServiceAccount"
            ),
            ("violates PodSecurity \"restricted:latest\": privileged", .podForbidden, "pod-security.kubernetes.io/*"),
            (
                "unable to validate against any security context constraint: [provider]", .podForbidden,
                "userAssignment: Platform"
            ),
            ("no PriorityClass with name gold was found", .podForbidden, "spec.scheduling.priorityClassName"),
            ("pod rejected: RuntimeClass \"gvisor\" not found", .podForbidden, "spec.scheduling.runtimeClassName"),
            ("maximum memory usage per Container is 1Gi, but limit is 2Gi", .podForbidden, "LimitRange"),
            ("failed calling webhook \"a.b\": connection refused", .podForbidden, "does not respond"),
            ("admission webhook \"a.b\" denied the request: no", .podForbidden, "or the policy"),
            ("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", .podForbidden, "or the policy"),
        ]
    )
    func causes(message: String, reason: Reason, wayOut: String) throws {
        let finding = try find(message)
        #expect(finding.reason == reason)
        #expect(finding.message.contains(wayOut), "\(finding.message)")
        #expect(finding.message.contains(message))
    }

    @Test("an object that does not match its schema is refused permanently, although the server returns 500")
    func typedPatch() {
        let reference = ObjectReference(type: .deployment, namespace: "mcp-acme", name: "weather")
        let message =
            "failed to create typed patch object (mcp-acme/weather; apps/v1, Kind=Deployment): "
            + ".spec.template.spec.nope: field not declared in schema"
        func problem(_ message: String) -> WriteProblem {
            WriteProblem(
                APIError(status: Status(code: 500, reason: "InternalError", message: message)),
                writing: reference
            )
        }
        #expect(problem(message).kind == .refused)
        #expect(!problem(message).needsRetry)
        #expect(problem("etcd is slow").kind == .failed)
    }

    @Test("a write that fails because the namespace is being deleted is not reported as a missing permission")
    func namespaceTerminating() {
        let reference = ObjectReference(type: .secret, namespace: "mcp-acme", name: "weather")
        func problem(_ causes: [Status.Cause]) -> WriteProblem {
            var status = Status(code: 403, reason: "Forbidden", message: "no")
            status.details = Status.Details(causes: causes)
            return WriteProblem(APIError(status: status), writing: reference)
        }
        let terminating = problem([Status.Cause(reason: "NamespaceTerminating", field: "metadata.namespace")])
        #expect(terminating.kind == .namespaceTerminating)
        #expect(terminating.finding.message.contains("namespace \"mcp-acme\" is being deleted"))
        #expect(problem([]).kind == .forbidden)
        #expect(problem([]).finding.message.contains("grant the permission"))
    }
}

import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

private let secret = ContentReference(kind: .secret, name: "s")

private func reading(_ content: ReferencedContent) -> ServerInput {
    Sample.input(
        Sample.server {
            $0.env = [EnvVar(name: "T", valueFrom: EnvVarSource(secretKeyRef: SecretKeySelector(name: "s", key: "k")))]
        }
    ) { $0.contents = [secret: content] }
}

private func template(_ input: ServerInput) throws -> JSONValue { try #require(decide(input).plan).podTemplate }

@Suite("Pods are restarted only when something that they read changed")
struct RollingTests {
    @Test("a changed key restarts them, another key of the same Secret does not")
    func content() throws {
        let first = try template(reading(.values(["k": [1], "other": [2]])))
        #expect(try template(reading(.values(["k": [1], "other": [9]]))) == first)
        #expect(try template(reading(.values(["k": [1], "other": [2]]).withoutValues ?? .absent)) == first)
        #expect(try template(reading(.values(["k": [7], "other": [2]]))) != first)
    }

    @Test("every key counts if all are read")
    func allKeys() throws {
        func input(_ values: [String: [UInt8]]) -> ServerInput {
            Sample.input(Sample.server { $0.envFrom = [EnvFromSource(secretRef: SecretEnvSource(name: "s"))] }) {
                $0.contents = [secret: .values(values)]
            }
        }
        #expect(try template(input(["a": [1]])) != template(input(["a": [1], "b": [2]])))
    }

    @Test("an optional key that is added restarts them")
    func optionalKey() throws {
        func input(_ content: ReferencedContent) -> ServerInput {
            Sample.input(
                Sample.server {
                    $0.env = [
                        EnvVar(
                            name: "T",
                            valueFrom: EnvVarSource(
                                secretKeyRef: SecretKeySelector(name: "s", key: "k", optional: true)
                            )
                        )
                    ]
                }
            ) { $0.contents = [secret: content] }
        }
        #expect(try template(input(.absent)) != template(input(.values(["k": [1]]))))
        #expect(try template(input(.absent)) == template(input(.values(["unread": [1]]))))
    }

    @Test("a change of a template's variable restarts them; changes of other keys of the Secret do not")
    func templates() throws {
        func input(_ values: [String: [UInt8]]) -> ServerInput {
            Sample.input(
                Sample.server {
                    $0.config = ServerConfiguration(templates: [
                        ConfigurationTemplate(
                            name: "t",
                            content: "token=${T}",
                            variables: [
                                TemplateVariable(name: "T", secretKeyRef: SecretKeySelector(name: "s", key: "k"))
                            ],
                            file: "config.json"
                        )
                    ])
                }
            ) { $0.contents = [secret: .values(values)] }
        }
        let first = try template(input(["k": [65]]))
        #expect(try template(input(["k": [65], "x": [1]])) == first)
        #expect(try template(input(["k": [66]])) != first)
    }

    @Test("changes of config.env and config.files restart them")
    func config() throws {
        func input(_ env: String, _ file: String) -> ServerInput {
            Sample.input(Sample.server { $0.config = ServerConfiguration(env: ["A": env], files: ["f": file]) })
        }
        let first = try template(input("1", "x"))
        #expect(try template(input("1", "x")) == first)
        #expect(try template(input("2", "x")) != first)
        #expect(try template(input("1", "y")) != first)
    }

    @Test("scaling, suspending and the Service's settings do not restart them; the restart annotation does")
    func unrelated() throws {
        let first = try template(Sample.input())
        let calm = Sample.server {
            $0.replicas = 3
            $0.suspend = true
            $0.service = ServiceSettings(port: 8080)
            $0.exposure = Exposure(ingress: IngressExposure(host: "a.example"))
        }
        #expect(try template(Sample.input(calm, tenants: [Sample.exposingTenant()])) == first)
        var restarted = Sample.server()
        restarted.metadata.annotations = [MoorageAnnotations.restart: "2026-11-21"]
        #expect(try template(Sample.input(restarted)) != first)
    }
}

@Suite("A class's changes")
struct ClassRolloutTests {
    private func classes(memory: Quantity, policy: RolloutPolicy? = nil, name: String = "standard") -> [MCPServerClass]
    {
        [
            Sample.serverClass(name, isDefault: true) {
                $0.resources = ResourceRequirements(requests: ["memory": memory])
                $0.rollout = policy.map { ClassRollout(policy: $0) }
            }
        ]
    }

    private func memory(_ plan: ServerPlan) -> JSONValue? {
        plan.podTemplate.at("spec.containers.0.resources.requests.memory")
    }

    @Test("apply to a running server only when it changes or is restarted, and it reports that it is behind")
    func manual() throws {
        let first = try #require(decide(Sample.input { $0.classes = classes(memory: "100Mi") }).plan)
        #expect(memory(first) == "100Mi")
        #expect(!first.isBehindClass)
        // With the annotations of the Deployment, as after a restart of the controller.
        let rollout = try #require(RolloutState(annotations: first.rollout.annotations))
        func next(_ server: MCPServer = Sample.server()) throws -> ServerPlan {
            try #require(
                decide(
                    Sample.input(server) {
                        $0.classes = classes(memory: "200Mi")
                        $0.rollout = rollout
                        $0.lastClass = first.classToStore
                    }
                ).plan
            )
        }
        let kept = try next()
        #expect(memory(kept) == "100Mi")
        #expect(kept.isBehindClass)
        #expect(kept.rollout == first.rollout)
        #expect(kept.podTemplate == first.podTemplate)

        let scaled = try next(Sample.server { $0.replicas = 4 })
        #expect(memory(scaled) == "100Mi", "scaling does not count as a change of the spec")
        let changed = try next(Sample.server { $0.args = ["x"] })
        #expect(memory(changed) == "200Mi")
        #expect(!changed.isBehindClass)
        var restarted = Sample.server()
        restarted.metadata.annotations = [MoorageAnnotations.restart: "1"]
        #expect(memory(try next(restarted)) == "200Mi")
    }

    @Test("apply to a new server, and to one whose class rolls out automatically, at once")
    func automatic() throws {
        let first = try #require(decide(Sample.input { $0.classes = classes(memory: "100Mi") }).plan)
        let plan = try #require(
            decide(
                Sample.input {
                    $0.classes = classes(memory: "200Mi", policy: .automatic)
                    $0.rollout = first.rollout
                    $0.lastClass = first.classToStore
                }
            ).plan
        )
        #expect(memory(plan) == "200Mi")
        #expect(!plan.isBehindClass)
        #expect(memory(try #require(decide(Sample.input { $0.classes = classes(memory: "200Mi") }).plan)) == "200Mi")
    }

    @Test("a change of only the rollout policy does not make servers outdated")
    func policyOnly() throws {
        let first = try #require(decide(Sample.input { $0.classes = classes(memory: "100Mi") }).plan)
        let plan = try #require(
            decide(
                Sample.input {
                    $0.classes = classes(memory: "100Mi", policy: .manual)
                    $0.rollout = first.rollout
                    $0.lastClass = first.classToStore
                }
            ).plan
        )
        #expect(!plan.isBehindClass)
    }

    @Test("a digest that is not stored, or belongs to another class, means the current values of the class")
    func foreignDigest() throws {
        let lax = Sample.serverClass("lax") { $0.securityContext = SecurityContext(readOnlyRootFilesystem: false) }
        let strict = Sample.serverClass("strict")
        let stored = ResolvedClass(name: "lax", spec: lax.spec)
        func plan(className: String?, lastClass: ResolvedClass?) throws -> ServerPlan {
            let server = Sample.server { $0.className = className }
            let specHash = RolloutState.specHash(of: server.spec)
            return try #require(
                decide(
                    Sample.input(server) {
                        $0.classes = [lax, strict]
                        $0.rollout = RolloutState(specHash: specHash, classHash: stored.hash, restart: "")
                        $0.lastClass = lastClass
                    }
                ).plan
            )
        }
        for lastClass in [nil, stored] {
            let plan = try plan(className: "strict", lastClass: lastClass)
            #expect(!plan.isBehindClass)
            #expect(plan.podTemplate.at("spec.containers.0.securityContext.readOnlyRootFilesystem") == true)
        }
    }

    @Test("a different default class is a change like any other")
    func otherDefault() throws {
        let first = try #require(decide(Sample.input { $0.classes = classes(memory: "100Mi") }).plan)
        let plan = try #require(
            decide(
                Sample.input {
                    $0.classes = classes(memory: "100Mi", name: "other")
                    $0.rollout = first.rollout
                    $0.lastClass = first.classToStore
                }
            ).plan
        )
        #expect(plan.isBehindClass)
        #expect(plan.className == "standard")
    }

    @Test("the server's fields take precedence over the class's, field by field")
    func merge() throws {
        let serverClass = Sample.serverClass(isDefault: true) {
            $0.image = "ghcr.io/acme/base@\(Sample.digest)"
            $0.env = [EnvVar(name: "A", value: "class"), EnvVar(name: "B", value: "class")]
            $0.resources = ResourceRequirements(requests: ["memory": "400Mi", "cpu": "1"], limits: ["memory": "1Gi"])
            $0.probes = Probes(path: "/health", readiness: ProbeSettings(periodSeconds: 7))
            $0.scheduling = Scheduling(priorityClassName: "low", runtimeClassName: "gvisor")
            $0.terminationGracePeriodSeconds = 60
            $0.replicas = 2
        }
        let server = Sample.server {
            $0.image = nil
            $0.env = [EnvVar(name: "B", value: "own")]
            $0.resources = ResourceRequirements(limits: ["memory": "200Mi"])
            $0.probes = Probes(readiness: ProbeSettings(timeoutSeconds: 2))
            $0.scheduling = Scheduling(priorityClassName: "high")
        }
        let plan = try #require(decide(Sample.input(server) { $0.classes = [serverClass] }).plan)
        #expect(plan.image.requested.hasPrefix("ghcr.io/acme/base@"))
        #expect(plan.settings.env == [EnvVar(name: "A", value: "class"), EnvVar(name: "B", value: "own")])
        #expect(plan.settings.resources.limits == ["memory": "200Mi"])
        #expect(
            plan.settings.resources.requests == ["memory": "200Mi", "cpu": "1"],
            "a request is never above its limit"
        )
        #expect(plan.settings.probes.path == "/health")
        #expect(plan.settings.probes.readiness == ProbeSettings(periodSeconds: 7, timeoutSeconds: 2))
        #expect(plan.settings.scheduling.priorityClassName == "high")
        #expect(plan.settings.scheduling.runtimeClassName == "gvisor")
        #expect(plan.settings.terminationGracePeriodSeconds == 60)
        #expect(plan.settings.replicas == 2)
    }
}

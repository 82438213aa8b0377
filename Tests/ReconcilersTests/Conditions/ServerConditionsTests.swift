import CRDModels
import KubernetesAPI
import TestSupport
import Testing

@testable import Policy
@testable import Reconcilers

private let now = Timestamp(secondsSinceEpoch: 5_000)

/// A server whose container has been running for some seconds and is not ready.
private func running(since seconds: Int64) -> ObservedServer {
    let state = ContainerState(running: .init(startedAt: Timestamp(secondsSinceEpoch: seconds)))
    return starting(pod(PodStatus(containerStatuses: [ContainerStatus(name: "mcp", ready: false, state: state)])))
}

private func deployment(
    generation: Int64 = 2,
    observed: Int64 = 2,
    replicas: Int = 2,
    total: Int = 2,
    updated: Int = 2,
    available: Int = 2,
    conditions: [DeploymentCondition] = []
) -> ObservedDeployment {
    ObservedDeployment(
        generation: generation,
        replicas: replicas,
        status: DeploymentStatus(
            observedGeneration: observed,
            replicas: total,
            updatedReplicas: updated,
            readyReplicas: available,
            availableReplicas: available,
            conditions: conditions
        )
    )
}

private func pod(_ status: PodStatus) -> Pod { Pod(metadata: ObjectMeta(name: "weather-1"), status: status) }

private func waiting(_ reason: String, last: ContainerState.Terminated? = nil) -> Pod {
    pod(
        PodStatus(containerStatuses: [
            ContainerStatus(
                name: "mcp",
                restartCount: 4,
                state: ContainerState(waiting: .init(reason: reason, message: "said")),
                lastState: last.map { ContainerState(terminated: $0) }
            )
        ])
    )
}

private struct ReadyCase: Sendable, CustomTestStringConvertible {
    var name: String
    var observed: ObservedServer
    var status: Condition.Status
    var reason: Reason
    var stalled: Bool
    var testDescription: String { name }

    init(
        _ name: String,
        _ observed: ObservedServer,
        _ status: Condition.Status,
        _ reason: Reason,
        stalled: Bool = false
    ) {
        self.name = name
        self.observed = observed
        self.status = status
        self.reason = reason
        self.stalled = stalled
    }
}

private func starting(_ pods: Pod..., conditions: [DeploymentCondition] = []) -> ObservedServer {
    ObservedServer(deployment: deployment(updated: 2, available: 0, conditions: conditions), pods: pods)
}

private let stuck = DeploymentCondition(type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded")
private func failure(_ message: String) -> DeploymentCondition {
    DeploymentCondition(type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: message)
}

private let secretReference = ObjectReference(type: .secret, namespace: "mcp-acme", name: "weather-env")

private let readyCases: [ReadyCase] = [
    ReadyCase("nothing is written yet", ObservedServer(), .false, .programming),
    ReadyCase("all pods serve", ObservedServer(deployment: deployment()), .true, .serving),
    ReadyCase(
        "a change is not observed yet",
        ObservedServer(deployment: deployment(generation: 3)),
        .true,
        .rollingOut
    ),
    ReadyCase(
        "old pods serve while new ones start",
        ObservedServer(deployment: deployment(total: 3, updated: 1)),
        .true,
        .rollingOut
    ),
    ReadyCase("old pods have not ended", ObservedServer(deployment: deployment(total: 3)), .true, .rollingOut),
    ReadyCase(
        "fewer pods serve than desired",
        ObservedServer(deployment: deployment(total: 3, updated: 1, available: 1)),
        .unknown,
        .rollingOut
    ),
    ReadyCase(
        "new pods cannot start, and the old ones serve",
        ObservedServer(deployment: deployment(total: 3, updated: 1), pods: [waiting("ImagePullBackOff")]),
        .true,
        .imagePullFailed
    ),
    ReadyCase(
        "the same for a long time",
        ObservedServer(deployment: deployment(total: 3, updated: 1, conditions: [stuck])),
        .true,
        .rolloutStuck,
        stalled: true
    ),
    ReadyCase("no pod serves yet", starting(), .false, .rollingOut),
    ReadyCase("no progress for a long time", starting(conditions: [stuck]), .false, .rolloutStuck, stalled: true),
    ReadyCase("an image that cannot be pulled", starting(waiting("ImagePullBackOff")), .false, .imagePullFailed),
    ReadyCase(
        "the same for a long time",
        starting(waiting("ErrImagePull"), conditions: [stuck]),
        .false,
        .imagePullFailed,
        stalled: true
    ),
    ReadyCase(
        "a container that crashes",
        starting(waiting("CrashLoopBackOff", last: .init(exitCode: 1))),
        .false,
        .containerCrashing
    ),
    ReadyCase(
        "a container without memory",
        starting(waiting("CrashLoopBackOff", last: .init(exitCode: 137, reason: "OOMKilled"))),
        .false,
        .containerOutOfMemory
    ),
    ReadyCase(
        "a container that cannot be created",
        starting(waiting("CreateContainerConfigError")),
        .false,
        .containerConfigurationInvalid
    ),
    ReadyCase(
        "a pod without a node",
        starting(
            pod(PodStatus(conditions: [PodCondition(type: "PodScheduled", status: "False", reason: "Unschedulable")]))
        ),
        .false,
        .podUnschedulable
    ),
    ReadyCase(
        "a container that is not ready",
        starting(
            pod(
                PodStatus(containerStatuses: [
                    ContainerStatus(name: "mcp", ready: false, state: ContainerState(running: .init()))
                ])
            )
        ),
        .false,
        .containerNotReady
    ),
    ReadyCase("a container that was just started", running(since: 4_975), .false, .rollingOut),
    ReadyCase("a container that has had enough time", running(since: 4_970), .false, .containerNotReady),
    ReadyCase(
        "an exceeded ResourceQuota",
        starting(conditions: [failure("pods \"x\" is forbidden: exceeded quota: moorage")]),
        .false,
        .resourceQuotaExceeded
    ),
    ReadyCase(
        "Pod Security",
        starting(conditions: [failure("pods \"x\" is forbidden: violates PodSecurity \"restricted\"")]),
        .false,
        .podForbidden
    ),
    ReadyCase(
        "scaled to zero",
        ObservedServer(deployment: deployment(replicas: 0, total: 0, updated: 0, available: 0)),
        .true,
        .scaledToZero
    ),
    ReadyCase(
        "scaled to zero, and the last pod is terminating",
        ObservedServer(deployment: deployment(replicas: 0, total: 1, updated: 1, available: 0)),
        .false,
        .scaledToZero
    ),
    ReadyCase(
        "a name that is taken",
        ObservedServer(
            deployment: deployment(),
            problems: [WriteProblem(.nameTaken(owner: "Other x"), secretReference)]
        ),
        .false,
        .nameTaken,
        stalled: true
    ),
    ReadyCase(
        "a child that is being deleted",
        ObservedServer(problems: [WriteProblem(.beingDeleted, secretReference)]),
        .false,
        .waitingForDeletion
    ),
    ReadyCase(
        "a namespace that is being deleted",
        ObservedServer(problems: [WriteProblem(.namespaceTerminating, secretReference)]),
        .false,
        .namespaceTerminating
    ),
    ReadyCase(
        "forbidden",
        ObservedServer(problems: [WriteProblem(.forbidden, secretReference)]),
        .false,
        .applyForbidden,
        stalled: true
    ),
    ReadyCase(
        "refused",
        ObservedServer(problems: [WriteProblem(.refused, secretReference, message: "no")]),
        .false,
        .applyRefused,
        stalled: true
    ),
    ReadyCase("failed", ObservedServer(problems: [WriteProblem(.failed, secretReference)]), .false, .applyFailed),
]

@Suite("A server's conditions")
struct ServerConditionsTests {
    private func status(
        _ server: MCPServer = Sample.server(),
        _ decision: Decision<ServerPlan>? = nil,
        _ observed: ObservedServer = ObservedServer(),
        now: Timestamp = now
    ) -> MCPServerStatus {
        let status = serverStatus(
            of: server,
            decision: decision ?? decide(Sample.input(server)),
            observed: observed,
            claims: NamespaceClaims(tenants: [Sample.tenant()]),
            now: now
        )
        let violations = ConditionInvariants.violations(
            of: status.conditions ?? [],
            generation: server.metadata.generation,
            previous: server.status?.conditions ?? []
        )
        #expect(violations.isEmpty, "\(violations)")
        return status
    }

    @Test("Ready reports the state of pods, and the reason", arguments: readyCases)
    fileprivate func ready(readyCase: ReadyCase) throws {
        let conditions = try #require(status(Sample.server(), nil, readyCase.observed).conditions)
        let ready = try #require(conditions[type: "Ready"])
        #expect(ready.status == readyCase.status, "\(ready)")
        #expect(ready.reason == readyCase.reason.rawValue, "\(ready)")
        #expect((conditions[type: "Stalled"]?.status == .true) == readyCase.stalled)
        let answers = (readyCase.observed.deployment?.status?.availableReplicas ?? 0) > 0
        #expect(conditions[type: "Available"]?.status == (answers ? .true : .false))
        let isDone = [Reason.serving, .scaledToZero].contains(readyCase.reason) && readyCase.status == .true
        #expect(
            (kstatus(conditions) == .current) == isDone,
            "a waiting tool must continue exactly when all work is done"
        )
        #expect(conditions[type: "Accepted"]?.status == .true)
    }

    @Test("a refusal is reported, and stalls unless it can be resolved without a change")
    func refusals() throws {
        let image = Sample.server { $0.image = "ghcr.io/acme/a:v1" }
        let conditions = try #require(status(image).conditions)
        #expect(conditions[type: "Accepted"]?.reason == "ImageDigestRequired")
        #expect(conditions[type: "ImagePolicySatisfied"]?.status == .false)
        #expect(conditions[type: "Programmed"]?.status == .false)
        #expect(conditions[type: "Ready"]?.reason == "ImageDigestRequired")
        #expect(conditions[type: "Stalled"]?.status == .true)

        let missing = Sample.server { $0.envFrom = [EnvFromSource(secretRef: SecretEnvSource(name: "s"))] }
        let waiting = try #require(status(missing).conditions)
        #expect(waiting[type: "Reconciling"]?.status == .true)
        #expect(waiting[type: "ImagePolicySatisfied"]?.status == .unknown)
    }

    @Test("conditions of earlier versions that are no longer used are removed; those of others are kept")
    func retiredConditions() throws {
        var server = Sample.server()
        server.status = MCPServerStatus(
            conditions: ["ImageVerified", "example.com/Audited"].map {
                Condition(
                    type: $0,
                    status: .true,
                    reason: "Done",
                    message: "done",
                    observedGeneration: 1,
                    lastTransitionTime: now
                )
            }
        )
        let conditions = try #require(status(server).conditions)
        #expect(conditions[type: "ImageVerified"] == nil)
        #expect(conditions[type: "example.com/Audited"]?.status == .true)
        #expect(conditions[type: "ImagePolicySatisfied"]?.status == .true)
    }

    @Test("a refused change does not affect the running server: Ready is kept, Accepted is not")
    func refusedUpdate() throws {
        var server = Sample.server { $0.image = "ghcr.io/acme/a:v1" }
        server.metadata.generation = 2
        server.status = MCPServerStatus(url: "http://old", image: Sample.image)
        let status = status(server, nil, ObservedServer(deployment: deployment()))
        #expect(status.conditions?[type: "Accepted"]?.status == .false)
        #expect(status.conditions?[type: "Ready"]?.status == .true)
        #expect(status.conditions?[type: "Ready"]?.reason == "UpdateRefused")
        #expect(status.url == "http://old")
        #expect(status.image == Sample.image)
    }

    @Test("a waiting server has a position in the queue")
    func queued() {
        let server = Sample.server()
        let decision = decide(Sample.input { $0.admission = .waiting(position: 4, running: 10, limit: 10) })
        let status = status(server, decision)
        #expect(status.queuePosition == 4)
        #expect(status.conditions?[type: "Accepted"]?.reason == "QuotaExceeded")
        #expect(status.url == nil)
    }

    private func kstatus(_ conditions: [Condition]) -> Kstatus {
        Kstatus([
            "metadata": ["generation": 1],
            "status": ["observedGeneration": 1, "conditions": (try? JSONValue(encoding: conditions)) ?? .null],
        ])
    }

    @Test(
        "status.url is for clients, after it has served once; the address is inside; neither is set if a name is taken"
    )
    func addresses() {
        let tenants = [Sample.exposingTenant()]
        func status(_ server: MCPServer, _ observed: ObservedServer) -> MCPServerStatus {
            serverStatus(
                of: server,
                decision: decide(Sample.input(server, tenants: tenants)),
                observed: observed,
                claims: NamespaceClaims(tenants: tenants),
                now: now
            )
        }
        let serving = ObservedServer(deployment: deployment())
        let idle = ObservedServer(deployment: deployment(total: 1, updated: 1, available: 0))
        let inside = "http://weather.mcp-acme.svc.cluster.local/mcp"
        #expect(status(Sample.server(), idle).url == nil)
        #expect(status(Sample.server(), idle).address == inside)
        #expect(status(Sample.server(), serving).url == inside)
        var server = Sample.server()
        server.status = MCPServerStatus(url: inside)
        #expect(status(server, idle).url == inside, "it has served once")
        let taken = ObservedServer(
            deployment: deployment(),
            problems: [WriteProblem(.nameTaken(owner: nil), secretReference)]
        )
        #expect(status(server, taken).url == nil)
        #expect(status(server, taken).address == nil)

        func ingress(_ ingress: IngressExposure) -> MCPServer {
            Sample.server { $0.exposure = Exposure(ingress: ingress) }
        }
        func route(_ route: HTTPRouteExposure) -> MCPServer {
            Sample.server { $0.exposure = Exposure(httpRoute: route) }
        }
        let gateway = [RouteParentReference(name: "gw", namespace: "infra")]
        let cases: [(MCPServer, String?)] = [
            (ingress(IngressExposure(host: "a.example")), "http://a.example/mcp"),
            (ingress(IngressExposure(host: "a.example", tls: IngressTLSExposure())), "https://a.example/mcp"),
            (ingress(IngressExposure(host: "a.example", path: "/mcp")), "http://a.example/mcp"),
            (ingress(IngressExposure(host: "a.example", path: "/mc")), "http://a.example/mc"),
            (ingress(IngressExposure(host: "*.a.example")), nil),
            (
                route(HTTPRouteExposure(parentRefs: gateway, hostnames: ["*.b.example", "b.example"])),
                "https://b.example/mcp"
            ),
            (
                route(HTTPRouteExposure(parentRefs: gateway, hostnames: ["b.example"], path: "/w/", stripPath: true)),
                "https://b.example/w/mcp"
            ),
            (
                route(HTTPRouteExposure(parentRefs: gateway, hostnames: ["b.example"], scheme: "HTTP")),
                "http://b.example/mcp"
            ),
            (route(HTTPRouteExposure(parentRefs: gateway)), nil),
        ]
        for (server, expected) in cases {
            #expect(status(server, serving).url == expected)
            #expect(status(server, serving).address == inside)
            #expect(status(server, idle).url == nil)
        }
    }

    @Test("a server that is refused for its exposure cannot be reached from outside any longer")
    func withdrawnURL() {
        var server = Sample.server { $0.exposure = Exposure(ingress: IngressExposure(host: "a.example")) }
        server.status = MCPServerStatus(url: "https://a.example/mcp", address: "http://inside/mcp")
        let decision = decide(Sample.input(server))
        #expect(decision.refusal?.reason == .exposureNotAllowed)
        let observed = ObservedServer(deployment: deployment())
        let withdrawn = serverStatus(
            of: server,
            decision: decision,
            observed: observed,
            isExposureWithdrawn: true,
            now: now
        )
        #expect(withdrawn.url == "http://inside/mcp")
        #expect(
            serverStatus(of: server, decision: decision, observed: observed, now: now).url == "https://a.example/mcp"
        )
    }

    @Test("a suspended server is Ready, and not Available")
    func suspended() {
        let server = Sample.server { $0.suspend = true }
        let conditions = status(
            server,
            nil,
            ObservedServer(deployment: deployment(replicas: 0, total: 0, updated: 0, available: 0))
        ).conditions
        #expect(conditions?[type: "Ready"]?.reason == "Suspended")
        #expect(conditions?[type: "Ready"]?.status == .true)
        #expect(conditions?[type: "Available"]?.status == .false)
        #expect(kstatus(conditions ?? []) == .current)
        #expect(conditions?[type: "Reconciling"]?.status == .false)
        #expect(conditions?[type: "Stalled"]?.status == .false)
    }

    @Test("a server that is behind its class reports it and stays Ready")
    func behind() throws {
        let classes = [Sample.serverClass(isDefault: true)]
        let first = try #require(decide(Sample.input { $0.classes = classes }).plan)
        let changed = [Sample.serverClass(isDefault: true) { $0.terminationGracePeriodSeconds = 5 }]
        let decision = decide(
            Sample.input {
                $0.classes = changed
                $0.rollout = first.rollout
                $0.lastClass = first.classToStore
            }
        )
        let conditions = status(Sample.server(), decision, ObservedServer(deployment: deployment())).conditions
        #expect(conditions?[type: "ClassCurrent"]?.reason == "ClassBehind")
        #expect(conditions?[type: "Ready"]?.status == .true)
    }

    @Test("a namespace that no tenant claims is reported in a condition")
    func unclaimed() {
        let decision = decide(ServerInput(server: Sample.server()))
        let conditions = status(Sample.server(), decision, ObservedServer(deployment: deployment())).conditions
        #expect(conditions?[type: "Accepted"]?.reason == "AcceptedWithoutTenant")
    }

    @Test("transition times only change with the status, and conditions of others are kept")
    func transitions() throws {
        var server = Sample.server()
        var foreign = Condition(
            type: "example.com/Audited",
            status: .true,
            reason: "Yes",
            message: "ok",
            lastTransitionTime: Timestamp(secondsSinceEpoch: 1)
        )
        foreign.observedGeneration = 1
        let first = status(server, nil, ObservedServer(deployment: deployment()), now: Timestamp(secondsSinceEpoch: 10))
        server.status = first
        server.status?.conditions?.append(foreign)
        let second = status(
            server,
            nil,
            ObservedServer(deployment: deployment()),
            now: Timestamp(secondsSinceEpoch: 20)
        )
        #expect(second.conditions == server.status?.conditions, "nothing is new")
        server.status = second
        let third = status(server, nil, starting(), now: Timestamp(secondsSinceEpoch: 30))
        #expect(third.conditions?[type: "Ready"]?.lastTransitionTime == Timestamp(secondsSinceEpoch: 30))
        #expect(third.conditions?[type: "Accepted"]?.lastTransitionTime == Timestamp(secondsSinceEpoch: 10))
        #expect(third.conditions?[type: "example.com/Audited"] == foreign)
    }

    @Test(
        "why the command of a stdio server does not work is said by its adapter, also when it is restarted by its probe"
    )
    func adapterMessage() {
        let said = "moorage-adapter: the server's process has ended (exit status 3)"
        let restarted = pod(
            PodStatus(containerStatuses: [
                ContainerStatus(
                    name: "mcp",
                    ready: false,
                    restartCount: 1,
                    state: ContainerState(running: .init()),
                    lastState: ContainerState(terminated: .init(exitCode: 0, message: said))
                )
            ])
        )
        for pod in [restarted, waiting("CrashLoopBackOff", last: .init(exitCode: 0, message: said))] {
            let finding = PodDiagnosis.find([pod], image: nil, now: Timestamp(secondsSinceEpoch: 5_000))
            #expect(finding?.reason == .containerCrashing)
            let cause = "ends, because the server's process has ended (exit status 3) (restarts: "
            #expect(finding?.message.contains(cause) == true, "\(finding?.message ?? "")")
        }
    }

    @Test("a container's output is not repeated, because it can contain secrets")
    func lastWords() {
        let observed = starting(waiting("CrashLoopBackOff", last: .init(exitCode: 1, message: "password=hunter2")))
        let conditions = status(Sample.server(), nil, observed).conditions ?? []
        #expect(conditions.allSatisfy { !$0.message.contains("hunter2") })
    }
}

@Suite("A tenant's conditions")
struct TenantConditionsTests {
    @Test("report a plan, a lowered quota, a refusal, and what the deletion waits for")
    func tenant() {
        let tenant = Sample.tenant { $0.quotas = TenantQuotas(overrides: QuotaOverrides(serversPerTenant: 1)) }
        let servers = (0..<2).map {
            QuotaServer(name: NamespacedName(namespace: "mcp-acme", name: "s\($0)"), isRunning: true)
        }
        let invalid = Sample.tenant { $0.quotas = TenantQuotas(plan: "gold") }
        let cases: [(MCPTenant, Decision<TenantPlan>, [WriteProblem], String?, String, String)] = [
            (tenant, decide(TenantInput(tenant: tenant)), [], nil, "Accepted", "TenantReady"),
            (tenant, decide(TenantInput(tenant: tenant, servers: servers)), [], nil, "QuotaLowered", "TenantReady"),
            (invalid, decide(TenantInput(tenant: invalid)), [], nil, "TenantInvalid", "TenantInvalid"),
            (
                tenant, decide(TenantInput(tenant: tenant)),
                [WriteProblem(.forbidden, ObjectReference(type: .namespace, namespace: nil, name: "mcp-acme"))], nil,
                "Accepted", "ApplyForbidden"
            ),
            (tenant, decide(TenantInput(tenant: tenant)), [], "2 servers", "", "Terminating"),
        ]
        for (tenant, decision, problems, waitsFor, accepted, ready) in cases {
            let status = tenantStatus(of: tenant, decision: decision, problems: problems, waitsFor: waitsFor, now: now)
            let conditions = status.conditions ?? []
            #expect(ConditionInvariants.violations(of: conditions, generation: 1).isEmpty)
            #expect(conditions[type: "Accepted"]?.reason ?? "" == accepted)
            #expect(conditions[type: "Ready"]?.reason == ready)
        }
    }
}

@Suite("Reasons")
struct ReasonTests {
    @Test("each has a cause and a solution, and is one CamelCase word", arguments: Reason.allCases)
    func documented(reason: Reason) {
        let documentation = reason.documentation
        #expect(!documentation.place.isEmpty)
        #expect(documentation.cause.count > 10)
        #expect(documentation.wayOut.count > 4)
        #expect(reason.rawValue.first?.isUppercase == true)
    }
}

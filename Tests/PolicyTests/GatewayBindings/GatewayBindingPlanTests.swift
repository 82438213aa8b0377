import CRDModels
import KubernetesAPI
import Testing

@testable import Policy

@Suite("What is done for an MCPGatewayBinding")
struct GatewayBindingPlanTests {
    private static let settings = PlatformGatewayBindings(enabled: true, gatewayURL: "https://mcp.example.com")
    private static let url = "http://weather.team.svc.cluster.local:8080/mcp"

    private func binding(_ name: String = "weather", status: GatewayBinding.Status? = nil) -> GatewayBinding {
        var metadata = ObjectMeta(name: "weather-gateway-binding", namespace: "team")
        metadata.uid = "binding"
        metadata.generation = 3
        return GatewayBinding(
            metadata: metadata,
            spec: GatewayBinding.Spec(mcpServerRef: name, provider: "moorage"),
            status: status
        )
    }

    private func target(_ spec: LifecycleServer.Spec?) -> LifecycleServer {
        LifecycleServer(metadata: ObjectMeta(name: "weather", namespace: "team"), spec: spec)
    }

    private var target: LifecycleServer { target(.init(config: .init(port: 8080))) }

    /// The MCPServer of the binding, as the plan creates it.
    private func server(_ change: (inout MCPServer) -> Void = { _ in }) -> MCPServer {
        var spec = MCPServerSpec()
        spec.remote = RemoteServer(url: Self.url)
        let owner = OwnerReference(
            apiVersion: "mcp.x-k8s.io/v1alpha1",
            kind: "MCPGatewayBinding",
            name: "weather-gateway-binding",
            uid: "binding",
            controller: true
        )
        let labels = [MoorageLabels.managedBy: MoorageLabels.managedByValue]
        var server = MCPServer(
            metadata: ObjectMeta(name: "weather", namespace: "team", labels: labels, ownerReferences: [owner]),
            spec: spec
        )
        change(&server)
        return server
    }

    /// The same once the API server has it, with conditions.
    private func live(
        _ conditions: [(String, Condition.Status, Reason, String)] = [],
        _ change: (inout MCPServer) -> Void = { _ in }
    ) -> MCPServer {
        server { server in
            server.metadata.uid = "server"
            server.metadata.generation = 2
            var status = MCPServerStatus()
            status.conditions = conditions.map { type, status, reason, message in
                Condition(
                    type: type,
                    status: status,
                    reason: reason.rawValue,
                    message: message,
                    observedGeneration: 2,
                    lastTransitionTime: Timestamp(secondsSinceEpoch: 1)
                )
            }
            server.status = status
            change(&server)
        }
    }

    private static let accepted = (ConditionType.accepted, Condition.Status.true, Reason.accepted, "yes")

    private func plan(
        _ binding: GatewayBinding? = nil,
        target: LifecycleServer?,
        server: MCPServer? = nil,
        settings: PlatformGatewayBindings = settings,
        clusterDomain: String = "cluster.local"
    ) -> GatewayBindingPlan {
        GatewayBindingPlan(
            binding ?? self.binding(),
            target: target,
            server: server,
            settings: settings,
            clusterDomain: clusterDomain
        )
    }

    // MARK: The MCPServer

    @Test("a remote MCPServer of the same name is created, which is deleted with the binding")
    func create() {
        let plan = plan(target: target)
        #expect(plan.change == .create(server()))
        #expect(plan.registration?.isRegistered == false)
        #expect(plan.registration?.url == nil)
    }

    @Test("its URL is that of the operator's Service: its name, port and path, and the cluster's domain")
    func url() {
        typealias Spec = LifecycleServer.Spec
        let cases: [(Spec, String, String)] = [
            (Spec(config: .init(port: 8080)), "cluster.local", Self.url),
            (Spec(config: .init(port: 80)), "cluster.local", "http://weather.team.svc.cluster.local/mcp"),
            (Spec(config: .init(port: 1, path: "/a/b")), "corp", "http://weather.team.svc.corp:1/a/b"),
            (
                Spec(config: .init(port: 9000), serviceRef: .init(name: "existing")), "cluster.local",
                "http://existing.team.svc.cluster.local:9000/mcp"
            ),
            (
                Spec(config: .init(port: 8443), transport: .init(tls: .init(enabled: true))), "cluster.local",
                "https://weather.team.svc.cluster.local:8443/mcp"
            ),
            (
                Spec(config: .init(port: 8080), transport: .init(tls: .init(enabled: false, insecureSkipVerify: true))),
                "cluster.local", Self.url
            ),
        ]
        for (spec, domain, url) in cases {
            guard case .create(let server) = plan(target: target(spec), clusterDomain: domain).change else {
                Issue.record("\(spec) creates nothing")
                continue
            }
            #expect(server.spec.remote == RemoteServer(url: url))
        }
    }

    @Test("the authorities of a server with TLS come from the Secret that the operator's MCPServer names")
    func authorities() {
        let tls = LifecycleServer.TLS(enabled: true, caBundleSecret: .init(name: "bundle"))
        let spec = LifecycleServer.Spec(config: .init(port: 443), transport: .init(tls: tls))
        guard case .create(let server) = plan(target: target(spec)).change else {
            Issue.record("nothing is created")
            return
        }
        #expect(server.spec.remote?.url == "https://weather.team.svc.cluster.local/mcp")
        #expect(
            server.spec.remote?.certificateAuthority?.secretKeyRef == SecretKeySelector(name: "bundle", key: "ca.crt")
        )
        // Without TLS, they have no effect, and are removed.
        var live = live()
        live.spec.remote = server.spec.remote
        #expect(
            plan(target: target, server: live).change
                == .patch([
                    ["op": "test", "path": "/metadata/uid", "value": "server"],
                    ["op": "add", "path": "/spec/remote/url", "value": .string(Self.url)],
                    ["op": "remove", "path": "/spec/remote/certificateAuthority"],
                ])
        )
    }

    @Test("an MCPServer that is as it should be is not written, whatever else the tenant sets")
    func unchanged() {
        let server = live([Self.accepted]) {
            $0.metadata.labels?["audience"] = "assistant"
            $0.metadata.annotations = ["a": "b"]
            $0.spec.transport = .sse
            $0.spec.tools = [ToolCuration(name: "forecast")]
            $0.spec.remote?.connectTimeoutSeconds = 3
        }
        #expect(plan(target: target, server: server).change == .none)
    }

    @Test("only what differs is changed, in the MCPServer that was looked at")
    func changed() {
        let test: JSONValue = ["op": "test", "path": "/metadata/uid", "value": "server"]
        let label: JSONValue = ["app.kubernetes.io/managed-by": "moorage"]
        let cases: [(MCPServer, [JSONValue])] = [
            (
                live { $0.spec.remote?.url = "http://elsewhere" },
                [["op": "add", "path": "/spec/remote/url", "value": .string(Self.url)]]
            ),
            (
                live { $0.spec.remote = nil },
                [["op": "add", "path": "/spec/remote", "value": ["url": .string(Self.url)]]]
            ),
            (live { $0.metadata.labels = nil }, [["op": "add", "path": "/metadata/labels", "value": label]]),
            (
                live { $0.metadata.labels = ["a": "b"] },
                [["op": "add", "path": "/metadata/labels/app.kubernetes.io~1managed-by", "value": "moorage"]]
            ),
        ]
        for (server, operations) in cases {
            #expect(plan(target: target, server: server).change == .patch([test] + operations))
        }
    }

    // MARK: What stands in the way

    @Test("what cannot be registered is refused with the field or the object, and nothing is written")
    func refused() {
        typealias Spec = LifecycleServer.Spec
        let skips = LifecycleServer.TLS(enabled: true, insecureSkipVerify: true)
        let other = OwnerReference(apiVersion: "v1", kind: "ConfigMap", name: "keeper", uid: "x", controller: true)
        let port = LifecycleServer.Config(port: 8080)
        let cases: [(GatewayBindingPlan, [String])] = [
            (plan(target: nil), ["MCPServer.mcp.x-k8s.io \"weather\" does not exist"]),
            (plan(target: target(nil)), ["spec.config.port: is missing"]),
            (plan(target: target(Spec(serviceRef: .init(name: "s")))), ["spec.config.port: is missing", "Service s"]),
            (plan(target: target(Spec(config: .init(port: 0)))), ["spec.config.port: 0 must be from 1 to 65535"]),
            (plan(target: target(Spec(config: .init(port: 70_000)))), ["spec.config.port: 70000"]),
            (
                plan(target: target(Spec(config: .init(port: 1, path: "@evil.example/")))),
                ["spec.config.path", "slash"]
            ),
            (plan(target: target(Spec(config: .init(port: 1, path: "/a b")))), ["spec.config.path", "valid URL"]),
            (plan(target: target(Spec(config: port, serviceRef: .init(name: "a.b/c")))), ["spec.serviceRef.name"]),
            (
                plan(target: target(Spec(config: port, transport: .init(tls: skips)))),
                ["insecureSkipVerify", "caBundleSecret"]
            ),
            (plan(binding("../../x"), target: target), ["spec.mcpServerRef", "\"../../x\""]),
            (plan(binding("a.b"), target: target), ["spec.mcpServerRef"]),
            (plan(binding("1a"), target: target), ["spec.mcpServerRef", "begin with a letter"]),
            (plan(binding(String(repeating: "a", count: 64)), target: target), ["spec.mcpServerRef"]),
            (
                plan(target: target, server: live([Self.accepted]) { $0.metadata.ownerReferences = nil }),
                ["MCPServer.moorage.dev \"weather\" exists that was not created for this binding", "rename"]
            ),
            (
                plan(target: target, server: live([Self.accepted]) { $0.metadata.ownerReferences = [other] }),
                ["it belongs to ConfigMap keeper"]
            ),
            (
                plan(
                    target: target,
                    server: live([Self.accepted]) { $0.metadata.deletionTimestamp = Timestamp(secondsSinceEpoch: 5) }
                ),
                ["is being deleted"]
            ),
        ]
        for (plan, parts) in cases {
            #expect(plan.change == .none)
            #expect(plan.registration?.isRegistered == false)
            #expect(plan.registration?.url == nil)
            for part in parts {
                #expect(plan.registration?.message.contains(part) == true, "\(plan.registration?.message ?? "")")
            }
        }
    }

    @Test("a binding without a UID owns nothing, not even a server without an owner")
    func withoutIdentity() {
        var binding = binding()
        binding.metadata.uid = nil
        let plan = plan(binding, target: target, server: live([Self.accepted]) { $0.metadata.ownerReferences = nil })
        #expect(plan.change == .none)
        #expect(plan.registration?.isRegistered == false)
    }

    // MARK: The status

    @Test("it is registered once the MCPServer is accepted, with its URL at the gateway")
    func registered() {
        let plan = plan(target: target, server: live([Self.accepted]))
        let url = "https://mcp.example.com/team/weather/mcp"
        #expect(plan.registration == .registered("the gateway serves it at /team/weather/mcp", url: url))
    }

    @Test("without an address of the gateway it is not registered, and the message says how to set it")
    func withoutAddress() {
        let plan = plan(target: target, server: live([Self.accepted]), settings: PlatformGatewayBindings(enabled: true))
        #expect(plan.change == .none)
        #expect(plan.registration?.isRegistered == false)
        #expect(plan.registration?.url == nil)
        #expect(plan.registration?.message.contains("set gatewayBindings.gatewayURL") == true)
    }

    @Test(
        "a refusal of the MCPServer is the binding's, with its reason, its message and what an administrator has to do"
    )
    func notAccepted() {
        let cases: [(Reason, String?)] = [
            (.remoteNotSecure, "spec.network.allow of the MCPTenant"),
            (.remoteAddressNotAllowed, "spec.network.allow of the MCPTenant"),
            (.quotaExceeded, nil),
        ]
        for (reason, hint) in cases {
            let server = live([(ConditionType.accepted, .false, reason, "the tenant's words")])
            let registration = plan(target: target, server: server).registration
            let message = registration?.message ?? ""
            #expect(registration?.isRegistered == false)
            #expect(message.contains("(\(reason.rawValue)): the tenant's words"))
            if let hint {
                #expect(message.contains(hint) && message.contains(Self.url))
            } else {
                #expect(message.hasSuffix("the tenant's words"))
            }
        }
    }

    @Test("an accepted MCPServer that is not ready is registered, and the message says why it is not ready")
    func notReady() {
        let cases: [(Reason, String)] = [
            (.handshakeTimedOut, "gateway.networkPolicy.extraEgress"), (.remoteAddressNotAllowed, "spec.network.allow"),
            (.suspended, "(Suspended): words"),
        ]
        for (reason, part) in cases {
            let server = live([Self.accepted, (ConditionType.ready, .false, reason, "words")])
            let registration = plan(target: target, server: server).registration
            #expect(registration?.isRegistered == true)
            #expect(registration?.message.contains(part) == true, "\(registration?.message ?? "")")
        }
    }

    @Test("while nothing is decided about the current spec, a status that there is stays, and a new binding waits")
    func undecided() {
        let now = Timestamp(secondsSinceEpoch: 9)
        let registered = GatewayRegistration.registered("served", url: "https://mcp.example.com/team/weather/mcp")
        let status = binding().status(after: registered, known: GatewayBinding.Status(), now: now)
        let undecided = [
            live(), live([Self.accepted]) { $0.metadata.generation = 3 },
            live([Self.accepted]) { $0.spec.remote?.url = "http://elsewhere" },
        ]
        for server in undecided {
            #expect(plan(target: target, server: server).registration?.isRegistered == false)
            #expect(plan(binding(status: status), target: target, server: server).registration == nil)
        }
    }

    @Test("the condition has the operator's reasons, the binding's generation, and the time of its last transition")
    func condition() throws {
        let first = Timestamp(secondsSinceEpoch: 10)
        let later = Timestamp(secondsSinceEpoch: 20)
        let foreign = Condition(type: "Other", status: .true, reason: "A", message: "b", lastTransitionTime: first)
        let binding = binding(status: GatewayBinding.Status(conditions: [foreign]))
        let refused = binding.status(after: .refused("why"), known: binding.ownStatus, now: first)
        #expect(
            refused
                == GatewayBinding.Status(conditions: [
                    Condition(
                        type: "Registered",
                        status: .false,
                        reason: "GatewayNotRegistered",
                        message: "why",
                        observedGeneration: 3,
                        lastTransitionTime: first
                    )
                ])
        )
        let again = binding.status(after: .refused("why else"), known: refused, now: later)
        #expect(again.conditions?[type: "Registered"]?.lastTransitionTime == first)
        let registered = binding.status(after: .registered("served", url: "u"), known: again, now: later)
        let condition = try #require(registered.conditions?[type: "Registered"])
        #expect(condition.status == .true && condition.reason == "GatewayRegistered")
        #expect(condition.lastTransitionTime == later)
        #expect(registered.url == "u")
        #expect(binding.status(after: .registered("served", url: "u"), known: registered, now: first) == registered)
    }

    @Test("objects of the operator are read with fields that Moorage does not know")
    func decoding() throws {
        let binding: JSONValue = [
            "apiVersion": "mcp.x-k8s.io/v1alpha1", "kind": "MCPGatewayBinding",
            "metadata": ["name": "b", "namespace": "team"],
            "spec": ["mcpServerRef": "weather", "provider": "moorage", "configRef": "settings"],
        ]
        #expect(try binding.decode(GatewayBinding.self).spec == .init(mcpServerRef: "weather", provider: "moorage"))
        let server: JSONValue = [
            "apiVersion": "mcp.x-k8s.io/v1beta1", "kind": "MCPServer", "metadata": ["name": "weather"],
            "spec": [
                "source": ["type": "ContainerImage", "containerImage": ["ref": "a.example/b:1"]],
                "config": ["port": 8080, "path": "/mcp", "arguments": ["--verbose"]],
                "gateway": ["provider": "moorage"],
            ],
            "status": ["conditions": []],
        ]
        #expect(try server.decode(LifecycleServer.self).spec == .init(config: .init(port: 8080, path: "/mcp")))
    }
}

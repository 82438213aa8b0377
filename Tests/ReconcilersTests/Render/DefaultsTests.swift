import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

/// A server that speaks MCP on its standard input and output.
@Sendable private func speaksStdio(_ spec: inout MCPServerSpec) {
    spec.transport = .stdio
    spec.command = ["/server"]
}

/// A default that the API's documentation states, and its effect when the field is not set.
private struct DocumentedDefault: Sendable, CustomTestStringConvertible {
    /// The field, as a path from the server's `spec`.
    var field: String
    /// What the field's description says.
    var says: String
    /// The kind of the object with the default.
    var kind: String
    /// The path in that object.
    var path: String
    /// The expected value; `nil` for none.
    var value: JSONValue?
    /// Other settings of the server.
    var change: @Sendable (inout MCPServerSpec) -> Void

    var testDescription: String { "\(field): \(says)" }

    init(
        _ field: String,
        says: String,
        _ kind: String,
        _ path: String,
        _ value: JSONValue?,
        with change: @escaping @Sendable (inout MCPServerSpec) -> Void = { _ in }
    ) {
        self.field = field
        self.says = says
        self.kind = kind
        self.path = path
        self.value = value
        self.change = change
    }
}

private let container = "spec.template.spec.containers.0"
private let withIngress: @Sendable (inout MCPServerSpec) -> Void = {
    $0.exposure = Exposure(ingress: IngressExposure(host: "a.example", tls: IngressTLSExposure()))
}
private let withRoute: @Sendable (inout MCPServerSpec) -> Void = {
    $0.exposure = Exposure(
        httpRoute: HTTPRouteExposure(parentRefs: [RouteParentReference(name: "own")], hostnames: ["a.example"])
    )
}
private let withStorage: @Sendable (inout MCPServerSpec) -> Void = { $0.storage = Storage(size: "1Gi") }
private let withMonitoring: @Sendable (inout MCPServerSpec) -> Void = {
    $0.ports = [ServerPort(name: "metrics", port: 9090)]
    $0.monitoring = ServerMonitoring()
}
private let withProbes: @Sendable (inout MCPServerSpec) -> Void = { $0.probes = Probes(path: "/healthz") }
private let withScaling: @Sendable (inout MCPServerSpec) -> Void = {
    $0.scaling = Scaling(maxReplicas: 3, targetMemoryUtilizationPercentage: 50)
}

/// Every default that the documentation of MCPServer states, except those of core/v1 that the API server sets.
private let defaults: [DocumentedDefault] = [
    DocumentedDefault("port", says: "Default: 8080.", "Deployment", "\(container).ports.0.containerPort", 8080),
    DocumentedDefault(
        "transport",
        says: "Default: streamable-http.",
        "status",
        "url",
        "http://weather.mcp-acme.svc.cluster.local/mcp"
    ),
    DocumentedDefault(
        "handshake",
        says: "the platform's",
        "NetworkPolicy",
        "spec.ingress.1.from.0.podSelector.matchLabels",
        [
            "app.kubernetes.io/name": "moorage", "app.kubernetes.io/instance": "moorage",
            "app.kubernetes.io/component": "controller",
        ]
    ),
    DocumentedDefault(
        "stdio.processes",
        says: "Defaults to PerSession",
        "Deployment",
        "\(container).args.3",
        "--processes=PerSession",
        with: speaksStdio
    ),
    DocumentedDefault(
        "stdio.maxProcesses",
        says: "Defaults to 100",
        "Deployment",
        "\(container).args.4",
        "--max-processes=100",
        with: speaksStdio
    ),
    DocumentedDefault(
        "stdio.idleSeconds",
        says: "Defaults to 600",
        "Deployment",
        "\(container).args.5",
        "--idle-time=600s",
        with: speaksStdio
    ),
    DocumentedDefault("path", says: "/mcp, or", "status", "url", "http://weather.mcp-acme.svc.cluster.local/mcp"),
    DocumentedDefault(
        "path",
        says: "/sse for the transport sse",
        "status",
        "url",
        "http://weather.mcp-acme.svc.cluster.local/sse"
    ) {
        $0.transport = .sse
    },
    DocumentedDefault(
        "imagePullPolicy",
        says: "IfNotPresent for an image with a digest",
        "Deployment",
        "\(container).imagePullPolicy",
        "IfNotPresent"
    ),
    DocumentedDefault(
        "imagePullPolicy",
        says: "Always for others",
        "Deployment",
        "\(container).imagePullPolicy",
        "Always"
    ) {
        $0.image = "ghcr.io/acme/weather:1.0"
    },
    DocumentedDefault("replicas", says: "Defaults to 1", "Deployment", "spec.replicas", 1),
    DocumentedDefault(
        "replicas",
        says: "or to the number that scaling chooses",
        "Deployment",
        "spec.replicas",
        nil,
        with: withScaling
    ),
    DocumentedDefault(
        "scaling.minReplicas",
        says: "Default: 1.",
        "HorizontalPodAutoscaler",
        "spec.minReplicas",
        1,
        with: withScaling
    ),
    DocumentedDefault("suspend", says: "Default: false.", "Deployment", "spec.replicas", 1),
    DocumentedDefault(
        "terminationGracePeriodSeconds",
        says: "or 30",
        "Deployment",
        "spec.template.spec.terminationGracePeriodSeconds",
        30
    ),
    DocumentedDefault("service.port", says: "Default: 80.", "Service", "spec.ports.0.port", 80),
    DocumentedDefault(
        "service.appProtocol",
        says: "Defaults to the class's, or http",
        "Service",
        "spec.ports.0.appProtocol",
        "http"
    ),
    DocumentedDefault(
        "service.sessionAffinity",
        says: "Defaults to ClientIP if there can be more than one",
        "Service",
        "spec.sessionAffinity",
        "ClientIP"
    ) {
        $0.replicas = 2
    },
    DocumentedDefault("service.sessionAffinity", says: "otherwise to None", "Service", "spec.sessionAffinity", "None"),
    DocumentedDefault(
        "serviceAccount",
        says: "Defaults to a ServiceAccount for this server alone",
        "Deployment",
        "spec.template.spec.serviceAccountName",
        "weather"
    ),
    DocumentedDefault(
        "serviceAccount.automountToken",
        says: "Default: false.",
        "Deployment",
        "spec.template.spec.automountServiceAccountToken",
        false
    ),
    DocumentedDefault(
        "podSecurityContext.fsGroupChangePolicy",
        says: "Defaults to OnRootMismatch",
        "Deployment",
        "spec.template.spec.securityContext.fsGroupChangePolicy",
        "OnRootMismatch"
    ),
    DocumentedDefault(
        "podSecurityContext",
        says: "Moorage's hardened defaults",
        "Deployment",
        "spec.template.spec.securityContext.runAsNonRoot",
        true
    ),
    DocumentedDefault(
        "securityContext",
        says: "Moorage's hardened defaults",
        "Deployment",
        "\(container).securityContext.readOnlyRootFilesystem",
        true
    ),
    DocumentedDefault(
        "monitoring.port",
        says: "Default: metrics.",
        "ServiceMonitor",
        "spec.endpoints.0.port",
        "metrics",
        with: withMonitoring
    ),
    DocumentedDefault(
        "monitoring.path",
        says: "Default: /metrics.",
        "ServiceMonitor",
        "spec.endpoints.0.path",
        "/metrics",
        with: withMonitoring
    ),
    DocumentedDefault(
        "monitoring.interval",
        says: "Defaults to the setting of Prometheus",
        "ServiceMonitor",
        "spec.endpoints.0.interval",
        nil,
        with: withMonitoring
    ),
    DocumentedDefault(
        "storage.retentionPolicy.whenDeleted",
        says: "Default: Retain.",
        "PersistentVolumeClaim",
        "metadata.ownerReferences",
        nil,
        with: withStorage
    ),
    DocumentedDefault(
        "storage.retentionPolicy.whenRemoved",
        says: "Default: Retain.",
        "PersistentVolumeClaim",
        "metadata.annotations",
        nil,
        with: withStorage
    ),
    DocumentedDefault(
        "strategy",
        says: "Defaults to the class's",
        "Deployment",
        "spec.strategy.type",
        "RollingUpdate"
    ),
    DocumentedDefault(
        "strategy.type",
        says: "Defaults to Recreate if",
        "Deployment",
        "spec.strategy.type",
        "Recreate",
        with: withStorage
    ),
    DocumentedDefault(
        "strategy.rollingUpdate.maxSurge",
        says: "Defaults to 1",
        "Deployment",
        "spec.strategy.rollingUpdate.maxSurge",
        1
    ),
    DocumentedDefault(
        "strategy.rollingUpdate.maxUnavailable",
        says: "Defaults to 0",
        "Deployment",
        "spec.strategy.rollingUpdate.maxUnavailable",
        0
    ),
    DocumentedDefault(
        "storage.mountPath",
        says: "Default: /data.",
        "Deployment",
        "\(container).volumeMounts.1.mountPath",
        "/data",
        with: withStorage
    ),
    DocumentedDefault(
        "storage.accessModes",
        says: "Default: [\"ReadWriteOnce\"].",
        "PersistentVolumeClaim",
        "spec.accessModes",
        ["ReadWriteOnce"],
        with: withStorage
    ),
    DocumentedDefault(
        "storage.storageClassName",
        says: "Defaults to the cluster's default",
        "PersistentVolumeClaim",
        "spec.storageClassName",
        nil,
        with: withStorage
    ),
    DocumentedDefault(
        "probes.port",
        says: "Defaults to the server's port",
        "Deployment",
        "\(container).readinessProbe.httpGet.port",
        "http",
        with: withProbes
    ),
    DocumentedDefault(
        "probes.scheme",
        says: "Defaults to HTTP",
        "Deployment",
        "\(container).readinessProbe.httpGet.scheme",
        "HTTP",
        with: withProbes
    ),
    DocumentedDefault(
        "probes.startup.timeoutSeconds",
        says: "Defaults to 5",
        "Deployment",
        "\(container).startupProbe.timeoutSeconds",
        5
    ),
    DocumentedDefault(
        "probes.liveness.timeoutSeconds",
        says: "Defaults to 5",
        "Deployment",
        "\(container).livenessProbe.timeoutSeconds",
        5
    ),
    DocumentedDefault(
        "probes.readiness.timeoutSeconds",
        says: "Defaults to 5",
        "Deployment",
        "\(container).readinessProbe.timeoutSeconds",
        5
    ),
    DocumentedDefault(
        "probes.startup",
        says: "By default, it runs every 5 seconds",
        "Deployment",
        "\(container).startupProbe.periodSeconds",
        5
    ),
    DocumentedDefault(
        "probes.startup",
        says: "after 6 failures",
        "Deployment",
        "\(container).startupProbe.failureThreshold",
        6,
        with: withProbes
    ),
    DocumentedDefault(
        "probes.startup",
        says: "after 60 if no path is set",
        "Deployment",
        "\(container).startupProbe.failureThreshold",
        60
    ),
    DocumentedDefault(
        "probes.liveness",
        says: "By default, it runs every 30 seconds",
        "Deployment",
        "\(container).livenessProbe.periodSeconds",
        30
    ),
    DocumentedDefault(
        "probes.readiness",
        says: "By default, it runs every 10 seconds",
        "Deployment",
        "\(container).readinessProbe.periodSeconds",
        10
    ),
    DocumentedDefault(
        "exposure.ingress.className",
        says: "Defaults to the IngressClass that the tenant allows",
        "Ingress",
        "spec.ingressClassName",
        "nginx",
        with: withIngress
    ),
    DocumentedDefault(
        "exposure.ingress.path",
        says: "Default: /.",
        "Ingress",
        "spec.rules.0.http.paths.0.path",
        "/",
        with: withIngress
    ),
    DocumentedDefault(
        "exposure.ingress.pathType",
        says: "Default: Prefix.",
        "Ingress",
        "spec.rules.0.http.paths.0.pathType",
        "Prefix",
        with: withIngress
    ),
    DocumentedDefault(
        "exposure.ingress.tls.secretName",
        says: "NAME-tls",
        "Ingress",
        "spec.tls.0.secretName",
        "weather-tls",
        with: withIngress
    ),
    DocumentedDefault(
        "exposure.httpRoute.path",
        says: "Default: /.",
        "HTTPRoute",
        "spec.rules.0.matches.0.path.value",
        "/",
        with: withRoute
    ),
    DocumentedDefault(
        "exposure.httpRoute.stripPath",
        says: "Defaults to false",
        "HTTPRoute",
        "spec.rules.0.filters",
        nil,
        with: withRoute
    ),
    DocumentedDefault(
        "exposure.httpRoute.requestTimeout",
        says: "Defaults to 0s",
        "HTTPRoute",
        "spec.rules.0.timeouts.request",
        "0s",
        with: withRoute
    ),
    DocumentedDefault(
        "exposure.httpRoute.scheme",
        says: "Defaults to HTTPS",
        "status",
        "url",
        "https://a.example/mcp",
        with: withRoute
    ),
    DocumentedDefault(
        "exposure.httpRoute.parentRefs[].group",
        says: "Defaults to gateway.networking.k8s.io",
        "HTTPRoute",
        "spec.parentRefs.0.group",
        "gateway.networking.k8s.io",
        with: withRoute
    ),
    DocumentedDefault(
        "exposure.httpRoute.parentRefs[].kind",
        says: "Defaults to Gateway",
        "HTTPRoute",
        "spec.parentRefs.0.kind",
        "Gateway",
        with: withRoute
    ),
    DocumentedDefault(
        "exposure.httpRoute.parentRefs[].namespace",
        says: "Defaults to the server's namespace",
        "HTTPRoute",
        "spec.parentRefs.0.namespace",
        nil,
        with: withRoute
    ),
]

/// Fields that are copied into the pod and have core/v1's default, and fields whose default other tests check: the
/// class (`RollingTests`), networks (`NetworkPolicyTests`), storage, monitoring, the update strategy, tools (`CurationTests`),
/// the history of revisions (`RevisionTests`) and reviews (`EffectiveReviewTests`).
private let elsewhere = [
    "className", "env[]", "network", "volumes", "volumeMounts", "scheduling", "resources.claims", "scaling.behavior",
    "securityContext.procMount", "securityContext.seccompProfile", "securityContext.appArmorProfile",
    "podSecurityContext.seccompProfile", "podSecurityContext.appArmorProfile",
    "monitoring", "strategy", "drainSeconds", "storage.retentionPolicy", "tools[]", "toolPolicy",
    "revisionHistoryLimit", "review", "remote.", "plugins[]",
]

@Suite("Documented defaults")
struct DefaultsTests {
    private let schema = MCPServer.schema.properties["spec"] ?? .anyObject()

    private func description(of field: String) -> String? {
        var current: Schema? = schema
        for part in field.split(separator: ".") {
            current = current?.properties[String(part.hasSuffix("[]") ? part.dropLast(2) : part)]
            if part.hasSuffix("[]") { current = current?.items?.schema }
        }
        return current?.description
    }

    @Test("what the documentation says is what is rendered", arguments: defaults)
    fileprivate func rendered(expected: DocumentedDefault) throws {
        let text = try #require(description(of: expected.field), "there is no field \(expected.field)")
        #expect(text.contains(expected.says), "\(text)")
        let server = Sample.server("weather", expected.change)
        var filled = try JSONValue(encoding: server)
        MCPServer.schema.applyDefaults(to: &filled)
        // An absent field has the same meaning in a file and after an API server has applied the schema's defaults.
        for server in [server, try filled.decode(MCPServer.self)] {
            let decision = decide(
                Sample.input(
                    server,
                    tenants: [
                        Sample.tenant {
                            $0.images = TenantImages(requireDigest: false)
                            $0.exposure = TenantExposure(
                                hosts: ["a.example"],
                                ingressClasses: ["nginx"],
                                gateways: [TenantGateway(name: "own")]
                            )
                        }
                    ]
                ) {
                    $0.platform = PlatformConfiguration(
                        images: TenantImages(requireDigest: false),
                        stdio: PlatformStdio(image: "ghcr.io/moorage/controller:0.1.0")
                    )
                }
            )
            let plan = try #require(decision.plan, "\(String(describing: decision.refusal))")
            if expected.kind == "status" {
                #expect(plan.url.map { .string($0) } == expected.value)
            } else {
                let object = try #require(render(plan)[expected.kind])
                #expect(object.at(expected.path) == expected.value)
            }
        }
    }

    @Test("every default that is documented is compared")
    func complete() {
        var missing: [String] = []
        func walk(_ schema: Schema, _ path: String) {
            let text = schema.description
            let states =
                schema.defaultValue != nil
                || ["Defaults to", "defaults to", "By default", "by default"].contains {
                    text.contains($0)
                }
            if !path.isEmpty, states, !defaults.contains(where: { $0.field == path }),
                !elsewhere.contains(where: { path.hasPrefix($0) })
            {
                missing.append(path)
            }
            for name in schema.properties.names {
                guard let property = schema.properties[name] else { continue }
                walk(property, path.isEmpty ? name : "\(path).\(name)")
            }
            if let items = schema.items?.schema { walk(items, "\(path)[]") }
        }
        walk(schema, "")
        #expect(missing == [])
    }
}

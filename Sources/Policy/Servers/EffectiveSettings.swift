public import CRDModels
public import KubernetesAPI

/// A server's settings, completed with those of its class and the built-in defaults. The server's fields take
/// precedence; environment variables are merged by name.
public struct EffectiveSettings: Sendable, Hashable {
    /// The transport.
    public var transport: Transport
    /// The port on which the server listens.
    public var port: Int
    /// The path of its MCP endpoint.
    public var path: String
    /// The number of pods, `nil` if an autoscaler sets it.
    public var replicas: Int?
    /// The settings of the autoscaler, `nil` for a fixed number of pods.
    public var scaling: Scaling?
    /// How pods are replaced, if the server or its class sets it.
    public var strategy: UpdateStrategy?
    /// When the kubelet pulls the image.
    public var imagePullPolicy: String
    /// The names of the pull Secrets, without duplicates.
    public var imagePullSecrets: [String]
    /// Environment variables, the class's first.
    public var env: [EnvVar]
    /// The requests and limits of the container.
    public var resources: ResourceRequirements
    /// The probes' settings.
    public var probes: Probes
    /// Labels and annotations of pods, in addition to Moorage's own.
    public var podMetadata: TemplateMetadata
    /// The nodes on which pods can run.
    public var scheduling: Scheduling
    /// The pod's security settings.
    public var podSecurityContext: JSONValue
    /// The container's security settings.
    public var securityContext: JSONValue
    /// How long a pod has to terminate, in seconds.
    public var terminationGracePeriodSeconds: Int64
    /// How long a terminating pod continues to serve, in seconds; 0 for no pause.
    public var drainSeconds: Int64
    /// The Service's port.
    public var servicePort: Int
    /// The protocol that the Service names to proxies.
    public var appProtocol: String
    /// Whether a client's requests go to the same pod: `ClientIP` or `None`.
    public var sessionAffinity: String
    /// Whether the server is suspended.
    public var isSuspended: Bool

    /// The default time that a pod has to terminate, in seconds.
    static let defaultTerminationGracePeriodSeconds: Int64 = 30
    /// The default time that a terminating pod continues to serve, in seconds: as long as kube-proxy and gateways need
    /// to update.
    static let defaultDrainSeconds: Int64 = 5
    /// The default request for resources that an autoscaler measures.
    static let autoscaledRequests: [String: Quantity] = ["cpu": "100m", "memory": "400Mi"]

    /// Merges a server's settings with those of its class.
    ///
    /// - Parameter isPinned: whether the image has a digest, so that an image that was pulled before cannot differ.
    package init(spec: MCPServerSpec, class serverClass: MCPServerClassSpec, tenant: EffectiveTenant, isPinned: Bool) {
        transport = spec.transport ?? .streamableHTTP
        port = spec.port ?? 8080
        path = spec.path ?? EffectiveSettings.defaultPath(transport)
        scaling = spec.scaling ?? (spec.replicas == nil ? serverClass.scaling : nil)
        replicas = scaling == nil ? spec.replicas ?? serverClass.replicas ?? 1 : nil
        strategy = spec.strategy ?? serverClass.strategy
        imagePullPolicy = spec.imagePullPolicy ?? serverClass.imagePullPolicy ?? (isPinned ? "IfNotPresent" : "Always")
        var seen: Set<String> = []
        let secrets = (spec.imagePullSecrets ?? []) + (serverClass.imagePullSecrets ?? [])
        imagePullSecrets = (secrets.map(\.name) + tenant.imagePullSecrets).filter { seen.insert($0).inserted }
        let own = Set((spec.env ?? []).map(\.name))
        env = (serverClass.env ?? []).filter { !own.contains($0.name) } + (spec.env ?? [])
        resources = EffectiveSettings.merge(
            spec.resources,
            over: serverClass.resources ?? ResolvedClass.builtInResources
        )
        if let scaling { resources = EffectiveSettings.measurable(resources, by: scaling) }
        probes = JSONValue.overlay(spec.probes, over: serverClass.probes) ?? Probes()
        podMetadata = serverClass.podMetadata ?? TemplateMetadata()
        scheduling = EffectiveSettings.merge(spec.scheduling, over: serverClass.scheduling)
        podSecurityContext = serverClass.hardenedPodSecurityContext
            .overlaid(with: JSONValue.encodingIfPresent(spec.podSecurityContext))
        securityContext = Hardening.securityContext(for: podSecurityContext)
            .overlaid(with: JSONValue.encodingIfPresent(serverClass.securityContext))
            .overlaid(with: JSONValue.encodingIfPresent(spec.securityContext))
        terminationGracePeriodSeconds =
            spec.terminationGracePeriodSeconds ?? serverClass.terminationGracePeriodSeconds
            ?? EffectiveSettings.defaultTerminationGracePeriodSeconds
        drainSeconds =
            spec.drainSeconds ?? serverClass.drainSeconds
            ?? min(EffectiveSettings.defaultDrainSeconds, terminationGracePeriodSeconds / 2)
        servicePort = spec.service?.port ?? 80
        appProtocol =
            spec.service?.appProtocol
            ?? EffectiveSettings.appProtocol(of: serverClass.service?.appProtocol, transport: transport)
        let mostReplicas = scaling?.maxReplicas ?? replicas ?? 1
        sessionAffinity = spec.service?.sessionAffinity ?? (mostReplicas > 1 ? "ClientIP" : "None")
        isSuspended = spec.suspend ?? false
    }

    /// The default path of the endpoint: the one that the protocol's SDKs use.
    package static func defaultPath(_ transport: Transport) -> String { transport == .sse ? "/sse" : "/mcp" }

    /// agentgateway distinguishes the two transports by the Service's protocol.
    private static func appProtocol(of inherited: String?, transport: Transport) -> String {
        inherited == "agentgateway.dev/mcp" && transport == .sse ? "agentgateway.dev/mcp-sse" : inherited ?? "http"
    }

    /// The minimum number of pods while the server is not suspended.
    package var minimumReplicas: Int { scaling.map { $0.minReplicas ?? 1 } ?? replicas ?? 1 }

    /// An autoscaler targets a percentage of the request, so there must be a request; a limit is used if there is none.
    private static func measurable(_ resources: ResourceRequirements, by scaling: Scaling) -> ResourceRequirements {
        var resources = resources
        for name in scaling.measuredResources where resources.requests?[name] == nil && resources.limits?[name] == nil {
            resources.requests = resources.requests ?? [:]
            resources.requests?[name] = autoscaledRequests[name]
        }
        return resources
    }

    /// Merged for each resource. A request of the class that exceeds a limit of the server is lowered to that limit.
    private static func merge(
        _ own: ResourceRequirements?,
        over inherited: ResourceRequirements
    ) -> ResourceRequirements {
        guard let own else { return inherited }
        var result = inherited
        if let limits = own.limits {
            result.limits = (inherited.limits ?? [:]).merging(limits) { _, own in own }
        }
        var requests = inherited.requests ?? [:]
        for (name, limit) in own.limits ?? [:] where (requests[name] ?? limit) > limit { requests[name] = limit }
        if let ownRequests = own.requests { requests.merge(ownRequests) { _, own in own } }
        for (name, request) in own.requests ?? [:] {
            // A limit of the class that is lower than the server's request is removed.
            if own.limits?[name] == nil, let limit = result.limits?[name], limit < request {
                result.limits?[name] = request
            }
        }
        result.requests = requests.isEmpty ? nil : requests
        result.claims = own.claims ?? inherited.claims
        return result
    }

    private static func merge(_ own: Scheduling?, over inherited: Scheduling?) -> Scheduling {
        Scheduling(
            nodeSelector: own?.nodeSelector ?? inherited?.nodeSelector,
            affinity: own?.affinity ?? inherited?.affinity,
            tolerations: own?.tolerations ?? inherited?.tolerations,
            topologySpreadConstraints: own?.topologySpreadConstraints ?? inherited?.topologySpreadConstraints,
            priorityClassName: own?.priorityClassName ?? inherited?.priorityClassName,
            runtimeClassName: own?.runtimeClassName ?? inherited?.runtimeClassName
        )
    }
}

extension MCPServerClassSpec {
    /// The pod's security settings that the class alone results in.
    package var hardenedPodSecurityContext: JSONValue {
        Hardening.podSecurityContext(assignsIDs: userAssignment != .platform)
            .overlaid(with: JSONValue.encodingIfPresent(podSecurityContext))
    }
}

extension Scaling {
    /// The resources whose use the autoscaler measures. Kubernetes' own default is the CPU.
    package var measuredResources: [String] {
        var names: [String] = []
        if targetCPUUtilizationPercentage != nil || targetMemoryUtilizationPercentage == nil { names.append("cpu") }
        if targetMemoryUtilizationPercentage != nil { names.append("memory") }
        return names
    }
}

extension JSONValue {
    /// This object with the members of another merged into it recursively; other values are replaced.
    package func overlaid(with other: JSONValue?) -> JSONValue {
        guard let other else { return self }
        guard case .object(var members) = self, case .object(let others) = other else { return other }
        for (key, value) in others {
            members[key] = members[key]?.overlaid(with: value) ?? value
        }
        return .object(members)
    }

    /// The JSON form, or `nil` for `nil`.
    package static func encodingIfPresent(_ value: (some Encodable)?) -> JSONValue? {
        value.map { JSONValue.encoding($0) }
    }

    /// Merges one value's fields over those of another value of the same type.
    static func overlay<T: Codable>(_ own: T?, over inherited: T?) -> T? {
        guard let own, let inherited else { return own ?? inherited }
        return try? JSONValue.encoding(inherited).overlaid(with: JSONValue.encoding(own)).decode(T.self)
    }
}

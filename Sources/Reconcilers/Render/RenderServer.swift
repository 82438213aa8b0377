internal import CRDModels
internal import struct FoundationEssentials.Data
internal import KubernetesAPI
internal import Policy

/// Renders the objects of a server in the order in which they are written: what pods need comes before the pods. Pure:
/// the same plan gives the same bytes.
public func render(_ plan: ServerPlan) -> [RenderedObject] {
    ServerRenderer(plan: plan).render()
}

/// The objects of one server.
struct ServerRenderer {
    let plan: ServerPlan

    private var server: MCPServer { plan.server }
    private var spec: MCPServerSpec { plan.server.spec }
    private var serverName: String { plan.server.metadata.name ?? "" }
    /// The name of the workload.
    private var name: String { plan.role.name(of: serverName) }
    private var settings: EffectiveSettings { plan.settings }

    func render() -> [RenderedObject] {
        if let remote = plan.remote { return render(remote) }
        guard plan.role == .serving else { return renderCandidate() }
        let optional: [RenderedObject?] = [
            networkPolicy(), serviceAccount(), environmentSecret(), filesSecret(), templatesSecret(), claim(),
            service(), deployment(), disruptionBudget(), autoscaler(), ingress(), route(), serviceMonitor(),
        ]
        return optional.compactMap { $0 }
    }

    /// The ServiceAccount of the pods alone, `nil` if the spec names one.
    func renderServiceAccount() -> RenderedObject? { plan.remote == nil ? serviceAccount() : nil }

    /// A version that does not serve yet: one pod with what it reads, behind no Service.
    private func renderCandidate() -> [RenderedObject] {
        let optional: [RenderedObject?] = [
            networkPolicy(), environmentSecret(), filesSecret(), templatesSecret(), candidateDeployment(),
        ]
        return optional.compactMap { $0 }
    }

    func metadata(
        _ name: String? = nil,
        labels: [String: String]? = nil,
        annotations: [String: String]? = nil
    ) -> ObjectMeta {
        // Moorage's own labels override those of the spec, except app.kubernetes.io/part-of.
        let own = ObjectLabels.server(server, tenant: plan.tenant.name, role: plan.role)
        return ObjectMeta(
            name: name ?? self.name,
            namespace: server.metadata.namespace,
            labels: (labels ?? [:]).merging(own.filter { $0.key != MoorageLabels.partOf || labels?[$0.key] == nil }) {
                _,
                own in own
            },
            annotations: annotations,
            ownerReferences: owner.map { [$0] }
        )
    }

    /// A server from a file has no identity, so its objects have no owner.
    private var owner: OwnerReference? {
        server.metadata.uid.map { uid in
            OwnerReference(
                apiVersion: Moorage.apiVersion,
                kind: MCPServer.resourceType.kind,
                name: serverName,
                uid: uid,
                controller: true,
                blockOwnerDeletion: true
            )
        }
    }

    // MARK: What pods need

    private func networkPolicy() -> RenderedObject? {
        plan.networkPolicy.map { policy in
            RenderedObject(.networkPolicy, metadata(), ["spec": JSONValue(policy)])
        }
    }

    private func serviceAccount() -> RenderedObject? {
        guard spec.serviceAccount?.name == nil else { return nil }
        return RenderedObject(
            .serviceAccount,
            metadata(labels: spec.serviceAccount?.labels, annotations: spec.serviceAccount?.annotations),
            ["automountServiceAccountToken": false]
        )
    }

    private func environmentSecret() -> RenderedObject? {
        secret(ObjectNames.environment(name), values: spec.config?.env ?? [:])
    }

    private func filesSecret() -> RenderedObject? {
        secret(ObjectNames.files(name), values: spec.config?.files ?? [:])
    }

    private func templatesSecret() -> RenderedObject? {
        secret(
            ObjectNames.templates(name),
            values: Dictionary(plan.templates.map { ($0.name, $0.content) }, uniquingKeysWith: { first, _ in first })
        )
    }

    /// The values are written as `data`, because the API server does not return `stringData`, so it could not be
    /// compared.
    private func secret(_ name: String, values: [String: String]) -> RenderedObject? {
        guard !values.isEmpty else { return nil }
        let data = values.mapValues { JSONValue.string(Data($0.utf8).base64EncodedString()) }
        return RenderedObject(.secret, metadata(name), ["type": "Opaque", "data": .object(data)])
    }

    private func claim() -> RenderedObject? {
        guard let storage = spec.storage, storage.existingClaim == nil else { return nil }
        var claim: [String: JSONValue] = [
            "accessModes": .strings(storage.accessModes ?? ["ReadWriteOnce"]),
            "resources": ["requests": ["storage": .string((storage.size ?? "1Gi").canonicalText)]],
            "volumeMode": "Filesystem",
        ]
        claim["storageClassName"] = storage.storageClassName.map { .string($0) }
        let retention = storage.retentionPolicy
        // When storage is removed, the spec no longer says what happens to the claim, so the claim stores it.
        let annotations = retention?.whenRemoved == .delete ? [ChildRecord.whenRemovedAnnotation: "Delete"] : nil
        return RenderedObject(
            .persistentVolumeClaim,
            metadata(ObjectNames.data(name), annotations: annotations),
            ["spec": .object(claim)],
            isRetained: retention?.whenDeleted != .delete
        )
    }

    /// The objects that can belong to a server without an owner reference, rendered now or not: its claim.
    static func retainable(server: NamespacedName) -> Set<ObjectReference> {
        [
            ObjectReference(
                type: .persistentVolumeClaim,
                namespace: server.namespace,
                name: ObjectNames.data(server.name)
            )
        ]
    }

    // MARK: The workload

    private func deployment() -> RenderedObject {
        var deployment: [String: JSONValue] = [
            "selector": ["matchLabels": .labels(ObjectLabels.selector(server: name))],
            "template": plan.podTemplate,
            "strategy": plan.strategy,
            "revisionHistoryLimit": 3,
            "progressDeadlineSeconds": 600,
        ]
        if settings.isSuspended {
            deployment["replicas"] = 0
        } else if let replicas = settings.replicas {
            deployment["replicas"] = .integer(Int64(replicas))
        }
        return RenderedObject(
            .deployment,
            metadata(
                labels: spec.deployment?.labels,
                annotations: (spec.deployment?.annotations ?? [:]).merging(plan.rollout.annotations) { _, own in own }
            ),
            ["spec": .object(deployment)]
        )
    }

    private func candidateDeployment() -> RenderedObject {
        RenderedObject(
            .deployment,
            metadata(annotations: plan.rollout.annotations),
            [
                "spec": [
                    "selector": ["matchLabels": .labels(ObjectLabels.selector(server: serverName, role: plan.role))],
                    "template": plan.podTemplate,
                    // Never more than one pod.
                    "strategy": ["type": "Recreate"],
                    "replicas": 1,
                    "revisionHistoryLimit": 0,
                    "progressDeadlineSeconds": 600,
                ]
            ]
        )
    }

    private func service() -> RenderedObject {
        var annotations = spec.service?.annotations ?? [:]
        // The path where agentgateway finds the endpoint of a Service that it discovers; its default is /mcp.
        if settings.appProtocol.hasPrefix("agentgateway.dev/"), settings.path != "/mcp",
            annotations[Self.pathAnnotation] == nil
        {
            annotations[Self.pathAnnotation] = settings.path
        }
        var affinity: [String: JSONValue] = ["sessionAffinity": .string(settings.sessionAffinity)]
        if settings.sessionAffinity == "ClientIP" {
            affinity["sessionAffinityConfig"] = ["clientIP": ["timeoutSeconds": .integer(Self.affinitySeconds)]]
        }
        let port: JSONValue = [
            "name": .string(Moorage.portName),
            "port": .integer(Int64(settings.servicePort)),
            "targetPort": .string(Moorage.portName),
            "protocol": "TCP",
            "appProtocol": .string(settings.appProtocol),
        ]
        return RenderedObject(
            .service,
            metadata(labels: spec.service?.labels, annotations: annotations),
            [
                "spec": .object(
                    [
                        "type": "ClusterIP",
                        "selector": .labels(serviceSelector),
                        "ports": .array([port] + furtherPorts()),
                    ].merging(affinity) { own, _ in own }
                )
            ]
        )
    }

    /// A server that is out of service keeps its pods, so that they can be checked, and its Service has no endpoints.
    private var serviceSelector: [String: String] {
        let selector = ObjectLabels.selector(server: name)
        return plan.isQuarantined
            ? selector.merging([MoorageLabels.quarantine: "true"]) { own, _ in own } : selector
    }

    private func furtherPorts() -> [JSONValue] {
        (spec.ports ?? []).map { port in
            [
                "name": .string(port.name), "port": .integer(Int64(port.port)), "targetPort": .string(port.name),
                "protocol": "TCP",
            ]
        }
    }

    static let pathAnnotation = "agentgateway.dev/mcp-path"
    /// How long a client is sent to the same pod (`DefaultClientIPServiceAffinitySeconds` of core/v1).
    static let affinitySeconds: Int64 = 10_800

    private func disruptionBudget() -> RenderedObject? {
        guard !settings.isSuspended, settings.minimumReplicas > 1 else { return nil }
        return RenderedObject(
            .podDisruptionBudget,
            metadata(),
            [
                "spec": [
                    "maxUnavailable": 1,
                    "selector": ["matchLabels": .labels(ObjectLabels.selector(server: name))],
                    "unhealthyPodEvictionPolicy": "AlwaysAllow",
                ]
            ]
        )
    }

    private func autoscaler() -> RenderedObject? {
        guard let scaling = settings.scaling, !settings.isSuspended else { return nil }
        var metrics: [JSONValue] = []
        let memory = scaling.targetMemoryUtilizationPercentage
        // Kubernetes' own default, written explicitly: 80 percent of the requested CPU.
        let cpu = scaling.targetCPUUtilizationPercentage ?? (memory == nil ? 80 : nil)
        for (resource, target) in [("cpu", cpu), ("memory", memory)] {
            guard let target else { continue }
            metrics.append([
                "type": "Resource",
                "resource": [
                    "name": .string(resource),
                    "target": ["type": "Utilization", "averageUtilization": .integer(Int64(target))],
                ],
            ])
        }
        var autoscaler: [String: JSONValue] = [
            "scaleTargetRef": [
                "apiVersion": .string(ResourceType.deployment.apiVersion), "kind": "Deployment", "name": .string(name),
            ],
            "minReplicas": .integer(Int64(scaling.minReplicas ?? 1)),
            "maxReplicas": .integer(Int64(scaling.maxReplicas)),
            "metrics": .array(metrics),
        ]
        autoscaler["behavior"] = JSONValue.encodingIfPresent(scaling.behavior)
        return RenderedObject(.horizontalPodAutoscaler, metadata(), ["spec": .object(autoscaler)])
    }

    /// Makes the Prometheus operator read metrics. It sets only the port and the path, and nothing that could make
    /// Prometheus read a credential.
    private func serviceMonitor() -> RenderedObject? {
        guard let monitoring = spec.monitoring else { return nil }
        var endpoint: [String: JSONValue] = [
            "port": .string(monitoring.port ?? ServerPorts.defaultMetricsPort),
            "path": .string(monitoring.path ?? "/metrics"),
        ]
        endpoint["interval"] = monitoring.interval.map { .string($0) }
        return RenderedObject(
            .serviceMonitor,
            metadata(labels: monitoring.labels),
            [
                "spec": [
                    "selector": ["matchLabels": .labels(ObjectLabels.selector(server: name))],
                    "endpoints": [.object(endpoint)],
                ]
            ]
        )
    }

    // MARK: Exposure

    private func ingress() -> RenderedObject? {
        guard let exposure = spec.exposure?.ingress else { return nil }
        let path: JSONValue = [
            "path": .string(exposure.path ?? "/"),
            "pathType": .string(exposure.pathType ?? "Prefix"),
            "backend": ["service": ["name": .string(name), "port": ["name": .string(Moorage.portName)]]],
        ]
        var ingress: [String: JSONValue] = [
            "rules": [["host": .string(exposure.host), "http": ["paths": [path]]]]
        ]
        ingress["ingressClassName"] = plan.ingressClass.map { .string($0) }
        if let tls = exposure.tls {
            ingress["tls"] = [
                ["hosts": [.string(exposure.host)], "secretName": .string(tls.secretName ?? "\(name)-tls")]
            ]
        }
        return RenderedObject(
            .ingress,
            metadata(labels: exposure.labels, annotations: exposure.annotations),
            ["spec": .object(ingress)]
        )
    }

    private func route() -> RenderedObject? {
        guard let exposure = spec.exposure?.httpRoute else { return nil }
        let parents = exposure.parentRefs.map { parent -> JSONValue in
            var reference: [String: JSONValue] = [
                "group": .string(parent.group ?? ResourceType.httpRoute.group),
                "kind": .string(parent.kind ?? "Gateway"),
                "name": .string(parent.name),
            ]
            reference["namespace"] = parent.namespace.map { .string($0) }
            reference["sectionName"] = parent.sectionName.map { .string($0) }
            reference["port"] = parent.port.map { .integer(Int64($0)) }
            return .object(reference)
        }
        let path = exposure.path ?? "/"
        var rule: [String: JSONValue] = [
            "matches": [["path": ["type": "PathPrefix", "value": .string(path)]]],
            "backendRefs": [
                [
                    "group": "", "kind": "Service", "name": .string(name),
                    "port": .integer(Int64(settings.servicePort)), "weight": 1,
                ]
            ],
            // A stream ends when its client disconnects, not after the Gateway's default timeout, which is 15 seconds
            // in Envoy.
            "timeouts": ["request": .string(exposure.requestTimeout ?? "0s")],
        ]
        if exposure.stripPath == true, path != "/" {
            rule["filters"] = [
                [
                    "type": "URLRewrite",
                    "urlRewrite": ["path": ["type": "ReplacePrefixMatch", "replacePrefixMatch": "/"]],
                ]
            ]
        }
        var route: [String: JSONValue] = ["parentRefs": .array(parents), "rules": [.object(rule)]]
        route["hostnames"] = exposure.hostnames.map { .strings($0) }
        return RenderedObject(
            .httpRoute,
            metadata(labels: exposure.labels, annotations: exposure.annotations),
            ["spec": .object(route)]
        )
    }
}

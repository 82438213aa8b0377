internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// A server's pod template, before any override.
struct PodTemplateBuilder {
    var server: MCPServer
    var tenant: EffectiveTenant
    var settings: EffectiveSettings
    var image: String
    var templates: [FilledTemplate]
    var configHash: String
    /// Whether `HOME` is set by something that the builder does not know, such as a Secret in `envFrom`.
    var setsHome = false
    /// For a server with the transport stdio.
    var adapter: StdioAdapterTemplate?
    /// For a server with plug-in bundles.
    var plugins: PluginTemplate?
    /// Which pods are rendered.
    var role = WorkloadRole.serving

    private var spec: MCPServerSpec { server.spec }
    private var serverName: String { server.metadata.name ?? "" }
    /// The name of the workload.
    private var name: String { role.name(of: serverName) }

    /// Where configuration files are mounted.
    static let filesPath = "/files"
    /// Where every server can write until the pod ends.
    static let temporaryPath = "/tmp"
    /// The default path where storage is mounted.
    static let defaultDataPath = "/data"
    /// Set for every server of an airgapped tenant.
    static let airgappedVariable = "MOORAGE_AIRGAPPED"
    /// The home directory, where programs write files of the user.
    static let homeVariable = "HOME"

    func build() -> JSONValue {
        var annotations = (settings.podMetadata.annotations ?? [:]).mapValues { JSONValue.string($0) }
        annotations[MoorageAnnotations.configHash] = .string(configHash)
        if let restart = server.metadata.annotations?[MoorageAnnotations.restart], !restart.isEmpty {
            annotations[MoorageAnnotations.restart] = .string(restart)
        }
        return [
            "metadata": [
                "labels": .labels(labels()),
                "annotations": .object(annotations),
            ],
            "spec": podSpec(),
        ]
    }

    private func labels() -> [String: String] {
        let added = settings.podMetadata.labels ?? [:]
        return added.merging(ObjectLabels.server(server, tenant: tenant.name, role: role)) { added, own in own }
    }

    private func podSpec() -> JSONValue {
        var pod: [String: JSONValue] = [
            "serviceAccountName": .string(spec.serviceAccount?.name ?? serverName),
            "automountServiceAccountToken": .bool(spec.serviceAccount?.automountToken ?? false),
            "enableServiceLinks": false,
            "restartPolicy": "Always",
            "dnsPolicy": "ClusterFirst",
            "terminationGracePeriodSeconds": .integer(settings.terminationGracePeriodSeconds),
            "securityContext": settings.podSecurityContext,
            "containers": [container()],
            "volumes": .array(volumes()),
        ]
        let initContainers =
            [adapter?.initContainer(settings)].compactMap { $0 } + (plugins?.initContainers(settings) ?? [])
        if !initContainers.isEmpty { pod["initContainers"] = .array(initContainers) }
        if !settings.imagePullSecrets.isEmpty {
            pod["imagePullSecrets"] = .array(settings.imagePullSecrets.map { ["name": .string($0)] })
        }
        let scheduling = settings.scheduling
        pod["nodeSelector"] = scheduling.nodeSelector.map { .labels($0) }
        pod["affinity"] = JSONValue.encodingIfPresent(scheduling.affinity)
        pod["tolerations"] = JSONValue.encodingIfPresent(scheduling.tolerations)
        pod["topologySpreadConstraints"] = scheduling.topologySpreadConstraints.map { constraints in
            .array(constraints.map(spread))
        }
        pod["priorityClassName"] = scheduling.priorityClassName.map { .string($0) }
        pod["runtimeClassName"] = scheduling.runtimeClassName.map { .string($0) }
        return .object(pod)
    }

    /// A constraint without a selector matches no pods, so it gets the selector of the server's own pods.
    private func spread(_ constraint: TopologySpreadConstraint) -> JSONValue {
        var constraint = constraint
        constraint.labelSelector =
            constraint.labelSelector
            ?? LabelSelector(matchLabels: ObjectLabels.selector(server: serverName, role: role))
        return JSONValue.encoding(constraint)
    }

    private func container() -> JSONValue {
        var container: [String: JSONValue] = [
            "name": .string(Moorage.containerName),
            "image": .string(image),
            "imagePullPolicy": .string(settings.imagePullPolicy),
            "ports": .array(ServerPorts(spec: spec).containerPorts(serving: settings.port)),
            "securityContext": settings.securityContext,
            "resources": JSONValue(settings.resources),
            "volumeMounts": .array(volumeMounts()),
        ]
        container["command"] = (adapter?.entryPoint ?? spec.command).map { .strings($0) }
        container["args"] = (adapter?.arguments(settings) ?? spec.args).map { .strings($0) }
        container["workingDir"] = spec.workingDir.map { .string($0) }
        let env = environment()
        if !env.isEmpty { container["env"] = .array(env) }
        let envFrom = environmentSources()
        if !envFrom.isEmpty { container["envFrom"] = .array(envFrom) }
        if settings.drainSeconds > 0 {
            container["lifecycle"] = ["preStop": ["sleep": ["seconds": .integer(settings.drainSeconds)]]]
        }
        container["startupProbe"] = probe(.startup)
        container["livenessProbe"] = probe(.liveness)
        container["readinessProbe"] = probe(.readiness)
        return .object(container)
    }

    private func environment() -> [JSONValue] {
        var variables: [JSONValue] = []
        if tenant.network.airgapped, !settings.env.contains(where: { $0.name == Self.airgappedVariable }) {
            variables.append(["name": .string(Self.airgappedVariable), "value": "true"])
        }
        // A user without an entry in the image's /etc/passwd has / as its home directory, which is read-only.
        let isHomeSet =
            setsHome || settings.env.contains { $0.name == Self.homeVariable }
            || spec.config?.env?[Self.homeVariable] != nil
            || templates.contains { $0.env == Self.homeVariable }
        if !isHomeSet { variables.append(["name": .string(Self.homeVariable), "value": .string(Self.temporaryPath)]) }
        for variable in settings.env {
            var value = JSONValue(variable)
            // The API server sets this default.
            if value["valueFrom"]?["fieldRef"] != nil, value["valueFrom"]?["fieldRef"]?["apiVersion"] == nil {
                value[path: ["valueFrom", "fieldRef", "apiVersion"]] = "v1"
            }
            variables.append(value)
        }
        for template in templates {
            guard let variable = template.env else { continue }
            variables.append([
                "name": .string(variable),
                "valueFrom": [
                    "secretKeyRef": ["name": .string(ObjectNames.templates(name)), "key": .string(template.name)]
                ],
            ])
        }
        return variables
    }

    /// `config.env` comes last, because later sources override earlier ones.
    private func environmentSources() -> [JSONValue] {
        var sources = (spec.envFrom ?? []).map { JSONValue.encoding($0) }
        if !(spec.config?.env ?? [:]).isEmpty {
            sources.append(["secretRef": ["name": .string(ObjectNames.environment(name))]])
        }
        return sources
    }

    // MARK: Volumes

    private var hasFiles: Bool { !(spec.config?.files ?? [:]).isEmpty }
    private var fileTemplates: [FilledTemplate] { templates.filter { $0.file != nil } }
    private var dataPath: String { spec.storage?.mountPath ?? Self.defaultDataPath }

    private func isMounted(_ path: String) -> Bool {
        (spec.volumeMounts ?? []).contains { $0.mountPath == path }
    }

    private func volumes() -> [JSONValue] {
        var volumes: [JSONValue] = []
        if !isMounted(Self.temporaryPath) { volumes.append(["name": "tmp", "emptyDir": [:]]) }
        if spec.storage != nil {
            let claim = spec.storage?.existingClaim ?? ObjectNames.data(name)
            volumes.append(["name": "data", "persistentVolumeClaim": ["claimName": .string(claim)]])
        }
        if hasFiles, fileTemplates.isEmpty {
            volumes.append([
                "name": "files",
                "secret": ["secretName": .string(ObjectNames.files(name)), "defaultMode": .integer(0o440)],
            ])
        } else if !fileTemplates.isEmpty {
            var sources: [JSONValue] = []
            if hasFiles { sources.append(["secret": ["name": .string(ObjectNames.files(name))]]) }
            let items = fileTemplates.map { template -> JSONValue in
                ["key": .string(template.name), "path": .string(template.file ?? template.name)]
            }
            sources.append(["secret": ["name": .string(ObjectNames.templates(name)), "items": .array(items)]])
            volumes.append([
                "name": "files",
                "projected": ["sources": .array(sources), "defaultMode": .integer(0o440)],
            ])
        }
        if let adapter { volumes.append(adapter.volume) }
        volumes += plugins?.volumes ?? []
        return volumes + (spec.volumes ?? []).map { JSONValue.encoding($0) }
    }

    private func volumeMounts() -> [JSONValue] {
        var mounts: [JSONValue] = []
        if !isMounted(Self.temporaryPath) {
            mounts.append(["name": "tmp", "mountPath": .string(Self.temporaryPath)])
        }
        if spec.storage != nil { mounts.append(["name": "data", "mountPath": .string(dataPath)]) }
        if hasFiles || !fileTemplates.isEmpty {
            mounts.append(["name": "files", "mountPath": .string(Self.filesPath), "readOnly": true])
        }
        if let adapter { mounts.append(adapter.mount) }
        mounts += plugins?.mounts ?? []
        return mounts + (spec.volumeMounts ?? []).map { JSONValue.encoding($0) }
    }

    // MARK: Probes

    private enum ProbeKind {
        case startup
        case liveness
        case readiness
    }

    /// A probe of the HTTP path if one is set, and of the port otherwise, because the MCP path itself does not have to
    /// answer a GET with success. The timings are those of avelino/mcp's reference manifests. A server that is probed
    /// by its port has five minutes to open it.
    private func probe(_ kind: ProbeKind) -> JSONValue? {
        let probes = settings.probes
        let own: ProbeSettings?
        let period: Int
        let failures: Int
        switch kind {
        case .startup:
            let isSlow = adapter != nil || probes.startup?.path ?? probes.path == nil
            (own, period, failures) = (probes.startup, 5, isSlow ? 60 : 6)
        case .liveness:
            (own, period, failures) = (probes.liveness, 30, 3)
        case .readiness:
            (own, period, failures) = (probes.readiness, 10, 3)
        }
        if own?.disabled == true { return nil }
        var probe: JSONValue = [
            "periodSeconds": .integer(Int64(own?.periodSeconds ?? period)),
            "timeoutSeconds": .integer(Int64(own?.timeoutSeconds ?? 5)),
            "failureThreshold": .integer(Int64(own?.failureThreshold ?? failures)),
            "successThreshold": .integer(Int64(own?.successThreshold ?? 1)),
        ]
        if let delay = own?.initialDelaySeconds, delay > 0 { probe["initialDelaySeconds"] = .integer(Int64(delay)) }
        if adapter != nil {
            // The server has no HTTP of its own to probe.
            let path = kind == .liveness ? StdioAdapterTemplate.livePath : StdioAdapterTemplate.readyPath
            probe["httpGet"] = ["path": .string(path), "port": .string(Moorage.portName), "scheme": "HTTP"]
            return probe
        }
        let port: JSONValue = probes.port.map { .integer(Int64($0)) } ?? .string(Moorage.portName)
        if let path = own?.path ?? probes.path {
            probe["httpGet"] = ["path": .string(path), "port": port, "scheme": .string(probes.scheme ?? "HTTP")]
        } else {
            probe["tcpSocket"] = ["port": port]
        }
        return probe
    }
}

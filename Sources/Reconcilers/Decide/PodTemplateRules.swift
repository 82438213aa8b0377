internal import CRDModels
internal import KubernetesAPI
internal import Policy
internal import SupplyChain

/// Builds a server's pod template, applies the override, and refuses what hardening or Pod Security forbid.
struct PodTemplateRules {
    let server: MCPServer
    let tenant: EffectiveTenant
    let serverClass: MCPServerClassSpec
    let builder: PodTemplateBuilder
    /// The keys of labels and annotations that servers can set on their pods.
    var podMetadata = PodMetadataPatterns(patterns: PodMetadataPatterns.builtIn)
    /// The ServiceAccounts that the server names and that do not exist.
    var missingServiceAccounts: Set<String> = []

    func checkedTemplate() throws(Refusal) -> JSONValue {
        let override = server.spec.podTemplate
        if let override { try checkSchema(of: override) }
        var builder = builder
        // Hooks are merged member by member, and a hook must have exactly one action.
        if let override, PodTemplateRules.setsPreStop(override) { builder.settings.drainSeconds = 0 }
        let base = builder.build()
        var template = base
        if let override {
            do {
                template = try StrategicMerge.apply(override, to: base)
            } catch {
                throw Refusal(.podTemplateInvalid, field: field(error.field, in: "spec.podTemplate"), error.message)
            }
            try checkIdentity(of: template, base: base)
        }
        template = try resolvingImages(of: template)
        try checkVolumeNames(of: template)
        try checkPort(of: template)
        try checkPlacement(of: template, base: base)
        try checkServiceAccount(of: template)
        try checkHardening(of: template)
        try checkPodSecurity(of: template)
        try checkFinished(template, base: base)
        return PodTemplateNormalizer.normalize(template)
    }

    /// An unknown field is usually misspelled, and the API server refuses it anyway.
    private func checkSchema(of override: JSONValue) throws(Refusal) {
        guard case .object = override else {
            throw Refusal(.podTemplateInvalid, field: "spec.podTemplate", "must be an object with metadata and spec")
        }
        let problems = PodSchema.current.problems(inPatch: override)
        guard let first = problems.first else { return }
        throw Refusal(
            .podTemplateInvalid,
            field: field(first.field, in: "spec.podTemplate"),
            first.message + others(problems.count)
        )
    }

    private static func setsPreStop(_ override: JSONValue) -> Bool {
        (override["spec"]?["containers"]?.arrayValue ?? []).contains {
            $0["name"]?.stringValue == Moorage.containerName && $0["lifecycle"]?["preStop"] != nil
        }
    }

    /// The number of problems in addition to the one shown.
    private func others(_ count: Int) -> String { count > 1 ? " (and \(count - 1) more)" : "" }

    private func field(_ path: String, in root: String) -> String { path.isEmpty ? root : "\(root).\(path)" }

    /// An override must not remove the labels that its Service and NetworkPolicy select, or set those of another
    /// server.
    private func checkIdentity(of template: JSONValue, base: JSONValue) throws(Refusal) {
        let labels = template["metadata"]?["labels"]?.objectValue ?? [:]
        let own = ObjectLabels.server(server, tenant: tenant.name, role: builder.role).mapValues {
            JSONValue.string($0)
        }
        for key in Set(own.keys).union(labels.keys.filter { $0.hasPrefix("moorage.dev/") }).sorted()
        where labels[key] != own[key] && key != MoorageLabels.partOf {
            throw Refusal(
                .podTemplateInvalid,
                field: "spec.podTemplate.metadata.labels[\(key)]",
                "this label is reserved for Moorage: remove it"
            )
        }
        let names = (template["spec"]?["containers"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        guard names.contains(Moorage.containerName) else {
            throw Refusal(
                .podTemplateInvalid,
                field: "spec.podTemplate.spec.containers",
                "the container \(Moorage.containerName) runs the server and cannot be removed"
            )
        }
        try checkReserved(of: template, base: base)
        let annotations = template["metadata"]?["annotations"]?[MoorageAnnotations.configHash]
        if annotations != base["metadata"]?["annotations"]?[MoorageAnnotations.configHash] {
            throw Refusal(
                .podTemplateInvalid,
                field: "spec.podTemplate.metadata.annotations[\(MoorageAnnotations.configHash)]",
                "this annotation is reserved for Moorage: remove it"
            )
        }
    }

    /// The image policy of the tenant does not apply to the adapter's container and volume, and the containers and volumes of bundles
    /// decide what the server loads, so an override must not change them.
    private func checkReserved(of template: JSONValue, base: JSONValue) throws(Refusal) {
        func reserved(_ template: JSONValue, _ field: String) -> [JSONValue] {
            (template["spec"]?[field]?.arrayValue ?? []).filter { isReserved($0["name"]?.stringValue ?? "") }
        }
        for (field, what) in [("initContainers", "container"), ("volumes", "volume")] {
            let (found, expected) = (reserved(template, field), reserved(base, field))
            guard found != expected else { continue }
            let changed = (expected + found).first { !found.contains($0) || !expected.contains($0) }
            throw Refusal(
                .podTemplateInvalid,
                field: "spec.podTemplate.spec.\(field)",
                """
                the \(what) \(changed?["name"]?.stringValue ?? "") is reserved for Moorage: do not change, move or remove it
                """
            )
        }
    }

    /// Whether a container or a volume is the adapter's or a bundle's, for a server that has these.
    private func isReserved(_ name: String) -> Bool {
        builder.adapter != nil && name == StdioAdapterTemplate.name
            || builder.plugins != nil && PluginTemplate.isReserved(name)
    }

    private func checkVolumeNames(of template: JSONValue) throws(Refusal) {
        var names: Set<String> = []
        for volume in template["spec"]?["volumes"]?.arrayValue ?? [] {
            let name = volume["name"]?.stringValue ?? ""
            guard names.insert(name).inserted else {
                throw Refusal(
                    .specInvalid,
                    field: "spec.volumes[\(name)]",
                    "there are two volumes with this name (tmp, data, files and \(StdioAdapterTemplate.name) are reserved "
                        + "for Moorage): rename yours"
                )
            }
        }
    }

    /// What the API server would refuse about the finished pod.
    private func checkFinished(_ template: JSONValue, base: JSONValue) throws(Refusal) {
        let problems = PodTemplateRules.problems(of: template)
        guard let first = problems.first else { return }
        let isOverrides = server.spec.podTemplate != nil && !PodTemplateRules.problems(of: base).contains(first)
        throw Refusal(
            isOverrides ? .podTemplateInvalid : .specInvalid,
            field: "pod \(first.field)",
            first.message + others(problems.count)
        )
    }

    private static func problems(of template: JSONValue) -> [PodSchema.Problem] {
        PodSchema.current.problems(inTemplate: template) + PodChecks.problems(in: template)
    }

    /// Service, NetworkPolicy and probes find the server by the name of its port.
    private func checkPort(of template: JSONValue) throws(Refusal) {
        let spec = template["spec"] ?? [:]
        for (path, container) in PodContainers.all(of: spec) {
            let ports = container["ports"]?.arrayValue ?? []
            let named = ports.filter { $0["name"]?.stringValue == Moorage.portName }
            let isOwn = path.hasPrefix("containers") && container["name"]?.stringValue == Moorage.containerName
            if isOwn {
                let isKept = named.contains {
                    $0["containerPort"]?.integerValue == Int64(builder.settings.port)
                        && ["TCP", ""].contains($0["protocol"]?.stringValue ?? "")
                }
                guard isKept else {
                    throw Refusal(
                        .podTemplateInvalid,
                        field: "spec.podTemplate.spec.\(path).ports",
                        """
                        the port \(Moorage.portName) is the server's port, \(builder.settings.port): change it \
                        with spec.port, and add other ports with other names
                        """
                    )
                }
            } else if !named.isEmpty {
                throw Refusal(
                    .podTemplateInvalid,
                    field: "spec.podTemplate.spec.\(path).ports",
                    """
                    the name \(Moorage.portName) is reserved for the server's port, which the Service uses: rename \
                    this port
                    """
                )
            }
        }
    }

    /// Only the platform can set where pods run and what metadata they have; a server can only set what concerns
    /// itself.
    private func checkPlacement(of template: JSONValue, base: JSONValue) throws(Refusal) {
        guard server.spec.scheduling != nil || server.spec.podTemplate != nil else { return }
        let byClass = classTemplate()["spec"] ?? [:]
        let breaches = PodPlacement.breaches(of: template["spec"] ?? [:], class: byClass)
        if let first = breaches.first {
            throw Refusal(
                .schedulingNotPermitted,
                field: "pod spec.\(first.field)",
                "\(first.message)\(others(breaches.count)); only an MCPServerClass can set it"
            )
        }
        let inMetadata = PodPlacement.breaches(
            ofMetadata: template["metadata"] ?? [:],
            rendered: base["metadata"] ?? [:],
            allowed: podMetadata
        )
        guard let first = inMetadata.first else { return }
        throw Refusal(
            .podMetadataNotPermitted,
            field: "spec.podTemplate.\(first.field)",
            first.message + others(inMetadata.count)
        )
    }

    /// The pod as the class defines it, without the server's spec.
    private func classTemplate() -> JSONValue {
        var builder = builder
        builder.server.spec = MCPServerSpec()
        builder.templates = []
        builder.settings.scheduling = serverClass.scheduling ?? Scheduling()
        builder.settings.podSecurityContext = serverClass.hardenedPodSecurityContext
        builder.settings.securityContext = Hardening.securityContext(for: builder.settings.podSecurityContext)
            .overlaid(with: JSONValue.encodingIfPresent(serverClass.securityContext))
        return builder.build()
    }

    /// Another ServiceAccount can have permissions that the pods could use.
    private func checkServiceAccount(of template: JSONValue) throws(Refusal) {
        let name = template["spec"]?["serviceAccountName"]?.stringValue ?? ""
        // A named ServiceAccount belongs to someone else, even if it has the name of the server.
        if server.spec.serviceAccount?.name == nil, name == server.metadata.name { return }
        let isSpecs = name == server.spec.serviceAccount?.name
        let field = isSpecs ? "spec.serviceAccount.name" : "spec.podTemplate.spec.serviceAccountName"
        guard tenant.serviceAccounts.contains(name) else {
            throw Refusal(
                .serviceAccountNotPermitted,
                field: field,
                """
                the tenant does not allow ServiceAccount "\(name)": remove the field to use the server's own, or \
                ask an administrator to add "\(name)" to spec.hardening.serviceAccounts of the MCPTenant
                """
            )
        }
        if missingServiceAccounts.contains(name) {
            throw Refusal(
                .serviceAccountNotFound,
                field: field,
                """
                ServiceAccount "\(name)" does not exist in namespace "\(tenant.namespace)": create it, or remove \
                the field to use the server's own
                """
            )
        }
    }

    /// Checks every image that the pod would run or mount, and replaces it with its mirror. The server's own image is
    /// already checked.
    private func resolvingImages(of template: JSONValue) throws(Refusal) -> JSONValue {
        let containers = template["spec"]?["containers"]?.arrayValue ?? []
        let own = containers.firstIndex { $0["name"]?.stringValue == Moorage.containerName }
        let adapter = builder.adapter.map { adapter in adapterImage(adapter, of: template) }
        let checks = pluginImages(of: template)
        return try PodSchema.current.replacingImages(in: template) { field, image throws(Refusal) in
            if let own, field == "spec.containers[\(own)].image" {
                guard image == builder.image else {
                    throw Refusal(
                        .podTemplateInvalid,
                        field: "spec.podTemplate.\(field)",
                        "the image of the server is set in spec.image"
                    )
                }
                return image
            }
            // The platform's image, which `checkIdentity` has found unchanged.
            if let adapter, field == adapter { return image }
            if checks.contains(field) { return image }
            do throws(ImageRefusal) {
                return try tenant.images.judge(image).resolved.description
            } catch {
                throw Refusal(Reason(error.kind), field: place(of: field, image: image, in: template), error.message)
            }
        }
    }

    /// The fields with the image that checks bundles.
    private func pluginImages(of template: JSONValue) -> Set<String> {
        guard builder.plugins != nil else { return [] }
        let containers = template["spec"]?["initContainers"]?.arrayValue ?? []
        return Set(
            containers.indices.filter { PluginTemplate.isReserved(containers[$0]["name"]?.stringValue ?? "") }
                .map { "spec.initContainers[\($0)].image" }
        )
    }

    /// The field with the image of the adapter.
    private func adapterImage(_ adapter: StdioAdapterTemplate, of template: JSONValue) -> String? {
        func index(_ field: String) -> Int? {
            template["spec"]?[field]?.arrayValue?.firstIndex { $0["name"]?.stringValue == StdioAdapterTemplate.name }
        }
        return switch adapter.adapterMount {
        case .initContainer: index("initContainers").map { "spec.initContainers[\($0)].image" }
        case .imageVolume: index("volumes").map { "spec.volumes[\($0)].image.reference" }
        }
    }

    /// The field of the server that an image of the finished pod comes from. Volumes are identified by name, because
    /// their index in the finished pod differs from the one in the server.
    private func place(of field: String, image: String, in template: JSONValue) -> String {
        let volumes = server.spec.volumes ?? []
        for (index, volume) in (template["spec"]?["volumes"]?.arrayValue ?? []).enumerated()
        where field == "spec.volumes[\(index)].image.reference" {
            let name = volume["name"]?.stringValue
            let plugins = server.spec.plugins ?? []
            if let own = plugins.firstIndex(where: { PluginTemplate.prefix + $0.name == name && $0.image == image }) {
                return "spec.plugins[\(own)].image"
            }
            if let own = volumes.firstIndex(where: { $0.name == name && $0.image?.reference == image }) {
                return "spec.volumes[\(own)].image.reference"
            }
            return "spec.podTemplate.spec.volumes[\(name ?? String(index))].image.reference"
        }
        return "spec.podTemplate.\(field)"
    }

    /// The class is controlled by the platform; what the server adds needs the tenant's permission.
    private func checkHardening(of template: JSONValue) throws(Refusal) {
        guard !tenant.allowsWeakening else { return }
        let allowsToken = server.spec.serviceAccount?.automountToken ?? false
        let found = Hardening.weakenings(
            of: template["spec"] ?? [:],
            annotations: template["metadata"]?["annotations"]?.objectValue ?? [:],
            allowsToken: allowsToken
        )
        guard !found.isEmpty else { return }
        // A weakening of the server's container by the class does not apply to other containers.
        let containers = template["spec"]?["containers"]?.arrayValue ?? []
        let own = containers.firstIndex { $0["name"]?.stringValue == Moorage.containerName } ?? 0
        let byClass = Set(
            Hardening.weakenings(of: classTemplate()["spec"] ?? [:], allowsToken: allowsToken).map { weakening in
                guard weakening.field.hasPrefix("containers[0].") else { return weakening }
                let field = "containers[\(own)]." + weakening.field.dropFirst("containers[0].".count)
                return Hardening.Weakening(field: field, message: weakening.message)
            }
        )
        let added = found.filter { !byClass.contains($0) }
        guard let first = added.first else { return }
        throw Refusal(
            .hardeningWeakened,
            field: "pod spec.\(first.field)",
            """
            \(first.message)\(others(added.count)), and the tenant does not allow weaker hardening: remove it, or \
            ask an administrator to set spec.hardening.allowWeakening in the MCPTenant
            """
        )
    }

    private func checkPodSecurity(of template: JSONValue) throws(Refusal) {
        guard tenant.podSecurity.enabled ?? true else { return }
        let level = tenant.podSecurity.enforce ?? .restricted
        let violations = PodSecurity.violations(
            of: template["spec"] ?? [:],
            annotations: template["metadata"]?["annotations"]?.objectValue ?? [:],
            level: level
        )
        guard let first = violations.first else { return }
        throw Refusal(
            .podSecurityViolation,
            field: "pod spec.\(first.field)",
            "\(first.message)\(others(violations.count)): namespace \"\(tenant.namespace)\" enforces Pod Security \"\(level.rawValue)\" "
                + """
                (\(first.control)), which refuses the pods; change the field, or ask an administrator to change \
                the level in spec.podSecurity of the MCPTenant
                """
        )
    }
}

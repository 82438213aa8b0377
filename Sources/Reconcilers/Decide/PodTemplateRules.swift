internal import CRDModels
internal import KubernetesAPI
internal import SupplyChain

/// Builds a server's pod template, lays the override over it, and refuses what hardening or Pod Security forbid.
struct PodTemplateRules {
    let server: MCPServer
    let tenant: EffectiveTenant
    let serverClass: MCPServerClassSpec
    let builder: PodTemplateBuilder

    func checkedTemplate() throws(Refusal) -> JSONValue {
        let base = builder.build()
        var template = base
        if let override = server.spec.podTemplate {
            do {
                template = try StrategicMerge.apply(override, to: base)
            } catch {
                throw Refusal(.podTemplateInvalid, field: field(error.field, in: "spec.podTemplate"), error.message)
            }
            try checkIdentity(of: template, base: base)
        }
        template = try resolvingImages(of: template)
        try checkVolumes(of: template)
        try checkHardening(of: template)
        try checkPodSecurity(of: template)
        return PodTemplateNormalizer.normalize(template)
    }

    private func field(_ path: String, in root: String) -> String { path.isEmpty ? root : "\(root).\(path)" }

    /// An override must not take a pod out of its Service and NetworkPolicy, nor give it another's labels.
    private func checkIdentity(of template: JSONValue, base: JSONValue) throws(Refusal) {
        let labels = template["metadata"]?["labels"]?.objectValue ?? [:]
        let own = base["metadata"]?["labels"]?.objectValue ?? [:]
        for key in Set(own.keys).union(labels.keys.filter { $0.hasPrefix("moorage.dev/") }).sorted()
        where labels[key] != own[key] {
            throw Refusal(
                .podTemplateInvalid,
                field: "spec.podTemplate.metadata.labels[\(key)]",
                "this label is Moorage's own: leave it out"
            )
        }
        let names = (template["spec"]?["containers"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        guard names.contains(Moorage.containerName) else {
            throw Refusal(
                .podTemplateInvalid,
                field: "spec.podTemplate.spec.containers",
                "the container \(Moorage.containerName) is the server itself and cannot be removed"
            )
        }
        let annotations = template["metadata"]?["annotations"]?[MoorageAnnotations.configHash]
        if annotations != base["metadata"]?["annotations"]?[MoorageAnnotations.configHash] {
            throw Refusal(
                .podTemplateInvalid,
                field: "spec.podTemplate.metadata.annotations[\(MoorageAnnotations.configHash)]",
                "this annotation is Moorage's own: leave it out"
            )
        }
    }

    /// What the API server would refuse: two volumes of one name, two mounts at one path, a mount of no volume.
    private func checkVolumes(of template: JSONValue) throws(Refusal) {
        let spec = template["spec"] ?? [:]
        var volumes: Set<String> = []
        for volume in spec["volumes"]?.arrayValue ?? [] {
            let name = volume["name"]?.stringValue ?? ""
            guard volumes.insert(name).inserted else {
                throw Refusal(
                    .specInvalid,
                    field: "spec.volumes[\(name)]",
                    "there are two volumes of this name (tmp, data and files are Moorage's own): rename yours"
                )
            }
        }
        for (path, container) in PodContainers.all(of: spec) {
            var paths: Set<String> = []
            for (index, mount) in (container["volumeMounts"]?.arrayValue ?? []).enumerated() {
                let field = "pod spec.\(path).volumeMounts[\(index)]"
                let name = mount["name"]?.stringValue ?? ""
                guard volumes.contains(name) else {
                    throw Refusal(.specInvalid, field: "\(field).name", "there is no volume \"\(name)\": add it")
                }
                let mountPath = mount["mountPath"]?.stringValue ?? ""
                guard paths.insert(mountPath).inserted else {
                    throw Refusal(
                        .specInvalid,
                        field: "\(field).mountPath",
                        "something is mounted at \(mountPath) already: choose another path"
                    )
                }
            }
        }
    }

    /// Judges every image that the pod would run or mount, and has it pulled from its mirror. The server's own image has
    /// been judged already.
    private func resolvingImages(of template: JSONValue) throws(Refusal) -> JSONValue {
        let containers = template["spec"]?["containers"]?.arrayValue ?? []
        let own = containers.firstIndex { $0["name"]?.stringValue == Moorage.containerName }
        return try PodSchema.current.replacingImages(in: template) { field, image throws(Refusal) in
            if let own, field == "spec.containers[\(own)].image" {
                guard image == builder.image else {
                    throw Refusal(
                        .podTemplateInvalid,
                        field: "spec.podTemplate.\(field)",
                        "the server's image is set by spec.image"
                    )
                }
                return image
            }
            do throws(ImageRefusal) {
                return try tenant.images.judge(image).resolved.description
            } catch {
                throw Refusal(Reason(error.kind), field: place(of: field, image: image, in: template), error.message)
            }
        }
    }

    /// The field of the server that an image of the finished pod comes from.
    private func place(of field: String, image: String, in template: JSONValue) -> String {
        let volumes = server.spec.volumes ?? []
        for (index, volume) in (template["spec"]?["volumes"]?.arrayValue ?? []).enumerated()
        where field == "spec.volumes[\(index)].image.reference" {
            let name = volume["name"]?.stringValue
            if let own = volumes.firstIndex(where: { $0.name == name && $0.image?.reference == image }) {
                return "spec.volumes[\(own)].image.reference"
            }
        }
        return "spec.podTemplate.\(field)"
    }

    /// What the class does is the platform's will; what the server adds to it needs the tenant's leave.
    private func checkHardening(of template: JSONValue) throws(Refusal) {
        guard !tenant.allowsWeakening else { return }
        let allowsToken = server.spec.serviceAccount?.automountToken ?? false
        let found = Hardening.weakenings(of: template["spec"] ?? [:], allowsToken: allowsToken)
        guard !found.isEmpty else { return }
        let byClass = classWeakenings(allowsToken: allowsToken)
        guard let first = found.first(where: { !byClass.contains($0) }) else { return }
        throw Refusal(
            .hardeningWeakened,
            field: "pod spec.\(first.field)",
            "\(first.message), and the tenant does not allow weaker hardening: take it out, or have "
                + "spec.hardening.allowWeakening set in the MCPTenant"
        )
    }

    private func classWeakenings(allowsToken: Bool) -> Set<Hardening.Weakening> {
        guard serverClass.podSecurityContext != nil || serverClass.securityContext != nil else { return [] }
        var settings = builder.settings
        settings.podSecurityContext = Hardening.podSecurityContext
            .overlaid(with: JSONValue.encodingIfPresent(serverClass.podSecurityContext))
        settings.securityContext = Hardening.securityContext(for: settings.podSecurityContext)
            .overlaid(with: JSONValue.encodingIfPresent(serverClass.securityContext))
        var builder = builder
        builder.settings = settings
        return Set(Hardening.weakenings(of: builder.build()["spec"] ?? [:], allowsToken: allowsToken))
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
        let others = violations.count > 1 ? " (and \(violations.count - 1) more)" : ""
        throw Refusal(
            .podSecurityViolation,
            field: "pod spec.\(first.field)",
            "\(first.message)\(others): namespace \"\(tenant.namespace)\" enforces Pod Security \"\(level.rawValue)\" "
                + "(\(first.control)), which would refuse every pod; change the field, or have the level changed in "
                + "spec.podSecurity of the MCPTenant"
        )
    }
}

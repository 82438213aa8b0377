internal import CRDModels
internal import KubernetesAPI
internal import Policy
internal import SupplyChain

/// Decides about one server: a plan for it, or the first rule that refuses it. Pure.
///
/// The rules are ordered as a user would fix problems: the tenant, the spec, the image, references, the network, the
/// pod. The quota comes last: a server that is refused for another reason does not use quota.
public func decide(_ input: ServerInput) -> Decision<ServerPlan> {
    do {
        return .run(try ServerDecider(input: input).decide())
    } catch {
        return .refused(error)
    }
}

/// The steps of a decision about one server.
struct ServerDecider {
    let input: ServerInput

    private var spec: MCPServerSpec { input.server.spec }
    private var name: String { input.server.metadata.name ?? "" }
    private var namespace: String { input.server.metadata.namespace ?? "" }

    func decide() throws(Refusal) -> ServerPlan {
        try ProtectedNamespaces(platform: input.platform, controllerNamespace: input.controllerNamespace)
            .check(namespace)
        let tenant = try resolveTenant()
        if let remote = spec.remote {
            try checkName()
            return try decide(remote, tenant: tenant)
        }
        try checkTenantReadiness(tenant)
        try checkSpec()
        let classInUse = try ClassInUse(input)
        let serverClass = classInUse.resolved.spec
        let image = try judgeImage(spec.image ?? serverClass.image, tenant: tenant)
        let signatures = try input.signatures.required(for: image, of: spec, tenant: tenant)
        let entryPoint = try entryPoint(of: image.resolved)
        let pulled = entryPoint.flatMap { try? ImageDigest($0.digest) }.map(image.resolved.pinned) ?? image.resolved
        let adapter = try StdioAdapterTemplate(spec: spec, platform: input.platform, entryPoint: entryPoint)
        let plugins = try PluginTemplate(spec: spec, tenant: tenant, platform: input.platform)
        let needs = ServerReferences.needs(of: spec, class: serverClass, tenant: tenant)
        try ServerReferences.check(needs, contents: input.contents)
        let templates = try ServerReferences.fill(spec.config?.templates ?? [], contents: input.contents)
        try checkTargets(templates)
        let settings = EffectiveSettings(
            spec: spec,
            class: serverClass,
            tenant: tenant,
            isPinned: pulled.digest != nil
        )
        try checkDrain(settings)
        let handshake = HandshakeSetting(spec: spec, class: serverClass, platform: input.platform)
        let review = try EffectiveReview(spec: spec, tenant: tenant.review, handshake: handshake)
        let isQuarantined =
            input.isRejected || input.isDrifted && review.isEnforced && review.onDrift == .quarantine
        try ObjectMetadataRules.check(spec)
        let networkPolicy = try ServerNetworkPolicy(
            tenant: tenant,
            others: OtherTenants(than: tenant, claims: input.claims),
            server: name,
            spec: spec,
            kubernetesAPI: tenant.network.kubernetesAPI ?? input.kubernetesAPI,
            controller: handshake == .enabled ? input.controllerPeer : nil,
            role: input.role,
            isQuarantined: isQuarantined
        ).policy()
        if let refusal = input.exposureRefusal() { throw refusal }
        let ingressClass = try input.ingressClass()
        let configHash = ServerReferences.digest(needs, contents: input.contents, spec: spec, templates: templates)
        let builder = PodTemplateBuilder(
            server: input.server,
            tenant: tenant,
            settings: settings,
            image: pulled.description,
            templates: templates,
            configHash: configHash,
            setsHome: ServerReferences.setsVariable(
                PodTemplateBuilder.homeVariable,
                in: spec.envFrom,
                contents: input.contents
            ),
            adapter: adapter,
            plugins: plugins,
            role: input.role
        )
        var podTemplate = try PodTemplateRules(
            server: input.server,
            tenant: tenant,
            serverClass: serverClass,
            builder: builder,
            podMetadata: PodMetadataPatterns(
                patterns: input.platform.podMetadata?.allowedKeys ?? PodMetadataPatterns.builtIn
            ),
            missingServiceAccounts: input.missingServiceAccounts
        ).checkedTemplate()
        if input.role != .serving { podTemplate = CandidateTemplate.isolated(podTemplate, of: input, tenant: tenant) }
        let volumes = try VolumeRules(
            server: input.server,
            settings: settings,
            podTemplate: podTemplate,
            claims: input.volumeClaims
        ).verdict()
        // Last, because only a server that could run is admitted.
        try checkAdmission(tenant)
        var warnings = PodWarnings.find(
            spec: spec,
            podTemplate: podTemplate,
            scaling: settings.scaling,
            pullSecrets: settings.imagePullSecrets,
            contents: input.contents
        )
        warnings += volumes.warnings
        let missing = ServerReferences.missingPullSecrets(needs, contents: input.contents)
        if !missing.isEmpty {
            warnings.append(
                "image pull Secrets do not exist: \(missing.joined(separator: ", ")); the kubelet pulls without them"
            )
        }
        warnings += exposureWarnings(tenant)
        let addresses = ServerAddresses(
            server: input.server,
            settings: settings,
            clusterDomain: input.platform.clusterDomain ?? "cluster.local"
        )
        warnings += [addresses.warning].compactMap { $0 }
        warnings += networkWarnings(tenant, podTemplate: podTemplate)
        return ServerPlan(
            server: input.server,
            tenant: tenant,
            className: classInUse.resolved.name,
            isBehindClass: classInUse.isBehind,
            image: PlannedImage(
                requested: image.requested.description,
                resolved: pulled.description,
                isPinned: image.requested.digest != nil,
                isOwn: image.isOwn
            ),
            entryPoint: entryPoint,
            signatures: signatures,
            settings: settings,
            handshake: handshake,
            review: review,
            role: input.role,
            isQuarantined: isQuarantined,
            templates: templates,
            podTemplate: podTemplate,
            strategy: volumes.strategy,
            networkPolicy: networkPolicy,
            rollout: classInUse.rollout,
            classToStore: classInUse.toStore,
            warnings: warnings,
            address: addresses.inside,
            url: addresses.clients,
            ingressClass: ingressClass
        )
    }

    private func resolveTenant() throws(Refusal) -> EffectiveTenant {
        do {
            return try EffectiveTenant(namespace: namespace, claims: input.claims, platform: input.platform)
        } catch {
            guard error.reason != .namespaceRetained else { throw error }
            let owner = input.claims[namespace]?.name ?? namespace
            throw Refusal(.tenantInvalid, "MCPTenant \"\(owner)\" is not valid: \(error.text)")
        }
    }

    /// No pod starts before the namespace's labels and policies exist. Running servers are not affected.
    private func checkTenantReadiness(_ tenant: EffectiveTenant) throws(Refusal) {
        guard !input.isTenantProgrammed, input.rollout == nil else { return }
        throw Refusal(
            .tenantNotProgrammed,
            """
            MCPTenant "\(tenant.name)" has not yet written the labels and policies of namespace "\(namespace)": \
            the server starts after that
            """
        )
    }

    func checkAdmission(_ tenant: EffectiveTenant) throws(Refusal) {
        guard case .waiting(let position, let running, let limit) = input.admission else { return }
        throw Refusal(
            .quotaExceeded,
            "tenant \"\(tenant.name)\" has \(running) of \(limit) servers (serversPerTenant, plan \(tenant.plan)), and "
                + """
                this one waits at position \(position): delete a server, or raise the quota in spec.quotas of the \
                MCPTenant; it is then admitted automatically
                """,
            queuePosition: position,
            breach: QuotaBreach(
                tenant: tenant.name,
                server: "\(namespace)/\(name)",
                dimension: .serversPerTenant,
                limit: limit,
                observed: running + position
            )
        )
    }

    private func checkSpec() throws(Refusal) {
        if spec.transport == .stdio, let path = spec.path,
            [StdioAdapterTemplate.readyPath, StdioAdapterTemplate.livePath].contains(path)
        {
            throw Refusal(
                .specInvalid,
                field: "spec.path",
                "\(path) is the path of a probe of the adapter for stdio: use another path, such as /mcp"
            )
        }
        if spec.stdio != nil, spec.transport != .stdio {
            throw Refusal(
                .specInvalid,
                field: "spec.stdio",
                "is only valid with the transport stdio: remove it, or set spec.transport to stdio"
            )
        }
        try checkName()
        if let port = spec.port, !(1...65_535).contains(port) {
            throw Refusal(.specInvalid, field: "spec.port", "\(port) is not a port from 1 to 65535")
        }
        try ServerPorts(spec: spec).check()
    }

    private func checkName() throws(Refusal) {
        guard isLabel(name) else {
            throw Refusal(
                .specInvalid,
                field: "metadata.name",
                """
                "\(name)" is also the name of a Service: use at most 63 lower-case letters, digits and -, starting \
                with a letter and not ending with -
                """
            )
        }
    }

    /// A pause that is longer than the grace period would leave no time to terminate.
    private func checkDrain(_ settings: EffectiveSettings) throws(Refusal) {
        guard settings.drainSeconds > settings.terminationGracePeriodSeconds else { return }
        throw Refusal(
            .specInvalid,
            field: "spec.drainSeconds",
            "\(settings.drainSeconds) is longer than terminationGracePeriodSeconds, "
                + "\(settings.terminationGracePeriodSeconds): lower it, or raise the grace period"
        )
    }

    /// A DNS label as a Service's name must be (RFC 1035).
    private func isLabel(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let isLetter = { (byte: UInt8) in (0x61...0x7A).contains(byte) }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        guard (1...63).contains(bytes.count), isLetter(bytes[0]) else { return false }
        return bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2D } && bytes.last != 0x2D
    }

    private func judgeImage(_ image: String?, tenant: EffectiveTenant) throws(Refusal) -> ImageVerdict {
        guard let image, !image.isEmpty else {
            throw Refusal(
                .imageMissing,
                field: "spec.image",
                "neither the server nor its class sets an image: set it, with its digest, or set spec.remote to call a server at a URL"
            )
        }
        do {
            return try tenant.images.judge(server: image)
        } catch {
            throw Refusal(Reason(error.kind), field: "spec.image", error.message)
        }
    }

    /// The entry point of the image, `nil` if the spec has a command or the server is not run by the adapter.
    private func entryPoint(of image: ImageReference) throws(Refusal) -> ServerEntryPoint? {
        guard StdioAdapterTemplate.needsEntryPoint(spec, platform: input.platform) else { return nil }
        return try input.entryPoint.required(for: image)
    }

    /// Two sources must not have the same target.
    private func checkTargets(_ templates: [FilledTemplate]) throws(Refusal) {
        var files = Set((spec.config?.files ?? [:]).keys)
        var variables = Set((spec.env ?? []).map(\.name)).union((spec.config?.env ?? [:]).keys)
        for (index, template) in templates.enumerated() {
            let field = "spec.config.templates[\(index)]"
            if let file = template.file, !files.insert(file).inserted {
                throw Refusal(.specInvalid, field: "\(field).file", "the file \"\(file)\" already exists: rename one")
            }
            if let variable = template.env, !variables.insert(variable).inserted {
                throw Refusal(
                    .specInvalid,
                    field: "\(field).env",
                    "the variable \(variable) is already set: remove one of the two"
                )
            }
        }
    }

    private func exposureWarnings(_ tenant: EffectiveTenant) -> [String] {
        guard spec.exposure?.ingress != nil || spec.exposure?.httpRoute != nil, tenant.network.enabled else {
            return []
        }
        let gateway = (tenant.network.gateway.namespaces ?? []).joined(separator: ", ")
        let owner = input.claims[namespace]?.tenant
        guard !gateway.isEmpty, owner?.spec.network?.gateway?.namespaces == nil else { return [] }
        return [
            """
            only pods in \(gateway) can reach the server: if your Ingress controller or Gateway runs in another \
            namespace, add it to spec.network.gateway.namespaces of the MCPTenant
            """
        ]
    }

    private func networkWarnings(_ tenant: EffectiveTenant, podTemplate: JSONValue) -> [String] {
        guard tenant.network.enabled else { return [] }
        var warnings: [String] = []
        let asksForAPI = spec.network?.egress?.kubernetesAPI ?? false
        if asksForAPI, (tenant.network.kubernetesAPI ?? input.kubernetesAPI).isEmpty {
            warnings.append(
                "the addresses of the Kubernetes API are not known, so the server cannot reach it: list them in "
                    + "network.kubernetesAPI of the platform's configuration"
            )
        }
        // The tenant can open the addresses of the API itself.
        let mayReachAPI = asksForAPI || tenant.network.allow.contains { $0.cidr != nil }
        if !mayReachAPI, PodTokens.mountsToken(podTemplate["spec"] ?? [:]) {
            warnings.append(
                """
                a token for the Kubernetes API is mounted, but the server cannot reach the API: set \
                spec.network.egress.kubernetesAPI to true, or do not mount a token
                """
            )
        }
        if spec.monitoring != nil, tenant.network.monitoring == nil {
            warnings.append(
                """
                no pod is allowed to read the metrics of spec.monitoring: add the namespace of Prometheus to \
                spec.network.monitoring of the MCPTenant
                """
            )
        }
        return warnings
    }
}

extension Reason {
    init(_ kind: ImageRefusal.Kind) {
        switch kind {
        case .malformed: self = .imageMalformed
        case .latestTag: self = .imageLatestTag
        case .digestRequired: self = .imageDigestRequired
        case .registryNotAllowed: self = .imageRegistryNotAllowed
        case .mirrorNotAllowed: self = .imageMirrorNotAllowed
        case .notMirrored: self = .imageNotMirrored
        }
    }

    /// Whether this is about an image, and is therefore also reported in `ImagePolicySatisfied`.
    var isAboutImage: Bool {
        switch self {
        case .imageMissing, .imageMalformed, .imageLatestTag, .imageDigestRequired, .imageRegistryNotAllowed,
            .imageMirrorNotAllowed, .imageNotMirrored:
            true
        default: false
        }
    }

    /// Whether this is about the signatures of an image, and is therefore also reported in `ImageVerified`.
    var isAboutSignatures: Bool {
        self == .signaturePending || self == .signatureRefused || self == .signatureUnreadable
    }
}

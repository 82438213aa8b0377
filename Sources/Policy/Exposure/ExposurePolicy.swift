package import CRDModels
internal import KubernetesAPI

/// How the servers of one namespace can be exposed outside the cluster: what the tenant allows and the platform does
/// not forbid. Without a tenant, nothing is allowed.
package struct ExposurePolicy {
    private let tenant: MCPTenant?
    private let platform: TenantExposure?
    private let namespace: String

    package init(namespace: String, claims: NamespaceClaims, platform: PlatformConfiguration) {
        self.namespace = namespace
        tenant = claims[namespace]?.tenant
        self.platform = platform.exposure
    }

    private var allowed: TenantExposure { tenant?.spec.exposure ?? TenantExposure() }

    /// Whether a tenant holds the namespace, so that its rules are known.
    package var isKnown: Bool { tenant != nil }

    /// Validates the platform's settings, which the API server does not validate.
    static func validate(_ exposure: TenantExposure?, field: String) throws(Refusal) {
        for (index, host) in (exposure?.hosts ?? []).enumerated() {
            let labels = (host.hasPrefix("*.") ? host.dropFirst(2) : Substring(host))
                .split(separator: ".", omittingEmptySubsequences: false)
            guard host == HostNames.any || labels.allSatisfy({ isLabel($0) }) else {
                throw Refusal(
                    .tenantInvalid,
                    field: "\(field).hosts[\(index)]",
                    "\"\(host)\" is not a host name such as mcp.example.com or *.example.com"
                )
            }
        }
        for (index, pattern) in (exposure?.annotations ?? []).enumerated()
        where pattern.isEmpty || pattern.dropLast().contains("*") {
            throw Refusal(
                .tenantInvalid,
                field: "\(field).annotations[\(index)]",
                "\"\(pattern)\" is neither an annotation's key nor a prefix that ends in *"
            )
        }
    }

    private static func isLabel(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 63 && text.utf8.first != 0x2D && text.utf8.last != 0x2D
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    // MARK: The verdict

    /// Why a server cannot be exposed as requested, or `nil` if it can.
    package func refusal(of spec: MCPServerSpec) -> Refusal? {
        do {
            try check(spec)
            return nil
        } catch {
            return error
        }
    }

    private func check(_ spec: MCPServerSpec) throws(Refusal) {
        if let ingress = spec.exposure?.ingress {
            let field = "spec.exposure.ingress"
            try check(host: ingress.host, field: "\(field).host")
            _ = try ingressClass(ingress)
            try check(annotations: ingress.annotations, field: "\(field).annotations")
        }
        if let route = spec.exposure?.httpRoute {
            let field = "spec.exposure.httpRoute"
            if (route.hostnames ?? []).isEmpty {
                try check(host: HostNames.any, field: "\(field).hostnames")
            }
            for (index, host) in (route.hostnames ?? []).enumerated() {
                try check(host: host, field: "\(field).hostnames[\(index)]")
            }
            for (index, parent) in route.parentRefs.enumerated() {
                try check(parent, field: "\(field).parentRefs[\(index)]")
            }
            try check(annotations: route.annotations, field: "\(field).annotations")
        }
        let ofService = spec.service?.annotations?.filter { !Self.isHarmless($0.key) }
        try check(annotations: ofService, field: "spec.service.annotations")
    }

    private func check(host: String, field: String) throws(Refusal) {
        let host = host.lowercased()
        let what =
            host == HostNames.any ? "every host of the Gateway, which a route without hostnames matches" : "\"\(host)\""
        try check(
            "hosts",
            field: field,
            what,
            allowed.hosts,
            platform?.hosts
        ) { HostNames.covers($0, host) }
    }

    /// The IngressClass of an Ingress. If the Ingress names none, it gets the one that the tenant is allowed to use,
    /// because the cluster's default class is not necessarily allowed.
    package func ingressClass(_ ingress: IngressExposure) throws(Refusal) -> String {
        let field = "spec.exposure.ingress.className"
        guard let name = ingress.className else {
            let classes = (allowed.ingressClasses ?? []).filter { platform?.ingressClasses?.contains($0) ?? true }
            if let only = classes.first, classes.count == 1 { return only }
            guard classes.isEmpty else {
                throw Refusal(
                    .exposureNotAllowed,
                    field: field,
                    "set one of the IngressClasses that the tenant allows: \(classes.sorted().joined(separator: ", "))"
                )
            }
            throw notAllowed(
                "ingressClasses",
                field: field,
                "any IngressClass",
                isPlatform: !(allowed.ingressClasses ?? []).isEmpty
            )
        }
        try check(
            "ingressClasses",
            field: field,
            "the IngressClass \"\(name)\"",
            allowed.ingressClasses,
            platform?.ingressClasses
        ) { $0 == name }
        return name
    }

    private func check(_ parent: RouteParentReference, field: String) throws(Refusal) {
        guard parent.group ?? ResourceType.httpRoute.group == ResourceType.httpRoute.group,
            parent.kind ?? "Gateway" == "Gateway"
        else {
            throw Refusal(
                .exposureNotAllowed,
                field: field,
                "a route can only be attached to a Gateway, not to a \(parent.kind ?? "Gateway").\(parent.group ?? "")"
            )
        }
        let place = parent.namespace ?? namespace
        try check(
            "gateways",
            field: field,
            "the Gateway \"\(place)/\(parent.name)\"",
            allowed.gateways,
            platform?.gateways
        ) { ($0.namespace ?? namespace) == place && ($0.name == "*" || $0.name == parent.name) }
    }

    private func check(annotations: [String: String]?, field: String) throws(Refusal) {
        for key in (annotations ?? [:]).keys.sorted() {
            try check(
                "annotations",
                field: field,
                "the annotation \"\(key)\"",
                allowed.annotations,
                platform?.annotations
            ) { Self.matches($0, key: key) }
        }
    }

    /// Whether a pattern allows a key: the exact key, or a prefix if the key is not sensitive.
    package static func matches(_ pattern: String, key: String) -> Bool {
        guard pattern.hasSuffix("*") else { return pattern == key }
        return key.hasPrefix(pattern.dropLast()) && !SensitiveAnnotations.contains(key)
    }

    /// Whether an annotation of a Service cannot change how the Service is exposed.
    private static func isHarmless(_ key: String) -> Bool {
        !key.contains("/")
            || ["prometheus.io/", "app.kubernetes.io/", "agentgateway.dev/"].contains { key.hasPrefix($0) }
    }

    private func check<Pattern>(
        _ list: String,
        field: String,
        _ what: String,
        _ patterns: [Pattern]?,
        _ ceiling: [Pattern]?,
        matches: (Pattern) -> Bool
    ) throws(Refusal) {
        guard patterns?.contains(where: matches) == true else {
            throw notAllowed(list, field: field, what, isPlatform: false)
        }
        guard ceiling?.contains(where: matches) ?? true else {
            throw notAllowed(list, field: field, what, isPlatform: true)
        }
    }

    private func notAllowed(_ list: String, field: String, _ what: String, isPlatform: Bool) -> Refusal {
        guard let name = tenant?.metadata.name else {
            return Refusal(
                .exposureNotAllowed,
                field: field,
                """
                no MCPTenant claims namespace "\(namespace)", so nothing in it can be exposed: create an MCPTenant \
                that allows \(what) in spec.exposure.\(list)
                """
            )
        }
        return Refusal(
            .exposureNotAllowed,
            field: field,
            isPlatform
                ? """
                the platform does not allow \(what): use another, or ask an administrator to add it to \
                exposure.\(list) of the platform's configuration
                """
                : """
                tenant "\(name)" does not allow \(what): use another, or ask an administrator to add it to \
                spec.exposure.\(list) of the MCPTenant
                """
        )
    }
}

/// Annotations that can do more than expose a server: set configuration of the ingress controller, read other Secrets,
/// use other hosts, or bypass the controller that the tenant is allowed to use. A prefix never allows them; only the
/// exact key does.
enum SensitiveAnnotations {
    /// Whether a key is sensitive.
    static func contains(_ key: String) -> Bool {
        let key = key.lowercased()
        guard let slash = key.lastIndex(of: "/") else { return false }
        if prefixes.contains(where: key.hasPrefix) { return true }
        let name = key[key.index(after: slash)...]
        return words.contains { name.contains($0) }
    }

    /// Prefixes of keys that are all sensitive.
    private static let prefixes = [
        // The deprecated annotation for the class of an Ingress, and addresses of load balancers (GKE).
        "kubernetes.io/",
        // DNS records in the platform's zones.
        "external-dns.alpha.kubernetes.io/", "external-dns.kubernetes.io/", "dns.gardener.cloud/",
        // These join other tenants' load balancers, and set their rules and certificates.
        "alb.ingress.kubernetes.io/", "ingress.gcp.kubernetes.io/", "networking.gke.io/", "cloud.google.com/",
        "appgw.ingress.kubernetes.io/", "service.beta.kubernetes.io/", "service.kubernetes.io/",
        // These expose a Service in other ways than an Ingress.
        "getambassador.io/", "tailscale.com/", "networking.istio.io/", "metallb.io/", "metallb.universe.tf/",
        // Moorage's own keys.
        "moorage.dev/",
    ]

    /// Words in the names of keys, for all ingress controllers: ingress-nginx, nginx.org, HAProxy, Traefik, Kong,
    /// Contour.
    private static let words = [
        // Configuration as text: configuration-snippet, server-snippet, stream-snippet, location-snippets, config-backend.
        "snippet", "config-", "modsecurity", "lua",
        // Objects of other namespaces, or their contents: auth-tls-secret, proxy-ssl-secret, secure-verify-ca-secret.
        "secret", "auth-tls", "certificate", "tls-context", "tls.options", "middleware", "plugins",
        // Other hosts, and requests to other servers: server-alias, canary, mirror-target, target, hostname.
        "alias", "hostname", "target", "canary", "mirror", "redirect", "default-backend", "upstream", "vhost",
        "endpoint",
        // Where the credentials of requests are sent: auth-url, auth-signin, auth-proxy-set-headers, oauth.
        "auth-url", "auth-signin", "auth-proxy", "oauth", "passthrough",
    ]
}

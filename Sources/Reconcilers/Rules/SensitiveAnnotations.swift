/// Annotations with which who may set one can do more than reach a server: run configuration of the ingress controller, read
/// other Secrets, take other hosts, or leave the controller that the tenant is allowed. A prefix never allows them; the
/// exact key does.
enum SensitiveAnnotations {
    /// Whether a key is one of them.
    static func contains(_ key: String) -> Bool {
        let key = key.lowercased()
        guard let slash = key.lastIndex(of: "/") else { return false }
        if prefixes.contains(where: key.hasPrefix) { return true }
        let name = key[key.index(after: slash)...]
        return words.contains { name.contains($0) }
    }

    /// Families of keys that are sensitive as a whole.
    private static let prefixes = [
        // The class of an Ingress by its old annotation, and addresses of load balancers (GKE).
        "kubernetes.io/",
        // Which names of the platform's zones lead where.
        "external-dns.alpha.kubernetes.io/", "external-dns.kubernetes.io/", "dns.gardener.cloud/",
        // Joins other tenants' load balancers, and sets rules and certificates of them.
        "alb.ingress.kubernetes.io/", "ingress.gcp.kubernetes.io/", "networking.gke.io/", "cloud.google.com/",
        "appgw.ingress.kubernetes.io/", "service.beta.kubernetes.io/", "service.kubernetes.io/",
        // Exposes a Service by other ways than an Ingress.
        "getambassador.io/", "tailscale.com/", "networking.istio.io/", "metallb.io/", "metallb.universe.tf/",
        // Moorage's own.
        "moorage.dev/",
    ]

    /// Words in a key's name, over all ingress controllers: ingress-nginx, nginx.org, HAProxy, Traefik, Kong, Contour.
    private static let words = [
        // Configuration as text: configuration-snippet, server-snippet, stream-snippet, location-snippets, config-backend.
        "snippet", "config-", "modsecurity", "lua",
        // Objects of other namespaces, or what they hold: auth-tls-secret, proxy-ssl-secret, secure-verify-ca-secret.
        "secret", "auth-tls", "certificate", "tls-context", "tls.options", "middleware", "plugins",
        // Other hosts, and other requests than the server's own: server-alias, canary, mirror-target, target, hostname.
        "alias", "hostname", "target", "canary", "mirror", "redirect", "default-backend", "upstream", "vhost",
        "endpoint",
        // Where credentials of requests are sent: auth-url, auth-signin, auth-proxy-set-headers, oauth.
        "auth-url", "auth-signin", "auth-proxy", "oauth", "passthrough",
    ]
}

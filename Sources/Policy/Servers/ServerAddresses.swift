package import CRDModels
internal import KubernetesAPI

/// The addresses of a server, inside and outside the cluster.
package struct ServerAddresses {
    let server: MCPServer
    let settings: EffectiveSettings
    let clusterDomain: String

    /// - Parameters:
    ///   - settings: those of the server, completed.
    ///   - clusterDomain: the cluster's DNS domain.
    package init(server: MCPServer, settings: EffectiveSettings, clusterDomain: String) {
        self.server = server
        self.settings = settings
        self.clusterDomain = clusterDomain
    }

    /// The address inside the cluster.
    package var inside: String {
        let name = server.metadata.name ?? ""
        let namespace = server.metadata.namespace ?? ""
        let port = settings.servicePort == 80 ? "" : ":\(settings.servicePort)"
        return "http://\(name).\(namespace).svc.\(clusterDomain)\(port)\(settings.path)"
    }

    /// The address for clients. `nil` if the server is exposed, but without a host that is not a wildcard.
    package var clients: String? {
        if let ingress = server.spec.exposure?.ingress {
            let scheme = ingress.tls == nil ? "http" : "https"
            return outside(scheme, host: ingress.host, path: path(under: ingress.path ?? "/"))
        }
        if let route = server.spec.exposure?.httpRoute {
            let scheme = route.scheme == "HTTP" ? "http" : "https"
            let named = route.hostnames?.first { !$0.hasPrefix("*") }
            let prefix = route.path ?? "/"
            return outside(scheme, host: named, path: route.stripPath == true ? joined(prefix) : path(under: prefix))
        }
        return inside
    }

    /// A warning if the path under which the server is exposed does not lead to its endpoint.
    package var warning: String? {
        let (prefix, isStripped, field) =
            if let ingress = server.spec.exposure?.ingress {
                (ingress.path ?? "/", false, "spec.exposure.ingress.path")
            } else if let route = server.spec.exposure?.httpRoute {
                (route.path ?? "/", route.stripPath ?? false, "spec.exposure.httpRoute.path")
            } else {
                ("/", true, "")
            }
        guard !isStripped, !isBelow(prefix) else { return nil }
        let wayOut =
            server.spec.exposure?.ingress == nil
            ? "set stripPath, or change spec.path so that it starts with it"
            : "change spec.path so that it starts with it, or let your Ingress controller rewrite the path"
        return "\(field) is \(prefix), and the endpoint \(settings.path) is not below it: \(wayOut)"
    }

    private func outside(_ scheme: String, host: String?, path: String) -> String? {
        guard let host, !host.hasPrefix("*") else { return nil }
        return "\(scheme)://\(host.lowercased())\(path)"
    }

    private func isBelow(_ prefix: String) -> Bool {
        let folder = prefix.hasSuffix("/") ? prefix : prefix + "/"
        return settings.path == prefix || settings.path.hasPrefix(folder)
    }

    /// The path that a client requests if the server receives it unchanged.
    private func path(under prefix: String) -> String { isBelow(prefix) ? settings.path : prefix }

    /// The path that a client requests if the prefix is removed.
    private func joined(_ prefix: String) -> String {
        (prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix) + settings.path
    }
}

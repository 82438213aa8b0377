internal import CRDModels
package import KubernetesAPI
internal import Policy

/// The way from this machine to a server.
package enum ServerRoute: Sendable, Hashable {
    /// To a port of one of its pods.
    case pods(Endpoint)
    /// Through the gateway, because nothing else leads to it.
    case gateway(path: String, reason: String)

    /// Where the pods of a server serve MCP.
    package struct Endpoint: Sendable, Hashable {
        /// The path.
        package var path: String
        /// Whether the transport is HTTP+SSE; Streamable HTTP otherwise, which the adapter also serves for stdio.
        package var usesSSE: Bool
        /// Whether the pods serve TLS.
        package var usesTLS: Bool
        /// The port of pods that do not name one.
        package var port: Int

        package init(path: String, usesSSE: Bool, usesTLS: Bool, port: Int) {
            self.path = path
            self.usesSSE = usesSSE
            self.usesTLS = usesTLS
            self.port = port
        }
    }

    /// - Parameters:
    ///   - server: the MCPServer.
    ///   - service: its Service; `nil` if it does not exist or must not be read.
    package init(server: JSONValue, service: JSONValue?) {
        if server[path: ["spec", "remote"]]?.objectValue != nil {
            self = .gateway(
                path: GatewayPath.server(server.name, in: server.text("metadata", "namespace") ?? ""),
                reason: "\(server.name) is a remote server, which has no pods"
            )
            return
        }
        let usesSSE = server.text("spec", "transport") == Transport.sse.rawValue
        let protocols = service?.list("spec", "ports").first { $0.text("name") == Moorage.portName }
        let appProtocol = protocols?.text("appProtocol") ?? server.text("spec", "service", "appProtocol")
        self = .pods(
            Endpoint(
                path: server.text("spec", "path") ?? server.text("status", "mcp", "path")
                    ?? EffectiveSettings.defaultPath(usesSSE ? .sse : .streamableHTTP),
                usesSSE: usesSSE,
                usesTLS: appProtocol == "https",
                port: server.integer("spec", "port").flatMap { Int(exactly: $0) } ?? 8080
            )
        )
    }
}

/// A pod that a port is forwarded to.
package struct ForwardedPod: Sendable, Hashable {
    /// The namespace.
    package var namespace: String
    /// The name.
    package var name: String
    /// The UID: another pod can get the same name.
    package var uid: String
    /// The port.
    package var port: Int

    package init(namespace: String, name: String, uid: String, port: Int) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.port = port
    }

    /// The pod that runs the latest template: the newest one that is ready.
    ///
    /// - Parameters:
    ///   - pods: the pods of a server, or of the gateway.
    ///   - portName: the name of the port.
    ///   - fallback: the port of pods that do not name one; `nil` if these have none.
    /// - Returns: `nil` if no pod is ready and has such a port.
    package static func newest(of pods: [JSONValue], portName: String, fallback: Int?) -> ForwardedPod? {
        ready(pods, portName: portName, fallback: fallback).first
    }

    /// The pods that are ready and have the port, the newest first.
    package static func ready(_ pods: [JSONValue], portName: String, fallback: Int?) -> [ForwardedPod] {
        let ready = pods.filter(isReady).sorted { left, right in
            let times = [left, right].map { $0.time("metadata", "creationTimestamp")?.secondsSinceEpoch ?? 0 }
            return times[0] == times[1] ? left.name < right.name : times[0] > times[1]
        }
        return ready.compactMap { pod in
            guard let namespace = pod.text("metadata", "namespace"), let port = port(of: pod, portName) ?? fallback
            else {
                return nil
            }
            return ForwardedPod(
                namespace: namespace,
                name: pod.name,
                uid: pod.text("metadata", "uid") ?? "",
                port: port
            )
        }
    }

    /// Whether a pod serves and is not being deleted.
    package static func isReady(_ pod: JSONValue) -> Bool {
        pod.text("metadata", "deletionTimestamp") == nil
            && pod.list("status", "conditions").contains { $0["type"] == "Ready" && $0["status"] == "True" }
    }

    private static func port(of pod: JSONValue, _ name: String) -> Int? {
        // An init container that keeps running, such as the one of an adapter, can serve too.
        let containers = pod.list("spec", "containers") + pod.list("spec", "initContainers")
        let ports = containers.flatMap { $0.list("ports") }
        return ports.first { $0.text("name") == name }?.integer("containerPort").flatMap { Int(exactly: $0) }
    }
}

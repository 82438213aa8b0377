import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import KubernetesClient

/// Where controller and gateway are installed.
struct InstallationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The namespace of controller and gateway. (default: found by their labels)",
            valueName: "name"
        ),
        completion: NameCompletion.kind(.namespace)
    )
    var systemNamespace: String?

    /// The namespace of an installation that may not be searched for.
    static let usualNamespace = "moorage-system"
}

extension ClusterReader {
    /// The labels of the objects of an installation.
    static func installationLabels(_ component: String? = nil) -> String {
        let all = "\(MoorageLabels.partOf)=moorage"
        return component.map { "\(all),\(MoorageLabels.component)=\($0)" } ?? "\(all),\(MoorageLabels.component)"
    }

    /// The pods of the gateway.
    ///
    /// - Throws: `CommandFailure` if there are none or they must not be read, and the client's errors.
    func gatewayPods(_ installation: InstallationOptions) async throws -> [JSONValue] {
        let labels = Self.installationLabels("gateway")
        var found = try await list(.pod, namespace: installation.systemNamespace, labels: labels)
        var place = installation.systemNamespace.map { "in the namespace \($0)" } ?? "in any namespace"
        if found == nil, installation.systemNamespace == nil {
            found = try await list(.pod, namespace: InstallationOptions.usualNamespace, labels: labels)
            place = "in the namespace \(InstallationOptions.usualNamespace)"
        }
        guard let pods = found else {
            throw CommandFailure(
                "your account is not allowed to list the pods of the gateway \(place): name its namespace with --system-namespace"
            )
        }
        guard !pods.isEmpty else {
            throw CommandFailure(
                "no pod of the gateway was found \(place): install the chart with gateway.enabled, or name its namespace with "
                    + "--system-namespace"
            )
        }
        return pods
    }

    /// The pod of the gateway that a port is forwarded to.
    ///
    /// - Throws: `CommandFailure` if none is ready.
    func gatewayPod(_ installation: InstallationOptions) async throws -> ForwardedPod {
        let pods = try await gatewayPods(installation)
        guard let pod = ForwardedPod.newest(of: pods, portName: Moorage.portName, fallback: nil) else {
            throw CommandFailure(
                "no pod of the gateway is ready: \(ProgramName.commands) doctor says more"
            )
        }
        return pod
    }

    /// Whether the gateway serves TLS itself, as its arguments say.
    func gatewayUsesTLS(_ pod: ForwardedPod) async throws -> Bool {
        let object = try await find(.pod, pod.name, namespace: pod.namespace)
        let containers = object?[path: ["spec", "containers"]]?.arrayValue ?? []
        return containers.contains { container in
            (container["args"]?.arrayValue ?? []).contains {
                $0.stringValue?.hasPrefix("--tls-certificate-file") ?? false
            }
        }
    }

    /// The pod of a server that a port is forwarded to.
    ///
    /// - Throws: `CommandFailure` if none is ready.
    func pod(ofServer name: String, port: Int) async throws -> ForwardedPod {
        guard let pods = try await list(.pod, namespace: namespace, labels: "\(MoorageLabels.server)=\(name)") else {
            throw CommandFailure(
                "your account is not allowed to list the pods of the namespace \(namespace): every role of the tenant allows it"
            )
        }
        guard let pod = ForwardedPod.newest(of: pods, portName: Moorage.portName, fallback: port) else {
            throw CommandFailure(
                "no pod of MCPServer \(namespace)/\(name) is ready: \(ProgramName.commands) status \(name) -n \(namespace) says why"
            )
        }
        return pod
    }

    /// The Service of a server; `nil` if there is none, or it must not be read.
    func service(ofServer name: String) async throws -> JSONValue? {
        do {
            return try await find(.service, name, namespace: namespace)
        } catch let error as APIError where error.isForbidden {
            return nil
        }
    }
}

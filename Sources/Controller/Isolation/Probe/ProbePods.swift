import KubernetesAPI

/// The pods of a probe. They satisfy the Pod Security level restricted.
struct ProbePods: Sendable {
    /// What distinguishes this probe from others.
    var identifier: String
    /// The image that contains `moorage`.
    var image: String

    /// A part of the names of pods that no other probe has.
    static func newIdentifier() -> String { String(UInt32.random(in: .min ... .max), radix: 36) }

    static let port = 8080
    static let nameLabel = "app.kubernetes.io/name"
    static let name = "moorage-probe"

    /// The labels of a pod that listens, or of one that connects.
    func labels(_ role: String) -> [String: String] {
        [
            Self.nameLabel: Self.name, "app.kubernetes.io/component": role, "app.kubernetes.io/instance": identifier,
            "app.kubernetes.io/managed-by": "moorage-cli",
        ]
    }

    func podName(_ role: String) -> String { "\(Self.name)-\(role)-\(identifier)" }

    /// The pod that listens. The kubelet's probe shows that it does.
    func server(in namespace: String) -> JSONValue {
        pod(
            "server",
            namespace,
            ["network-probe", "serve", "--port", "\(Self.port)"],
            container: [
                "ports": [["containerPort": .integer(Int64(Self.port)), "protocol": "TCP"]],
                "readinessProbe": [
                    "tcpSocket": ["port": .integer(Int64(Self.port))], "periodSeconds": 1, "failureThreshold": 60,
                ],
            ]
        )
    }

    /// The pod that connects to addresses, once.
    func client(in namespace: String, to addresses: [String]) -> JSONValue {
        pod("client", namespace, ["network-probe", "connect", "--port", "\(Self.port)"] + addresses, container: [:])
    }

    private func pod(
        _ role: String,
        _ namespace: String,
        _ arguments: [String],
        container: [String: JSONValue]
    ) -> JSONValue {
        var settings: [String: JSONValue] = [
            "name": "probe", "image": .string(image), "args": .array(arguments.map { .string($0) }),
            "resources": [
                "requests": ["cpu": "10m", "memory": "32Mi"], "limits": ["cpu": "500m", "memory": "128Mi"],
            ],
            "securityContext": [
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true,
                "runAsUser": 65532, "capabilities": ["drop": ["ALL"]], "seccompProfile": ["type": "RuntimeDefault"],
            ],
        ]
        settings.merge(container) { _, new in new }
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string(podName(role)), "namespace": .string(namespace),
                "labels": .object(labels(role).mapValues { .string($0) }),
            ],
            "spec": [
                "restartPolicy": "Never", "automountServiceAccountToken": false, "enableServiceLinks": false,
                "terminationGracePeriodSeconds": 0, "activeDeadlineSeconds": 300,
                "containers": [.object(settings)],
            ],
        ]
    }
}

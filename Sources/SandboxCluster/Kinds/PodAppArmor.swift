import KubernetesAPI

/// AppArmor profiles in annotations, which the server copies to the fields that replaced them.
enum PodAppArmor {
    /// The prefix of the annotations' keys; the container's name follows.
    static let prefix = "container.apparmor.security.beta.kubernetes.io/"

    static func fill(_ pod: inout JSONValue) {
        for (key, text) in pod[path: ["metadata", "annotations"]]?.stringMap ?? [:] where key.hasPrefix(prefix) {
            let profile: JSONValue
            switch text {
            case "runtime/default": profile = ["type": "RuntimeDefault"]
            case "unconfined": profile = ["type": "Unconfined"]
            default:
                guard text.hasPrefix("localhost/") else { continue }
                profile = [
                    "type": "Localhost", "localhostProfile": .string(String(text.dropFirst("localhost/".count))),
                ]
            }
            let name = key.dropFirst(prefix.count)
            for list in ["containers", "initContainers"] {
                guard var containers = pod[path: ["spec", list]]?.arrayValue else { continue }
                for index in containers.indices where containers[index]["name"]?.stringValue ?? "" == name {
                    let path = ["securityContext", "appArmorProfile"]
                    containers[index][path: path] = containers[index][path: path] ?? profile
                }
                pod[path: ["spec", list]] = .array(containers)
            }
        }
    }

    static func warnings(_ pod: JSONValue) -> [String] {
        (pod[path: ["metadata", "annotations"]]?.stringMap ?? [:]).keys.filter { $0.hasPrefix(prefix) }.sorted().map {
            "metadata.annotations[\($0)]: deprecated since v1.30; use the \"appArmorProfile\" field instead"
        }
    }
}

import KubernetesAPI

/// The Pod Security Standards, as the API server's admission words its refusals.
enum PodSecurity {
    enum Level: String, Sendable {
        case privileged, baseline, restricted
    }

    static func violations(_ spec: JSONValue, level: Level) -> [String] {
        guard level != .privileged else { return [] }
        let containers = (spec["initContainers"]?.arrayValue ?? []) + (spec["containers"]?.arrayValue ?? [])
        let podContext = spec["securityContext"] ?? [:]
        var result: [String] = []
        func names(_ failing: [JSONValue]) -> String {
            let quoted = failing.map { "\"\($0["name"]?.stringValue ?? "")\"" }.joined(separator: ", ")
            return "\(failing.count > 1 ? "containers" : "container") \(quoted)"
        }
        func failing(_ test: (JSONValue) -> Bool) -> [JSONValue] {
            containers.filter { test($0["securityContext"] ?? [:]) }
        }
        let shared = ["hostNetwork", "hostPID", "hostIPC"].filter { spec[$0]?.boolValue == true }
        if !shared.isEmpty {
            result.append("host namespaces (\(shared.map { "\($0)=true" }.joined(separator: ", ")))")
        }
        let ports = containers.filter { container in
            (container["ports"]?.arrayValue ?? []).contains { ($0["hostPort"]?.integerValue ?? 0) != 0 }
        }
        if !ports.isEmpty { result.append("hostPort (\(names(ports)) uses a hostPort)") }
        let hostPaths = (spec["volumes"]?.arrayValue ?? []).filter { $0["hostPath"] != nil }
            .compactMap { $0["name"]?.stringValue }
        if !hostPaths.isEmpty {
            result.append("hostPath volumes (volume \(hostPaths.map { "\"\($0)\"" }.joined(separator: ", ")))")
        }
        let privileged = failing { $0["privileged"]?.boolValue == true }
        if !privileged.isEmpty {
            result.append("privileged (\(names(privileged)) must not set securityContext.privileged=true)")
        }
        if level == .baseline {
            let basic: Set<String> = [
                "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
                "SETFCAP",
                "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
            ]
            let adding = failing { context in
                (context[path: ["capabilities", "add"]]?.arrayValue ?? []).compactMap(\.stringValue)
                    .contains { !basic.contains($0) }
            }
            if !adding.isEmpty {
                result.append(
                    "non-default capabilities (\(names(adding)) must not include more in securityContext.capabilities.add)"
                )
            }
            return result
        }
        let escalating = failing { $0["allowPrivilegeEscalation"]?.boolValue != false }
        if !escalating.isEmpty {
            result.append(
                "allowPrivilegeEscalation != false (\(names(escalating)) must set "
                    + "securityContext.allowPrivilegeEscalation=false)"
            )
        }
        let undropped = failing { context in
            context[path: ["capabilities", "drop"]]?.arrayValue?.contains("ALL") != true
                || (context[path: ["capabilities", "add"]]?.arrayValue ?? []).contains { $0 != "NET_BIND_SERVICE" }
        }
        if !undropped.isEmpty {
            result.append(
                "unrestricted capabilities (\(names(undropped)) must set securityContext.capabilities.drop=[\"ALL\"])"
            )
        }
        let allowed: Set<String> = [
            "name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected",
            "secret", "image",
        ]
        for volume in spec["volumes"]?.arrayValue ?? [] {
            let types = (volume.objectValue ?? [:]).keys.filter { !allowed.contains($0) }.sorted()
            if let type = types.first {
                result.append(
                    "restricted volume types (volume \"\(volume["name"]?.stringValue ?? "")\" uses restricted volume type "
                        + "\"\(type)\")"
                )
            }
        }
        let podNonRoot = podContext["runAsNonRoot"]?.boolValue
        let rootable = failing { ($0["runAsNonRoot"]?.boolValue ?? podNonRoot) != true }
        if !rootable.isEmpty {
            result.append(
                "runAsNonRoot != true (pod or \(names(rootable)) must set securityContext.runAsNonRoot=true)"
            )
        }
        let roots = failing { $0["runAsUser"]?.integerValue == 0 }
        if podContext["runAsUser"]?.integerValue == 0 {
            result.append("runAsUser=0 (pod must not set runAsUser=0)")
        } else if !roots.isEmpty {
            result.append("runAsUser=0 (\(names(roots)) must not set runAsUser=0)")
        }
        let podProfile = podContext[path: ["seccompProfile", "type"]]?.stringValue
        let unconfined = failing { context in
            let type = context[path: ["seccompProfile", "type"]]?.stringValue ?? podProfile
            return type != "RuntimeDefault" && type != "Localhost"
        }
        if !unconfined.isEmpty {
            result.append(
                "seccompProfile (pod or \(names(unconfined)) must set securityContext.seccompProfile.type to "
                    + "\"RuntimeDefault\" or \"Localhost\")"
            )
        }
        return result
    }
}

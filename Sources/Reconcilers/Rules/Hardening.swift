internal import KubernetesAPI

/// How every pod is hardened, and what undoes it.
enum Hardening {
    /// The user, the group and the volumes' group of every pod that does not say otherwise.
    static let defaultID: Int64 = 1000

    /// The pod's security settings.
    static let podSecurityContext: JSONValue = [
        "runAsNonRoot": true,
        "runAsUser": .integer(defaultID),
        "runAsGroup": .integer(defaultID),
        "fsGroup": .integer(defaultID),
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": ["type": "RuntimeDefault"],
    ]

    /// The container's security settings, with the pod's user and group said again, as auditors look at containers.
    static func securityContext(for pod: JSONValue) -> JSONValue {
        var context: JSONValue = [
            "allowPrivilegeEscalation": false,
            "privileged": false,
            "readOnlyRootFilesystem": true,
            "capabilities": ["drop": ["ALL"]],
            "seccompProfile": ["type": "RuntimeDefault"],
        ]
        for key in ["runAsNonRoot", "runAsUser", "runAsGroup"] {
            context[key] = pod[key]
        }
        return context
    }

    /// One way in which a pod is less hardened than Moorage makes it.
    struct Weakening: Sendable, Hashable {
        /// The field, from the pod's `spec` on, such as `containers[0].securityContext.privileged`.
        var field: String
        /// What it does.
        var message: String
    }

    /// Every way in which a pod is less hardened than Moorage makes it.
    ///
    /// - Parameter allowsToken: whether the server itself asked for a token of its ServiceAccount.
    static func weakenings(of spec: JSONValue, allowsToken: Bool) -> [Weakening] {
        var found: [Weakening] = []
        for key in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"] where spec[key] == true {
            found.append(Weakening(field: key, message: "shares the node's or the other containers' namespace"))
        }
        if spec["automountServiceAccountToken"] != false, !allowsToken {
            found.append(
                Weakening(
                    field: "automountServiceAccountToken",
                    message: "mounts a token for the Kubernetes API: ask for it by spec.serviceAccount.automountToken"
                )
            )
        }
        if spec["enableServiceLinks"] != false {
            found.append(Weakening(field: "enableServiceLinks", message: "tells of every Service in the namespace"))
        }
        for (index, volume) in (spec["volumes"]?.arrayValue ?? []).enumerated() {
            if volume["hostPath"] != nil {
                found.append(Weakening(field: "volumes[\(index)].hostPath", message: "opens the node's file system"))
            }
            for (source, item) in (volume["projected"]?["sources"]?.arrayValue ?? []).enumerated()
            where item["serviceAccountToken"] != nil && !allowsToken {
                found.append(
                    Weakening(
                        field: "volumes[\(index)].projected.sources[\(source)].serviceAccountToken",
                        message: "mounts a token: ask for it by spec.serviceAccount.automountToken"
                    )
                )
            }
        }
        let pod = spec["securityContext"] ?? [:]
        for (path, container) in PodContainers.all(of: spec) {
            found += weakenings(of: container, at: path, pod: pod)
        }
        return found
    }

    private static func weakenings(of container: JSONValue, at path: String, pod: JSONValue) -> [Weakening] {
        var found: [Weakening] = []
        let context = container["securityContext"] ?? [:]
        func add(_ field: String, _ message: String) {
            found.append(Weakening(field: "\(path).securityContext.\(field)", message: message))
        }
        if context["privileged"] == true { add("privileged", "gives the container the node") }
        if context["allowPrivilegeEscalation"] != false { add("allowPrivilegeEscalation", "must be false") }
        if context["readOnlyRootFilesystem"] != true {
            add("readOnlyRootFilesystem", "must be true: write to /tmp, or to a volume")
        }
        if context["runAsNonRoot"] ?? pod["runAsNonRoot"] != true { add("runAsNonRoot", "must be true") }
        if (context["runAsUser"] ?? pod["runAsUser"])?.integerValue == 0 { add("runAsUser", "is root") }
        if let type = (context["seccompProfile"] ?? pod["seccompProfile"])?["type"]?.stringValue {
            if type == "Unconfined" { add("seccompProfile.type", "is Unconfined") }
        } else {
            add("seccompProfile.type", "must be RuntimeDefault or Localhost")
        }
        let capabilities = context["capabilities"] ?? [:]
        if !(capabilities["drop"]?.arrayValue ?? []).contains("ALL") { add("capabilities.drop", "must hold ALL") }
        for capability in capabilities["add"]?.arrayValue ?? [] {
            add("capabilities.add", "adds \(capability.stringValue ?? "a capability")")
        }
        if context["procMount"] ?? "Default" != "Default" { add("procMount", "must be Default") }
        for (index, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
            if let hostPort = port["hostPort"]?.integerValue, hostPort != 0 {
                found.append(Weakening(field: "\(path).ports[\(index)].hostPort", message: "opens a port of the node"))
            }
        }
        return found
    }
}

/// The containers of a pod, of every kind, with their paths.
enum PodContainers {
    static func all(of spec: JSONValue) -> [(path: String, container: JSONValue)] {
        ["containers", "initContainers", "ephemeralContainers"].flatMap { list in
            (spec[list]?.arrayValue ?? []).enumerated().map { ("\(list)[\($0.offset)]", $0.element) }
        }
    }
}

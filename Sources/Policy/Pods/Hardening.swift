internal import CRDModels
package import KubernetesAPI

/// How every pod is hardened, and what weakens it.
package enum Hardening {
    /// The default user ID, group ID and volume group ID of pods.
    static let defaultID: Int64 = 1000

    /// The pod's security settings, unless the class leaves users and groups to the platform.
    package static let podSecurityContext = podSecurityContext(assignsIDs: true)

    /// The pod's security settings.
    ///
    /// - Parameter assignsIDs: whether the user, the group and the volumes' group are set. OpenShift assigns IDs to
    ///   each namespace, and refuses pods with other IDs.
    package static func podSecurityContext(assignsIDs: Bool) -> JSONValue {
        var context: JSONValue = [
            "runAsNonRoot": true,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": ["type": "RuntimeDefault"],
        ]
        if assignsIDs {
            for key in ["runAsUser", "runAsGroup", "fsGroup"] { context[key] = .integer(defaultID) }
        }
        return context
    }

    /// The container's security settings. They repeat the pod's user and group, because auditors check containers.
    package static func securityContext(for pod: JSONValue) -> JSONValue {
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

    /// A way in which a pod is less hardened than Moorage makes it.
    package struct Weakening: Sendable, Hashable {
        /// The field, as a path from the pod's `spec`, such as `containers[0].securityContext.privileged`.
        package var field: String
        /// The effect, or what the value must be.
        package var message: String

        package init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    /// Sources of a projected volume that give a pod an identity: a token or a certificate.
    private static let identitySources = ["serviceAccountToken", "podCertificate"]

    /// Every way in which a pod is less hardened than Moorage makes it: first what Moorage's own rules refuse, then
    /// what Pod Security `restricted` refuses in addition. These rules apply regardless of the namespace's level.
    ///
    /// - Parameters:
    ///   - annotations: the annotations of the pod template, where AppArmor used to be configured.
    ///   - allowsToken: whether the server itself requests a token of its ServiceAccount.
    package static func weakenings(
        of spec: JSONValue,
        annotations: [String: JSONValue] = [:],
        allowsToken: Bool
    ) -> [Weakening] {
        var found = ownWeakenings(of: spec, allowsToken: allowsToken)
        var fields = Set(found.map(\.field))
        // Pod Security lets a pod with its own user namespace run as root; Moorage's own rules still apply.
        var shared = spec
        shared["hostUsers"] = nil
        for violation in PodSecurity.violations(of: shared, annotations: annotations, level: .restricted)
        where fields.insert(violation.field).inserted {
            found.append(Weakening(field: violation.field, message: violation.message))
        }
        return found
    }

    private static func ownWeakenings(of spec: JSONValue, allowsToken: Bool) -> [Weakening] {
        var found: [Weakening] = []
        for key in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"] where spec[key] == true {
            found.append(Weakening(field: key, message: "shares a namespace of the node or of other containers"))
        }
        if spec["automountServiceAccountToken"] != false, !allowsToken {
            found.append(
                Weakening(
                    field: "automountServiceAccountToken",
                    message: "mounts a token for the Kubernetes API: use spec.serviceAccount.automountToken instead"
                )
            )
        }
        if spec["enableServiceLinks"] != false {
            found.append(
                Weakening(
                    field: "enableServiceLinks",
                    message: """
                        exposes every Service of the namespace to the pod
                        """
                )
            )
        }
        for (index, volume) in (spec["volumes"]?.arrayValue ?? []).enumerated() {
            if volume["hostPath"] != nil {
                found.append(
                    Weakening(
                        field: "volumes[\(index)].hostPath",
                        message: """
                            gives access to the node's file system
                            """
                    )
                )
            }
            for (source, item) in (volume["projected"]?["sources"]?.arrayValue ?? []).enumerated() {
                for kind in identitySources where item[kind] != nil && !allowsToken {
                    found.append(
                        Weakening(
                            field: "volumes[\(index)].projected.sources[\(source)].\(kind)",
                            message: "gives the pod an identity: use spec.serviceAccount.automountToken instead"
                        )
                    )
                }
            }
        }
        let pod = spec["securityContext"] ?? [:]
        for key in ["fsGroup", "runAsGroup"] where pod[key]?.integerValue == 0 {
            found.append(Weakening(field: "securityContext.\(key)", message: "is the root group"))
        }
        for (index, group) in (pod["supplementalGroups"]?.arrayValue ?? []).enumerated() where group.integerValue == 0 {
            found.append(
                Weakening(field: "securityContext.supplementalGroups[\(index)]", message: "is the root group")
            )
        }
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
        if context["privileged"] == true { add("privileged", "gives the container access to the node") }
        if context["allowPrivilegeEscalation"] != false { add("allowPrivilegeEscalation", "must be false") }
        if context["readOnlyRootFilesystem"] != true {
            add("readOnlyRootFilesystem", "must be true: write to /tmp, or to a volume")
        }
        if context["runAsNonRoot"] ?? pod["runAsNonRoot"] != true { add("runAsNonRoot", "must be true") }
        if (context["runAsUser"] ?? pod["runAsUser"])?.integerValue == 0 { add("runAsUser", "is the root user") }
        let profile = (context["seccompProfile"] ?? pod["seccompProfile"])?["type"]?.stringValue ?? ""
        if !["RuntimeDefault", "Localhost"].contains(profile) {
            add("seccompProfile.type", "must be RuntimeDefault or Localhost")
        }
        let capabilities = context["capabilities"] ?? [:]
        if !(capabilities["drop"]?.arrayValue ?? []).contains("ALL") { add("capabilities.drop", "must contain ALL") }
        for capability in capabilities["add"]?.arrayValue ?? [] where capability != "NET_BIND_SERVICE" {
            add("capabilities.add", "adds \(capability.stringValue ?? "a capability")")
        }
        if context["runAsGroup"]?.integerValue == 0 { add("runAsGroup", "is the root group") }
        for (index, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
            if let hostPort = port["hostPort"]?.integerValue, hostPort != 0 {
                found.append(Weakening(field: "\(path).ports[\(index)].hostPort", message: "opens a port on the node"))
            }
        }
        return found
    }
}

/// The containers of a pod, of all types, with their paths.
package enum PodContainers {
    package static func all(of spec: JSONValue) -> [(path: String, container: JSONValue)] {
        ["containers", "initContainers", "ephemeralContainers"].flatMap { list in
            (spec[list]?.arrayValue ?? []).enumerated().map { ("\(list)[\($0.offset)]", $0.element) }
        }
    }
}

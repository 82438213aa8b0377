package import CRDModels
package import KubernetesAPI

/// The Pod Security Standards, as the API server's admission enforces them
/// (kubernetes.io/docs/concepts/security/pod-security-standards). Windows pods are not considered, because Moorage does
/// not render any.
package enum PodSecurity {
    /// A control that a pod violates.
    package struct Violation: Sendable, Hashable {
        /// The control, as named in the standard.
        package var control: String
        /// The field, as a path from the pod's `spec`.
        package var field: String
        /// What it must be.
        package var message: String
    }

    /// Every control of a level that a pod violates, in the order of the standard.
    ///
    /// - Parameter annotations: the annotations of the pod template, where AppArmor used to be configured.
    package static func violations(
        of spec: JSONValue,
        annotations: [String: JSONValue] = [:],
        level: PodSecurityLevel
    ) -> [Violation] {
        guard level != .privileged else { return [] }
        var found = Checker(spec: spec)
        found.checkBaseline(annotations: annotations)
        if level == .restricted { found.checkRestricted() }
        return found.violations
    }

    /// Capabilities that `baseline` allows.
    private static let baselineCapabilities: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    /// Sysctls that `baseline` allows.
    static let safeSysctls: Set<String> = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ]

    /// Volume sources that `restricted` allows.
    private static let restrictedVolumes: Set<String> = [
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
        "secret",
    ]

    static let seLinuxTypes: Set<String> = [
        "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t",
    ]

    private struct Checker {
        let spec: JSONValue
        var violations: [Violation] = []
        let containers: [(path: String, container: JSONValue)]
        let pod: JSONValue
        /// A pod with its own user namespace can run as root (the standard from version 1.35).
        var hasOwnUsers: Bool { spec["hostUsers"] == false }

        init(spec: JSONValue) {
            self.spec = spec
            containers = PodContainers.all(of: spec)
            pod = spec["securityContext"] ?? [:]
        }

        private mutating func add(_ control: String, _ field: String, _ message: String) {
            violations.append(Violation(control: control, field: field, message: message))
        }

        /// The security settings of the pod and of each container, with their paths.
        private var contexts: [(path: String, context: JSONValue)] {
            [("securityContext", pod)]
                + containers.map { ("\($0.path).securityContext", $0.container["securityContext"] ?? [:]) }
        }

        mutating func checkBaseline(annotations: [String: JSONValue]) {
            for (path, context) in contexts where context["windowsOptions"]?["hostProcess"] == true {
                add("hostProcess", "\(path).windowsOptions.hostProcess", "must not be true")
            }
            for key in ["hostNetwork", "hostPID", "hostIPC"] where spec[key] == true {
                add("hostNamespaces", key, "must not be true")
            }
            for (index, volume) in (spec["volumes"]?.arrayValue ?? []).enumerated() where volume["hostPath"] != nil {
                add("hostPathVolumes", "volumes[\(index)].hostPath", "must not be used")
            }
            for (path, container) in containers { checkBaseline(container, at: path) }
            for (path, context) in contexts { checkBaseline(context: context, at: path) }
            for (index, sysctl) in (pod["sysctls"]?.arrayValue ?? []).enumerated() {
                let name = sysctl["name"]?.stringValue ?? ""
                if !safeSysctls.contains(name) {
                    add("sysctls", "securityContext.sysctls[\(index)].name", "must not be \(name)")
                }
            }
            for (key, value) in annotations.sorted(by: { $0.key < $1.key })
            where key.hasPrefix("container.apparmor.security.beta.kubernetes.io/") {
                let profile = value.stringValue ?? ""
                if !profile.isEmpty, profile != "runtime/default", !profile.hasPrefix("localhost/") {
                    add("appArmorProfile", "metadata.annotations[\(key)]", "must not be \(profile)")
                }
            }
        }

        private mutating func checkBaseline(_ container: JSONValue, at path: String) {
            let context = container["securityContext"] ?? [:]
            if context["privileged"] == true {
                add("privileged", "\(path).securityContext.privileged", "must not be true")
            }
            for capability in (context["capabilities"]?["add"]?.arrayValue ?? []).compactMap(\.stringValue)
            where !baselineCapabilities.contains(capability) {
                add(
                    "capabilities_baseline",
                    "\(path).securityContext.capabilities.add",
                    "must not contain \(capability)"
                )
            }
            for (index, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
                if let hostPort = port["hostPort"]?.integerValue, hostPort != 0 {
                    add("hostPorts", "\(path).ports[\(index)].hostPort", "must not be set")
                }
            }
            if let mount = context["procMount"]?.stringValue, mount != "Default", !hasOwnUsers {
                add("procMount", "\(path).securityContext.procMount", "must be Default")
            }
            for handler in ["livenessProbe", "readinessProbe", "startupProbe"] {
                checkHost(of: container[handler], at: "\(path).\(handler)")
            }
            for handler in ["postStart", "preStop"] {
                checkHost(of: container["lifecycle"]?[handler], at: "\(path).lifecycle.\(handler)")
            }
        }

        /// Probes and hooks must not connect to other hosts (the standard from version 1.34).
        private mutating func checkHost(of handler: JSONValue?, at path: String) {
            for action in ["httpGet", "tcpSocket"] {
                if let host = handler?[action]?["host"]?.stringValue, !host.isEmpty {
                    add("hostProbesAndHostLifecycle", "\(path).\(action).host", "must not be set")
                }
            }
        }

        private mutating func checkBaseline(context: JSONValue, at path: String) {
            if let type = context["seLinuxOptions"]?["type"]?.stringValue, !seLinuxTypes.contains(type) {
                add("seLinuxOptions", "\(path).seLinuxOptions.type", "must not be \(type)")
            }
            for key in ["user", "role"] {
                if let value = context["seLinuxOptions"]?[key]?.stringValue, !value.isEmpty {
                    add("seLinuxOptions", "\(path).seLinuxOptions.\(key)", "must not be set")
                }
            }
            if let type = context["seccompProfile"]?["type"]?.stringValue, type == "Unconfined" {
                add("seccompProfile_baseline", "\(path).seccompProfile.type", "must not be Unconfined")
            }
            if let type = context["appArmorProfile"]?["type"]?.stringValue, type == "Unconfined" {
                add("appArmorProfile", "\(path).appArmorProfile.type", "must not be Unconfined")
            }
        }

        mutating func checkRestricted() {
            for (index, volume) in (spec["volumes"]?.arrayValue ?? []).enumerated() {
                for source in (volume.objectValue ?? [:]).keys.sorted()
                where source != "name" && source != "hostPath" && !restrictedVolumes.contains(source) {
                    add("restrictedVolumes", "volumes[\(index)].\(source)", "must not be used")
                }
            }
            if !hasOwnUsers {
                if pod["runAsNonRoot"] == false {
                    add("runAsNonRoot", "securityContext.runAsNonRoot", "must not be false")
                }
                if pod["runAsUser"]?.integerValue == 0 {
                    add("runAsUser", "securityContext.runAsUser", "must not be 0")
                }
            }
            for (path, container) in containers { checkRestricted(container["securityContext"] ?? [:], at: path) }
        }

        private mutating func checkRestricted(_ context: JSONValue, at path: String) {
            if context["allowPrivilegeEscalation"] != false {
                add(
                    "allowPrivilegeEscalation",
                    "\(path).securityContext.allowPrivilegeEscalation",
                    "must be false"
                )
            }
            if !hasOwnUsers {
                if (context["runAsNonRoot"] ?? pod["runAsNonRoot"]) != true {
                    add("runAsNonRoot", "\(path).securityContext.runAsNonRoot", "must be true")
                }
                if context["runAsUser"]?.integerValue == 0 {
                    add("runAsUser", "\(path).securityContext.runAsUser", "must not be 0")
                }
            } else if let mount = context["procMount"]?.stringValue, mount != "Default" {
                add("procMount", "\(path).securityContext.procMount", "must be Default")
            }
            let seccomp = (context["seccompProfile"] ?? pod["seccompProfile"])?["type"]?.stringValue
            if seccomp != "RuntimeDefault", seccomp != "Localhost", seccomp != "Unconfined" {
                add(
                    "seccompProfile_restricted",
                    "\(path).securityContext.seccompProfile.type",
                    "must be RuntimeDefault or Localhost"
                )
            }
            let capabilities = context["capabilities"] ?? [:]
            if !(capabilities["drop"]?.arrayValue ?? []).contains("ALL") {
                add("capabilities_restricted", "\(path).securityContext.capabilities.drop", "must contain ALL")
            }
            for capability in (capabilities["add"]?.arrayValue ?? []).compactMap(\.stringValue)
            where capability != "NET_BIND_SERVICE" && baselineCapabilities.contains(capability) {
                add(
                    "capabilities_restricted",
                    "\(path).securityContext.capabilities.add",
                    "must not contain \(capability)"
                )
            }
        }
    }
}

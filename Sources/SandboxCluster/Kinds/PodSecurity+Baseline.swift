import KubernetesAPI

/// The checks of the baseline level (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
extension PodSecurity.Pod {
    private typealias Violation = PodSecurity.Violation

    /// The violations of the baseline level. At the restricted level, three checks are replaced by stricter ones.
    func baseline(isRestricted: Bool) -> [PodSecurity.Violation] {
        [
            appArmor(), isRestricted && version.isAtLeast(22) ? nil : capabilities(), hostNamespaces(),
            isRestricted ? nil : hostPaths(), hostPorts(), version.isAtLeast(34) ? hosts() : nil, privileged(),
            hasOwnUsers || isRestricted && version.isAtLeast(35) ? nil : procMount(), seLinux(),
            isRestricted || !version.isAtLeast(19) ? nil : seccomp(), sysctls(), hostProcess(),
        ].compactMap(\.self)
    }

    private func appArmor() -> Violation? {
        let isAllowed: (String?) -> Bool = { [nil, "RuntimeDefault", "Localhost"].contains($0) }
        let isPod = !isAllowed(value(context, "appArmorProfile", "type"))
        let bad = failing { !isAllowed(value($0, "appArmorProfile", "type")) }
        let notes = annotations.filter {
            $0.key.hasPrefix(PodAppArmor.prefix) && !$0.value.isEmpty && $0.value != "runtime/default"
                && !$0.value.hasPrefix("localhost/")
        }
        var subjects = subjects(pod: isPod, bad)
        if !notes.isEmpty {
            subjects += (subjects.isEmpty ? "" : " and ") + (notes.count > 1 ? "annotations" : "annotation")
        }
        if subjects.isEmpty { return nil }
        let types = PodSecurity.distinct(
            (isPod ? [value(context, "appArmorProfile", "type") ?? ""] : [])
                + bad.compactMap { value($0, "securityContext", "appArmorProfile", "type") }
        )
        let all = types + notes.map { "\($0.key)=\"\($0.value)\"" }.sorted()
        return Violation(
            reason: all.count > 1 ? "forbidden AppArmor profiles" : "forbidden AppArmor profile",
            detail: "\(subjects) must not set AppArmor profile type to \(PodSecurity.quoted(all))"
        )
    }

    static let defaultCapabilities: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    func added(_ container: JSONValue, beyond allowed: Set<String>) -> [String] {
        (container[path: ["securityContext", "capabilities", "add"]]?.arrayValue ?? []).compactMap(\.stringValue)
            .filter { !allowed.contains($0) }
    }

    private func capabilities() -> Violation? {
        let bad = containers.filter { !added($0, beyond: Self.defaultCapabilities).isEmpty }
        guard !bad.isEmpty else { return nil }
        let all = PodSecurity.distinct(bad.flatMap { added($0, beyond: Self.defaultCapabilities) })
        return Violation(
            reason: "non-default capabilities",
            detail: "\(names(bad)) must not include \(PodSecurity.quoted(all)) in securityContext.capabilities.add"
        )
    }

    private func hostNamespaces() -> Violation? {
        let shared = ["hostNetwork", "hostPID", "hostIPC"].filter { spec[$0]?.boolValue == true }
        guard !shared.isEmpty else { return nil }
        return Violation(reason: "host namespaces", detail: shared.map { "\($0)=true" }.joined(separator: ", "))
    }

    private func hostPaths() -> Violation? {
        let bad = volumes.filter { $0["hostPath"] != nil }.compactMap { $0["name"]?.stringValue }
        guard !bad.isEmpty else { return nil }
        return Violation(
            reason: "hostPath volumes",
            detail: "\(bad.count > 1 ? "volumes" : "volume") \(PodSecurity.quoted(bad))"
        )
    }

    private func hostPorts() -> Violation? {
        func ports(_ container: JSONValue) -> [Int64] {
            (container["ports"]?.arrayValue ?? []).compactMap { $0["hostPort"]?.integerValue }.filter { $0 != 0 }
        }
        let bad = containers.filter { !ports($0).isEmpty }
        guard !bad.isEmpty else { return nil }
        let all = PodSecurity.distinct(bad.flatMap { ports($0).map { String($0) } })
        return Violation(
            reason: "hostPort",
            detail: "\(names(bad)) \(bad.count > 1 ? "use" : "uses") \(all.count > 1 ? "hostPorts" : "hostPort") "
                + all.joined(separator: ", ")
        )
    }

    private func hosts() -> Violation? {
        func hosts(_ container: JSONValue) -> [String] {
            let handlers =
                ["livenessProbe", "readinessProbe", "startupProbe"].map { container[$0] }
                + ["postStart", "preStop"].map { container[path: ["lifecycle", $0]] }
            return handlers.flatMap { handler in
                ["httpGet", "tcpSocket"].compactMap { handler?[path: [$0, "host"]]?.stringValue }
            }.filter { !$0.isEmpty }
        }
        let bad = containers.filter { !hosts($0).isEmpty }
        guard !bad.isEmpty else { return nil }
        let all = PodSecurity.distinct(bad.flatMap(hosts))
        return Violation(
            reason: "probe or lifecycle host",
            detail: "\(names(bad)) \(bad.count > 1 ? "use" : "uses") probe or lifecycle "
                + "\(all.count > 1 ? "hosts" : "host") \(PodSecurity.quoted(all))"
        )
    }

    private func privileged() -> Violation? {
        let bad = failing { $0["privileged"]?.boolValue == true }
        guard !bad.isEmpty else { return nil }
        return Violation(reason: "privileged", detail: "\(names(bad)) must not set securityContext.privileged=true")
    }

    func procMount() -> PodSecurity.Violation? {
        let bad = failing { ![nil, "Default"].contains(value($0, "procMount")) }
        guard !bad.isEmpty else { return nil }
        let types = PodSecurity.distinct(bad.compactMap { value($0, "securityContext", "procMount") })
        return Violation(
            reason: "procMount",
            detail: "\(names(bad)) must not set securityContext.procMount to \(PodSecurity.quoted(types))"
        )
    }

    private func seLinux() -> Violation? {
        var allowed: Set<String> = ["", "container_t", "container_init_t", "container_kvm_t"]
        if version.isAtLeast(31) { allowed.insert("container_engine_t") }
        func options(_ context: JSONValue) -> JSONValue { context["seLinuxOptions"] ?? [:] }
        func breaks(_ options: JSONValue) -> Bool {
            !allowed.contains(options["type"]?.stringValue ?? "") || !(options["user"]?.stringValue ?? "").isEmpty
                || !(options["role"]?.stringValue ?? "").isEmpty
        }
        let isPod = breaks(options(context))
        let bad = failing { breaks(options($0)) }
        guard isPod || !bad.isEmpty else { return nil }
        let all = (isPod ? [options(context)] : []) + bad.map { options($0["securityContext"] ?? [:]) }
        var parts: [String] = []
        let types = PodSecurity.distinct(all.compactMap { $0["type"]?.stringValue }.filter { !allowed.contains($0) })
        if !types.isEmpty { parts.append("\(types.count > 1 ? "types" : "type") \(PodSecurity.quoted(types))") }
        for name in ["user", "role"] where all.contains(where: { !($0[name]?.stringValue ?? "").isEmpty }) {
            parts.append("\(name) may not be set")
        }
        return Violation(
            reason: "seLinuxOptions",
            detail: "\(subjects(pod: isPod, bad)) set forbidden securityContext.seLinuxOptions: "
                + parts.joined(separator: "; ")
        )
    }

    /// Since version 1.19, `Unconfined` is not allowed.
    func seccomp() -> PodSecurity.Violation? {
        let isPod = value(context, "seccompProfile", "type") == "Unconfined"
        let bad = failing { value($0, "seccompProfile", "type") == "Unconfined" }
        guard isPod || !bad.isEmpty else { return nil }
        return Violation(
            reason: "seccompProfile",
            detail: "\(subjects(pod: isPod, bad)) must not set securityContext.seccompProfile.type to \"Unconfined\""
        )
    }

    private func sysctls() -> Violation? {
        var allowed: Set<String> = [
            "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
        ]
        if version.isAtLeast(27) { allowed.insert("net.ipv4.ip_local_reserved_ports") }
        if version.isAtLeast(29) {
            allowed.formUnion([
                "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
                "net.ipv4.tcp_keepalive_probes",
            ])
        }
        if version.isAtLeast(32) { allowed.formUnion(["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]) }
        let bad = (context["sysctls"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
            .filter { !allowed.contains($0) }
        guard !bad.isEmpty else { return nil }
        return Violation(reason: "forbidden sysctls", detail: bad.joined(separator: ", "))
    }

    private func hostProcess() -> Violation? {
        let isSet: (JSONValue) -> Bool = { $0[path: ["windowsOptions", "hostProcess"]]?.boolValue == true }
        let bad = failing(isSet)
        guard isSet(context) || !bad.isEmpty else { return nil }
        return Violation(
            reason: "hostProcess",
            detail: "\(subjects(pod: isSet(context), bad)) must not set "
                + "securityContext.windowsOptions.hostProcess=true"
        )
    }
}

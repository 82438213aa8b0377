import KubernetesAPI

/// The checks that the restricted level adds.
extension PodSecurity.Pod {
    private typealias Violation = PodSecurity.Violation

    func restricted() -> [PodSecurity.Violation] {
        // Since version 1.25, checks that do not apply to Windows are skipped for Windows pods.
        let isExempt = isWindows && version.isAtLeast(25)
        return [
            isExempt ? nil : privilegeEscalation(), isExempt || !version.isAtLeast(22) ? nil : droppedCapabilities(),
            version.isAtLeast(35) ? procMount() : nil, volumeTypes(), hasOwnUsers ? nil : nonRoot(),
            hasOwnUsers || !version.isAtLeast(23) ? nil : rootUser(),
            isExempt || !version.isAtLeast(19) ? nil : profile(),
        ].compactMap(\.self)
    }

    private func privilegeEscalation() -> Violation? {
        let bad = failing { $0["allowPrivilegeEscalation"]?.boolValue != false }
        guard !bad.isEmpty else { return nil }
        return Violation(
            reason: "allowPrivilegeEscalation != false",
            detail: "\(names(bad)) must set securityContext.allowPrivilegeEscalation=false"
        )
    }

    private func droppedCapabilities() -> Violation? {
        let undropped = failing { $0[path: ["capabilities", "drop"]]?.arrayValue?.contains("ALL") != true }
        let adding = containers.filter { !added($0, beyond: ["NET_BIND_SERVICE"]).isEmpty }
        var parts: [String] = []
        if !undropped.isEmpty {
            parts.append("\(names(undropped)) must set securityContext.capabilities.drop=[\"ALL\"]")
        }
        if !adding.isEmpty {
            let all = PodSecurity.distinct(adding.flatMap { added($0, beyond: ["NET_BIND_SERVICE"]) })
            parts.append(
                "\(names(adding)) must not include \(PodSecurity.quoted(all)) in securityContext.capabilities.add"
            )
        }
        guard !parts.isEmpty else { return nil }
        return Violation(reason: "unrestricted capabilities", detail: parts.joined(separator: "; "))
    }

    private func volumeTypes() -> Violation? {
        let allowed: Set<String> = [
            "name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected",
            "secret", "image",
        ]
        var bad: [String] = []
        var types: [String] = []
        for volume in volumes {
            guard let type = (volume.objectValue ?? [:]).keys.filter({ !allowed.contains($0) }).min() else { continue }
            bad.append(volume["name"]?.stringValue ?? "")
            types.append(type)
        }
        guard !bad.isEmpty else { return nil }
        types = PodSecurity.distinct(types)
        return Violation(
            reason: "restricted volume types",
            detail: "\(bad.count > 1 ? "volumes" : "volume") \(PodSecurity.quoted(bad)) "
                + "\(bad.count > 1 ? "use" : "uses") restricted volume \(types.count > 1 ? "types" : "type") "
                + PodSecurity.quoted(types)
        )
    }

    private func nonRoot() -> Violation? {
        let ofPod = context["runAsNonRoot"]?.boolValue
        let wrong = failing { $0["runAsNonRoot"]?.boolValue == false }
        if ofPod == false || !wrong.isEmpty {
            return Violation(
                reason: "runAsNonRoot != true",
                detail: "\(subjects(pod: ofPod == false, wrong)) must not set securityContext.runAsNonRoot=false"
            )
        }
        let unset = failing { $0["runAsNonRoot"] == nil }
        guard ofPod == nil, !unset.isEmpty else { return nil }
        return Violation(
            reason: "runAsNonRoot != true",
            detail: "pod or \(names(unset)) must set securityContext.runAsNonRoot=true"
        )
    }

    private func rootUser() -> Violation? {
        let isPod = context["runAsUser"]?.integerValue == 0
        let bad = failing { $0["runAsUser"]?.integerValue == 0 }
        guard isPod || !bad.isEmpty else { return nil }
        return Violation(reason: "runAsUser=0", detail: "\(subjects(pod: isPod, bad)) must not set runAsUser=0")
    }

    private func profile() -> Violation? {
        let isAllowed: (String?) -> Bool = { $0 == "RuntimeDefault" || $0 == "Localhost" }
        if let wrong = seccomp() { return wrong }
        if isAllowed(value(context, "seccompProfile", "type")) { return nil }
        let unset = failing { !isAllowed(value($0, "seccompProfile", "type")) }
        guard !unset.isEmpty else { return nil }
        return Violation(
            reason: "seccompProfile",
            detail: "pod or \(names(unset)) must set securityContext.seccompProfile.type to \"RuntimeDefault\" or "
                + "\"Localhost\""
        )
    }
}

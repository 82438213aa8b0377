package import CRDModels
package import KubernetesAPI

/// The properties of a PersistentVolumeClaim that affect the pods that use it.
public struct ClaimFacts: Sendable, Hashable {
    /// How the volume can be mounted.
    public var accessModes: [String]
    /// Whether it is a raw block device.
    public var isBlock: Bool
    /// Whether the object is being deleted.
    public var isDeleting: Bool

    public init(accessModes: [String], isBlock: Bool = false, isDeleting: Bool = false) {
        self.accessModes = accessModes
        self.isBlock = isBlock
        self.isDeleting = isDeleting
    }
}

/// What is known about a PersistentVolumeClaim that a server names.
public enum ClaimState: Sendable, Hashable {
    /// The claim does not exist.
    case missing
    /// The claim exists.
    case present(ClaimFacts)
}

/// Checks that a server's volumes, its number of pods and its update strategy fit each other: what can never work is
/// refused, what might not work is a warning, and what could end in a deadlock is replaced by `Recreate`. Pure.
package struct VolumeRules {
    /// The result of the rules.
    package struct Verdict: Sendable, Hashable {
        /// The Deployment's `spec.strategy`.
        package var strategy: JSONValue
        /// What might not work.
        package var warnings: [String]
    }

    let server: MCPServer
    let settings: EffectiveSettings
    /// The finished pod template, with the volumes of the spec, the storage and the override.
    let podTemplate: JSONValue
    /// What is known about the claims in the cluster. A claim that is missing here is unknown.
    let claims: [String: ClaimState]

    /// A claim that the pods use.
    private struct Use {
        var name: String
        var field: String
        var sharing: Sharing
    }

    /// How many pods can use a volume, and where.
    private enum Sharing {
        case onePod
        case oneNode
        case manyReaders
        case many
    }

    /// - Parameters:
    ///   - settings: those of the server, completed.
    ///   - podTemplate: the finished template.
    ///   - claims: what is known about the claims in the cluster, by name.
    package init(
        server: MCPServer,
        settings: EffectiveSettings,
        podTemplate: JSONValue,
        claims: [String: ClaimState]
    ) {
        self.server = server
        self.settings = settings
        self.podTemplate = podTemplate
        self.claims = claims
    }

    package func verdict() throws(Refusal) -> Verdict {
        var warnings: [String] = []
        var uses: [Use] = []
        for volume in podTemplate[path: ["spec", "volumes"]]?.arrayValue ?? [] {
            guard let claim = volume["persistentVolumeClaim"], let name = claim["claimName"]?.stringValue else {
                continue
            }
            let volumeName = volume["name"]?.stringValue ?? ""
            let facts = facts(of: name, warnings: &warnings)
            let mounts = mounts(of: volumeName)
            let field = field(ofVolume: volumeName)
            if facts?.isBlock == true, !mounts.isEmpty {
                throw Refusal(
                    .specInvalid,
                    field: field,
                    """
                    PersistentVolumeClaim "\(name)" is a raw block device (volumeMode Block), which cannot be \
                    mounted as a directory: use a claim with volumeMode Filesystem
                    """
                )
            }
            let isReadOnly = claim["readOnly"] == true || mounts.allSatisfy { $0["readOnly"] == true }
            let sharing = VolumeRules.sharing(facts?.accessModes ?? statedModes(of: name), isReadOnly: isReadOnly)
            if sharing == .manyReaders, !isReadOnly {
                warnings.append(
                    """
                    PersistentVolumeClaim "\(name)" has only the access mode ReadOnlyMany, so it cannot be written \
                    to: mount it with readOnly, or use another access mode
                    """
                )
            }
            uses.append(Use(name: name, field: field, sharing: sharing))
        }
        try checkPods(uses, warnings: &warnings)
        return Verdict(strategy: try strategy(uses, warnings: &warnings), warnings: warnings)
    }

    // MARK: Claims

    private var ownClaim: String? {
        server.spec.storage.flatMap { $0.existingClaim == nil ? ObjectNames.data(server.metadata.name ?? "") : nil }
    }

    private func facts(of name: String, warnings: inout [String]) -> ClaimFacts? {
        guard name != ownClaim else { return nil }
        switch claims[name] {
        case .present(let facts):
            if facts.isDeleting {
                warnings.append("PersistentVolumeClaim \"\(name)\" is being deleted: no new pod can use it")
            }
            return facts
        case .missing:
            warnings.append("PersistentVolumeClaim \"\(name)\" does not exist: pods wait until it is created")
            return nil
        case nil: return nil
        }
    }

    /// The access modes of a claim that is unknown in the cluster: those of the storage, or else the most common mode,
    /// which is always safe to assume.
    private func statedModes(of name: String) -> [String] {
        let storage = server.spec.storage
        guard name == ownClaim || name == storage?.existingClaim else { return ["ReadWriteOnce"] }
        return storage?.accessModes ?? ["ReadWriteOnce"]
    }

    private static func sharing(_ modes: [String], isReadOnly: Bool) -> Sharing {
        if modes.contains("ReadWriteMany") { return .many }
        if modes.contains("ReadOnlyMany"), isReadOnly { return .manyReaders }
        if modes.contains("ReadWriteOnce") { return .oneNode }
        if modes.contains("ReadWriteOncePod") { return .onePod }
        return modes.contains("ReadOnlyMany") ? .manyReaders : .oneNode
    }

    private func mounts(of volume: String) -> [JSONValue] {
        PodContainers.all(of: podTemplate["spec"] ?? [:])
            .flatMap { $0.container["volumeMounts"]?.arrayValue ?? [] }
            .filter { $0["name"]?.stringValue == volume }
    }

    private func field(ofVolume name: String) -> String {
        if name == "data", server.spec.storage != nil { return "spec.storage" }
        let isOwn = (server.spec.volumes ?? []).contains { $0.name == name }
        return isOwn ? "spec.volumes[\(name)]" : "spec.podTemplate.spec.volumes[\(name)]"
    }

    // MARK: Pods

    private var mostPods: Int { settings.scaling?.maxReplicas ?? settings.replicas ?? 1 }

    private func checkPods(_ uses: [Use], warnings: inout [String]) throws(Refusal) {
        guard mostPods > 1 else { return }
        for use in uses {
            switch use.sharing {
            case .onePod:
                throw Refusal(
                    .specInvalid,
                    field: use.field,
                    """
                    PersistentVolumeClaim "\(use.name)" has the access mode ReadWriteOncePod, so only one pod can \
                    use it, and there can be \(mostPods) pods: use ReadWriteMany, or one replica
                    """
                )
            case .oneNode:
                warnings.append(
                    "PersistentVolumeClaim \"\(use.name)\" has the access mode ReadWriteOnce, so all \(mostPods) pods must run on "
                        + "one node: use ReadWriteMany, or one replica"
                )
            case .manyReaders, .many: break
            }
        }
    }

    // MARK: Strategy

    private func strategy(_ uses: [Use], warnings: inout [String]) throws(Refusal) -> JSONValue {
        let exclusive = uses.first { $0.sharing == .onePod } ?? uses.first { $0.sharing == .oneNode }
        let asked = settings.strategy
        let type = asked?.type ?? (asked?.rollingUpdate == nil && exclusive != nil ? .recreate : .rollingUpdate)
        guard type == .rollingUpdate else { return ["type": "Recreate"] }
        let surge = asked?.rollingUpdate?.maxSurge ?? 1
        let unavailable = asked?.rollingUpdate?.maxUnavailable ?? (VolumeRules.isZero(surge) ? 1 : 0)
        for (name, value) in [("maxSurge", surge), ("maxUnavailable", unavailable)] where !VolumeRules.isCount(value) {
            throw Refusal(
                .specInvalid,
                field: "spec.strategy.rollingUpdate.\(name)",
                "\"\(value)\" is not a number of pods such as 1, or a percentage such as 25%"
            )
        }
        if VolumeRules.isZero(surge), VolumeRules.isZero(unavailable) {
            throw Refusal(
                .specInvalid,
                field: "spec.strategy.rollingUpdate",
                "maxSurge and maxUnavailable are both 0, so no pod can be replaced: set one of them to 1"
            )
        }
        if let exclusive, !letsOldPodGoFirst(unavailable, surge: surge) {
            let claim = "PersistentVolumeClaim \"\(exclusive.name)\""
            guard exclusive.sharing == .oneNode else {
                throw Refusal(
                    .specInvalid,
                    field: "spec.strategy",
                    """
                    \(claim) has the access mode ReadWriteOncePod, so a new pod cannot start before the old one \
                    has terminated, as RollingUpdate requires: use Recreate, or maxSurge 0
                    """
                )
            }
            warnings.append(
                """
                \(claim) has the access mode ReadWriteOnce, so a rollout blocks if the new pod is scheduled to a \
                different node than the old one: use the strategy Recreate, or maxSurge 0
                """
            )
        }
        return [
            "type": "RollingUpdate",
            "rollingUpdate": [
                "maxSurge": VolumeRules.json(surge), "maxUnavailable": VolumeRules.json(unavailable),
            ],
        ]
    }

    /// Whether a rollout can stop old pods without waiting for new ones. Kubernetes rounds a percentage of unavailable
    /// pods down, and uses 1 if the rollout could not make progress otherwise.
    private func letsOldPodGoFirst(_ unavailable: IntOrString, surge: IntOrString) -> Bool {
        switch unavailable {
        case .int(let count): return count > 0
        case .string(let text):
            guard let percentage = Int(text.dropLast()), percentage > 0 else { return VolumeRules.isZero(surge) }
            let leastForOnePod = (100 + percentage - 1) / percentage
            return settings.minimumReplicas >= leastForOnePod || VolumeRules.isZero(surge)
        }
    }

    private static func isZero(_ value: IntOrString) -> Bool { value == .int(0) || value == .string("0%") }

    private static func isCount(_ value: IntOrString) -> Bool {
        switch value {
        case .int(let count): return count >= 0
        case .string(let text):
            guard text.hasSuffix("%"), let percentage = Int(text.dropLast()) else { return false }
            return (0...100).contains(percentage) && text.first != "+" && text.first != "-"
        }
    }

    private static func json(_ value: IntOrString) -> JSONValue {
        switch value {
        case .int(let count): .integer(Int64(count))
        case .string(let text): .string(text)
        }
    }

    /// The claims that a server names and that Moorage does not create for it.
    package static func claimNames(of spec: MCPServerSpec) -> Set<String> {
        var names = Set([spec.storage?.existingClaim].compactMap { $0 })
        for volume in spec.volumes ?? [] {
            if let name = volume.persistentVolumeClaim?.claimName { names.insert(name) }
        }
        for volume in spec.podTemplate?[path: ["spec", "volumes"]]?.arrayValue ?? [] {
            if let name = volume[path: ["persistentVolumeClaim", "claimName"]]?.stringValue { names.insert(name) }
        }
        return names
    }
}

extension ClaimFacts {
    /// Reads a PersistentVolumeClaim.
    package init(_ claim: JSONValue, isDeleting: Bool) {
        self.init(
            accessModes: claim[path: ["spec", "accessModes"]]?.arrayValue?.compactMap(\.stringValue) ?? [],
            isBlock: claim[path: ["spec", "volumeMode"]] == "Block",
            isDeleting: isDeleting
        )
    }
}

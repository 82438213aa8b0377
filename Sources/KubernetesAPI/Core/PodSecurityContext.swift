/// `core/v1.PodSecurityContext`: settings for all containers of a pod, and for its volumes.
public struct PodSecurityContext: Sendable, Hashable, Codable {
    /// The group that owns volumes, and that the processes belong to.
    public var fsGroup: Int64?
    /// Whether the ownership of a volume is changed always or only where its root differs. Defaults to Always.
    public var fsGroupChangePolicy: String?
    /// The group ID of the processes.
    public var runAsGroup: Int64?
    /// Whether the kubelet refuses to start containers as root.
    public var runAsNonRoot: Bool?
    /// The user ID of the processes.
    public var runAsUser: Int64?
    /// The SELinux context.
    public var seLinuxOptions: SELinuxOptions?
    /// How volumes get the SELinux label of the pod.
    public var seLinuxChangePolicy: String?
    /// The system calls that are allowed.
    public var seccompProfile: SeccompProfile?
    /// The AppArmor profile.
    public var appArmorProfile: AppArmorProfile?
    /// Further groups that the processes belong to.
    public var supplementalGroups: [Int64]?
    /// Whether the groups of the image also apply (Merge) or not (Strict).
    public var supplementalGroupsPolicy: String?
    /// Kernel parameters of the pod.
    public var sysctls: [Sysctl]?
    /// Settings for Windows containers.
    public var windowsOptions: WindowsSecurityContextOptions?

    /// Creates a value from its fields.
    public init(
        fsGroup: Int64? = nil,
        fsGroupChangePolicy: String? = nil,
        runAsGroup: Int64? = nil,
        runAsNonRoot: Bool? = nil,
        runAsUser: Int64? = nil,
        seLinuxOptions: SELinuxOptions? = nil,
        seLinuxChangePolicy: String? = nil,
        seccompProfile: SeccompProfile? = nil,
        appArmorProfile: AppArmorProfile? = nil,
        supplementalGroups: [Int64]? = nil,
        supplementalGroupsPolicy: String? = nil,
        sysctls: [Sysctl]? = nil,
        windowsOptions: WindowsSecurityContextOptions? = nil
    ) {
        self.fsGroup = fsGroup
        self.fsGroupChangePolicy = fsGroupChangePolicy
        self.runAsGroup = runAsGroup
        self.runAsNonRoot = runAsNonRoot
        self.runAsUser = runAsUser
        self.seLinuxOptions = seLinuxOptions
        self.seLinuxChangePolicy = seLinuxChangePolicy
        self.seccompProfile = seccompProfile
        self.appArmorProfile = appArmorProfile
        self.supplementalGroups = supplementalGroups
        self.supplementalGroupsPolicy = supplementalGroupsPolicy
        self.sysctls = sysctls
        self.windowsOptions = windowsOptions
    }
}

extension PodSecurityContext: SchemaProviding {
    public static let schema = Schema.object(
        PodSecurityContext.self,
        "Settings for all containers of the pod, and for its volumes.",
        [
            "fsGroup": .integer64("The group that owns volumes, and that the processes belong to.")
                .range(0...2147483647),
            "fsGroupChangePolicy": .string(
                """
                Whether the ownership of a volume is changed always or only where its root differs. Defaults to \
                OnRootMismatch.
                """
            )
            .values("Always", "OnRootMismatch"),
            "runAsGroup": .integer64("The group ID of the processes.").range(0...2147483647),
            "runAsNonRoot": .boolean("Whether the kubelet refuses to start containers as root."),
            "runAsUser": .integer64("The user ID of the processes.").range(0...2147483647),
            "seLinuxOptions": SELinuxOptions.schema.described("The SELinux context."),
            "seLinuxChangePolicy": .string("How volumes get the SELinux label of the pod.")
                .values("MountOption", "Recursive"),
            "seccompProfile": SeccompProfile.schema.described("The system calls that are allowed."),
            "appArmorProfile": AppArmorProfile.schema.described("The AppArmor profile."),
            "supplementalGroups": .array(
                "Further groups that the processes belong to.",
                of: .integer64().range(0...2147483647)
            )
            .items(0...64)
            .atomic(),
            "supplementalGroupsPolicy": .string(
                "Whether the groups of the image also apply (Merge) or not (Strict)."
            )
            .values("Merge", "Strict"),
            "sysctls": .array("Kernel parameters of the pod.", of: Sysctl.schema).items(0...64).atomic(),
            "windowsOptions": WindowsSecurityContextOptions.schema.described("Settings for Windows containers."),
        ]
    )
}

/// `core/v1.Sysctl`: a kernel parameter.
public struct Sysctl: Sendable, Hashable, Codable {
    /// The parameter's name.
    public var name: String
    /// The parameter's value.
    public var value: String

    /// Creates a value from its fields.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension Sysctl: SchemaProviding {
    public static let schema = Schema.object(
        Sysctl.self,
        "A kernel parameter.",
        [
            "name": .string("The parameter's name.").length(1...253).required(),
            "value": .string("The parameter's value.").length(0...4096).required(),
        ]
    )
}

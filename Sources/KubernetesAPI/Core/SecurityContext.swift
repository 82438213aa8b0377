/// `core/v1.SecurityContext`: what a container's processes may do.
public struct SecurityContext: Sendable, Hashable, Codable {
    /// Whether a process may gain more rights than its parent has.
    public var allowPrivilegeEscalation: Bool?
    /// Linux capabilities to add and to drop.
    public var capabilities: Capabilities?
    /// Whether the container has the rights of the node's root user.
    public var privileged: Bool?
    /// How /proc is mounted; Default when left out.
    public var procMount: String?
    /// Whether the root file system cannot be written to.
    public var readOnlyRootFilesystem: Bool?
    /// The group ID of the processes.
    public var runAsGroup: Int64?
    /// Whether the kubelet refuses to start the container as root.
    public var runAsNonRoot: Bool?
    /// The user ID of the processes.
    public var runAsUser: Int64?
    /// The SELinux context.
    public var seLinuxOptions: SELinuxOptions?
    /// The system calls that are allowed.
    public var seccompProfile: SeccompProfile?
    /// The AppArmor profile.
    public var appArmorProfile: AppArmorProfile?
    /// Settings for Windows containers.
    public var windowsOptions: WindowsSecurityContextOptions?

    /// Makes one from its fields.
    public init(
        allowPrivilegeEscalation: Bool? = nil,
        capabilities: Capabilities? = nil,
        privileged: Bool? = nil,
        procMount: String? = nil,
        readOnlyRootFilesystem: Bool? = nil,
        runAsGroup: Int64? = nil,
        runAsNonRoot: Bool? = nil,
        runAsUser: Int64? = nil,
        seLinuxOptions: SELinuxOptions? = nil,
        seccompProfile: SeccompProfile? = nil,
        appArmorProfile: AppArmorProfile? = nil,
        windowsOptions: WindowsSecurityContextOptions? = nil
    ) {
        self.allowPrivilegeEscalation = allowPrivilegeEscalation
        self.capabilities = capabilities
        self.privileged = privileged
        self.procMount = procMount
        self.readOnlyRootFilesystem = readOnlyRootFilesystem
        self.runAsGroup = runAsGroup
        self.runAsNonRoot = runAsNonRoot
        self.runAsUser = runAsUser
        self.seLinuxOptions = seLinuxOptions
        self.seccompProfile = seccompProfile
        self.appArmorProfile = appArmorProfile
        self.windowsOptions = windowsOptions
    }
}

extension SecurityContext: SchemaProviding {
    public static let schema = Schema.object(
        SecurityContext.self,
        "What the container's processes may do.",
        [
            "allowPrivilegeEscalation": .boolean("Whether a process may gain more rights than its parent has."),
            "capabilities": Capabilities.schema.described("Linux capabilities to add and to drop."),
            "privileged": .boolean("Whether the container has the rights of the node's root user."),
            "procMount": .string("How /proc is mounted; Default when left out.").values("Default", "Unmasked"),
            "readOnlyRootFilesystem": .boolean("Whether the root file system cannot be written to."),
            "runAsGroup": .integer64("The group ID of the processes.").range(0...2147483647),
            "runAsNonRoot": .boolean("Whether the kubelet refuses to start the container as root."),
            "runAsUser": .integer64("The user ID of the processes.").range(0...2147483647),
            "seLinuxOptions": SELinuxOptions.schema.described("The SELinux context."),
            "seccompProfile": SeccompProfile.schema.described("The system calls that are allowed."),
            "appArmorProfile": AppArmorProfile.schema.described("The AppArmor profile."),
            "windowsOptions": WindowsSecurityContextOptions.schema.described("Settings for Windows containers."),
        ]
    )
}

/// `core/v1.PodSecurityContext`: what holds for all containers of a pod, and for its volumes.
public struct PodSecurityContext: Sendable, Hashable, Codable {
    /// The group that owns volumes, and that the processes belong to.
    public var fsGroup: Int64?
    /// Whether the ownership of a volume is changed always or only where its root differs; Always when left out.
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
    /// Whether groups that the image gives count too (Merge) or not (Strict).
    public var supplementalGroupsPolicy: String?
    /// Kernel parameters of the pod.
    public var sysctls: [Sysctl]?
    /// Settings for Windows containers.
    public var windowsOptions: WindowsSecurityContextOptions?

    /// Makes one from its fields.
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
        "What holds for all containers of the pod, and for its volumes.",
        [
            "fsGroup": .integer64("The group that owns volumes, and that the processes belong to.")
                .range(0...2147483647),
            "fsGroupChangePolicy": .string(
                """
                Whether the ownership of a volume is changed always or only where its root differs; Always when \
                left out.
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
                "Whether groups that the image gives count too (Merge) or not (Strict)."
            )
            .values("Merge", "Strict"),
            "sysctls": .array("Kernel parameters of the pod.", of: Sysctl.schema).items(0...64).atomic(),
            "windowsOptions": WindowsSecurityContextOptions.schema.described("Settings for Windows containers."),
        ]
    )
}

/// `core/v1.Capabilities`: Linux capabilities to add and to drop.
public struct Capabilities: Sendable, Hashable, Codable {
    /// Capabilities to add, such as NET_BIND_SERVICE.
    public var add: [String]?
    /// Capabilities to drop; ALL drops every one.
    public var drop: [String]?

    /// Makes one from its fields.
    public init(add: [String]? = nil, drop: [String]? = nil) {
        self.add = add
        self.drop = drop
    }
}

extension Capabilities: SchemaProviding {
    public static let schema = Schema.object(
        Capabilities.self,
        "Linux capabilities to add and to drop.",
        [
            "add": .array("Capabilities to add, such as NET_BIND_SERVICE.", of: .string().length(1...253))
                .items(0...64)
                .atomic(),
            "drop": .array("Capabilities to drop; ALL drops every one.", of: .string().length(1...253))
                .items(0...64)
                .atomic(),
        ]
    )
}

/// `core/v1.SeccompProfile`: the system calls that are allowed.
public struct SeccompProfile: Sendable, Hashable, Codable {
    /// RuntimeDefault for the container runtime's own profile, Localhost for a file on the node, Unconfined for none.
    public var type: String
    /// The file, relative to the kubelet's directory of profiles; for Localhost alone.
    public var localhostProfile: String?

    /// Makes one from its fields.
    public init(type: String, localhostProfile: String? = nil) {
        self.type = type
        self.localhostProfile = localhostProfile
    }
}

extension SeccompProfile: SchemaProviding {
    public static let schema = Schema.object(
        SeccompProfile.self,
        "The system calls that are allowed.",
        [
            "type": .string(
                """
                RuntimeDefault for the container runtime's own profile, Localhost for a file on the node, \
                Unconfined for none.
                """
            )
            .values("Localhost", "RuntimeDefault", "Unconfined")
            .required(),
            "localhostProfile": .string(
                "The file, relative to the kubelet's directory of profiles; for Localhost alone."
            )
            .length(0...4096),
        ]
    )
}

/// `core/v1.AppArmorProfile`: the AppArmor profile of a container.
public struct AppArmorProfile: Sendable, Hashable, Codable {
    /// RuntimeDefault for the container runtime's own profile, Localhost for one loaded on the node, Unconfined for
    /// none.
    public var type: String
    /// The name of the profile on the node; for Localhost alone.
    public var localhostProfile: String?

    /// Makes one from its fields.
    public init(type: String, localhostProfile: String? = nil) {
        self.type = type
        self.localhostProfile = localhostProfile
    }
}

extension AppArmorProfile: SchemaProviding {
    public static let schema = Schema.object(
        AppArmorProfile.self,
        "The AppArmor profile.",
        [
            "type": .string(
                """
                RuntimeDefault for the container runtime's own profile, Localhost for one loaded on the node, \
                Unconfined for none.
                """
            )
            .values("Localhost", "RuntimeDefault", "Unconfined")
            .required(),
            "localhostProfile": .string("The name of the profile on the node; for Localhost alone.").length(0...4095),
        ]
    )
}

/// `core/v1.SELinuxOptions`: an SELinux context.
public struct SELinuxOptions: Sendable, Hashable, Codable {
    /// The level label.
    public var level: String?
    /// The role label.
    public var role: String?
    /// The type label.
    public var type: String?
    /// The user label.
    public var user: String?

    /// Makes one from its fields.
    public init(level: String? = nil, role: String? = nil, type: String? = nil, user: String? = nil) {
        self.level = level
        self.role = role
        self.type = type
        self.user = user
    }
}

extension SELinuxOptions: SchemaProviding {
    public static let schema = Schema.object(
        SELinuxOptions.self,
        "An SELinux context.",
        [
            "level": .string("The level label.").length(0...256),
            "role": .string("The role label.").length(0...256),
            "type": .string("The type label.").length(0...256),
            "user": .string("The user label.").length(0...256),
        ]
    )
}

/// `core/v1.WindowsSecurityContextOptions`: settings for Windows containers.
public struct WindowsSecurityContextOptions: Sendable, Hashable, Codable {
    /// The GMSA credential specification itself.
    public var gmsaCredentialSpec: String?
    /// The name of a GMSA credential specification.
    public var gmsaCredentialSpecName: String?
    /// Whether the container runs as a process of the node.
    public var hostProcess: Bool?
    /// The user of the processes.
    public var runAsUserName: String?

    /// Makes one from its fields.
    public init(
        gmsaCredentialSpec: String? = nil,
        gmsaCredentialSpecName: String? = nil,
        hostProcess: Bool? = nil,
        runAsUserName: String? = nil
    ) {
        self.gmsaCredentialSpec = gmsaCredentialSpec
        self.gmsaCredentialSpecName = gmsaCredentialSpecName
        self.hostProcess = hostProcess
        self.runAsUserName = runAsUserName
    }
}

extension WindowsSecurityContextOptions: SchemaProviding {
    public static let schema = Schema.object(
        WindowsSecurityContextOptions.self,
        "Settings for Windows containers.",
        [
            "gmsaCredentialSpec": .string("The GMSA credential specification itself.").length(0...65536),
            "gmsaCredentialSpecName": .string("The name of a GMSA credential specification.").length(0...253),
            "hostProcess": .boolean("Whether the container runs as a process of the node."),
            "runAsUserName": .string("The user of the processes.").length(0...256),
        ]
    )
}

/// `core/v1.Sysctl`: a kernel parameter.
public struct Sysctl: Sendable, Hashable, Codable {
    /// The parameter's name.
    public var name: String
    /// The parameter's value.
    public var value: String

    /// Makes one from its fields.
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

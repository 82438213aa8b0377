/// `core/v1.SecurityContext`: the security settings of a container.
public struct SecurityContext: Sendable, Hashable, Codable {
    /// Whether a process can gain more privileges than its parent.
    public var allowPrivilegeEscalation: Bool?
    /// Linux capabilities to add and to drop.
    public var capabilities: Capabilities?
    /// Whether the container has the privileges of the node's root user.
    public var privileged: Bool?
    /// How /proc is mounted. Defaults to Default.
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

    /// Creates a value from its fields.
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
        "The security settings of the container.",
        [
            "allowPrivilegeEscalation": .boolean("Whether a process can gain more privileges than its parent."),
            "capabilities": Capabilities.schema.described("Linux capabilities to add and to drop."),
            "privileged": .boolean("Whether the container has the privileges of the node's root user."),
            "procMount": .string("How /proc is mounted. Defaults to Default.").values("Default", "Unmasked"),
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

/// `core/v1.Capabilities`: Linux capabilities to add and to drop.
public struct Capabilities: Sendable, Hashable, Codable {
    /// Capabilities to add, such as NET_BIND_SERVICE.
    public var add: [String]?
    /// Capabilities to drop. ALL drops all capabilities.
    public var drop: [String]?

    /// Creates a value from its fields.
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
            "drop": .array("Capabilities to drop. ALL drops all capabilities.", of: .string().length(1...253))
                .items(0...64)
                .atomic(),
        ]
    )
}

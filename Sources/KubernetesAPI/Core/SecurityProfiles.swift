/// `core/v1.SeccompProfile`: the system calls that are allowed.
public struct SeccompProfile: Sendable, Hashable, Codable {
    /// RuntimeDefault for the container runtime's own profile, Localhost for a file on the node, Unconfined for none.
    public var type: String
    /// The file, relative to the kubelet's directory of profiles. Only valid for Localhost.
    public var localhostProfile: String?

    /// Creates a value from its fields.
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
                "The file, relative to the kubelet's directory of profiles. Only valid for Localhost."
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
    /// The name of the profile on the node. Only valid for Localhost.
    public var localhostProfile: String?

    /// Creates a value from its fields.
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
            "localhostProfile": .string("The name of the profile on the node. Only valid for Localhost.")
                .length(0...4095),
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

    /// Creates a value from its fields.
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
    /// Whether the container runs as a process on the node.
    public var hostProcess: Bool?
    /// The user of the processes.
    public var runAsUserName: String?

    /// Creates a value from its fields.
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
            "hostProcess": .boolean("Whether the container runs as a process on the node."),
            "runAsUserName": .string("The user of the processes.").length(0...256),
        ]
    )
}

/// What the gateway records of calls, refusals and changes of rules, and where.
public struct GatewayAudit: Sendable, Hashable, Codable {
    /// Where records go; an empty list switches the audit off. Defaults to `Stdout`.
    public var sinks: [AuditSinkName]?
    /// The file of the sink `File`.
    public var file: GatewayAuditFile?
    /// How much is recorded of the arguments of calls. Defaults to `Keys`.
    public var arguments: AuditArguments?
    /// Paths in the arguments whose values are never recorded: JSON pointers in which `*` stands for any member or element, and `**`
    /// for any number of levels, such as `/user/token` or `/**/password`.
    public var redact: [String]?
    /// The largest arguments that are recorded in full, in bytes; of larger ones only the size is recorded. Defaults to 16384.
    public var maximumArgumentBytes: Int?
    /// What happens to calls that cannot be recorded. Defaults to `Deny`.
    public var onFailure: AuditFailurePolicy?
    /// How many records can wait to be written, for each sink. Defaults to 10000.
    public var queueLength: Int?

    public init(
        sinks: [AuditSinkName]? = nil,
        file: GatewayAuditFile? = nil,
        arguments: AuditArguments? = nil,
        redact: [String]? = nil,
        maximumArgumentBytes: Int? = nil,
        onFailure: AuditFailurePolicy? = nil,
        queueLength: Int? = nil
    ) {
        self.sinks = sinks
        self.file = file
        self.arguments = arguments
        self.redact = redact
        self.maximumArgumentBytes = maximumArgumentBytes
        self.onFailure = onFailure
        self.queueLength = queueLength
    }

    /// The default of `maximumArgumentBytes`.
    public static let defaultMaximumArgumentBytes = 16_384
    /// The default of `queueLength`.
    public static let defaultQueueLength = 10_000

    /// Checks what the types do not.
    ///
    /// - Throws: `SettingsError`, which names the field.
    public func validate(field: String) throws(SettingsError) {
        let names = sinks ?? [.stdout]
        guard Set(names).count == names.count else {
            throw SettingsError(field: "\(field).sinks", "a sink is listed twice: list each one once")
        }
        if names.contains(.file) {
            guard let file else {
                throw SettingsError(field: "\(field).file", "the sink File needs a path: set file.path")
            }
            try file.validate(field: "\(field).file")
        } else if file != nil {
            throw SettingsError(field: "\(field).file", "the file is not used: add File to sinks, or remove file")
        }
        for (index, path) in (redact ?? []).enumerated() where RedactionPath(path) == nil {
            throw SettingsError(
                field: "\(field).redact[\(index)]",
                "\"\(path)\" must be a JSON pointer such as /user/token, /items/*/secret or /**/password"
            )
        }
        try SettingsError.check(maximumArgumentBytes, in: 64...1_048_576, field: "\(field).maximumArgumentBytes")
        try SettingsError.check(queueLength, in: 1...1_000_000, field: "\(field).queueLength")
    }
}

/// Where audit records go.
public enum AuditSinkName: String, Sendable, Hashable, Codable, CaseIterable {
    /// Standard output, for the log pipeline of the cluster.
    case stdout = "Stdout"
    /// A file on a volume.
    case file = "File"
}

/// How much is recorded of the arguments of calls.
public enum AuditArguments: String, Sendable, Hashable, Codable, CaseIterable {
    /// Nothing.
    case none = "None"
    /// The names of the arguments.
    case keys = "Keys"
    /// Names and values, except for those that are redacted.
    case full = "Full"
}

/// What happens to calls that cannot be recorded.
public enum AuditFailurePolicy: String, Sendable, Hashable, Codable, CaseIterable {
    /// They are served. What is lost is counted, logged, and recorded as a gap.
    case allow = "Allow"
    /// They are refused with status 503.
    case deny = "Deny"
}

/// The file of audit records.
public struct GatewayAuditFile: Sendable, Hashable, Codable {
    /// Its absolute path. Each replica needs a file of its own; `$(POD_NAME)` is replaced by the name of the pod.
    public var path: String
    /// The size at which it is rotated, in bytes. Defaults to 104857600.
    public var maximumBytes: Int?
    /// How many rotated files are kept. Defaults to 10.
    public var keptFiles: Int?
    /// When the file is flushed to the disk. Defaults to `Batch`.
    public var sync: AuditFileSync?

    public init(path: String, maximumBytes: Int? = nil, keptFiles: Int? = nil, sync: AuditFileSync? = nil) {
        self.path = path
        self.maximumBytes = maximumBytes
        self.keptFiles = keptFiles
        self.sync = sync
    }

    /// The default of `maximumBytes`.
    public static let defaultMaximumBytes = 100 << 20
    /// The default of `keptFiles`.
    public static let defaultKeptFiles = 10

    func validate(field: String) throws(SettingsError) {
        try SettingsError.check(path: path, field: "\(field).path")
        try SettingsError.check(maximumBytes, in: (1 << 20)...(1 << 40), field: "\(field).maximumBytes")
        try SettingsError.check(keptFiles, in: 1...1_000, field: "\(field).keptFiles")
    }
}

/// When a file of audit records is flushed to the disk.
public enum AuditFileSync: String, Sendable, Hashable, Codable, CaseIterable {
    /// After each batch: all records that came while the batch before was written.
    case batch = "Batch"
    /// When the file is rotated or closed.
    case rotation = "Rotation"
    /// Whenever the operating system does it.
    case never = "Never"
}

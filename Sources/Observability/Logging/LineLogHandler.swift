public import Logging

/// A log handler that writes one line for each event.
public struct LineLogHandler: LogHandler {
    public var metadataProvider: Logger.MetadataProvider?
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level {
        didSet { hasOwnLevel = true }
    }

    private let label: String
    private let format: LogFormat
    private let levels: LogLevels
    private let timestamp: @Sendable () -> String
    private let write: @Sendable (String) -> Void
    /// Whether the level of this logger was set explicitly, which overrides the directives.
    private var hasOwnLevel = false

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - timestamp: the time of a line, in the form of RFC 3339.
    ///   - write: writes a line, which includes a line feed. It is called from any thread.
    public init(
        label: String,
        format: LogFormat,
        levels: LogLevels,
        timestamp: @escaping @Sendable () -> String,
        metadataProvider: Logger.MetadataProvider? = nil,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.label = label
        self.format = format
        self.levels = levels
        self.timestamp = timestamp
        self.metadataProvider = metadataProvider
        self.write = write
        // The logger must accept everything that any module can write, because the module is known only later.
        logLevel = levels.mostVerbose
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        if !hasOwnLevel {
            let isAllowed = event.level >= levels.level(label: label, module: event.source)
            guard isAllowed else { return }
        }
        var all = metadataProvider?.get() ?? [:]
        all.merge(metadata) { _, new in new }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        let line = LogLine(
            time: timestamp(),
            level: event.level,
            label: label,
            message: "\(event.message)",
            metadata: all,
            error: event.error.map { "\($0)" }
        )
        write(line.formatted(as: format))
    }
}

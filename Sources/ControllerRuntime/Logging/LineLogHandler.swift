public import Logging

/// A log handler that writes one line an event.
public struct LineLogHandler: LogHandler {
    public var metadataProvider: Logger.MetadataProvider?
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level {
        didSet { hasOwnLevel = true }
    }

    private let label: String
    private let format: LogFormat
    private let levels: LogLevels
    private let clock: RuntimeClock
    private let write: @Sendable (String) -> Void
    /// Someone set the level of this very logger, and that goes over the directives.
    private var hasOwnLevel = false

    /// Makes a handler.
    ///
    /// - Parameter write: takes one line, line feed included, from any thread.
    public init(
        label: String,
        format: LogFormat,
        levels: LogLevels,
        clock: RuntimeClock = .system,
        metadataProvider: Logger.MetadataProvider? = nil,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.label = label
        self.format = format
        self.levels = levels
        self.clock = clock
        self.metadataProvider = metadataProvider
        self.write = write
        // The logger must let through what any module may write; which module writes is known only then.
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
            time: clock.wallTime,
            level: event.level,
            label: label,
            message: "\(event.message)",
            metadata: all,
            error: event.error.map { "\($0)" }
        )
        write(line.formatted(as: format))
    }
}

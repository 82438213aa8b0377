import Logging

extension Logger {
    /// Writes nothing.
    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

/// A log whose entries a test reads.
struct RecordingLog: Sendable {
    struct Entry: Sendable {
        var level: Logger.Level
        var message: String
    }

    /// The entries, in order, of all levels.
    let entries = Recorder<Entry>()

    /// The logger that writes them.
    var logger: Logger {
        var logger = Logger(label: "test") { [entries] _ in Handler(entries: entries) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let entries: Recorder<Entry>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            entries.record(Entry(level: event.level, message: "\(event.message)"))
        }
    }
}

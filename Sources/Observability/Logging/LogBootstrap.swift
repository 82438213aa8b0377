#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif
public import Logging

/// Sets up logging for the process: text or JSON lines on standard error.
public enum LogBootstrap {
    /// The environment variable with the levels.
    public static let levelsVariable = "MOORAGE_LOG_LEVEL"

    /// Sets up logging. Call it once, before anything is logged.
    ///
    /// - Parameters:
    ///   - format: text or JSON.
    ///   - levels: what is written.
    ///   - timestamp: the time of a line, in the form of RFC 3339.
    ///   - metadataProvider: what lines contain besides their own metadata, such as the reconcile that they belong to.
    public static func bootstrap(
        format: LogFormat = .text,
        levels: LogLevels = LogLevels(),
        timestamp: @escaping @Sendable () -> String,
        metadataProvider: Logger.MetadataProvider?
    ) {
        LoggingSystem.bootstrap(
            { label, provider in
                LineLogHandler(
                    label: label,
                    format: format,
                    levels: levels,
                    timestamp: timestamp,
                    metadataProvider: provider,
                    write: writeToStandardError
                )
            },
            metadataProvider: metadataProvider
        )
    }

    /// Writes a complete line, usually with one system call, so that lines of several threads are not mixed.
    private static func writeToStandardError(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let slice = UnsafeBufferPointer(rebasing: rest)
                let count = write(STDERR_FILENO, slice.baseAddress, slice.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}

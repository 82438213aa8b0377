package import ArgumentParser
package import Logging
package import Observability

/// What is logged, and how.
package struct LogOptions: ParsableArguments {
    @Option(
        name: .customLong("log-format"),
        help: "The format of log lines on standard error. [$MOORAGE_LOG_FORMAT] (default: text)"
    )
    package var format: LogFormat?

    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp(
            """
            The minimum log level, for all modules or by module: info, or reconcilers=debug,nio=warning. \
            [$MOORAGE_LOG_LEVEL] (default: info)
            """,
            valueName: "levels"
        )
    )
    package var level: String?

    package init() {}

    /// Sets up logging for the process.
    ///
    /// - Parameters:
    ///   - standard: the level if neither option nor environment sets it.
    ///   - metadataProvider: what lines contain besides their own metadata.
    /// - Throws: `CommandFailure` naming the level that cannot be read.
    package func bootstrap(
        _ environment: EnvironmentReader,
        standard: Logger.Level,
        metadataProvider: Logger.MetadataProvider?
    ) throws {
        let format = try format ?? environment.choice("MOORAGE_LOG_FORMAT") ?? .text
        let text = level ?? environment.text(LogBootstrap.levelsVariable) ?? ""
        do {
            LogBootstrap.bootstrap(
                format: format,
                levels: try LogLevels(parsing: text, standard: standard),
                timestamp: WallTime.now,
                metadataProvider: metadataProvider
            )
        } catch {
            throw CommandFailure("\(error)")
        }
    }
}

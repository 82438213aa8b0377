import Logging

/// A logger for tests, which writes nothing.
let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

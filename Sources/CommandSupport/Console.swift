#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The output of the commands: standard output for results, standard error for messages.
///
/// Bytes go to the descriptors unbuffered, so that the two streams keep their order in one terminal and nothing is lost
/// when the process exits.
package struct Console: Sendable {
    /// A stream of the process.
    package enum Stream: Sendable {
        case output
        case error
    }

    /// How text is styled on a terminal. Elsewhere, it is not styled.
    package enum Style: String, Sendable {
        case bold = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    /// Receives the bytes.
    package var write: @Sendable (Stream, String) -> Void
    /// Whether standard output is colored.
    package var hasColours: Bool
    /// How many characters a line of the terminal has; `nil` if standard output is not a terminal.
    package var columns: Int?

    package init(
        write: @escaping @Sendable (Stream, String) -> Void,
        hasColours: Bool,
        columns: Int? = nil
    ) {
        self.write = write
        self.hasColours = hasColours
        self.columns = columns
    }

    /// The process's own streams. Colors are only used if standard output is a terminal and `NO_COLOR` is not set
    /// (https://no-color.org).
    package static let standard = Console(
        write: { stream, text in
            Console.writeAll(text, to: stream == .output ? STDOUT_FILENO : STDERR_FILENO)
        },
        hasColours: isatty(STDOUT_FILENO) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
            && getenv("TERM").map { String(cString: $0) } != "dumb",
        columns: isatty(STDOUT_FILENO) == 1 ? Console.terminalColumns() : nil
    )

    private static func terminalColumns() -> Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes to standard output without changes.
    package func output(_ text: String) {
        write(.output, text)
    }

    /// Clears the terminal, so that the next output begins at its top. Does nothing elsewhere.
    package func clear() {
        if columns != nil { output("\u{1B}[H\u{1B}[2J") }
    }

    /// Writes a line to standard error.
    package func error(_ text: String, prefix: String? = "error: ") {
        write(.error, "\(prefix ?? "")\(text)\n")
    }

    /// Text with a style, if the stream is a terminal.
    package func styled(_ text: String, _ style: Style) -> String {
        hasColours ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    private static func writeAll(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                #if canImport(Darwin)
                    let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
                #elseif canImport(Glibc)
                    let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                #else
                    let count = Musl.write(descriptor, rest.baseAddress, rest.count)
                #endif
                if count < 0 {
                    if errno == EINTR { continue }
                    // The reader closed the stream, so nothing more can be written.
                    return
                }
                written += count
            }
        }
    }
}

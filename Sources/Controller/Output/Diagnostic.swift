/// A message about a location in an input file, in a form that editors and CI systems understand:
/// `examples/quickstart.yaml:14: error: MCPServer default/hello: spec.image: …`.
struct Diagnostic: Sendable, Hashable {
    /// The severity.
    enum Severity: String, Sendable, Hashable {
        /// Something is refused; the command exits with status 1.
        case error
        /// Something is probably not what was intended.
        case warning
        /// Something worth knowing.
        case note
    }

    /// The severity.
    var severity: Severity
    /// The file, or `<stdin>`.
    var file: String?
    /// The line in the file, from 1.
    var line: Int?
    /// The object, such as `MCPServer default/hello`.
    var subject: String?
    /// The condition reason, if a rule refused the object, such as `ImageNotPinned`.
    var reason: String?
    /// What is wrong, and how to fix it.
    var message: String

    init(
        _ severity: Severity,
        file: String? = nil,
        line: Int? = nil,
        subject: String? = nil,
        reason: String? = nil,
        _ message: String
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.subject = subject
        self.reason = reason
        self.message = message
    }
}

extension Diagnostic: CustomStringConvertible {
    var description: String {
        var text = ""
        if let file {
            text += line.map { "\(file):\($0): " } ?? "\(file): "
        }
        text += "\(severity.rawValue): "
        if let subject { text += "\(subject): " }
        if let reason { text += "\(reason): " }
        return text + message
    }
}

extension [Diagnostic] {
    /// Whether any of them is an error.
    var hasErrors: Bool { contains { $0.severity == .error } }

    /// Sorted by files and lines, so that the same input results in the same output.
    func ordered(byFiles files: [String]) -> [Diagnostic] {
        let positions = Dictionary(files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return enumerated().sorted { left, right in
            let leftKey = (left.element.file.flatMap { positions[$0] } ?? -1, left.element.line ?? 0, left.offset)
            let rightKey = (right.element.file.flatMap { positions[$0] } ?? -1, right.element.line ?? 0, right.offset)
            return leftKey < rightKey
        }
        .map(\.element)
    }
}

public import MCPProtocol
internal import Synchronization

/// What a server publishes of its tools: the approved contract with its curation. Pure.
public struct Catalogue: Sendable, Hashable {
    /// A tool that is published.
    public struct Entry: Sendable, Hashable {
        /// The definition as clients see it: under its published name, with the title and description of the curation.
        public var tool: Tool
        /// The name by which the server knows the tool.
        public var originalName: String
        /// The scopes that a caller needs.
        public var requiredScopes: Set<String>
        /// The arguments that clients of 2026-07-28 repeat in headers (M15).
        public var parameterHeaders: ParameterHeaders
        /// The schema of the arguments, to check them against.
        let arguments: ArgumentSchema

        /// - Throws: `MessageFieldError` if the definition is not valid.
        public init(
            definition: RawJSON,
            title: String? = nil,
            description: String? = nil,
            requiredScopes: Set<String> = []
        ) throws(MessageFieldError) {
            var tool = try Tool(definition)
            originalName = tool.name
            if let title { tool = try tool.with(title: title) }
            if let description { tool = try tool.with(description: description) }
            self.tool = tool
            self.requiredScopes = requiredScopes
            arguments = ArgumentSchema(tool.inputSchema)
            parameterHeaders = (try? ParameterHeaders(inputSchema: tool.inputSchema)) ?? ParameterHeaders()
        }
    }

    /// The published tools, in the order in which they are listed.
    public let entries: [Entry]
    /// The digest of the revision that the catalogue comes from, for audit records.
    public let revisionDigest: String?
    private let positions: [[UInt8]: Int]

    public init(_ entries: [Entry], revisionDigest: String? = nil) {
        self.entries = entries
        self.revisionDigest = revisionDigest
        // By bytes: strings take different spellings of a character for the same.
        positions = Dictionary(
            entries.enumerated().map { (Array($0.element.originalName.utf8), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The published tool that the server knows by exactly this name.
    public func entry(named name: String) -> Entry? { positions[Array(name.utf8)].map { entries[$0] } }
}

/// The input schema of a tool, which is read when it is first needed.
final class ArgumentSchema: Sendable, Hashable {
    private let source: RawJSON
    private let read = Mutex<Result<JSONSchema, MessageFieldError>?>(nil)

    init(_ source: RawJSON) { self.source = source }

    /// Checks the arguments of a call.
    ///
    /// - Returns: why they are not accepted, for the caller; `nil` if they match. Nothing matches a schema that cannot be used.
    func problem(with arguments: RawJSON) -> String? {
        switch schema {
        case .success(let schema):
            schema.violation(in: arguments).map { "the arguments are not valid: \($0.inArguments)" }
        case .failure(let error):
            "the arguments cannot be checked, because the tool's schema cannot be used: \(error)"
        }
    }

    private var schema: Result<JSONSchema, MessageFieldError> {
        read.withLock { read in
            if let read { return read }
            let result: Result<JSONSchema, MessageFieldError>
            do throws(MessageFieldError) {
                result = .success(try JSONSchema(source))
            } catch {
                result = .failure(error)
            }
            read = result
            return result
        }
    }

    static func == (left: ArgumentSchema, right: ArgumentSchema) -> Bool { left.source == right.source }
    func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

extension JSONSchema.Violation {
    fileprivate var inArguments: String { "arguments\(path) \(problem)" }
}

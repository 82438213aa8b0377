/// The arguments of a tool that HTTP headers repeat (M15; 2026-07-28, Streamable HTTP, Custom Headers from Tool Parameters).
public struct ParameterHeaders: Sendable, Hashable {
    /// One annotated property.
    public struct Annotation: Sendable, Hashable {
        /// The types that may be repeated.
        public enum Kind: String, Sendable, Hashable {
            case string, integer, boolean
        }

        /// The name after `Mcp-Param-`.
        public let header: String
        /// The names that lead from the arguments to the value.
        public let path: [String]
        /// The type of the property.
        public let kind: Kind
    }

    static let keyword = "x-mcp-header"
    /// Integers that a double holds exactly.
    static let safeIntegers: ClosedRange<Int64> = -((1 << 53) - 1)...((1 << 53) - 1)

    /// The annotated properties, in the order of the schema.
    public let annotations: [Annotation]

    /// No headers.
    public init() { annotations = [] }

    /// Reads the annotations of an input schema.
    ///
    /// - Throws: `MessageFieldError` if one is not allowed. Clients over HTTP leave such a tool out of the list.
    public init(inputSchema: RawJSON) throws(MessageFieldError) {
        var annotations: [Annotation] = []
        var waiting: [(schema: RawJSON, path: [String])] = [(inputSchema, [])]
        while let (schema, path) = waiting.popLast() {
            for member in (schema.members ?? []).reversed() {
                switch member.name {
                case Self.keyword:
                    annotations.append(try Self.annotation(member.value, schema: schema, path: path))
                case "properties":
                    for property in (member.value.members ?? []).reversed() {
                        waiting.append((property.value, path + [property.name]))
                    }
                default:
                    // Reached through anything but `properties`, an annotation does not have exactly one value.
                    if Self.hasAnnotation(member.value) {
                        throw MessageFieldError(
                            field: Self.field(path),
                            problem:
                                "has an \(Self.keyword) below \(member.name.debugDescription); only properties may have one"
                        )
                    }
                }
            }
        }
        var names: Set<String> = []
        for annotation in annotations where !names.insert(annotation.header.lowercased()).inserted {
            throw MessageFieldError(
                field: Self.field(annotation.path),
                problem:
                    "has the \(Self.keyword) \(annotation.header.debugDescription), which another property has already"
            )
        }
        self.annotations = annotations
    }

    private static func field(_ path: [String]) -> String {
        (["inputSchema"] + path.flatMap { ["properties", $0] }).joined(separator: ".")
    }

    private static func annotation(_ value: RawJSON, schema: RawJSON, path: [String]) throws(MessageFieldError)
        -> Annotation
    {
        guard !path.isEmpty else {
            throw MessageFieldError(field: field(path), problem: "has an \(keyword); only properties may have one")
        }
        guard let header = value.stringValue, HeaderName.isToken(header) else {
            throw MessageFieldError(
                field: field(path),
                problem: "has an \(keyword) that is not a header name: \(value.text)"
            )
        }
        guard let kind = schema["type"]?.stringValue.flatMap(Annotation.Kind.init(rawValue:)) else {
            throw MessageFieldError(
                field: field(path),
                problem: "has an \(keyword) and must have the type string, integer or boolean"
            )
        }
        return Annotation(header: header, path: path, kind: kind)
    }

    /// Whether an annotation is anywhere in a part of a schema. Names of properties are not annotations, but a schema below `items` or
    /// `anyOf` that has a property of that name is refused as well: it is not worth a second walk.
    private static func hasAnnotation(_ value: RawJSON) -> Bool {
        var waiting = [value]
        while let next = waiting.popLast() {
            waiting += next.elements ?? []
            for member in next.members ?? [] {
                if member.name == keyword { return true }
                waiting.append(member.value)
            }
        }
        return false
    }

    /// The headers for a call, by the name after `Mcp-Param-`; the values are not encoded yet. What is missing or `null` has none.
    ///
    /// - Parameter arguments: of the call.
    public func values(for arguments: RawJSON?) -> [(name: String, value: String)] {
        annotations.compactMap { annotation in
            Self.text(of: arguments?[path: annotation.path]).map { (annotation.header, $0) }
        }
    }

    private static func text(of value: RawJSON?) -> String? {
        guard let value else { return nil }
        switch value.kind {
        case .string: return value.stringValue
        case .boolean: return value.text
        case .number: return value.integerValue.flatMap { safeIntegers.contains($0) ? String($0) : nil } ?? value.text
        default: return nil
        }
    }

    /// Checks the headers of a call against its arguments.
    ///
    /// - Throws: `ProtocolError` (`-32020`, 400) if a header is missing, there without a value, repeated, malformed or different.
    public func check(_ headers: HeaderFields, arguments: RawJSON?, id: RequestID?) throws(ProtocolError) {
        for annotation in annotations {
            let name = HeaderName.parameterPrefix + annotation.header
            let values = headers[all: name]
            guard values.count <= 1 else { throw .headerMismatch("\(name) is there \(values.count) times", id: id) }
            let argument = arguments?[path: annotation.path]
            guard let expected = Self.text(of: argument) else {
                guard values.isEmpty else {
                    throw .headerMismatch("\(name) is there, but the arguments have no value for it", id: id)
                }
                continue
            }
            guard let value = values.first else { throw .headerMismatch("\(name) is missing", id: id) }
            guard let text = HeaderValue.decode(value) else {
                throw .headerMismatch("\(name) contains invalid characters or invalid base64", id: id)
            }
            guard text.utf8.elementsEqual(expected.utf8) || Self.isSameInteger(text, argument) else {
                throw .headerMismatch("the value of \(name) does not match the arguments", id: id)
            }
        }
    }

    /// Integers compare by value: `42.0` is `42`.
    private static func isSameInteger(_ text: String, _ argument: RawJSON?) -> Bool {
        guard let argument, argument.kind == .number, let header = try? RawJSON(parsing: text), header.kind == .number,
            let left = header.integerDigits, let right = argument.integerDigits
        else { return false }
        return left == right
    }
}

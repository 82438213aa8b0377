/// One document of a YAML file, as `kubectl` reads it, with the line of each value.
public struct YAMLDocument: Sendable {
    /// The document's content.
    public var value: JSONValue
    /// The line on which the document's content starts, from 1.
    public var line: Int
    /// The line of each value, by its path; for a member of an object it is the line of its key.
    public var lines: [FieldPath: Int]

    /// Makes one from its parts.
    public init(value: JSONValue, line: Int, lines: [FieldPath: Int] = [:]) {
        self.value = value
        self.line = line
        self.lines = lines
    }

    /// The document with its line numbers increased by an offset.
    func moved(down offset: Int) -> YAMLDocument {
        guard offset > 0 else { return self }
        return YAMLDocument(value: value, line: line + offset, lines: lines.mapValues { $0 + offset })
    }

    /// The line, from 1, of the value at a path or, if there is none, of the closest value above it.
    public func line(of path: FieldPath) -> Int {
        var current: FieldPath? = path
        while let path = current {
            if let line = lines[path] { return line }
            current = path.parent
        }
        return line
    }
}

/// Why a text is not YAML that `kubectl` can read.
public struct YAMLError: Error, Hashable, CustomStringConvertible {
    /// The kinds of errors.
    public enum Code: Sendable, Hashable {
        /// The text is not valid YAML, or not UTF-8.
        case syntax
        /// A mapping has the same key twice. `kubectl` silently keeps the last; here it is an error.
        case duplicateKey
        /// A key is null, a sequence or a mapping.
        case invalidKey
        /// An alias refers to an unknown anchor, or to one that contains it.
        case unknownAnchor
        /// A tag does not match its value, or a number cannot be represented in JSON.
        case invalidValue
        /// The document is nested deeper, or with its aliases resolved larger, than the limits allow.
        case limit
    }

    /// The kind of error.
    public var code: Code
    /// What is wrong and, where it helps, what to do.
    public var message: String
    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in characters.
    public var column: Int

    /// Creates a value from its fields.
    public init(code: Code, message: String, line: Int, column: Int) {
        self.code = code
        self.message = message
        self.line = line
        self.column = column
    }

    public var description: String { "line \(line), column \(column): \(message)" }
}

/// Limits on the size of one YAML text.
public struct YAMLLimits: Sendable, Hashable {
    /// How deeply sequences and mappings may be nested.
    public var maximumDepth: Int
    /// The number of values that all documents can contain together, with aliases resolved. It limits the expansion of
    /// nested aliases.
    public var maximumNodes: Int

    /// Creates limits. The default depth of 128 is twice what any Kubernetes object has; 2,000,000 values are more than
    /// fit into the 3 MiB that the API server accepts.
    public init(maximumDepth: Int = 128, maximumNodes: Int = 2_000_000) {
        self.maximumDepth = maximumDepth
        self.maximumNodes = maximumNodes
    }
}

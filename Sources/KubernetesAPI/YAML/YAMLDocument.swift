/// One document of a YAML file, as `kubectl` reads it, with the line on which each value stands.
public struct YAMLDocument: Sendable {
    /// What the document says.
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

    /// The line, from 1, on which the value at a path stands, or, where nothing stands there, the closest value above it.
    public func line(of path: FieldPath) -> Int {
        var current: FieldPath? = path
        while let path = current {
            if let line = lines[path] { return line }
            current = path.parent
        }
        return line
    }
}

/// Why a text is not YAML that `kubectl` would read.
public struct YAMLError: Error, Hashable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable, Hashable {
        /// The text breaks YAML's grammar, or is not UTF-8.
        case syntax
        /// A mapping has the same key twice. `kubectl` keeps the last in silence; here it is an error.
        case duplicateKey
        /// A key is null, a sequence or a mapping.
        case invalidKey
        /// An alias names no anchor, or one that it is itself part of.
        case unknownAnchor
        /// A tag does not fit its value, or a number has no form in JSON.
        case invalidValue
        /// The document is deeper, or by its aliases larger, than the limits allow.
        case limit
    }

    /// What kind of fault it is.
    public var code: Code
    /// What is wrong, and where it helps, what to do.
    public var message: String
    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in characters.
    public var column: Int

    /// Makes one from its fields.
    public init(code: Code, message: String, line: Int, column: Int) {
        self.code = code
        self.message = message
        self.line = line
        self.column = column
    }

    public var description: String { "line \(line), column \(column): \(message)" }
}

/// How much one YAML text may cost.
public struct YAMLLimits: Sendable, Hashable {
    /// How deep sequences and mappings may nest.
    public var maximumDepth: Int
    /// How many values all documents may hold together, each alias counted with all that it stands for. It bounds what
    /// nested aliases can blow up to.
    public var maximumNodes: Int

    /// Makes one from its fields. The default depth of 128 is twice what any Kubernetes object has; 2,000,000 values are
    /// more than the 3 MiB that the API server takes can hold.
    public init(maximumDepth: Int = 128, maximumNodes: Int = 2_000_000) {
        self.maximumDepth = maximumDepth
        self.maximumNodes = maximumNodes
    }
}

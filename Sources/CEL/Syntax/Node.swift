/// A part of an expression. Macros are expanded: comprehensions have nodes of their own.
struct Node: Sendable {
    indirect enum Kind: Sendable {
        case literal(CELValue)
        /// A variable; `.name` starts at the outermost scope.
        case identifier(String)
        case select(Node, field: String)
        /// `has(operand.field)`.
        case hasField(Node, field: String)
        /// `operand.?field`.
        case optionalSelect(Node, field: String)
        /// A function by its name; operators have names such as `_+_`.
        case call(String, target: Node?, arguments: [Node])
        /// A function that the checker has found. A receiver is the first argument.
        case invoke(Function, [Node])
        /// `&&` and `||` with all their operands.
        case and([Node])
        case or([Node])
        case conditional(Node, Node, Node)
        case list([Element])
        case map([Entry])
        case message(type: String, fields: [Field])
        case comprehension(Comprehension)
    }

    /// An element of a list literal. An optional one is left out if it has no value.
    struct Element: Sendable {
        var value: Node
        var isOptional = false
    }

    /// An entry of a map literal.
    struct Entry: Sendable {
        var key: Node
        var value: Node
        var isOptional = false
    }

    /// A field of a message literal.
    struct Field: Sendable {
        var name: String
        var position: Int
        var value: Node
        var isOptional = false
    }

    /// The offset in the source that problems name.
    var position: Int
    /// The number of levels below this node and itself.
    var height: Int
    var kind: Kind
    /// What the checker has found; dynamic before.
    var type = CELType.dyn

    init(_ kind: Kind, at position: Int, over children: [Node] = []) {
        self.kind = kind
        self.position = position
        height = (children.lazy.map(\.height).max() ?? 0) + 1
    }
}

/// A macro that evaluates an expression for each element of a list or a map, or for the value of an optional.
struct Comprehension: Sendable {
    enum Form: Sendable, Hashable {
        case all, exists, existsOne, map, filter
        case transformList, transformMap, transformMapEntry
        case sortBy
        case optionalMap, optionalFlatMap
    }

    var form: Form
    var range: Node
    /// The element; with a second variable the key or the index.
    var variable: String
    /// The element of a comprehension with two variables.
    var secondVariable: String?
    /// Which elements count, for forms that transform.
    var filter: Node?
    var body: Node
}

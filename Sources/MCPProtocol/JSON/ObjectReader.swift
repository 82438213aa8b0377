/// Reads the fields of one object that this library acts on.
///
/// A field that is there twice, or beside another whose name differs only by case, is an error: what a server behind takes
/// for the field could be the other one.
struct ObjectReader {
    let path: String
    let raw: RawJSON
    /// Where the names and values of the members are.
    private let members: [(name: Range<Int>, value: Range<Int>)]

    init(_ raw: RawJSON, at path: String) throws(MessageFieldError) {
        guard raw.kind == .object else {
            throw MessageFieldError(field: path, problem: "must be an object, and is \(raw.kind.withArticle)")
        }
        self.path = path
        self.raw = raw
        var members: [(name: Range<Int>, value: Range<Int>)] = []
        members.reserveCapacity(8)
        raw.forEachMember { members.append(($0, $1)) }
        self.members = members
    }

    private func path(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func error(_ name: String, _ problem: String) -> MessageFieldError {
        MessageFieldError(field: path(of: name), problem: problem)
    }

    /// The value of a member, or `nil` if there is none.
    func value(_ name: String) throws(MessageFieldError) -> RawJSON? {
        var found: Range<Int>?
        for member in members {
            switch raw.match(member.name, name.utf8) {
            case .different: continue
            case .same:
                guard found == nil else { throw error(name, "is there twice") }
                found = member.value
            case .caseVariant:
                throw error(
                    name,
                    "is spelled \(raw.member(member.name, member.value).name.debugDescription), which only a parser that ignores case would read"
                )
            }
        }
        return found.map(raw.part)
    }

    private func required<T>(_ value: T?, _ name: String) throws(MessageFieldError) -> T {
        guard let value else { throw error(name, "is missing") }
        return value
    }

    private func typed<T>(_ name: String, _ type: String, _ read: (RawJSON) -> T?) throws(MessageFieldError) -> T? {
        guard let value = try value(name) else { return nil }
        guard let result = read(value) else {
            throw error(name, "must be \(type), and is \(value.kind.withArticle)")
        }
        return result
    }

    func optionalString(_ name: String) throws(MessageFieldError) -> String? {
        guard let value = try value(name) else { return nil }
        guard value.kind == .string else { throw error(name, "must be a string, and is \(value.kind.withArticle)") }
        guard let text = value.stringValue else { throw error(name, "contains half of a surrogate pair") }
        return text
    }

    func string(_ name: String) throws(MessageFieldError) -> String { try required(optionalString(name), name) }

    func optionalBool(_ name: String) throws(MessageFieldError) -> Bool? {
        try typed(name, "a boolean") { $0.boolValue }
    }

    func optionalInteger(_ name: String) throws(MessageFieldError) -> Int64? {
        try typed(name, "an integer of 64 bits") { $0.integerValue }
    }

    func optionalNumber(_ name: String) throws(MessageFieldError) -> Double? {
        try typed(name, "a finite number") { $0.doubleValue }
    }

    func optionalObject(_ name: String) throws(MessageFieldError) -> RawJSON? {
        try typed(name, "an object") { $0.kind == .object ? $0 : nil }
    }

    func object(_ name: String) throws(MessageFieldError) -> RawJSON { try required(optionalObject(name), name) }

    func optionalReader(_ name: String) throws(MessageFieldError) -> ObjectReader? {
        guard let object = try optionalObject(name) else { return nil }
        return try ObjectReader(object, at: path(of: name))
    }

    func optionalArray(_ name: String) throws(MessageFieldError) -> [RawJSON]? {
        try typed(name, "an array") { $0.elements }
    }

    func array(_ name: String) throws(MessageFieldError) -> [RawJSON] { try required(optionalArray(name), name) }

    func optionalStrings(_ name: String) throws(MessageFieldError) -> [String]? {
        guard let elements = try optionalArray(name) else { return nil }
        var strings: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.stringValue else { throw error("\(name)[\(index)]", "must be a string") }
            strings.append(text)
        }
        return strings
    }
}

extension RawJSON.Kind {
    var withArticle: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .null: "null"
        default: "a \(rawValue)"
        }
    }
}

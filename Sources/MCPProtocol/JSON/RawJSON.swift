/// A JSON value kept as the bytes that it was written in.
///
/// A value is parsed only when it is read, and unchanged parts are never rewritten: numbers keep their digits,
/// objects their order, strings their escapes. Two values are equal if their bytes are.
///
/// Copies of one message's parts share its bytes.
public struct RawJSON: Sendable {
    /// The types of JSON values.
    public enum Kind: String, Sendable, Hashable {
        case object, array, string, number, boolean, null
    }

    private let storage: [UInt8]
    private let range: Range<Int>

    /// A part of bytes that were checked before.
    init(checked storage: [UInt8], range: Range<Int>) {
        self.storage = storage
        self.range = range
    }

    /// Bytes that this library has written.
    init(written bytes: [UInt8]) {
        self.init(checked: bytes, range: 0..<bytes.count)
    }

    /// Checks that bytes are exactly one JSON document.
    ///
    /// - Throws: `JSONSyntaxError` if they are not, or exceed a limit.
    public init(parsing bytes: [UInt8], limits: MessageLimits = MessageLimits()) throws(JSONSyntaxError) {
        let range = try bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
            var scanner = JSONScanner(buffer, limits: limits)
            return try scanner.scanDocument()
        }
        self.init(checked: bytes, range: range)
    }

    /// Checks that text is exactly one JSON document.
    ///
    /// - Throws: `JSONSyntaxError` if it is not, or exceeds a limit.
    public init(parsing text: String, limits: MessageLimits = MessageLimits()) throws(JSONSyntaxError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// The bytes of this value, without the white space around it.
    public var bytes: ArraySlice<UInt8> { storage[range] }

    /// This value with bytes of its own, for keeping a small part of a large message.
    public var detached: RawJSON { RawJSON(written: Array(bytes)) }

    /// This value as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The type of this value.
    public var kind: Kind {
        switch storage[range.lowerBound] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// Whether this is `null`.
    public var isNull: Bool { kind == .null }

    /// The boolean, or `nil` if this is not a boolean.
    public var boolValue: Bool? {
        switch storage[range.lowerBound] {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// The string, or `nil` if this is not a string, or contains half of a surrogate pair alone, which is not text.
    public var stringValue: String? {
        guard kind == .string else { return nil }
        let content = storage[(range.lowerBound + 1)..<(range.upperBound - 1)]
        return content.contains(UInt8(ascii: "\\"))
            ? String(validating: JSONText.unescape(content), as: UTF8.self)
            : String(validating: content, as: UTF8.self)
    }

    /// The integer, or `nil` if this is not a number, has a fraction other than zeros, has an exponent, or does not fit.
    public var integerValue: Int64? {
        guard kind == .number else { return nil }
        // Most integers are short and plain.
        if range.count <= 18, storage[range].allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) {
            return storage[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }
        return integerDigits.flatMap { Int64($0) }
    }

    /// The number, or `nil` if this is not a number, or is too large for a double.
    public var doubleValue: Double? {
        guard kind == .number, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The digits of an integer, as they are written but for a fraction of zeros: `"7"` for `7` and `7.0`, `"0"` for `-0`.
    /// `nil` if this is not a number, or not written as an integer.
    var integerDigits: String? {
        guard kind == .number else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, whole.allSatisfy({ $0.isNumber || $0 == "-" }),
            parts.count == 1 || parts[1].allSatisfy({ $0 == "0" })
        else { return nil }
        return whole == "-0" ? "0" : String(whole)
    }

    /// The elements of an array, or `nil` if this is not an array.
    public var elements: [RawJSON]? {
        guard kind == .array else { return nil }
        var elements: [RawJSON] = []
        storage.withUnsafeBufferPointer { buffer in
            var walker = JSONWalker(buffer, range)
            while let element = walker.nextElement() {
                elements.append(RawJSON(checked: storage, range: element))
            }
        }
        return elements
    }

    /// The members of an object in their order, or `nil` if this is not an object.
    public var members: [Member]? {
        guard kind == .object else { return nil }
        var members: [Member] = []
        forEachMember { members.append(member($0, $1)) }
        return members
    }

    /// Visits the members of an object in their order, without keeping them: where their names, with quotation marks, and their values are.
    /// What is not an object has none.
    func forEachMember(_ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
        guard kind == .object else { return }
        storage.withUnsafeBufferPointer { buffer in
            var walker = JSONWalker(buffer, range)
            while let (name, value) = walker.nextMember() { body(name, value) }
        }
    }

    /// A member whose place is known.
    func member(_ name: Range<Int>, _ value: Range<Int>) -> Member {
        Member(storage: storage, nameRange: name, valueRange: value)
    }

    /// A part of the same bytes.
    func part(_ range: Range<Int>) -> RawJSON { RawJSON(checked: storage, range: range) }

    /// One member of an object.
    public struct Member: Sendable {
        fileprivate let storage: [UInt8]
        /// The name with its quotation marks.
        fileprivate let nameRange: Range<Int>
        fileprivate let valueRange: Range<Int>

        /// The name. Half of a surrogate pair alone becomes U+FFFD.
        public var name: String { String(decoding: nameBytes, as: UTF8.self) }
        /// The value.
        public var value: RawJSON { RawJSON(checked: storage, range: valueRange) }

        private var nameContent: ArraySlice<UInt8> {
            storage[(nameRange.lowerBound + 1)..<(nameRange.upperBound - 1)]
        }

        /// The name with its escapes resolved.
        var nameBytes: [UInt8] {
            nameContent.contains(UInt8(ascii: "\\")) ? JSONText.unescape(nameContent) : Array(nameContent)
        }

    }

    /// How a name compares with one that is looked for.
    enum NameMatch {
        case same, caseVariant, different
    }

    /// Compares the name of a member with another one.
    ///
    /// - Parameter name: where the name of the member is, with its quotation marks.
    func match(_ name: Range<Int>, _ wanted: String.UTF8View) -> NameMatch {
        let end = name.upperBound - 1
        var position = name.lowerBound + 1
        // A different spelling is longer, by escapes or characters of several bytes, or as long.
        guard end - position >= wanted.count else { return .different }
        var isSame = true
        for expected in wanted {
            let byte = storage[position]
            position += 1
            if byte == expected, byte != UInt8(ascii: "\\") { continue }
            guard byte < 0x80, byte != UInt8(ascii: "\\") else { return matchText(of: name, wanted) }
            guard JSONText.lowercased(byte) == JSONText.lowercased(expected) else { return .different }
            isSame = false
        }
        guard position == end else { return .different }
        return isSame ? .same : .caseVariant
    }

    /// As ``match(_:_:)``, for a name with escapes or characters of several bytes.
    private func matchText(of name: Range<Int>, _ wanted: String.UTF8View) -> NameMatch {
        let text = JSONText.unescape(storage[(name.lowerBound + 1)..<(name.upperBound - 1)])
        if text.elementsEqual(wanted) { return .same }
        return JSONText.isCaseVariant(text, of: wanted) ? .caseVariant : .different
    }

    /// The value of the member with exactly this name, or `nil` if this is not an object or has no such member. Of several,
    /// which ``MessageLimits/allowsDuplicateNames`` must allow, it is the last one.
    public subscript(name: String) -> RawJSON? {
        var found: Range<Int>?
        forEachMember { if match($0, name.utf8) == .same { found = $1 } }
        return found.map(part)
    }

    /// The value at a path of members, or `nil` where the path ends early.
    public subscript(path path: [String]) -> RawJSON? {
        var current = self
        for name in path {
            guard let next = current[name] else { return nil }
            current = next
        }
        return current
    }
}

extension RawJSON: Hashable {
    public static func == (left: RawJSON, right: RawJSON) -> Bool { left.bytes == right.bytes }
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension RawJSON: CustomStringConvertible {
    public var description: String { text }
}

// MARK: - Writing

extension RawJSON {
    /// A string. It is written with no more escapes than JSON needs.
    public static func string(_ text: String) -> RawJSON {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 2)
        JSONText.appendQuoted(text, to: &output)
        return RawJSON(written: output)
    }

    /// An integer. Above 2^53 - 1 receivers that hold numbers in doubles, such as JavaScript, lose digits.
    public static func integer(_ value: Int64) -> RawJSON { RawJSON(written: Array(String(value).utf8)) }

    /// A number, or `null` for infinity and not-a-number, which JSON does not have.
    public static func number(_ value: Double) -> RawJSON {
        guard value.isFinite else { return .null }
        // `Int64(exactly:)` would need the C library for mathematics, which nothing else here does.
        if abs(value) < 1e15, Double(Int64(value)) == value { return .integer(Int64(value)) }
        return RawJSON(written: Array("\(value)".utf8))
    }

    /// `true` or `false`.
    public static func bool(_ value: Bool) -> RawJSON { RawJSON(written: Array((value ? "true" : "false").utf8)) }

    /// `null`.
    public static let null = RawJSON(written: Array("null".utf8))

    /// An array, in this order.
    public static func array(_ elements: some Sequence<RawJSON>) -> RawJSON {
        var output: [UInt8] = [UInt8(ascii: "[")]
        for element in elements {
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: element.bytes)
        }
        output.append(UInt8(ascii: "]"))
        return RawJSON(written: output)
    }

    /// An object with these members in this order. A member without a value is left out; of members with the same name the
    /// last one counts.
    public static func object(_ members: [(String, RawJSON?)]) -> RawJSON {
        var position: [[UInt8]: Int] = [:]
        var kept: [(String, RawJSON)] = []
        for (name, value) in members {
            guard let value else { continue }
            // Not by the string, which takes different spellings of a character for the same.
            let bytes = Array(name.utf8)
            if let index = position[bytes] {
                kept[index].1 = value
            } else {
                position[bytes] = kept.count
                kept.append((name, value))
            }
        }
        var output: [UInt8] = [UInt8(ascii: "{")]
        for (name, value) in kept {
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(name, to: &output)
            output.append(UInt8(ascii: ":"))
            output.append(contentsOf: value.bytes)
        }
        output.append(UInt8(ascii: "}"))
        return RawJSON(written: output)
    }

    /// This object with one member set, at its place if it is there and at the end if it is not. All other bytes stay. A value
    /// of `nil` removes the member. Of several members with this name one is left. What is not an object is returned as it is.
    public func setting(_ name: String, to value: RawJSON?) -> RawJSON {
        guard kind == .object else { return self }
        var old: Range<Int>?
        var matches = 0
        var isEmpty = true
        forEachMember { memberName, memberValue in
            isEmpty = false
            guard match(memberName, name.utf8) == .same else { return }
            old = memberValue
            matches += 1
        }
        if let value, let old, matches == 1 {
            var output: [UInt8] = []
            output.reserveCapacity(range.count - old.count + value.range.count)
            output.append(contentsOf: storage[range.lowerBound..<old.lowerBound])
            output.append(contentsOf: value.bytes)
            output.append(contentsOf: storage[old.upperBound..<range.upperBound])
            return RawJSON(written: output)
        }
        if let value, matches == 0 {
            var output: [UInt8] = []
            output.reserveCapacity(range.count + name.utf8.count + value.range.count + 4)
            output.append(contentsOf: bytes.dropLast())
            if !isEmpty { output.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(name, to: &output)
            output.append(UInt8(ascii: ":"))
            output.append(contentsOf: value.bytes)
            output.append(UInt8(ascii: "}"))
            return RawJSON(written: output)
        }
        guard matches > 0, let members else { return self }
        // Several members with this name, or one to remove: the members are written again, each as it was.
        let matching = members.indices.filter { match(members[$0].nameRange, name.utf8) == .same }
        var output: [UInt8] = [UInt8(ascii: "{")]
        for index in members.indices {
            let isLast = index == matching.last
            if matching.contains(index), value == nil || !isLast { continue }
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: storage[members[index].nameRange])
            output.append(UInt8(ascii: ":"))
            output.append(contentsOf: isLast ? (value ?? .null).bytes : members[index].value.bytes)
        }
        output.append(UInt8(ascii: "}"))
        return RawJSON(written: output)
    }

    /// This object with the member at a path of objects set; objects that are missing on the way are added.
    public func setting(path: [String], to value: RawJSON?) -> RawJSON {
        guard let first = path.first else { return value ?? .null }
        if path.count == 1 { return setting(first, to: value) }
        let child = self[first]
        if child == nil, value == nil { return self }
        return setting(first, to: (child ?? [:]).setting(path: Array(path.dropFirst()), to: value))
    }

    /// This value on one line. Line breaks stand only between the tokens of a JSON text, where each becomes a space.
    public var onOneLine: RawJSON {
        guard bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return self }
        return RawJSON(written: bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
    }
}

extension RawJSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(arrayLiteral elements: RawJSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, RawJSON?)...) { self = .object(elements) }
}

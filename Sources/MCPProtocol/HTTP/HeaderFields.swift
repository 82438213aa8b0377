/// The header fields of an HTTP message, as far as MCP cares. Names compare without case, values with case.
public struct HeaderFields: Sendable, Hashable {
    /// One field.
    public struct Field: Sendable, Hashable {
        /// The name, in any case.
        public var name: String
        /// The value.
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The fields in their order.
    public private(set) var fields: [Field]

    /// Fields, in this order.
    public init(_ fields: [Field] = []) { self.fields = fields }

    /// Fields, in this order.
    public init(_ fields: some Sequence<(name: String, value: String)>) {
        self.fields = fields.map { Field($0.name, $0.value) }
    }

    /// Every value of a field, without the white space around it.
    public subscript(all name: String) -> [String] {
        fields.compactMap { HeaderName.equal($0.name, name) ? HeaderValue.trimmed($0.value) : nil }
    }

    /// The value of a field that must not be there twice: `nil` if it is missing.
    ///
    /// - Throws: `HeaderRepeated` if it is there more than once. Which of them counts would depend on who reads them.
    public func single(_ name: String) throws(HeaderRepeated) -> String? {
        var value: String?
        for field in fields where HeaderName.equal(field.name, name) {
            guard value == nil else { throw HeaderRepeated(name: name) }
            value = HeaderValue.trimmed(field.value)
        }
        return value
    }

    /// Sets a field in place of all of its name.
    public mutating func set(_ name: String, _ value: String) {
        remove(name)
        fields.append(Field(name, value))
    }

    /// Removes all fields of a name.
    public mutating func remove(_ name: String) {
        fields.removeAll { HeaderName.equal($0.name, name) }
    }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Field($0, $1) })
    }
}

/// A header field that must be there at most once is there more often.
public struct HeaderRepeated: Error, Hashable, Sendable {
    /// The name of the field.
    public var name: String
}

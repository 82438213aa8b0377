/// The name and version that a client or server gives itself. It is not verified: use it for display and logs, not for
/// decisions.
public struct Implementation: Sendable, Hashable {
    /// The whole object, with the fields that this library does not know.
    public let raw: RawJSON
    /// The name, for programs.
    public let name: String
    /// The version, in any form.
    public let version: String
    /// A name for people, or `nil`.
    public let title: String?

    /// Reads an implementation.
    ///
    /// - Throws: `MessageFieldError` if `name` or `version` is missing, or a field has the wrong form.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        try self.init(ObjectReader(raw, at: "implementation"))
    }

    init(_ reader: ObjectReader) throws(MessageFieldError) {
        raw = reader.raw
        name = try reader.string("name")
        version = try reader.string("version")
        title = try reader.optionalString("title")
    }

    public init(name: String, version: String, title: String? = nil) {
        self.name = name
        self.version = version
        self.title = title
        raw = ["name": .string(name), "version": .string(version), "title": title.map(RawJSON.string)]
    }
}

/// The definition of a resource, with the fields that this library does not know.
public struct Resource: Sendable, Hashable {
    /// The whole definition.
    public let raw: RawJSON
    /// Where the resource is.
    public let uri: String
    /// The name, for programs.
    public let name: String
    /// A name for people, or `nil`.
    public let title: String?
    /// What it holds, for a model, or `nil`.
    public let description: String?
    /// The media type of the contents, or `nil` if it is not known.
    public let mimeType: String?

    /// Reads a definition.
    ///
    /// - Throws: `MessageFieldError` if the URI or the name is missing, or a field has the wrong form.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "resource")
        self.raw = raw
        uri = try reader.string("uri")
        name = try reader.string("name")
        title = try reader.optionalString("title")
        description = try reader.optionalString("description")
        mimeType = try reader.optionalString("mimeType")
    }

    /// Makes a definition.
    public init(
        uri: String,
        name: String,
        title: String? = nil,
        description: String? = nil,
        mimeType: String? = nil
    ) {
        self.uri = uri
        self.name = name
        self.title = title
        self.description = description
        self.mimeType = mimeType
        raw = [
            "uri": .string(uri), "name": .string(name), "title": title.map(RawJSON.string),
            "description": description.map(RawJSON.string), "mimeType": mimeType.map(RawJSON.string),
        ]
    }
}

/// The definition of resources whose URIs follow a template, with the fields that this library does not know.
public struct ResourceTemplate: Sendable, Hashable {
    /// The whole definition.
    public let raw: RawJSON
    /// A URI template (RFC 6570).
    public let uriTemplate: String
    /// The name, for programs.
    public let name: String
    /// A name for people, or `nil`.
    public let title: String?
    /// What it holds, for a model, or `nil`.
    public let description: String?
    /// The media type of the contents, or `nil` if it is not known.
    public let mimeType: String?

    /// Reads a definition.
    ///
    /// - Throws: `MessageFieldError` if the template or the name is missing, or a field has the wrong form.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: "resourceTemplate")
        self.raw = raw
        uriTemplate = try reader.string("uriTemplate")
        name = try reader.string("name")
        title = try reader.optionalString("title")
        description = try reader.optionalString("description")
        mimeType = try reader.optionalString("mimeType")
    }

    /// Makes a definition.
    public init(
        uriTemplate: String,
        name: String,
        title: String? = nil,
        description: String? = nil,
        mimeType: String? = nil
    ) {
        self.uriTemplate = uriTemplate
        self.name = name
        self.title = title
        self.description = description
        self.mimeType = mimeType
        raw = [
            "uriTemplate": .string(uriTemplate), "name": .string(name), "title": title.map(RawJSON.string),
            "description": description.map(RawJSON.string), "mimeType": mimeType.map(RawJSON.string),
        ]
    }
}

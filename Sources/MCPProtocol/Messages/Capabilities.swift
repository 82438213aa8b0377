/// What a client can do: each capability with its settings.
public struct ClientCapabilities: Sendable, Hashable {
    /// The capabilities as an object, with those that this library does not know.
    public let raw: RawJSON

    /// Reads capabilities.
    ///
    /// - Throws: `MessageFieldError` if they are not an object of objects.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        try self.init(raw, at: "capabilities")
    }

    init(_ raw: RawJSON, at path: String) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: path)
        for name in ["roots", "sampling", "elicitation", "extensions", "experimental"] {
            _ = try reader.optionalObject(name)
        }
        self.raw = raw
    }

    /// Makes capabilities. Each is declared without settings, which for elicitation means forms.
    public init(roots: Bool = false, sampling: Bool = false, elicitation: Bool = false) {
        raw = [
            "roots": roots ? [:] : nil,
            "sampling": sampling ? [:] : nil,
            "elicitation": elicitation ? [:] : nil,
        ]
    }

    /// Whether the client can list its root directories.
    public var roots: Bool { raw["roots"] != nil }
    /// Whether the client can sample from a model.
    public var sampling: Bool { raw["sampling"] != nil }
    /// Whether the client can ask its user to fill in a form. An elicitation capability without settings means forms.
    public var elicitationByForm: Bool {
        guard let elicitation = raw["elicitation"] else { return false }
        return elicitation["form"] != nil || elicitation["url"] == nil
    }
    /// Whether the client can ask its user to visit a URL.
    public var elicitationByURL: Bool { raw[path: ["elicitation", "url"]] != nil }
    /// The identifiers of the extensions that the client supports.
    public var extensions: [String] { (raw["extensions"]?.members ?? []).map(\.name) }

    /// Which capability the client needs for a request that a server makes of it, or `nil` if it has what is needed.
    ///
    /// - Parameters:
    ///   - method: `roots/list`, `sampling/createMessage` or `elicitation/create`.
    ///   - params: the request's parameters.
    public func missing(for method: Method, params: RawJSON?) -> ClientCapabilities? {
        switch method {
        case .rootsList: roots ? nil : ClientCapabilities(roots: true)
        case .samplingCreateMessage: sampling ? nil : ClientCapabilities(sampling: true)
        case .elicitationCreate:
            if params?["mode"]?.stringValue == "url" {
                elicitationByURL ? nil : ClientCapabilities(unchecked: ["elicitation": ["url": [:]]])
            } else {
                elicitationByForm ? nil : ClientCapabilities(elicitation: true)
            }
        default: nil
        }
    }

    private init(unchecked raw: RawJSON) { self.raw = raw }
}

/// What a server offers: each capability with its settings.
public struct ServerCapabilities: Sendable, Hashable {
    /// The capabilities as an object, with those that this library does not know.
    public let raw: RawJSON
    /// Whether the server has tools.
    public let tools: Bool
    /// Whether the server says when its list of tools changes.
    public let toolsListChanged: Bool
    /// Whether the server has prompts.
    public let prompts: Bool
    /// Whether the server says when its list of prompts changes.
    public let promptsListChanged: Bool
    /// Whether the server has resources.
    public let resources: Bool
    /// Whether the server says when its list of resources changes.
    public let resourcesListChanged: Bool
    /// Whether the server says when a resource changes that a client has subscribed to.
    public let resourcesSubscribe: Bool

    /// Reads capabilities.
    ///
    /// - Throws: `MessageFieldError` if they are not an object, or one that this library knows has the wrong form.
    public init(_ raw: RawJSON) throws(MessageFieldError) {
        try self.init(raw, at: "capabilities")
    }

    init(_ raw: RawJSON, at path: String) throws(MessageFieldError) {
        let reader = try ObjectReader(raw, at: path)
        let tools = try reader.optionalReader("tools")
        let prompts = try reader.optionalReader("prompts")
        let resources = try reader.optionalReader("resources")
        self.raw = raw
        self.tools = tools != nil
        toolsListChanged = try tools?.optionalBool("listChanged") ?? false
        self.prompts = prompts != nil
        promptsListChanged = try prompts?.optionalBool("listChanged") ?? false
        self.resources = resources != nil
        resourcesListChanged = try resources?.optionalBool("listChanged") ?? false
        resourcesSubscribe = try resources?.optionalBool("subscribe") ?? false
    }

    /// Makes capabilities. `listChanged` applies to all that are offered.
    public init(
        tools: Bool = false,
        prompts: Bool = false,
        resources: Bool = false,
        listChanged: Bool = false,
        resourcesSubscribe: Bool = false
    ) {
        self.tools = tools
        toolsListChanged = tools && listChanged
        self.prompts = prompts
        promptsListChanged = prompts && listChanged
        self.resources = resources
        resourcesListChanged = resources && listChanged
        self.resourcesSubscribe = resources && resourcesSubscribe
        let settings: RawJSON = listChanged ? ["listChanged": true] : [:]
        raw = [
            "tools": tools ? settings : nil,
            "prompts": prompts ? settings : nil,
            "resources": resources ? (resourcesSubscribe ? settings.setting("subscribe", to: true) : settings) : nil,
        ]
    }
}

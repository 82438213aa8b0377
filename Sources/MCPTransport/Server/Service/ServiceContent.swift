public import MCPProtocol

/// What a service offers. Lists are answered in this order.
public struct ServiceContent: Sendable {
    /// The tools.
    public var tools: [ServiceTool]
    /// The prompts.
    public var prompts: [ServicePrompt]
    /// The resources.
    public var resources: [ServiceResource]
    /// The templates of resources, which are tried in this order for a URI that no resource has.
    public var resourceTemplates: [ServiceResourceTemplate]
    /// Completes arguments of prompts and of templates; `nil` if the service does not.
    public var complete: (@Sendable (ServiceCompletion) async throws -> [String])?

    public init(
        tools: [ServiceTool] = [],
        prompts: [ServicePrompt] = [],
        resources: [ServiceResource] = [],
        resourceTemplates: [ServiceResourceTemplate] = [],
        complete: (@Sendable (ServiceCompletion) async throws -> [String])? = nil
    ) {
        self.tools = tools
        self.prompts = prompts
        self.resources = resources
        self.resourceTemplates = resourceTemplates
        self.complete = complete
    }

    /// The definitions of a list.
    func items(of listing: Listing) -> [RawJSON] {
        switch listing {
        case .tools: tools.map(\.definition.raw)
        case .prompts: prompts.map(\.definition.raw)
        case .resources: resources.map(\.definition.raw)
        case .resourceTemplates: resourceTemplates.map(\.definition.raw)
        }
    }
}

/// A tool and what it does.
public struct ServiceTool: Sendable {
    /// What clients see.
    public let definition: Tool
    let headers: ParameterHeaders
    let call: @Sendable (ServiceCall) async throws -> ServiceResult

    /// - Parameter call: does the work. A ``ToolFailure`` that it throws becomes a result with `isError`, for the model to see.
    /// - Throws: `MessageFieldError` if an `x-mcp-header` of the input schema is not allowed.
    public init(
        _ definition: Tool,
        call: @escaping @Sendable (ServiceCall) async throws -> ServiceResult
    ) throws(MessageFieldError) {
        self.definition = definition
        headers = try ParameterHeaders(inputSchema: definition.inputSchema)
        self.call = call
    }
}

/// A prompt and what fills it in.
public struct ServicePrompt: Sendable {
    /// What clients see.
    public let definition: Prompt
    let get: @Sendable (ServiceCall) async throws -> ServiceResult

    /// - Parameter get: fills the prompt in. Required arguments are there.
    public init(_ definition: Prompt, get: @escaping @Sendable (ServiceCall) async throws -> ServiceResult) {
        self.definition = definition
        self.get = get
    }
}

/// A resource and what reads it.
public struct ServiceResource: Sendable {
    /// What clients see.
    public let definition: Resource
    let read: @Sendable (ServiceCall) async throws -> ServiceResult

    public init(_ definition: Resource, read: @escaping @Sendable (ServiceCall) async throws -> ServiceResult) {
        self.definition = definition
        self.read = read
    }
}

/// Resources whose URIs follow a template, and what reads them.
public struct ServiceResourceTemplate: Sendable {
    /// What clients see.
    public let definition: ResourceTemplate
    let template: URITemplate
    let read: @Sendable (ServiceCall) async throws -> ServiceResult

    /// - Parameter read: reads one; the values of the template's variables are the call's arguments.
    public init(
        _ definition: ResourceTemplate,
        read: @escaping @Sendable (ServiceCall) async throws -> ServiceResult
    ) {
        self.definition = definition
        template = URITemplate(definition.uriTemplate)
        self.read = read
    }
}

/// What a client wants to have completed.
public struct ServiceCompletion: Sendable {
    /// The name of a prompt or the template of a resource.
    public enum Reference: Sendable, Hashable {
        case prompt(String)
        case resource(String)
    }

    /// Whose argument it is.
    public let reference: Reference
    /// The name of the argument.
    public let argument: String
    /// What the user has written so far.
    public let value: String
    /// The other arguments, as far as they are known.
    public let context: RawJSON?
}

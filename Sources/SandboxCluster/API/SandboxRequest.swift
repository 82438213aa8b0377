import KubernetesAPI

/// One request that the sandbox answered, for tests that check what was and was not written.
public struct RequestRecord: Sendable, Hashable {
    /// The verb: `get`, `list`, `watch`, `create`, `update`, `patch`, `apply`, `delete`, `deletecollection`, or the HTTP
    /// method in lowercase for paths that are not resources.
    public var verb: String
    /// The path, without the query.
    public var path: String
    /// The name of the user who sent it; empty if authentication failed.
    public var user: String
    /// The API group; empty for the core group and for paths that are not resources.
    public var group: String
    /// The plural of the resource; empty for paths that are not resources.
    public var resource: String
    /// The namespace; empty for cluster-scoped objects and lists of all namespaces.
    public var namespace: String
    /// The object's name; after a creation that of the new object; empty for collections.
    public var name: String
    /// The subresource, such as `status` or `scale`.
    public var subresource: String?
    /// The `User-Agent` header.
    public var userAgent: String
    /// The field manager of a write.
    public var fieldManager: String
    /// The status code of the response.
    public var code: Int
    /// Whether the request changed any stored object.
    public var changed: Bool

    /// The object that the request is about, as `resource/namespace/name`.
    public var object: String { "\(resource)/\(namespace)/\(name)" }

    /// Whether the verb writes.
    public var isWrite: Bool {
        ["create", "update", "patch", "apply", "delete", "deletecollection"].contains(verb)
    }
}

/// A parsed request.
struct SandboxRequest: Sendable {
    var method: String
    var path: String
    var query: [String: String] = [:]
    var headers: [String: String] = [:]
    /// The `Impersonate` headers, with their names in lowercase. Those of groups occur once per group.
    var impersonation: [(header: String, value: String)] = []
    var body: [UInt8] = []

    var accept: String { headers["accept"] ?? "" }
    var contentType: String {
        String((headers["content-type"] ?? "application/json").prefix { $0 != ";" })
    }
    var userAgent: String { headers["user-agent"] ?? "" }
    var isDryRun: Bool { query["dryRun"] == "All" }

    func flag(_ name: String) -> Bool { query[name] == "true" || query[name] == "1" }

    /// The field manager: the one given, or the first word of the user agent.
    var fieldManager: String {
        if let manager = query["fieldManager"], !manager.isEmpty { return manager }
        let name = userAgent.prefix { $0 != "/" }
        return name.isEmpty ? "unknown" : String(name)
    }

    /// The resource that a path addresses.
    struct Target: Sendable {
        var group: String
        var version: String
        var plural: String
        var namespace: String?
        var name: String?
        var subresource: String?
    }

    /// Parses `/api/v1/…` and `/apis/GROUP/VERSION/…`; `nil` for paths that are not resources.
    var target: Target? {
        var parts = path.split(separator: "/").map(String.init)[...]
        guard let root = parts.popFirst(), root == "api" || root == "apis" else { return nil }
        var group = ""
        if root == "apis" {
            guard let first = parts.popFirst() else { return nil }
            group = first
        }
        guard let version = parts.popFirst(), let first = parts.first else { return nil }
        var target = Target(group: group, version: version, plural: first)
        parts = parts.dropFirst()
        if first == "namespaces", group.isEmpty {
            // The namespace itself, unless a resource in it follows. Subresources of the namespace do not count.
            guard let name = parts.popFirst() else { return target }
            target.name = name
            guard let next = parts.popFirst() else { return target }
            if next == "status" || next == "finalize", parts.isEmpty {
                target.subresource = next
                return target
            }
            target = Target(group: group, version: version, plural: next, namespace: name)
        } else if first == "namespaces" {
            guard let namespace = parts.popFirst(), let plural = parts.popFirst() else { return nil }
            target = Target(group: group, version: version, plural: plural, namespace: namespace)
        }
        target.name = parts.popFirst()
        target.subresource = parts.popFirst()
        return parts.isEmpty ? target : nil
    }
}

/// A response.
struct SandboxReply: Sendable {
    var code: Int
    var headers: [(String, String)] = []
    var contentType = "application/json"
    var body: [UInt8] = []
    /// The stream of changes that follows, for a watch.
    var watch: WatchPlan?

    init(code: Int = 200, _ value: JSONValue) {
        self.code = code
        self.body = value.serialized()
    }

    init(code: Int = 200, bytes: [UInt8], contentType: String = "application/json") {
        self.code = code
        self.body = bytes
        self.contentType = contentType
    }

    init(watch: WatchPlan) {
        self.code = 200
        self.watch = watch
    }

    init(_ failure: APIFailure) {
        code = failure.status.code ?? 500
        body = (try? KubernetesJSON.encode(failure.status)) ?? []
        if let seconds = failure.retryAfter { headers.append(("Retry-After", String(seconds))) }
    }
}

/// An accepted watch: what to send first, and which changes to send then.
struct WatchPlan: Sendable {
    var resource: ResourceDefinition
    var selector: ObjectSelector
    var backlog: [Change]
    /// Objects to send as ADDED before anything else.
    var initial: [StoredObject]
    /// The revision of the bookmark after the initial objects, if the client requested one.
    var initialEventsEnd: Int64?
    var sendsBookmarks: Bool
    var timeoutSeconds: Int?
    var form: ResponseForm
    var id: Int
    var signals: AsyncStream<WatchSignal>
    /// The revision at which the watch starts.
    var revision: Int64
    var bookmarkInterval: Duration
}

/// What wakes a watch.
enum WatchSignal: Sendable {
    case change(Change)
    case bookmark(Int64)
    /// The connection is closed, without an error event and without an end of the response.
    case drop
    /// The watch ends with an error event.
    case fail(Status)
    /// The watch's timeout has passed.
    case end
}

/// The form of the objects in a response.
enum ResponseForm: Sendable, Equatable {
    case full
    case partialMetadata
    case table(includeObject: String)
}

/// `metav1.Status`: the API server's response if there is no object to return, mostly for errors.
public struct Status: Sendable, Hashable, Codable, Error, CustomStringConvertible {
    /// `v1`.
    public var apiVersion: String?
    /// `Status`.
    public var kind: String?
    /// The list metadata, which is empty for errors.
    public var metadata: ListMeta?
    /// `Success` or `Failure`.
    public var status: String?
    /// The reason in plain text.
    public var message: String?
    /// The reason as a word, such as `NotFound`, `Conflict` or `Invalid`.
    public var reason: String?
    /// Details of the reason.
    public var details: Details?
    /// The HTTP status code.
    public var code: Int?

    /// Details of an error.
    public struct Details: Sendable, Hashable, Codable {
        /// The object's name.
        public var name: String?
        /// The object's group.
        public var group: String?
        /// The object's kind, or its plural, depending on the server.
        public var kind: String?
        /// The object's UID.
        public var uid: String?
        /// One entry for each rejected field.
        public var causes: [Cause]?
        /// Seconds after which the client can retry.
        public var retryAfterSeconds: Int?

        public init(
            name: String? = nil,
            group: String? = nil,
            kind: String? = nil,
            uid: String? = nil,
            causes: [Cause]? = nil,
            retryAfterSeconds: Int? = nil
        ) {
            self.name = name
            self.group = group
            self.kind = kind
            self.uid = uid
            self.causes = causes
            self.retryAfterSeconds = retryAfterSeconds
        }
    }

    /// One rejected field.
    public struct Cause: Sendable, Hashable, Codable {
        /// The reason, such as `FieldValueInvalid`.
        public var reason: String?
        /// The message in plain text.
        public var message: String?
        /// The path of the field.
        public var field: String?

        public init(reason: String? = nil, message: String? = nil, field: String? = nil) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    public init(code: Int, reason: String, message: String, details: Details? = nil) {
        self.apiVersion = "v1"
        self.kind = "Status"
        self.metadata = ListMeta()
        self.status = code < 400 ? "Success" : "Failure"
        self.message = message
        self.reason = reason
        self.details = details
        self.code = code
    }

    public var description: String {
        "\(reason ?? "Unknown") (\(code ?? 0)): \(message ?? "no message")"
    }
}

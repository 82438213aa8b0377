public import KubernetesAPI

/// Decodes one object from its JSON bytes: into a typed struct, into its metadata, or into the bytes themselves.
public typealias ObjectDecoder<Object> = @Sendable (ArraySlice<UInt8>) throws -> Object

/// A list, or a page of one.
public struct ObjectList<Object: Sendable>: Sendable {
    /// The list's version, and the token of the next page.
    public var metadata: ListMeta
    /// The objects that could be decoded, in the server's order.
    public var items: [Object]
    /// The objects that could not be decoded, and were skipped.
    public var failures: [DecodeFailure]

    public init(metadata: ListMeta = ListMeta(), items: [Object] = [], failures: [DecodeFailure] = []) {
        self.metadata = metadata
        self.items = items
        self.failures = failures
    }

    /// The token of the next page, `nil` on the last.
    public var nextPage: String? {
        guard let token = metadata.continue, !token.isEmpty else { return nil }
        return token
    }
}

/// The result of an apply, or of another write that may create an object.
public struct ApplyResult<Object: Sendable>: Sendable {
    /// The object as stored.
    public var object: Object
    /// Whether the write created it (201 rather than 200).
    public var wasCreated: Bool

    public init(object: Object, wasCreated: Bool) {
        self.object = object
        self.wasCreated = wasCreated
    }
}

public import KubernetesAPI

/// Reads one object from its JSON bytes: a typed struct, its metadata alone, or the bytes themselves.
public typealias ObjectDecoder<Object> = @Sendable (ArraySlice<UInt8>) throws -> Object

/// A list, or a page of one.
public struct ObjectList<Object: Sendable>: Sendable {
    /// The list's version, and where the next page starts.
    public var metadata: ListMeta
    /// The objects that could be read, in the server's order.
    public var items: [Object]
    /// The objects that could not be read, and were left out.
    public var failures: [DecodeFailure]

    public init(metadata: ListMeta = ListMeta(), items: [Object] = [], failures: [DecodeFailure] = []) {
        self.metadata = metadata
        self.items = items
        self.failures = failures
    }

    /// Where the next page starts, `nil` on the last.
    public var nextPage: String? {
        guard let token = metadata.continue, !token.isEmpty else { return nil }
        return token
    }
}

/// What an apply, or another write that may create, made.
public struct ApplyResult<Object: Sendable>: Sendable {
    /// The object as it is now.
    public var object: Object
    /// Whether it was not there before (201 rather than 200).
    public var wasCreated: Bool

    public init(object: Object, wasCreated: Bool) {
        self.object = object
        self.wasCreated = wasCreated
    }
}

public import KubernetesAPI

/// A change to an object, in one of the formats that the API server accepts.
public enum Patch: Sendable, Hashable {
    /// A list of operations, RFC 6902. With `test` operations it is a transaction.
    case json([JSONValue])
    /// A merge patch, RFC 7386: `null` removes, lists are replaced.
    case merge(JSONValue)
    /// A strategic merge patch, which merges the lists of built-in kinds by their keys. Custom resources do not support it.
    case strategic(JSONValue)

    /// The media type of the body.
    public var contentType: String {
        switch self {
        case .json: "application/json-patch+json"
        case .merge: "application/merge-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        }
    }

    var body: [UInt8] {
        switch self {
        case .json(let operations): JSONValue.array(operations).serialized()
        case .merge(let value), .strategic(let value): value.serialized()
        }
    }
}

public import KubernetesAPI

/// What an import results in.
public struct ImportResult: Sendable, Hashable {
    /// The manifests: ConfigMaps, Secrets, servers and virtual servers, each sorted by namespace and name.
    public internal(set) var manifests: [JSONValue] = []
    /// What could not be carried over, and what there is to do, in the order of the inputs.
    public internal(set) var findings: [ImportFinding] = []
    /// The keys of Secrets that the manifests read and that are not among them.
    public internal(set) var secrets: [NeededSecret] = []
    /// The objects and entries that were read, in the order of the files.
    public internal(set) var inputs: [ImportedInput] = []

    /// Whether something was refused, so that no manifest was made of it.
    public var hasRefusals: Bool { findings.contains { $0.kind == .refused } }
}

/// Something that the user has to know about a field of an input.
public struct ImportFinding: Sendable, Hashable {
    /// The kinds of findings.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// There is no manifest for the input.
        case refused = "Refused"
        /// The field is not in the manifests.
        case notCarriedOver = "NotCarriedOver"
        /// The field is in the manifests with another meaning or another value.
        case changed = "Changed"
        /// The manifests do not work before something is done.
        case toDo = "ToDo"
        /// Something worth knowing.
        case note = "Note"
    }

    /// The kind.
    public var kind: Kind
    /// The file.
    public var file: String
    /// The line in the file, from 1.
    public var line: Int?
    /// The object or entry, such as `MCPServer default/github`.
    public var subject: String
    /// The field of the input; the root for the whole input.
    public var field: FieldPath
    /// The value of the field. What looks like a secret is replaced.
    public var value: JSONValue?
    /// Why.
    public var reason: String
    /// What to do; empty if there is nothing to do.
    public var solution: String
}

/// A key of a Secret that has to exist before the manifests work.
public struct NeededSecret: Sendable, Hashable {
    /// The namespace; `nil` for that of the manifest.
    public var namespace: String?
    /// The name of the Secret.
    public var name: String
    /// The key; `nil` if all keys are read.
    public var key: String?
    /// What its value is.
    public var purpose: String
}

/// What became of the fields of an object or an entry. A field is a value without members, such as a text or an empty list.
public struct ImportedInput: Sendable, Hashable {
    /// The file.
    public var file: String
    /// The object or entry.
    public var subject: String
    /// The fields that are in the manifests.
    public var carriedOver: [FieldPath]
    /// The fields that are not, each of which is covered by a finding.
    public var reported: [FieldPath]
}

internal import KubernetesAPI
internal import MCPProtocol

extension RawJSON {
    /// A value of the Kubernetes API as JSON for MCP. Its numbers and keys are as they were.
    init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .array(values.map { RawJSON($0) })
        case .object(let members):
            self = .object(members.sorted { $0.key < $1.key }.map { ($0.key, RawJSON($0.value)) })
        }
    }

    /// Texts by names, sorted by name.
    static func texts(_ members: [String: String]) -> RawJSON {
        .object(members.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    }
}

extension JSONValue {
    /// The members of an object that are texts.
    var texts: [String: String] { (objectValue ?? [:]).compactMapValues(\.stringValue) }

    /// The elements of an array at a path; empty if there is none.
    func array(_ path: String...) -> [JSONValue] { self[path: path]?.arrayValue ?? [] }

    /// The text at a path.
    func text(_ path: String...) -> String? { self[path: path]?.stringValue }

    /// The whole number at a path.
    func integer(_ path: String...) -> Int64? { self[path: path]?.integerValue }
}

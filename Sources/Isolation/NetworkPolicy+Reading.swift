public import KubernetesAPI

extension NetworkPolicy {
    /// Reads a policy as the API server does: `spec.podSelector` may be absent, and unknown fields are refused.
    ///
    /// - Throws: `PolicyProblem`, which names the field.
    public static func reading(_ object: JSONValue, namespace: String) throws(PolicyProblem) -> NetworkPolicy {
        let name = object[path: ["metadata", "name"]]?.stringValue ?? ""
        let subject = "\(namespace)/\(name)"
        if let field = Fields.policy.unknown(in: object, at: .root) {
            throw PolicyProblem(
                policy: subject,
                field: "\(field)",
                message: "is not a field of a NetworkPolicy: correct or remove it"
            )
        }
        var object = object
        if object["spec"]?.objectValue != nil, object[path: ["spec", "podSelector"]] == nil {
            object[path: ["spec", "podSelector"]] = [:]
        }
        object[path: ["metadata", "namespace"]] = .string(namespace)
        do {
            return try object.decode(NetworkPolicy.self)
        } catch {
            throw PolicyProblem(
                policy: subject,
                field: "spec",
                message: "cannot be read: \(error). Correct the type of the value"
            )
        }
    }
}

/// The fields of `networking/v1.NetworkPolicy`. An unknown field is probably a misspelled one, whose rule is missing.
private indirect enum Fields: Sendable {
    case any
    case object([String: Fields])
    case list(Fields)

    static let selector = Fields.object([
        "matchLabels": .any, "matchExpressions": .list(.object(["key": .any, "operator": .any, "values": .any])),
    ])
    static let peer = Fields.object([
        "podSelector": selector, "namespaceSelector": selector, "ipBlock": .object(["cidr": .any, "except": .any]),
    ])
    static let ports = Fields.list(.object(["protocol": .any, "port": .any, "endPort": .any]))
    static let policy = Fields.object([
        "apiVersion": .any, "kind": .any, "metadata": .any, "status": .any,
        "spec": .object([
            "podSelector": selector, "policyTypes": .any,
            "ingress": .list(.object(["from": .list(peer), "ports": ports])),
            "egress": .list(.object(["to": .list(peer), "ports": ports])),
        ]),
    ])

    /// The first field that is not known.
    func unknown(in value: JSONValue, at path: FieldPath) -> FieldPath? {
        switch self {
        case .any: return nil
        case .list(let element):
            for (index, item) in (value.arrayValue ?? []).enumerated() {
                if let found = element.unknown(in: item, at: path.index(index)) { return found }
            }
        case .object(let members):
            for (key, item) in (value.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard let field = members[key] else { return path.key(key) }
                if let found = field.unknown(in: item, at: path.key(key)) { return found }
            }
        }
        return nil
    }
}

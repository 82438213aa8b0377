import KubernetesAPI

/// The objects that a list, a watch or a deletecollection selects.
struct ObjectSelector: Sendable {
    var namespace: String?
    var labels: [LabelSelector.Requirement] = []
    var fields: [(path: [String], value: String, isEqual: Bool)] = []

    /// The name that the field selector requires, if any.
    var name: String? { fields.first { $0.path == ["metadata", "name"] && $0.isEqual }?.value }

    func matches(_ object: StoredObject) -> Bool {
        if let namespace, object.key.namespace != namespace { return false }
        if !labels.isEmpty {
            guard LabelSelector(matchExpressions: labels).matches(object.labels) else { return false }
        }
        for field in fields {
            let text: String
            switch object.value[path: field.path] {
            case .string(let value)?: text = value
            case .bool(let value)?: text = String(value)
            case .integer(let value)?: text = String(value)
            default: text = field.path == ["spec", "unschedulable"] ? "false" : ""
            }
            // The source of an Event is its component, or the controller that reports it.
            if text.isEmpty, field.path == ["source", "component"], object.key.resource.plural == "events" {
                let reporter = object.value["reportingComponent"]?.stringValue ?? ""
                if (reporter == field.value) != field.isEqual { return false }
                continue
            }
            if (text == field.value) != field.isEqual { return false }
        }
        return true
    }

    /// Parses `a=b,c!=d,e in (f,g),h,!i`.
    static func parseLabels(_ text: String) throws(APIFailure) -> [LabelSelector.Requirement] {
        var requirements: [LabelSelector.Requirement] = []
        var rest = Substring(text)
        func trimmed(_ text: Substring) -> String {
            String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        while !rest.isEmpty {
            var depth = 0
            let end =
                rest.firstIndex { character in
                    if character == "(" { depth += 1 }
                    if character == ")" { depth -= 1 }
                    return character == "," && depth == 0
                } ?? rest.endIndex
            let part = trimmed(rest[..<end])
            rest = end == rest.endIndex ? "" : rest[rest.index(after: end)...]
            if part.isEmpty { continue }
            if let open = part.firstIndex(of: "("), part.hasSuffix(")") {
                let words = part[..<open].split(separator: " ").map(String.init)
                guard words.count == 2, words[1] == "in" || words[1] == "notin" else {
                    throw .badRequest("unable to parse requirement: found '\(part)'")
                }
                let values = part[part.index(after: open)...].dropLast()
                    .split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
                requirements.append(
                    .init(key: words[0], operator: words[1] == "in" ? "In" : "NotIn", values: values)
                )
            } else if let mark = part.firstIndex(of: "!"), mark != part.startIndex {
                requirements.append(
                    .init(
                        key: trimmed(part[..<mark]),
                        operator: "NotIn",
                        values: [trimmed(part[mark...].dropFirst(2))]
                    )
                )
            } else if let equals = part.firstIndex(of: "=") {
                let value = part[part.index(after: equals)...].drop { $0 == "=" }
                requirements.append(
                    .init(key: trimmed(part[..<equals]), operator: "In", values: [trimmed(value)])
                )
            } else if part.hasPrefix("!") {
                requirements.append(.init(key: trimmed(part.dropFirst()), operator: "DoesNotExist"))
            } else {
                requirements.append(.init(key: part, operator: "Exists"))
            }
        }
        return requirements
    }

    /// Parses `metadata.name=a,status.phase!=Running`. Fields that the resource does not support are rejected.
    static func parseFields(
        _ text: String,
        of resource: ResourceDefinition
    ) throws(APIFailure) -> [(path: [String], value: String, isEqual: Bool)] {
        var fields: [(path: [String], value: String, isEqual: Bool)] = []
        for part in text.split(separator: ",") {
            guard let equals = part.firstIndex(of: "=") else {
                throw .badRequest("invalid field selector: invalid selector: '\(text)'; can't understand '\(part)'")
            }
            var name = part[..<equals]
            let isEqual = !name.hasSuffix("!")
            if !isEqual { name = name.dropLast() }
            let value = String(part[part.index(after: equals)...].drop { $0 == "=" })
            guard resource.selectableFields.contains(String(name)) else {
                // Kinds without additional selectable fields have a different message.
                let own = resource.selectableFields.subtracting(["metadata.name", "metadata.namespace"])
                if own.isEmpty, !resource.isCustom {
                    throw .badRequest(
                        "\"\(name)\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                    )
                }
                throw .badRequest("field label not supported: \(name)")
            }
            let path =
                EventShapes.isEvent(resource)
                ? EventShapes.selectorPath(String(name), resource) : name.split(separator: ".").map(String.init)
            fields.append((path, value, isEqual))
        }
        return fields
    }
}

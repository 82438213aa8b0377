extension Schema {
    /// Fills in the defaults of everything that is missing, as the API server does on every write and read. A `null` that is
    /// no value of its own counts as missing: it gives way to the default, or goes where there is none.
    public func applyDefaults(to value: inout JSONValue) {
        switch value {
        case .object(var members):
            // Let go of the storage before writing, so that the dictionary is changed in place.
            value = .null
            for name in properties.names {
                guard let property = properties[name] else { continue }
                if let defaultValue = property.defaultValue,
                    members[name] == nil || (members[name] == .null && !property.isNullable)
                {
                    members[name] = defaultValue
                }
                guard var member = members.removeValue(forKey: name), !member.isNull || property.isNullable else {
                    continue
                }
                property.applyDefaults(to: &member)
                members[name] = member
            }
            if let values = additionalProperties?.schema {
                for name in members.keys where properties[name] == nil {
                    guard var member = members.removeValue(forKey: name), !member.isNull || values.isNullable else {
                        continue
                    }
                    values.applyDefaults(to: &member)
                    members[name] = member
                }
            }
            value = .object(members)
        case .array(var elements):
            guard let items = items?.schema else { return }
            value = .null
            for index in elements.indices { items.applyDefaults(to: &elements[index]) }
            value = .array(elements)
        default: return
        }
    }

    /// Removes unknown fields, as the API server does, and returns the sorted paths of what was removed.
    ///
    /// At the root of an object, and of an embedded object, `apiVersion`, `kind` and `metadata` always stay.
    public func prune(_ value: inout JSONValue, isResource: Bool = true) -> [FieldPath] {
        var removed: [FieldPath] = []
        prune(&value, at: .root, isResource: isResource, removed: &removed)
        return removed.sorted()
    }

    private func prune(_ value: inout JSONValue, at path: FieldPath, isResource: Bool, removed: inout [FieldPath]) {
        switch value {
        case .object(var members):
            for name in members.keys {
                if isResource || isEmbeddedResource, ["apiVersion", "kind", "metadata"].contains(name) { continue }
                if var member = members[name], let schema = properties[name] ?? additionalProperties?.schema {
                    schema.prune(&member, at: path.key(name), isResource: false, removed: &removed)
                    members[name] = member
                } else if !preservesUnknownFields {
                    members[name] = nil
                    removed.append(path.key(name))
                }
            }
            value = .object(members)
        case .array(var elements):
            guard let items = items?.schema else { return }
            for index in elements.indices {
                items.prune(&elements[index], at: path.index(index), isResource: false, removed: &removed)
            }
            value = .array(elements)
        default: return
        }
    }
}

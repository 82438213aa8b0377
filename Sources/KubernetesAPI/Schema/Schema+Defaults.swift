extension Schema {
    /// Sets the default of every missing field, as the API server does on every write and read. A `null` in a field that is
    /// not nullable counts as missing: it is replaced by the default, or removed if there is none.
    public func applyDefaults(to value: inout JSONValue) {
        switch value {
        case .object(var members):
            // Release the storage before writing, so that the dictionary is modified in place.
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

    /// Removes unknown fields, as the API server does, and returns their paths, sorted.
    ///
    /// `apiVersion`, `kind` and `metadata` are always kept at the root and in embedded resources.
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

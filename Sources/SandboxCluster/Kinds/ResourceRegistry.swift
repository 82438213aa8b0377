import KubernetesAPI

/// The resources that are served, by group and version.
struct ResourceRegistry: Sendable {
    private(set) var definitions: [String: [String: [String: ResourceDefinition]]] = [:]
    /// The groups in the order in which they were added, for discovery.
    private(set) var groups: [String] = []

    init(_ all: [ResourceDefinition]) {
        for definition in all { add(definition) }
    }

    mutating func add(_ definition: ResourceDefinition) {
        if definitions[definition.type.group] == nil { groups.append(definition.type.group) }
        definitions[definition.type.group, default: [:]][definition.type.version, default: [:]][definition.plural] =
            definition
    }

    /// Stops serving every version of a resource.
    mutating func remove(_ key: ResourceKey) {
        for version in versions(key.group) { definitions[key.group]?[version]?[key.plural] = nil }
        for version in versions(key.group) where definitions[key.group]?[version]?.isEmpty == true {
            definitions[key.group]?[version] = nil
        }
        if definitions[key.group]?.isEmpty == true {
            definitions[key.group] = nil
            groups.removeAll { $0 == key.group }
        }
    }

    subscript(group: String, version: String, plural: String) -> ResourceDefinition? {
        definitions[group]?[version]?[plural]
    }

    /// A group's versions, stable ones first.
    func versions(_ group: String) -> [String] {
        (definitions[group] ?? [:]).keys.sorted { left, right in
            let stable = (isStable(left), isStable(right))
            return stable.0 == stable.1 ? left > right : stable.0
        }
    }

    private func isStable(_ version: String) -> Bool { !version.contains("alpha") && !version.contains("beta") }

    /// A group and version's resources, by name.
    func resources(_ group: String, _ version: String) -> [ResourceDefinition] {
        (definitions[group]?[version] ?? [:]).values.sorted { $0.plural < $1.plural }
    }

    /// The definition in the preferred version.
    func any(_ key: ResourceKey) -> ResourceDefinition? {
        for version in versions(key.group) {
            if let definition = definitions[key.group]?[version]?[key.plural] { return definition }
        }
        return nil
    }

    /// The definition of a kind.
    func kind(_ apiVersion: String, _ kind: String) -> ResourceDefinition? {
        let parts = apiVersion.split(separator: "/").map(String.init)
        guard let version = parts.last else { return nil }
        let group = parts.count > 1 ? parts[0] : ""
        return definitions[group]?[version]?.values.first { $0.type.kind == kind }
    }

    /// The namespaced resources, without duplicates.
    var namespaced: [ResourceKey] {
        var keys: Set<ResourceKey> = []
        for versions in definitions.values {
            for resources in versions.values {
                for definition in resources.values where definition.type.isNamespaced && !definition.isVirtual {
                    keys.insert(definition.key)
                }
            }
        }
        return keys.sorted()
    }
}

internal import KubernetesAPI

/// The kinds of a cluster that can be read, by all names that kubectl knows them by. Pure.
struct KindCatalog: Sendable {
    /// One kind in its preferred version.
    struct Entry: Sendable, Hashable {
        var type: ResourceType
        var singular: String
        var shortNames: [String]
        var canList: Bool
        /// The kind's versions that are served, the preferred one first.
        var versions: [String]
    }

    private(set) var entries: [Entry] = []

    /// Reads aggregated discovery (`APIGroupDiscoveryList` of apidiscovery.k8s.io/v2).
    init(_ lists: [JSONValue]) {
        for group in lists.flatMap({ $0.array("items") }) {
            let name = group.text("metadata", "name") ?? ""
            var known: [String: Int] = [:]
            // Versions are in the order of preference.
            for version in group.array("versions") {
                guard let versionName = version.text("version") else { continue }
                for resource in version.array("resources") {
                    guard let entry = Self.entry(resource, group: name, version: versionName) else { continue }
                    if let index = known[entry.type.plural] {
                        entries[index].versions.append(versionName)
                    } else {
                        known[entry.type.plural] = entries.count
                        entries.append(entry)
                    }
                }
            }
        }
    }

    private static func entry(_ resource: JSONValue, group: String, version: String) -> Entry? {
        let verbs = resource.array("verbs").compactMap(\.stringValue)
        guard verbs.contains("get") || verbs.contains("list"), let plural = resource.text("resource"),
            let kind = resource.text("responseKind", "kind")
        else { return nil }
        return Entry(
            type: ResourceType(
                group: group,
                version: version,
                kind: kind,
                plural: plural,
                isNamespaced: resource.text("scope") == "Namespaced"
            ),
            singular: resource.text("singularResource") ?? kind.lowercased(),
            shortNames: resource.array("shortNames").compactMap(\.stringValue),
            canList: verbs.contains("list"),
            versions: [version]
        )
    }

    /// Why a name stands for no kind that can be shown.
    struct Problem: Error, Sendable, CustomStringConvertible {
        let description: String
    }

    /// The kind with a name: `Pod`, `pods`, `po`, `Deployment.apps`, `deployments.v1.apps`. Of kinds with the same name that of the core
    /// group comes first, then that of the built-in groups.
    func kind(_ name: String) throws(Problem) -> Entry {
        let wanted = name.lowercased()
        let matching = entries.filter { $0.names.contains(wanted) }.sorted { Self.rank($0) < Self.rank($1) }
        guard var entry = matching.first else { throw Problem(description: unknown(name)) }
        // With a version, that version.
        for version in entry.versions
        where [entry.type.plural, entry.type.kind.lowercased()].contains(where: {
            wanted == "\($0).\(version)" || wanted == "\($0).\(version).\(entry.type.group)"
        }) {
            entry.type = entry.type.inVersion(version)
        }
        if let reason = Self.refusal(of: entry.type) { throw Problem(description: reason) }
        return entry
    }

    /// Why objects of a kind are never shown, or `nil`.
    static func refusal(of type: ResourceType) -> String? {
        let isSecret = type.kind == "Secret" || type.plural == "secrets"
        // Their names or fields are credentials.
        let isToken = type.group.hasSuffix("oauth.openshift.io") || type.plural == "tokens"
        guard isSecret || isToken else { return nil }
        return
            "\(type.groupKind) is never shown, because it has credentials; that a pod misses a Secret is in k8s.events"
    }

    /// The built-in group comes before that of an extension, and a newer API of the same objects after the usual one.
    private static func rank(_ entry: Entry) -> String {
        switch entry.type.group {
        case "": "0"
        case "events.k8s.io": "3"
        case let group where !group.contains(".") || group.hasSuffix(".k8s.io"): "1\(group)"
        case let group: "2\(group)"
        }
    }

    private func unknown(_ name: String) -> String {
        let similar = entries.filter { entry in
            let stem = name.lowercased().prefix(4)
            return !stem.isEmpty && entry.names.contains { $0.hasPrefix(stem) }
        }
        let examples = (similar.isEmpty ? entries : similar).filter { Self.refusal(of: $0.type) == nil }
            .map(\.type.kind).uniqued().sorted().prefix(12)
        let hint = similar.isEmpty ? "some of its kinds are" : "similar ones are"
        return "the cluster has no kind \(name.debugDescription); \(hint): \(examples.joined(separator: ", "))"
    }

    /// The names of all kinds that can be shown, for completions.
    var names: [String] {
        entries.filter { Self.refusal(of: $0.type) == nil && $0.canList }.map(\.type.kind).uniqued().sorted()
    }
}

extension KindCatalog.Entry {
    /// All names in lower case.
    fileprivate var names: Set<String> {
        let plain = [type.kind.lowercased(), type.plural, singular.lowercased()] + shortNames
        guard !type.group.isEmpty else { return Set(plain + versions.flatMap { v in plain.map { "\($0).\(v)" } }) }
        return Set(
            plain + plain.map { "\($0).\(type.group)" }
                + versions.flatMap { version in plain.map { "\($0).\(version).\(type.group)" } }
        )
    }
}

extension Sequence where Element: Hashable {
    /// The elements without repetitions, in their order.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

import KubernetesAPI

/// Applies files to a cluster in dependency order.
struct ManifestApplier: Sendable {
    private let api: any ClusterAPI
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - api: the cluster.
    ///   - sleep: waits between two attempts.
    init(
        api: any ClusterAPI,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.api = api
        self.sleep = sleep
    }

    /// The number of attempts for an object whose namespace does not exist yet, and the time between two attempts.
    /// Together they allow ten seconds; the operator creates a tenant's namespace within one.
    static let attempts = 200
    static let pause: Duration = .milliseconds(50)

    /// Applies everything.
    ///
    /// - Returns: what was refused, and what was skipped because the server does not know its kind.
    func apply(_ reader: ManifestReader) async throws -> [Diagnostic] {
        var diagnostics = reader.diagnostics
        var types: [String: ResourceType?] = [:]
        let manifests = reader.manifests.filter { $0.kind != .configuration }.map(\.manifest) + reader.others
        for manifest in manifests.enumerated().sorted(by: ManifestApplier.isBefore).map(\.element) {
            let key = "\(manifest.apiVersion)/\(manifest.kind)"
            let type: ResourceType?
            if let known = types[key] {
                type = known
            } else {
                type = try await resolve(apiVersion: manifest.apiVersion, kind: manifest.kind)
                types[key] = .some(type)
            }
            guard let type else {
                let message = "the sandbox does not serve \(manifest.kind) of \(manifest.apiVersion); skipped"
                diagnostics.append(manifest.diagnostic(.warning, message))
                continue
            }
            if let refusal = try await apply(manifest, type) { diagnostics.append(refusal) }
        }
        return diagnostics
    }

    private func apply(_ manifest: Manifest, _ type: ResourceType) async throws -> Diagnostic? {
        var value = manifest.value
        let namespace = type.isNamespaced ? (manifest.namespace.isEmpty ? "default" : manifest.namespace) : nil
        value[path: ["metadata", "namespace"]] = namespace.map { .string($0) }
        let reference = ObjectReference(type: type, namespace: namespace, name: manifest.name)
        var attempt = 1
        while true {
            do throws(ClusterAPIError) {
                try await api.apply(value, to: reference)
                return nil
            } catch {
                guard error.isMissingNamespace, attempt < ManifestApplier.attempts else {
                    return manifest.diagnostic(.error, reason: error.reason, error.message)
                }
            }
            attempt += 1
            try await sleep(ManifestApplier.pause)
        }
    }

    /// Looks up the path of a kind with the discovery of the server.
    private func resolve(apiVersion: String, kind: String) async throws -> ResourceType? {
        let isCore = !apiVersion.contains("/")
        let path = isCore ? "/api/\(apiVersion)" : "/apis/\(apiVersion)"
        guard let resources = try await api.get(path)?["resources"]?.arrayValue else { return nil }
        let found = resources.first { resource in
            resource["kind"]?.stringValue == kind && resource["name"]?.stringValue?.contains("/") == false
        }
        guard let plural = found?["name"]?.stringValue else { return nil }
        let parts = apiVersion.split(separator: "/", maxSplits: 1).map(String.init)
        return ResourceType(
            group: isCore ? "" : parts[0],
            version: parts.last ?? apiVersion,
            kind: kind,
            plural: plural,
            isNamespaced: found?["namespaced"]?.boolValue ?? false
        )
    }

    /// Namespaces and cluster-scoped objects first, then objects that servers read, then everything else, and servers
    /// last; each group in the order of the files.
    private static func isBefore(
        _ left: EnumeratedSequence<[Manifest]>.Element,
        _ right: EnumeratedSequence<[Manifest]>.Element
    ) -> Bool {
        (rank(left.element), left.offset) < (rank(right.element), right.offset)
    }

    private static func rank(_ manifest: Manifest) -> Int {
        switch manifest.kind {
        case "Namespace", "CustomResourceDefinition", "MCPTenant", "MCPServerClass": 0
        case "ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim": 1
        case "MCPServer": 3
        default: 2
        }
    }
}

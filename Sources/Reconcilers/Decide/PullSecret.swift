internal import KubernetesAPI

/// What a Secret with pull credentials can be used for. It contains no credentials.
public struct PullSecret: Sendable, Hashable, CustomStringConvertible {
    /// The registries that it has credentials for, as it names them, sorted.
    public var registries: [String]
    /// Why the kubelet cannot use it, and how to fix it, or `nil` if it can.
    public var problem: String?

    /// Creates a description of a pull Secret.
    public init(registries: [String] = [], problem: String? = nil) {
        self.registries = registries
        self.problem = problem
    }

    /// The two types that the kubelet reads, each with the key that contains the credentials.
    private static let keys = [
        "kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg",
    ]

    /// Reads a Secret.
    init(type: String?, values: [String: [UInt8]]) {
        guard let key = PullSecret.keys[type ?? "Opaque"] else {
            self.init(
                problem:
                    """
                    is of type \(type ?? "Opaque"), which the kubelet does not use for pulling images: create it with \
                    kubectl create secret docker-registry
                    """
            )
            return
        }
        guard let bytes = values[key] else {
            self.init(problem: "has no key \(key): create it with kubectl create secret docker-registry")
            return
        }
        guard let content = try? JSONValue(parsing: bytes), let members = content.objectValue else {
            self.init(problem: "has a key \(key) that is not JSON: create it by kubectl create secret docker-registry")
            return
        }
        let entries = key == ".dockercfg" ? members : members["auths"]?.objectValue ?? [:]
        self.init(
            registries: entries.keys.sorted(),
            problem: entries.isEmpty ? "has no credentials for any registry: create it again" : nil
        )
    }

    /// Whether it has credentials for an image of a registry and a repository.
    ///
    /// An entry is a host, with or without a scheme and a path. A `*` matches any part of the host
    /// (kubernetes.io/docs/concepts/containers/images, "Interpretation of config.json").
    func covers(registry: String, repository: String) -> Bool {
        registries.contains { entry in
            var text = entry[...]
            for scheme in ["https://", "http://"] where text.hasPrefix(scheme) { text = text.dropFirst(scheme.count) }
            let slash = text.firstIndex(of: "/") ?? text.endIndex
            var path = text[slash...].drop { $0 == "/" }
            while path.hasSuffix("/") { path = path.dropLast() }
            guard PullSecret.matches(text[..<slash], host: registry) else { return false }
            // The first registries had their API version in the path, which does not limit repositories.
            return path.isEmpty || path == "v1" || path == "v2" || repository == path
                || repository.hasPrefix(path + "/")
        }
    }

    private static func matches(_ pattern: Substring, host: String) -> Bool {
        let dockerHub: Set<String> = ["docker.io", "index.docker.io", "registry-1.docker.io"]
        if dockerHub.contains(host) { return dockerHub.contains(String(pattern)) }
        let parts = pattern.split(separator: ".", omittingEmptySubsequences: false)
        let hostParts = host.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == hostParts.count else { return false }
        return zip(parts, hostParts).allSatisfy { part, hostPart in
            guard let star = part.firstIndex(of: "*") else { return part == hostPart }
            let (head, tail) = (part[..<star], part[part.index(after: star)...])
            return hostPart.count >= head.count + tail.count && hostPart.hasPrefix(head) && hostPart.hasSuffix(tail)
        }
    }

    public var description: String { problem ?? "credentials for [\(registries.joined(separator: ", "))]" }
}

extension ReferencedContent {
    /// What a Secret with pull credentials can be used for.
    public static func pullSecret(type: String?, values: [String: [UInt8]]) -> ReferencedContent {
        .pullSecret(PullSecret(type: type, values: values))
    }
}

internal import FoundationEssentials

extension KubernetesClientConfiguration {
    /// What the configuration is looked for in. Tests give their own.
    public struct Surroundings: Sendable {
        /// The environment's variables.
        public var environment: [String: String]
        /// The user's home directory.
        public var homeDirectory: String?
        /// Where a pod's service account is mounted.
        public var serviceAccountDirectory: String
        /// The directory against which relative paths in arguments stand.
        public var workingDirectory: String

        public init(
            environment: [String: String],
            homeDirectory: String?,
            serviceAccountDirectory: String = "/var/run/secrets/kubernetes.io/serviceaccount",
            workingDirectory: String = "/"
        ) {
            self.environment = environment
            self.homeDirectory = homeDirectory
            self.serviceAccountDirectory = serviceAccountDirectory
            self.workingDirectory = workingDirectory
        }

        /// Those of this process.
        public static var process: Surroundings {
            let environment = ProcessInfo.processInfo.environment
            return Surroundings(
                environment: environment,
                homeDirectory: environment["HOME"],
                workingDirectory: FileManager.default.currentDirectoryPath
            )
        }
    }

    /// Finds the configuration as controllers do: the file that a flag names, then `KUBECONFIG`, then the pod that this runs
    /// in, then `~/.kube/config`.
    ///
    /// - Parameters:
    ///   - kubeconfig: what the flag names; it must exist.
    ///   - context: the context, `nil` for the current one.
    ///   - surroundings: the environment and the home directory.
    /// - Throws: `ClientError` with `configuration`.
    public static func load(
        kubeconfig: String? = nil,
        context: String? = nil,
        surroundings: Surroundings = .process
    ) throws(ClientError) -> KubernetesClientConfiguration {
        if let kubeconfig, !kubeconfig.isEmpty {
            guard let file = try read(kubeconfig, surroundings) else {
                throw ClientError(.configuration, "kubeconfig \(kubeconfig) does not exist")
            }
            return try file.configuration(context: context)
        }
        if let list = surroundings.environment["KUBECONFIG"], !list.isEmpty {
            let paths = list.split(separator: ":").map(String.init)
            guard let merged = try merged(paths, surroundings) else {
                throw ClientError(.configuration, "none of the files in KUBECONFIG exists: \(list)")
            }
            return try merged.configuration(context: context)
        }
        if context == nil, let configuration = try inCluster(surroundings) { return configuration }
        if let home = surroundings.homeDirectory, let file = try read("\(home)/.kube/config", surroundings) {
            return try file.configuration(context: context)
        }
        throw ClientError(
            .configuration,
            "no cluster is configured: name a file with --kubeconfig, set KUBECONFIG, run in a pod with a service account, "
                + "or write ~/.kube/config"
        )
    }

    /// Merges files: each once, missing ones left out, the first wins.
    ///
    /// - Returns: `nil` where none of them exists.
    static func merged(_ paths: [String], _ surroundings: Surroundings) throws(ClientError) -> Kubeconfig? {
        var seen: Set<String> = []
        var result: Kubeconfig?
        for path in paths where !path.isEmpty && seen.insert(path).inserted {
            guard let file = try read(path, surroundings) else { continue }
            if result == nil { result = file } else { result?.merge(file) }
        }
        return result
    }

    private static func read(_ path: String, _ surroundings: Surroundings) throws(ClientError) -> Kubeconfig? {
        let absolute = path.hasPrefix("/") ? path : "\(surroundings.workingDirectory)/\(path)"
        guard FileManager.default.fileExists(atPath: absolute) else { return nil }
        let bytes = try SmallFile.read(absolute)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ClientError(.configuration, "kubeconfig \(absolute) is not UTF-8")
        }
        let directory = absolute.lastIndex(of: "/").map { String(absolute[..<$0]) } ?? "/"
        return try Kubeconfig(text: text, directory: directory, file: absolute)
    }

    /// The configuration of a pod: its service account's token and CA, read again as they rotate.
    ///
    /// - Returns: `nil` outside of a cluster.
    /// - Throws: `ClientError` with `configuration` in a cluster whose service account is not mounted whole.
    public static func inCluster(
        _ surroundings: Surroundings = .process
    ) throws(ClientError) -> KubernetesClientConfiguration? {
        guard let host = surroundings.environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = surroundings.environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { return nil }
        let directory = surroundings.serviceAccountDirectory
        for file in ["token", "ca.crt"] where !FileManager.default.fileExists(atPath: "\(directory)/\(file)") {
            throw ClientError(
                .configuration,
                "this runs in a pod, but \(directory)/\(file) is missing: mount the service account's token "
                    + "(`automountServiceAccountToken: true`), or give a kubeconfig"
            )
        }
        let authority = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        let namespace = (try? SmallFile.read("\(directory)/namespace")).map { String(decoding: $0, as: UTF8.self) }
        let trimmed = namespace?.filter { !$0.isWhitespace } ?? ""
        return KubernetesClientConfiguration(
            server: "https://\(authority):\(port)",
            namespace: trimmed.isEmpty ? "default" : trimmed,
            certificateAuthority: .file("\(directory)/ca.crt"),
            credentials: .tokenFile(path: "\(directory)/token", initial: nil)
        )
    }
}

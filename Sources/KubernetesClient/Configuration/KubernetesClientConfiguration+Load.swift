internal import FoundationEssentials

extension KubernetesClientConfiguration {
    /// The parts of a process and its machine that configuration is loaded from. Tests pass their own.
    public struct ProcessEnvironment: Sendable {
        /// The environment variables.
        public var variables: [String: String]
        /// The user's home directory.
        public var homeDirectory: String?
        /// The directory where a pod's service account token is mounted.
        public var serviceAccountDirectory: String
        /// The directory that relative paths in arguments start from.
        public var workingDirectory: String

        public init(
            variables: [String: String],
            homeDirectory: String?,
            serviceAccountDirectory: String = "/var/run/secrets/kubernetes.io/serviceaccount",
            workingDirectory: String = "/"
        ) {
            self.variables = variables
            self.homeDirectory = homeDirectory
            self.serviceAccountDirectory = serviceAccountDirectory
            self.workingDirectory = workingDirectory
        }

        /// The environment of this process.
        public static var current: ProcessEnvironment {
            let variables = ProcessInfo.processInfo.environment
            return ProcessEnvironment(
                variables: variables,
                homeDirectory: variables["HOME"],
                workingDirectory: FileManager.default.currentDirectoryPath
            )
        }
    }

    /// Loads the configuration in the usual order: the file that a flag names, then `KUBECONFIG`, then the service account of
    /// the pod that this process runs in, then `~/.kube/config`.
    ///
    /// - Parameters:
    ///   - kubeconfig: the file that the flag names; it must exist.
    ///   - context: the context, `nil` for the current one.
    ///   - environment: the environment variables, the home directory and other settings of the process.
    /// - Throws: `ClientError` with `configuration`.
    public static func load(
        kubeconfig: String? = nil,
        context: String? = nil,
        environment: ProcessEnvironment = .current
    ) throws(ClientError) -> KubernetesClientConfiguration {
        if let kubeconfig, !kubeconfig.isEmpty {
            guard let file = try read(kubeconfig, environment) else {
                throw ClientError(.configuration, "kubeconfig \(kubeconfig) does not exist")
            }
            return try file.configuration(context: context)
        }
        if let list = environment.variables["KUBECONFIG"], !list.isEmpty {
            let paths = list.split(separator: ":").map(String.init)
            guard let merged = try merged(paths, environment) else {
                throw ClientError(.configuration, "none of the files in KUBECONFIG exist: \(list)")
            }
            return try merged.configuration(context: context)
        }
        // In a pod without a mounted token, the kubeconfig in the home directory can still be used.
        var inClusterFailure: ClientError?
        if context == nil {
            do throws(ClientError) {
                if let configuration = try inCluster(environment) { return configuration }
            } catch {
                inClusterFailure = error
            }
        }
        if let home = environment.homeDirectory, let file = try read("\(home)/.kube/config", environment) {
            return try file.configuration(context: context)
        }
        throw inClusterFailure
            ?? ClientError(
                .configuration,
                "no cluster is configured: pass a file with --kubeconfig, set KUBECONFIG, run in a pod with a service account, "
                    + "or create ~/.kube/config"
            )
    }

    /// Merges files. Duplicate and missing files are skipped, and the first file takes precedence.
    ///
    /// - Returns: `nil` if none of them exists.
    static func merged(_ paths: [String], _ environment: ProcessEnvironment) throws(ClientError) -> Kubeconfig? {
        var seen: Set<String> = []
        var result: Kubeconfig?
        for path in paths where !path.isEmpty && seen.insert(path).inserted {
            guard let file = try read(path, environment) else { continue }
            if result == nil { result = file } else { result?.merge(file) }
        }
        return result
    }

    private static func read(_ path: String, _ environment: ProcessEnvironment) throws(ClientError) -> Kubeconfig? {
        let absolute = path.hasPrefix("/") ? path : "\(environment.workingDirectory)/\(path)"
        guard FileManager.default.fileExists(atPath: absolute) else { return nil }
        let bytes = try SmallFile.read(absolute)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ClientError(.configuration, "kubeconfig \(absolute) is not UTF-8")
        }
        let directory = absolute.lastIndex(of: "/").map { String(absolute[..<$0]) } ?? "/"
        return try Kubeconfig(text: text, directory: directory, file: absolute)
    }

    /// The configuration of a pod: the token and CA of its service account, which are read again when they are rotated.
    ///
    /// - Returns: `nil` outside of a cluster.
    /// - Throws: `ClientError` with `configuration` in a cluster where the token or the CA is not mounted.
    public static func inCluster(
        _ environment: ProcessEnvironment = .current
    ) throws(ClientError) -> KubernetesClientConfiguration? {
        guard let host = environment.variables["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment.variables["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { return nil }
        let directory = environment.serviceAccountDirectory
        for file in ["token", "ca.crt"] where !FileManager.default.fileExists(atPath: "\(directory)/\(file)") {
            throw ClientError(
                .configuration,
                "this process runs in a pod, but \(directory)/\(file) is missing: mount the service account's token "
                    + "(`automountServiceAccountToken: true`), or pass a kubeconfig"
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

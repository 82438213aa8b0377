internal import FoundationEssentials
internal import KubernetesAPI

extension Kubeconfig {
    /// The configuration of a context.
    ///
    /// - Parameter context: the context's name, `nil` for the current one.
    /// - Throws: `ClientError` with `configuration`, which names what is missing or wrong.
    public func configuration(context name: String? = nil) throws(ClientError) -> KubernetesClientConfiguration {
        guard let name = name ?? currentContext, !name.isEmpty else {
            throw ClientError(
                .configuration,
                "no context is named, and the kubeconfig has no `current-context`; its contexts: \(Self.list(contexts))"
            )
        }
        guard let context = contexts[name] else {
            throw ClientError(
                .configuration,
                "the kubeconfig has no context \(name.debugDescription); its contexts: \(Self.list(contexts))"
            )
        }
        let fields = Fields(context, "context \(name)")
        guard let clusterName = try fields.string("cluster"), let cluster = clusters[clusterName] else {
            let wanted = context["cluster"]?.stringValue ?? ""
            throw ClientError(
                .configuration,
                "context \(name): the cluster \(wanted.debugDescription) does not exist; the clusters: \(Self.list(clusters))"
            )
        }
        let clusterFields = Fields(cluster, "cluster \(clusterName)")
        guard let server = try clusterFields.string("server") else {
            throw ClientError(.configuration, "cluster \(clusterName): `server` is missing")
        }
        var result = KubernetesClientConfiguration(server: server, context: name)
        result.namespace = try fields.string("namespace") ?? "default"
        result.certificateAuthority = try clusterFields.material(
            data: "certificate-authority-data",
            file: "certificate-authority"
        )
        result.insecureSkipTLSVerify = try clusterFields.bool("insecure-skip-tls-verify")
        result.tlsServerName = try clusterFields.string("tls-server-name")
        result.proxyURL = try clusterFields.string("proxy-url")
        result.disableCompression = try clusterFields.bool("disable-compression")
        if result.insecureSkipTLSVerify, result.certificateAuthority != nil {
            throw ClientError(
                .configuration,
                "cluster \(clusterName): `insecure-skip-tls-verify` and a certificate authority cannot be combined"
            )
        }
        if let userName = try fields.string("user") {
            guard let user = users[userName] else {
                throw ClientError(
                    .configuration,
                    "context \(name): the user \(userName.debugDescription) does not exist; the users: \(Self.list(users))"
                )
            }
            try Self.read(user: Fields(user, "user \(userName)"), cluster: cluster, into: &result)
        }
        return result
    }

    private static func read(
        user: Fields,
        cluster: JSONValue,
        into result: inout KubernetesClientConfiguration
    ) throws(ClientError) {
        if let provider = user.value["auth-provider"], !provider.isNull {
            let name = provider["name"]?.stringValue ?? "unnamed"
            throw ClientError(
                .configuration,
                "\(user.name): the auth-provider \(name.debugDescription) is no longer supported by Kubernetes; "
                    + replacement(for: name)
            )
        }
        result.clientCertificate = try user.material(data: "client-certificate-data", file: "client-certificate")
        result.clientKey = try user.material(data: "client-key-data", file: "client-key")
        if (result.clientCertificate == nil) != (result.clientKey == nil) {
            let missing = result.clientKey == nil ? "client-key" : "client-certificate"
            throw ClientError(
                .configuration,
                "\(user.name): `\(missing)` is missing: a certificate needs its key, and a key its certificate"
            )
        }
        let token = try user.string("token").map { SensitiveString($0) }
        let tokenFile = try user.string("tokenFile")
        let username = try user.string("username")
        if username != nil, token != nil || tokenFile != nil {
            throw ClientError(.configuration, "\(user.name): a token and a user name cannot be combined")
        }
        if let tokenFile {
            result.credentials = .tokenFile(path: tokenFile, initial: token)
        } else if let token {
            result.credentials = .token(token)
        } else if let username {
            let password = SensitiveString(try user.string("password") ?? "")
            result.credentials = .basic(username: username, password: password)
        } else if let exec = user.value["exec"], !exec.isNull {
            result.credentials = .exec(try self.exec(Fields(exec, "\(user.name): exec"), cluster: cluster, result))
        }
        try readImpersonation(user, into: &result)
    }

    private static func readImpersonation(
        _ user: Fields,
        into result: inout KubernetesClientConfiguration
    ) throws(ClientError) {
        let impersonated = try user.string("as")
        let uid = try user.string("as-uid")
        let groups = try user.strings("as-groups")
        var extra: [String: [String]] = [:]
        if let value = user.value["as-user-extra"], !value.isNull {
            guard let members = value.objectValue else {
                throw ClientError(
                    .configuration,
                    "\(user.name): `as-user-extra` must be an object, not \(value.typeName)"
                )
            }
            for key in members.keys { extra[key] = try Fields(value, "\(user.name): as-user-extra").strings(key) }
        }
        if let impersonated {
            result.impersonation = .init(user: impersonated, uid: uid, groups: groups, extra: extra)
        } else if uid != nil || !groups.isEmpty || !extra.isEmpty {
            throw ClientError(
                .configuration,
                "\(user.name): `as-uid`, `as-groups` and `as-user-extra` need `as`, the user to impersonate"
            )
        }
    }

    private static func exec(
        _ exec: Fields,
        cluster: JSONValue,
        _ result: KubernetesClientConfiguration
    ) throws(ClientError) -> ExecConfiguration {
        guard let command = try exec.string("command") else {
            throw ClientError(.configuration, "\(exec.name): `command` is missing")
        }
        let version = try exec.string("apiVersion") ?? ""
        guard ExecCredential.versions.contains(version) else {
            throw ClientError(
                .configuration,
                "\(exec.name): apiVersion \(version.debugDescription) is not supported; "
                    + "supported are \(ExecCredential.versions.joined(separator: " and "))"
            )
        }
        var configuration = ExecConfiguration(apiVersion: version, command: command)
        configuration.arguments = try exec.strings("args")
        configuration.installHint = try exec.string("installHint")
        configuration.provideClusterInfo = try exec.bool("provideClusterInfo")
        if let mode = try exec.string("interactiveMode") {
            guard let known = ExecConfiguration.InteractiveMode(rawValue: mode) else {
                throw ClientError(
                    .configuration,
                    "\(exec.name): interactiveMode \(mode.debugDescription) must be Never, IfAvailable or Always"
                )
            }
            configuration.interactiveMode = known
        } else if version == ExecCredential.v1 {
            throw ClientError(.configuration, "\(exec.name): `interactiveMode` is required with \(version)")
        } else {
            configuration.interactiveMode = .ifAvailable
        }
        for entry in exec.value["env"]?.arrayValue ?? [] {
            guard let name = entry["name"]?.stringValue, let value = entry["value"]?.stringValue else {
                throw ClientError(.configuration, "\(exec.name): each of `env` needs a `name` and a `value`")
            }
            configuration.environment[name] = SensitiveString(value)
        }
        if configuration.provideClusterInfo { configuration.clusterInfo = try clusterInfo(cluster, result) }
        return configuration
    }

    /// `spec.cluster` of `KUBERNETES_EXEC_INFO`.
    private static func clusterInfo(
        _ cluster: JSONValue,
        _ result: KubernetesClientConfiguration
    ) throws(ClientError) -> String {
        var info: JSONValue = ["server": .string(result.server)]
        info["tls-server-name"] = result.tlsServerName.map { .string($0) }
        if result.insecureSkipTLSVerify { info["insecure-skip-tls-verify"] = true }
        if let authority = result.certificateAuthority {
            let bytes = try authority.read()
            info["certificate-authority-data"] = .string(Data(bytes).base64EncodedString())
        }
        info["proxy-url"] = result.proxyURL.map { .string($0) }
        if result.disableCompression { info["disable-compression"] = true }
        let extensions = cluster["extensions"]?.arrayValue ?? []
        let own = extensions.first { $0["name"]?.stringValue == "client.authentication.k8s.io/exec" }
        if let config = own?["extension"] { info["config"] = config }
        return String(decoding: info.serialized(), as: UTF8.self)
    }

    private static func replacement(for provider: String) -> String {
        switch provider {
        case "gcp":
            "use an `exec` stanza with the command gke-gcloud-auth-plugin (`gcloud container clusters get-credentials`)"
        case "azure": "use an `exec` stanza with the command kubelogin (`kubelogin convert-kubeconfig`)"
        case "oidc": "use an `exec` stanza with the command kubectl-oidc_login (kubelogin)"
        default: "use an `exec` stanza with a credential plug-in"
        }
    }

    private static func list(_ entries: [String: JSONValue]) -> String {
        entries.isEmpty ? "none" : entries.keys.sorted().joined(separator: ", ")
    }
}

extension KubernetesClientConfiguration.Material {
    /// The PEM bytes.
    func read() throws(ClientError) -> [UInt8] {
        switch self {
        case .data(let bytes): return bytes
        case .file(let path): return try SmallFile.read(path)
        }
    }
}

/// Files of credentials, which are small.
enum SmallFile {
    static func read(_ path: String) throws(ClientError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw ClientError(.configuration, "\(path) cannot be read", underlying: error)
        }
    }
}

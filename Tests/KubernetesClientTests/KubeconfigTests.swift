import Foundation
import KubernetesAPI
import Testing

@testable import KubernetesClient

/// A directory that is removed when the test ends.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "moorage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ text: String, executable: Bool = false) throws -> String {
        let file = "\(path)/\(name)"
        let directory = URL(filePath: file).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file) }
        return file
    }
}

@Suite struct KubeconfigTests {
    static func kubeconfig(cluster: String = "", user: String = "", context: String = "") -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: here
        clusters:
        - name: c
          cluster: {server: "https://api.example:6443"\(cluster)}
        users:
        - name: u
          user: {\(user)}
        contexts:
        - name: here
          context: {cluster: c, user: u\(context)}
        """
    }

    static func resolve(_ text: String) throws -> KubernetesClientConfiguration {
        try Kubeconfig(text: text, directory: "/etc/kube", file: "config").configuration()
    }

    @Test func `every key of a cluster and a user is used`() throws {
        let configuration = try Self.resolve(
            Self.kubeconfig(
                cluster: """
                    , certificate-authority: ca.crt, tls-server-name: other, proxy-url: "socks5://p:1", \
                    disable-compression: true
                    """,
                user: """
                    tokenFile: tok, token: t, as: bob, as-uid: "7", as-groups: [a, b], as-user-extra: {scope: [x, "y"]}, \
                    client-certificate-data: aGk=, client-certificate: x.crt, client-key: x.key
                    """,
                context: ", namespace: own"
            )
        )
        #expect(configuration.server == "https://api.example:6443")
        #expect(configuration.namespace == "own")
        #expect(configuration.certificateAuthority == .file("/etc/kube/ca.crt"))
        #expect(configuration.tlsServerName == "other")
        #expect(configuration.proxyURL == "socks5://p:1")
        #expect(configuration.disableCompression)
        #expect(!configuration.insecureSkipTLSVerify)
        #expect(configuration.credentials == .tokenFile(path: "/etc/kube/tok", initial: SensitiveString("t")))
        #expect(configuration.clientCertificate == .data(Array("hi".utf8)))
        #expect(configuration.clientKey == .file("/etc/kube/x.key"))
        #expect(
            configuration.impersonation
                == .init(user: "bob", uid: "7", groups: ["a", "b"], extra: ["scope": ["x", "y"]])
        )
    }

    @Test(arguments: [
        ("auth-provider: {name: gcp}", "gke-gcloud-auth-plugin"),
        ("auth-provider: {name: azure}", "kubelogin"),
        ("auth-provider: {name: oidc}", "exec"),
        ("token: 7", "`token` must be a string"),
        ("client-certificate: a", "`client-key` is missing"),
        ("as-groups: [a]", "need `as`"),
        ("client-certificate-data: '***', client-key: b", "not base64"),
        ("token: a, username: b", "cannot be combined"),
        ("exec: {command: x, apiVersion: client.authentication.k8s.io/v1}", "`interactiveMode` is required"),
        ("exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}", "not supported"),
        ("exec: {apiVersion: client.authentication.k8s.io/v1}", "`command` is missing"),
    ])
    func `a user that cannot be used is rejected with a way out`(_ user: String, _ message: String) {
        let error = #expect(throws: ClientError.self) { _ = try Self.resolve(Self.kubeconfig(user: user)) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("kind: Pod", "kind is Pod"), ("[]", "must be an object, not array"), ("clusters: 7", "must be a list"),
        ("clusters: [{name: a}, {name: a}]", "twice"), ("current-context: x", "no context \"x\""), ("{}", "no context"),
        ("a: b: c", "is not valid YAML"),
    ])
    func `a file that cannot be used is rejected`(_ text: String, _ message: String) {
        let error = #expect(throws: ClientError.self) { _ = try Self.resolve(text) }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `skipping verification and an authority cannot be combined`() {
        #expect(throws: ClientError.self) {
            _ = try Self.resolve(
                Self.kubeconfig(cluster: ", insecure-skip-tls-verify: true, certificate-authority-data: aGk=")
            )
        }
    }

    @Test func `the first of several files wins by name, and paths belong to their file`() throws {
        let directory = try TemporaryDirectory()
        let first = try directory.write(
            "one/config",
            """
            clusters: [{name: c, cluster: {server: "https://one", certificate-authority: ca.crt}}]
            contexts: [{name: x, context: {cluster: c, user: u, namespace: first}}]
            """
        )
        let second = try directory.write(
            "two/config",
            """
            current-context: x
            clusters: [{name: c, cluster: {server: "https://two"}}]
            contexts: [{name: x, context: {cluster: c, user: other}}]
            users: [{name: u, user: {tokenFile: tok}}]
            """
        )
        let configuration = try KubernetesClientConfiguration.load(
            environment: .init(
                variables: ["KUBECONFIG": "\(directory.path)/none:\(first)::\(second):\(first)"],
                homeDirectory: nil
            )
        )
        #expect(configuration.server == "https://one")
        #expect(configuration.namespace == "first")
        #expect(configuration.context == "x")
        #expect(configuration.certificateAuthority == .file("\(directory.path)/one/ca.crt"))
        #expect(configuration.credentials == .tokenFile(path: "\(directory.path)/two/tok", initial: nil))
    }

    @Test func `a flag goes before KUBECONFIG, that before the pod, that before the home directory`() throws {
        let directory = try TemporaryDirectory()
        func file(_ name: String) throws -> String {
            try directory.write(
                name,
                "current-context: x\nclusters: [{name: c, cluster: {server: 'https://\(name)'}}]\n"
                    + "contexts: [{name: x, context: {cluster: c}}]"
            )
        }
        let flag = try file("flag")
        let variable = try file("variable")
        _ = try file(".kube/config")
        try directory.write("sa/token", "t")
        try directory.write("sa/ca.crt", "c")
        try directory.write("sa/namespace", "mine\n")
        let pod = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        func load(_ kubeconfig: String?, _ variables: [String: String]) throws -> KubernetesClientConfiguration {
            try .load(
                kubeconfig: kubeconfig,
                environment: .init(
                    variables: variables,
                    homeDirectory: directory.path,
                    serviceAccountDirectory: "\(directory.path)/sa"
                )
            )
        }
        let both = pod.merging(["KUBECONFIG": variable]) { first, _ in first }
        #expect(try load(flag, both).server == "https://flag")
        #expect(try load(nil, both).server == "https://variable")
        let inPod = try load(nil, pod)
        #expect(inPod.server == "https://[fd00::1]:443")
        #expect(inPod.namespace == "mine")
        #expect(inPod.credentials == .tokenFile(path: "\(directory.path)/sa/token", initial: nil))
        #expect(try load(nil, [:]).server == "https://.kube/config")
        #expect(throws: ClientError.self) { _ = try load("\(directory.path)/none", both) }
    }

    @Test func `a pod without a token falls back to the kubeconfig in the home directory`() throws {
        let directory = try TemporaryDirectory()
        let variables = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]
        func load() throws -> KubernetesClientConfiguration {
            try .load(
                environment: .init(
                    variables: variables,
                    homeDirectory: directory.path,
                    serviceAccountDirectory: "\(directory.path)/sa"
                )
            )
        }
        // Without a kubeconfig the error is about the pod.
        let error = #expect(throws: ClientError.self) { _ = try load() }
        #expect(error?.message.contains("sa/token is missing") == true)
        try directory.write(
            ".kube/config",
            "current-context: x\nclusters: [{name: c, cluster: {server: 'https://home'}}]\n"
                + "contexts: [{name: x, context: {cluster: c}}]"
        )
        #expect(try load().server == "https://home")
        try directory.write("sa/token", "t")
        try directory.write("sa/ca.crt", "c")
        #expect(try load().server == "https://10.0.0.1:443")
    }

    @Test(arguments: [
        ("certificate-authority-data: aGk=", "", true), ("insecure-skip-tls-verify: true", "", true),
        ("namespace: x", "client-certificate-data: aGk=, client-key-data: aGk=", true), ("namespace: x", "", false),
    ])
    func `a server without a scheme uses TLS if there are TLS settings, as in kubectl`(
        _ cluster: String,
        _ user: String,
        _ isSecure: Bool
    ) throws {
        let configuration = try Self.resolve(
            """
            current-context: x
            clusters: [{name: c, cluster: {server: "api.example:8443", \(cluster)}}]
            users: [{name: u, user: {\(user)}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            """
        )
        let address = try ServerAddress(configuration.server, usesTLSByDefault: configuration.usesTLSByDefault)
        #expect(address.isSecure == isSecure)
        #expect(address.authority == "api.example:8443")
    }

    @Test(arguments: ["http://api.example:8080", "api.example:6443", "api.example:443", "http://10.0.0.1"])
    func `a token is never sent in plain text`(_ server: String) async throws {
        for user in ["token: s3cr3t", "tokenFile: t", "username: a, password: s3cr3t"] {
            let configuration = try Self.resolve(
                """
                current-context: x
                clusters: [{name: c, cluster: {server: "\(server)"}}]
                users: [{name: u, user: {\(user)}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                """
            )
            let error = #expect(throws: ClientError.self) {
                _ = try HTTPTransport(configuration, environment: [:])
            }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("in plain text") == true)
            #expect(error?.message.contains("https://") == true)
        }
    }

    @Test func `a pod without a certificate authority is an error`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("token", "t")
        let error = #expect(throws: ClientError.self) {
            _ = try KubernetesClientConfiguration.inCluster(
                .init(
                    variables: ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"],
                    homeDirectory: nil,
                    serviceAccountDirectory: directory.path
                )
            )
        }
        #expect(error?.message.contains("ca.crt is missing") == true)
    }

    @Test func `a secret does not print`() throws {
        let configuration = try Self.resolve(Self.kubeconfig(user: "token: s3cr3t"))
        var text = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &text)
        #expect(!text.contains("s3cr3t"))
        #expect(text.contains("[redacted]"))
    }

    @Test func `ten thousand damaged kubeconfigs neither crash nor hang`() {
        let seed: UInt64 = 815
        var random = SplitMix64(seed: seed)
        let whole = Array(
            Self.kubeconfig(
                cluster: ", certificate-authority-data: aGk=",
                user: "token: a, as: b, as-user-extra: {x: [y]}, exec: {command: c, env: [{name: a, value: b}]}"
            ).utf8
        )
        var accepted = 0
        for _ in 0..<10_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let position = Int.random(in: 0..<max(bytes.count, 1), using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where !bytes.isEmpty: bytes[position] = UInt8.random(in: 0...255, using: &random)
                case 1 where !bytes.isEmpty: bytes.remove(at: position)
                case 2: bytes.insert(Array("{}[]:,-&*|>'\"\n ".utf8).randomElement(using: &random) ?? 0, at: position)
                default: if position > 0 { bytes = Array(bytes.prefix(bytes.count - position / 8)) }
                }
            }
            if (try? Self.resolve(String(decoding: bytes, as: UTF8.self))) != nil { accepted += 1 }
        }
        #expect((1..<10_000).contains(accepted), "seed \(seed): the damage tests nothing")
    }
}

@Suite struct CredentialTests {
    @Test func `a token file is read again every minute, and the last token outlives the file`() throws {
        var state = TokenFileState(initial: nil)
        let start = ContinuousClock.now
        #expect(state.needsReading(now: start))
        state.didRead("one", now: start)
        #expect(!state.needsReading(now: start + .seconds(59)))
        #expect(state.needsReading(now: start + .seconds(60)))
        state.didRead(nil, now: start + .seconds(60))
        #expect(state.token?.reveal() == "one")
        state.didRead("two", now: start + .seconds(120))
        #expect(state.token?.reveal() == "two")
        state.refused(generation: state.generation - 1)
        #expect(!state.needsReading(now: start + .seconds(121)))
        state.refused(generation: state.generation)
        #expect(state.needsReading(now: start + .seconds(121)))
    }

    @Test func `a plug-in gets its arguments, environment and the cluster, and returns a token`() async throws {
        let directory = try TemporaryDirectory()
        let script = try directory.write(
            "plugin.sh",
            """
            #!/bin/sh
            printf '%s' "$KUBERNETES_EXEC_INFO" > "\(directory.path)/info"
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$1-$EXTRA'"}}'
            """,
            executable: true
        )
        let configuration = ExecConfiguration(
            command: script,
            arguments: ["arg"],
            environment: ["EXTRA": SensitiveString("more")],
            clusterInfo: #"{"server":"https://x"}"#
        )
        let source = ExecCredentialSource(configuration: configuration)
        #expect(try await source.current().authorization?.reveal() == "Bearer arg-more")
        let info = try JSONValue(parsing: Array(String(contentsOfFile: "\(directory.path)/info", encoding: .utf8).utf8))
        #expect(info[path: ["spec", "cluster", "server"]] == "https://x")
        #expect(info[path: ["spec", "interactive"]] == false)
    }

    @Test(arguments: [
        ("exit 3", "failed"), ("echo nonsense", "not valid JSON"), ("echo '{}'", "not an ExecCredential"),
        (
            #"echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"s3cr3t"}}'"#,
            "has apiVersion"
        ),
        (
            #"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'"#,
            "neither a token"
        ),
    ])
    func `a plug-in that fails is named, and its output is not shown`(_ body: String, _ message: String) async throws {
        let directory = try TemporaryDirectory()
        let script = try directory.write("plugin.sh", "#!/bin/sh\n\(body)\n", executable: true)
        let error = await #expect(throws: ClientError.self) {
            _ = try await ExecPlugin.run(ExecConfiguration(command: script))
        }
        #expect(error?.code == .credentials)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        #expect("\(String(describing: error))".contains("s3cr3t") == false)
    }

    @Test func `the error about a missing plug-in contains the install hint`() async throws {
        let error = await #expect(throws: ClientError.self) {
            _ = try await ExecPlugin.run(
                ExecConfiguration(command: "moorage-no-such-plugin", installHint: "Install it from example.com")
            )
        }
        #expect(error?.message.contains("Install it from example.com") == true)
    }

    @Test func `a run of a plug-in survives the request that started it`() async throws {
        let runs = Counter()
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let (started, starter) = AsyncStream.makeStream(of: Void.self)
        let source = ExecCredentialSource(
            configuration: ExecConfiguration(command: "x"),
            now: { Timestamp(secondsSinceEpoch: 0) }
        ) { configuration in
            runs.increment()
            starter.finish()
            for await _ in gate {}
            try Task.checkCancellation()
            return try ExecCredential(
                parsing: Array(
                    #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}"#
                        .utf8
                ),
                configuration: configuration
            )
        }
        let first = Task { try await source.current() }
        for await _ in started {}
        let second = Task { try await source.current() }
        first.cancel()
        // The cancelled request ends at once, though the plug-in still runs.
        await #expect(throws: CancellationError.self) { _ = try await first.value }
        opener.finish()
        #expect(try await second.value.authorization?.reveal() == "Bearer t")
        #expect(try await source.current().authorization?.reveal() == "Bearer t")
        #expect(runs.value == 1)
    }

    @Test func `many requests at the same time share one run, until its result expires or is rejected`() async throws {
        let runs = Counter()
        let clock = Counter()
        let source = ExecCredentialSource(
            configuration: ExecConfiguration(command: "x"),
            now: { Timestamp(secondsSinceEpoch: Int64(clock.value)) }
        ) { configuration in
            let run = runs.increment()
            for _ in 0..<10 { await Task.yield() }
            return try ExecCredential(
                parsing: Array(
                    (#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"#
                        + #"\#(run)","expirationTimestamp":"1970-01-01T00:\#(run)0:00Z"}}"#).utf8
                ),
                configuration: configuration
            )
        }
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask { try await source.current().authorization?.reveal() ?? "" }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(tokens == ["Bearer t1"])
        #expect(runs.value == 1)
        for _ in 0..<600 { clock.increment() }
        let second = try await source.current()
        #expect(second.authorization?.reveal() == "Bearer t2")
        // A rejection of older credentials does not drop newer ones.
        var old = second
        old.generation -= 1
        _ = await source.refused(old)
        #expect(try await source.current().authorization?.reveal() == "Bearer t2")
        _ = await source.refused(second)
        #expect(try await source.current().authorization?.reveal() == "Bearer t3")
    }
}

import Foundation
import KubernetesAPI
import Testing

@testable import KubernetesClient

/// A directory that goes when the test ends.
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

    @Test func `every key of a cluster and a user is taken over`() throws {
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
        ("token: a, username: b", "exclude each other"),
        ("exec: {command: x, apiVersion: client.authentication.k8s.io/v1}", "`interactiveMode` is required"),
        ("exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}", "not supported"),
        ("exec: {apiVersion: client.authentication.k8s.io/v1}", "`command` is missing"),
    ])
    func `a user that cannot be used is refused with the way out`(_ user: String, _ message: String) {
        let error = #expect(throws: ClientError.self) { _ = try Self.resolve(Self.kubeconfig(user: user)) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("kind: Pod", "kind is Pod"), ("[]", "array"), ("clusters: 7", "must be a list"),
        ("clusters: [{name: a}, {name: a}]", "twice"), ("current-context: x", "no context \"x\""), ("{}", "no context"),
        ("a: b: c", "is not YAML"),
    ])
    func `a file that cannot be used is refused`(_ text: String, _ message: String) {
        let error = #expect(throws: ClientError.self) { _ = try Self.resolve(text) }
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `skipping verification and an authority exclude each other`() {
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
            surroundings: .init(
                environment: ["KUBECONFIG": "\(directory.path)/none:\(first)::\(second):\(first)"],
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
        func load(_ kubeconfig: String?, _ environment: [String: String]) throws -> KubernetesClientConfiguration {
            try .load(
                kubeconfig: kubeconfig,
                surroundings: .init(
                    environment: environment,
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

    @Test func `a pod without its authority is an error, never an open door`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("token", "t")
        let error = #expect(throws: ClientError.self) {
            _ = try KubernetesClientConfiguration.inCluster(
                .init(
                    environment: ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"],
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
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
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
        #expect(accepted > 0)
        #expect(accepted < 10_000)
    }
}

@Suite struct CredentialTests {
    @Test func `a token file is read again each minute, and the last token outlives the file`() throws {
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

    @Test func `a plug-in gets its arguments, environment and the cluster, and gives a token`() async throws {
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
        ("exit 3", "failed"), ("echo nonsense", "not JSON"), ("echo '{}'", "no ExecCredential"),
        (
            #"echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"s3cr3t"}}'"#,
            "answered with apiVersion"
        ),
        (
            #"echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'"#,
            "neither a token"
        ),
    ])
    func `a plug-in that fails is named, and its output is not told`(_ body: String, _ message: String) async throws {
        let directory = try TemporaryDirectory()
        let script = try directory.write("plugin.sh", "#!/bin/sh\n\(body)\n", executable: true)
        let error = await #expect(throws: ClientError.self) {
            _ = try await ExecPlugin.run(ExecConfiguration(command: script))
        }
        #expect(error?.code == .credentials)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        #expect("\(String(describing: error))".contains("s3cr3t") == false)
    }

    @Test func `a plug-in that is not there brings its hint`() async throws {
        let error = await #expect(throws: ClientError.self) {
            _ = try await ExecPlugin.run(
                ExecConfiguration(command: "moorage-no-such-plugin", installHint: "Install it from example.com")
            )
        }
        #expect(error?.message.contains("Install it from example.com") == true)
    }

    @Test func `many who ask at once are served by one run, until it expires or is refused`() async throws {
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
        // A refusal of what was given out before does not drop what is newer.
        var old = second
        old.generation -= 1
        _ = await source.refused(old)
        #expect(try await source.current().authorization?.reveal() == "Bearer t2")
        _ = await source.refused(second)
        #expect(try await source.current().authorization?.reveal() == "Bearer t3")
    }
}

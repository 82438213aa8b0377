import KubernetesAPI
import Policy
import TestSupport
import Testing

@testable import Controller

@Suite("moorage render and moorage validate")
struct RenderTests {
    static let digest = "sha256:" + String(repeating: "a", count: 64)

    static func server(_ name: String, spec: String) -> String {
        """
        apiVersion: moorage.dev/v1alpha1
        kind: MCPServer
        metadata:
          name: \(name)
        spec:
        \(spec.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))

        """
    }

    static func session(_ text: String, assumesSecrets: Bool = false) -> RenderSession {
        let reader = ManifestReader(sources: [ManifestSource(name: "a.yaml", text: text)])
        return RenderSession(FileGather(reader, platform: nil, assumesSecrets: assumesSecrets))
    }

    static func errors(_ text: String) -> [String] {
        session(text).diagnostics.filter { $0.severity == .error }.map(\.description)
    }

    @Test("a server only needs an image and a port")
    func minimal() {
        let session = Self.session(Self.server("hello", spec: "image: ghcr.io/acme/hello@\(Self.digest)\nport: 9000"))
        #expect(session.diagnostics.filter { $0.severity == .error } == [])
        #expect(
            session.objects.compactMap { $0["kind"]?.stringValue } == [
                "NetworkPolicy", "ServiceAccount", "Service", "Deployment",
            ]
        )
        // The result in the cluster can depend on a tenant that is not in these files.
        #expect(session.diagnostics.map(\.severity) == [.note])
        #expect(
            session.diagnostics.first?.message.contains("no MCPTenant in the files claims namespace default") == true
        )
    }

    @Test("a null is ignored, so that kubectl apply, which drops it, results in the same pod")
    func null() {
        let plain = Self.server("hello", spec: "image: ghcr.io/acme/hello@\(Self.digest)\npodSecurityContext: {}")
        let null = Self.server(
            "hello",
            spec: "image: ghcr.io/acme/hello@\(Self.digest)\npodSecurityContext: {runAsUser: null}\nenv: null"
        )
        #expect(!Self.session(plain).objects.isEmpty)
        #expect(Self.session(null).objects == Self.session(plain).objects)
        let override = Self.errors(
            Self.server(
                "hello",
                spec: """
                    image: ghcr.io/acme/hello@\(Self.digest)
                    podTemplate: {spec: {securityContext: {runAsUser: null}}}
                    """
            )
        )
        #expect(override.count == 1)
        #expect(override.first?.contains("spec.podTemplate.spec.securityContext.runAsUser") == true, "\(override)")
        #expect(override.first?.contains("kubectl apply") == true)
    }

    @Test("a field of podTemplate that Kubernetes does not have is refused with its path and its line")
    func unknownField() async throws {
        let text = Self.server(
            "hello",
            spec: """
                image: ghcr.io/acme/hello@\(Self.digest)
                podTemplate:
                  spec:
                    hostnetwork: true
                """
        )
        for command in ["render", "validate"] {
            let result = try await Binary.run(command, "-q", "-f", "-", input: text)
            #expect(result.status == 1)
            #expect(result.error.contains("<stdin>:9: error: "), "\(result.error)")
            #expect(result.error.contains("spec.podTemplate.spec.hostnetwork"))
            #expect(result.error.contains("write hostNetwork"))
        }
    }

    @Test("a token in the spec causes a warning, and one from a Secret does not")
    func plainToken() {
        let image = "image: ghcr.io/acme/hello@\(Self.digest)\n"
        let plain = Self.session(Self.server("hello", spec: image + "config: {env: {API_TOKEN: hunter2}}"))
        let warnings = plain.diagnostics.filter { $0.severity == .warning }.map(\.description)
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("spec.config.env[API_TOKEN]") == true)
        #expect(warnings.first?.contains("hunter2") == false)
    }

    @Test("every refusal is reported with file, line and reason, and the rest is still rendered")
    func refusals() async throws {
        let text = [
            Self.server("unpinned", spec: "image: ghcr.io/acme/hello:1.0"),
            Self.server("good", spec: "image: ghcr.io/acme/hello@\(Self.digest)"),
            Self.server("classless", spec: "image: ghcr.io/acme/hello@\(Self.digest)\nclassName: none"),
        ]
        .joined(separator: "---\n")
        let result = try await Binary.run("render", "-q", "-f", "-", input: text)
        #expect(result.status == 1)
        let lines = result.error.split(separator: "\n").map(String.init)
        #expect(lines.count == 2)
        #expect(
            lines.first?.hasPrefix("<stdin>:6: error: MCPServer default/unpinned: ImageDigestRequired: spec.image: ")
                == true
        )
        #expect(
            lines.last?.hasPrefix("<stdin>:21: error: MCPServer default/classless: ClassNotFound: spec.className: ")
                == true
        )
        let rendered = try YAML.documents(in: result.output).map(\.value)
        #expect(Set(rendered.map { $0[path: ["metadata", "name"]] }) == ["good"])

        let validated = try await Binary.run("validate", "-q", "-f", "-", input: text)
        #expect(validated.status == 1)
        #expect(validated.error == result.error)
        #expect(validated.output == "")
    }

    @Test("unknown fields, the schema and its rules are checked, with lines")
    func schema() {
        let errors = Self.errors(
            Self.server(
                "hello",
                spec: """
                    image: ghcr.io/acme/hello@\(Self.digest)
                    prot: 80
                    port: "eighty"
                    """
            )
        )
        #expect(errors.count == 2)
        #expect(
            errors.contains { $0.hasPrefix("a.yaml:7: error: MCPServer default/hello: unknown field \"spec.prot\"") }
        )
        #expect(errors.contains { $0.hasPrefix("a.yaml:8: error: MCPServer default/hello: spec.port: Invalid value:") })
        let rules = Self.errors(
            Self.server(
                "hello",
                spec:
                    "image: ghcr.io/acme/hello@\(Self.digest)\nreplicas: 2\nscaling:\n  maxReplicas: 3\n  targetCPUUtilizationPercentage: 80"
            )
        )
        #expect(rules.count == 1)
        #expect(rules.first?.contains("replicas and scaling are mutually exclusive") == true)
    }

    static let withTemplate = server(
        "hello",
        spec: """
            image: ghcr.io/acme/hello@\(digest)
            config:
              templates:
                - name: t
                  content: token=${TOKEN}
                  variables:
                    - name: TOKEN
                      secretKeyRef: {name: tokens, key: one}
                  file: settings
            """
    )

    @Test("a Secret that is not in any file is refused with a solution, and can be assumed to exist")
    func missingSecret() throws {
        let errors = Self.errors(Self.withTemplate)
        #expect(errors.count == 1)
        #expect(errors.first?.contains("ReferenceNotFound") == true)
        #expect(errors.first?.contains("Secret \"tokens\"") == true)
        #expect(errors.first?.hasSuffix("For Secrets that are not in files, use --allow-missing-secrets") == true)

        let session = Self.session(Self.withTemplate, assumesSecrets: true)
        #expect(!session.diagnostics.hasErrors)
        let secret = try #require(
            session.objects.first { $0[path: ["metadata", "name"]] == "hello-templates" }
        )
        let marker = try #require(secret["data"]?.objectValue?.values.first?.stringValue)
        #expect(marker == "dG9rZW49PG9uZSBvZiBTZWNyZXQgdG9rZW5zPg==")  // token=<one of Secret tokens>
    }

    @Test("a server on stdio without a command is refused with a solution, and an entry point can be assumed")
    func missingEntryPoint() throws {
        let text = """
            apiVersion: moorage.dev/v1alpha1
            kind: MCPServer
            metadata: {name: time}
            spec: {image: "ghcr.io/acme/time@\(Self.digest)", transport: stdio}
            """
        let reader = ManifestReader(sources: [ManifestSource(name: "a.yaml", text: text)])
        let platform = PlatformConfiguration(stdio: PlatformStdio(image: "registry.example.com/moorage:1"))
        func session(assumes: Bool) -> RenderSession {
            RenderSession(
                FileGather(reader, platform: platform, assumesSecrets: false, assumesEntryPoints: assumes)
            )
        }
        let errors = session(assumes: false).diagnostics.filter { $0.severity == .error }.map(\.description)
        #expect(errors.count == 1)
        #expect(errors.first?.contains("CommandMissing") == true)
        #expect(errors.first?.contains("set spec.command to the command that runs the server") == true)
        #expect(errors.first?.hasSuffix("To assume an entry point, use --allow-missing-entry-points") == true)
        let assumed = session(assumes: true)
        #expect(!assumed.diagnostics.hasErrors)
        let deployment = try #require(assumed.objects.first { $0["kind"]?.stringValue == "Deployment" })
        let containers = deployment[path: ["spec", "template", "spec", "containers"]]?.arrayValue
        #expect(
            containers?.first?["args"]?.arrayValue?.last?.stringValue
                == "<entry point of ghcr.io/acme/time@\(Self.digest)>"
        )
    }

    @Test("a Secret in a file fills the template, but not from another namespace")
    func secretOfFile() throws {
        func secret(namespace: String) -> String {
            "apiVersion: v1\nkind: Secret\nmetadata: {name: tokens, namespace: \(namespace)}\nstringData: {one: abc}\n---\n"
        }
        let session = Self.session(secret(namespace: "default") + Self.withTemplate)
        #expect(!session.diagnostics.hasErrors)
        let rendered = try #require(session.objects.first { $0[path: ["metadata", "name"]] == "hello-templates" })
        #expect(rendered["data"]?.objectValue?.values.first == "dG9rZW49YWJj")
        #expect(Self.errors(secret(namespace: "other") + Self.withTemplate).count == 1)
    }

    @Test("a quota also applies to files, by age and then by name")
    func quota() {
        let tenant = """
            apiVersion: moorage.dev/v1alpha1
            kind: MCPTenant
            metadata: {name: acme}
            spec:
              namespace: {name: default}
              quotas: {overrides: {serversPerTenant: 2}}
            ---

            """
        let servers = ["c", "b", "a"].map { Self.server($0, spec: "image: ghcr.io/acme/hello@\(Self.digest)") }
        let errors = Self.errors(tenant + servers.joined(separator: "---\n"))
        #expect(errors.count == 1)
        #expect(errors.first?.contains("MCPServer default/c: QuotaExceeded: ") == true)
    }

    @Test("the platform's settings come from a file or from the manifests, but not both")
    func configuration() async throws {
        let directory = try TemporaryDirectory()
        let settings = """
            apiVersion: moorage.dev/v1alpha1
            kind: MoorageConfiguration
            images:
              allowedRegistries: [registry.example]

            """
        let server = Self.server("hello", spec: "image: ghcr.io/acme/hello@\(Self.digest)")
        #expect(Self.errors(settings + "---\n" + server).first?.contains("ImageRegistryNotAllowed") == true)
        let path = try directory.write(settings, to: "platform.yaml")
        let result = try await Binary.run("validate", "-f", "-", "--config", path, input: server)
        #expect(result.status == 1)
        #expect(result.error.contains("ImageRegistryNotAllowed"))
        let both = try await Binary.run("validate", "-f", "-", "--config", path, input: settings)
        #expect(both.error.contains("there are already settings from --config"))
        let wrong = try directory.write(settings + "imagse: {}\n", to: "wrong.yaml")
        let refused = try await Binary.run("validate", "-f", "-", "--config", wrong, input: server)
        #expect(refused.status == 1)
        #expect(refused.error == "error: \(wrong):5: imagse: unknown field\n")
    }

    @Test("the namespace of the command line applies to objects that do not set one")
    func namespace() async throws {
        let server = Self.server("hello", spec: "image: ghcr.io/acme/hello@\(Self.digest)")
        let result = try await Binary.run("render", "-q", "-n", "elsewhere", "-f", "-", input: server)
        let namespaces = try YAML.documents(in: result.output).map { $0.value[path: ["metadata", "namespace"]] }
        #expect(Set(namespaces) == ["elsewhere"])
    }

    @Test("objects are printed as JSON, or written to files, on request")
    func outputs() async throws {
        let json = try await Binary.run("render", "-q", "-f", "examples/quickstart.yaml", "-o", "json")
        #expect(json.status == 0)
        let list = try JSONValue(parsing: Array(json.output.utf8))
        #expect(list["kind"] == "List")
        let directory = try TemporaryDirectory()
        let files = try await Binary.run(
            "render",
            "-q",
            "-f",
            "examples/quickstart.yaml",
            "--output-dir",
            directory.path
        )
        #expect(files.status == 0)
        let paths = files.output.split(separator: "\n").map(String.init)
        #expect(paths.contains("\(directory.path)/default/deployment-hello.yaml"))
        #expect(paths.count == list["items"]?.arrayValue?.count)
        let read = try ManifestSource.read(paths: [directory.path], recursive: true)
        let values = try read.flatMap { try YAML.documents(in: $0.text) }.map(\.value)
        #expect(Set(values) == Set(list["items"]?.arrayValue ?? []))
    }

    @Test("no input is a usage error, and a file that does not exist is a failure")
    func nothing() async throws {
        #expect(try await Binary.run("render").status == 2)
        let missing = try await Binary.run("render", "-f", "no-such-file.yaml")
        #expect(missing.status == 1)
        #expect(missing.error == "error: no-such-file.yaml: no such file or directory\n")
        #expect(missing.output == "")
    }
}

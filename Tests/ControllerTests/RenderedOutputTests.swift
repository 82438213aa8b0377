import FoundationEssentials
import KubernetesAPI
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@testable import CommandSupport
@testable import Controller

@Suite("Writing rendered objects")
struct RenderedOutputTests {
    let namespace: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "mcp-acme"]]
    let secret: JSONValue = [
        "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "hello-env", "namespace": "mcp-acme"],
        "data": ["A": "Yg=="],
    ]

    @Test("YAML has one document for each object")
    func yaml() {
        #expect(
            RenderedOutput(format: .yaml).text([namespace, secret]) == """
                apiVersion: v1
                kind: Namespace
                metadata:
                  name: mcp-acme
                ---
                apiVersion: v1
                kind: Secret
                metadata:
                  name: hello-env
                  namespace: mcp-acme
                data:
                  A: Yg==

                """
        )
        #expect(RenderedOutput(format: .yaml).text([]) == "")
    }

    @Test("JSON is the object itself, or a List of several, and can be read back")
    func json() throws {
        let output = RenderedOutput(format: .json)
        #expect(output.text([]) == "")
        #expect(try JSONValue(parsing: Array(output.text([namespace]).utf8)) == namespace)
        let list = try JSONValue(parsing: Array(output.text([namespace, secret]).utf8))
        #expect(list["kind"] == "List")
        #expect(list["items"] == [namespace, secret])
        #expect(output.text([namespace]).hasPrefix("{\n    \"apiVersion\": \"v1\",\n"))
    }

    @Test("a directory gets a file for each object, by namespace, that nobody else can read")
    func directory() throws {
        let directory = try TemporaryDirectory()
        let written = try RenderedOutput(format: .yaml).write([namespace, secret], to: directory.path)
        #expect(
            written == [
                "\(directory.path)/namespace-mcp-acme.yaml", "\(directory.path)/mcp-acme/secret-hello-env.yaml",
            ]
        )
        #expect(permissions(written[1]) == 0o600)
    }

    @Test("a file that others could read becomes private when secrets are written to it")
    func closed() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("old and longer", to: "file")
        #expect(chmod(path, 0o644) == 0)
        try PrivateFile.write("new", to: path)
        #expect(permissions(path) == 0o600)
        #expect(FileManager.default.contents(atPath: path) == Data("new".utf8))
        #expect(throws: CommandFailure.self) { try PrivateFile.write("new", to: "\(directory.path)/none/file") }
    }

    private func permissions(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_mode & 0o777) : nil
    }

    @Test("characters that are not allowed in file names are replaced")
    func names() {
        let role: JSONValue = ["kind": "RoleBinding", "metadata": ["name": "system:moorage/x", "namespace": "a"]]
        #expect(RenderedOutput(format: .json).fileName(of: role) == "a/rolebinding-system_moorage_x.json")
    }
}

@Suite("Secrets and ConfigMaps in files")
struct FileContentsTests {
    static func manifest(_ text: String) throws -> Manifest {
        let reader = ManifestReader(sources: [ManifestSource(name: "a.yaml", text: text)])
        return try #require(reader.manifests.first?.manifest)
    }

    @Test("stringData takes precedence over data, as on the API server")
    func secret() throws {
        var contents = FileContents()
        let diagnostics = contents.add(
            secret: try Self.manifest(
                """
                apiVersion: v1
                kind: Secret
                metadata: {name: a, namespace: b}
                data: {one: Zmlyc3Q=, two: Zmlyc3Q=}
                stringData: {two: second}
                """
            )
        )
        #expect(diagnostics == [])
        let values = contents.secret(NamespacedName(namespace: "b", name: "a"))
        #expect(values == ["one": Array("first".utf8), "two": Array("second".utf8)])
        #expect(contents.secret(NamespacedName(namespace: "c", name: "a")) == nil)
        #expect(!"\(contents)".contains("second"))
    }

    @Test("a value that is not base64 is reported with its key and line, and not shown")
    func malformed() throws {
        var contents = FileContents()
        let diagnostics = contents.add(
            secret: try Self.manifest(
                "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  token: hunter2!\n"
            )
        )
        #expect(
            diagnostics.map(\.description) == [
                "a.yaml:5: error: Secret default/a: data.token is not base64; put plain text under stringData"
            ]
        )
    }

    @Test("a value that is not a string is reported with its key and line")
    func number() throws {
        var contents = FileContents()
        let diagnostics = contents.add(
            configMap: try Self.manifest(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  port: 80\nbinaryData: {k: AAE=}\n"
            )
        )
        #expect(
            diagnostics.map(\.description) == [
                "a.yaml:5: error: ConfigMap default/a: data.port must be a string, not integer; put it in quotes"
            ]
        )
        #expect(contents.configMap(NamespacedName(namespace: "default", name: "a")) == ["k": [0, 1]])
    }
}

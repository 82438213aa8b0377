import KubernetesAPI
import Testing

@testable import Controller

@Suite("Objects in files")
struct ManifestReaderTests {
    static func read(_ text: String, name: String = "a.yaml") -> ManifestReader {
        ManifestReader(sources: [ManifestSource(name: name, text: text)])
    }

    @Test("documents and lists contain objects, each with its line")
    func documents() {
        let reader = Self.read(
            """
            # a comment
            apiVersion: moorage.dev/v1alpha1
            kind: MCPTenant
            metadata:
              name: acme
            ---
            ---
            apiVersion: v1
            kind: List
            items:
              - apiVersion: moorage.dev/v1alpha1
                kind: MCPServer
                metadata:
                  name: hello
                spec:
                  port: 1
              - apiVersion: v1
                kind: ServiceAccount
                metadata:
                  name: robot
            """
        )
        #expect(reader.diagnostics == [])
        #expect(reader.manifests.map(\.manifest.subject) == ["MCPTenant acme", "MCPServer default/hello"])
        #expect(reader.manifests.map { $0.manifest.line() } == [2, 11])
        #expect(reader.manifests.last?.manifest.line(of: FieldPath("spec.port")) == 16)
        #expect(reader.manifests.last?.manifest.line(of: FieldPath("spec.image")) == 15)
        #expect(reader.others.map(\.subject) == ["ServiceAccount robot"])
    }

    @Test("a list of one kind contains objects of that kind, without kind and apiVersion")
    func typedLists() {
        let reader = Self.read(
            """
            apiVersion: moorage.dev/v1alpha1
            kind: MCPServerList
            metadata:
              resourceVersion: "7"
            items:
              - metadata:
                  name: first
              - apiVersion: moorage.dev/v1alpha1
                kind: MCPServer
                metadata:
                  name: second
            ---
            apiVersion: moorage.dev/v1alpha1
            kind: MCPTenantList
            items:
              - metadata:
                  name: acme
            ---
            apiVersion: v1
            kind: SecretList
            items:
              - metadata:
                  name: token
            ---
            apiVersion: v1
            kind: NamespaceList
            items:
              - metadata:
                  name: mcp-acme
            ---
            apiVersion: moorage.dev/v1alpha1
            kind: MCPServerList
            items: []
            """
        )
        #expect(reader.diagnostics == [])
        #expect(
            reader.manifests.map(\.manifest.subject) == [
                "MCPServer default/first", "MCPServer default/second", "MCPTenant acme", "Secret default/token",
            ]
        )
        #expect(reader.manifests.first?.manifest.line() == 6)
        #expect(reader.others.map(\.subject) == ["Namespace mcp-acme"])
        let unknown = Self.read("apiVersion: moorage.dev/v1alpha1\nkind: MCPGateList\nitems:\n- metadata: {name: a}\n")
        #expect(unknown.diagnostics.first?.message.contains("has no kind MCPGate") == true)
    }

    @Test(
        "anything that is not an object is refused with its line",
        arguments: [
            ("- a\n", "a.yaml:1: error: this is not a Kubernetes object, but of type array"),
            ("\nkind: MCPServer\n", "a.yaml:2: error: apiVersion is not set"),
            ("apiVersion: v1\n", "a.yaml:1: error: kind is not set"),
            (
                "apiVersion: v1\nkind: Secret\nmetadata: {}\n",
                "a.yaml:3: error: Secret: metadata.name is not set"
            ),
            (
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: y\n",
                "a.yaml:4: error: Secret: metadata.name must be a string, not boolean; put it in quotes"
            ),
            (
                "apiVersion: v1\nkind: Secret\nmetadata:\n  generateName: a-\n",
                "a.yaml:3: error: Secret: metadata.generateName cannot be used in files; set metadata.name"
            ),
            (
                "apiVersion: moorage.dev/v1\nkind: MCPServer\nmetadata: {name: a}\n",
                "a.yaml:1: error: MCPServer: apiVersion moorage.dev/v1 is not known; use moorage.dev/v1alpha1"
            ),
            (
                "apiVersion: moorage.dev/v1alpha1\nkind: MCPSever\nmetadata: {name: a}\n",
                """
                a.yaml:1: error: moorage.dev/v1alpha1 has no kind MCPSever; its kinds are MCPServer, MCPServerClass, \
                MCPServerRevision, MCPVirtualServer, MCPTenant, MoorageConfiguration
                """
            ),
        ]
    )
    func refused(text: String, expected: String) {
        let reader = Self.read(text)
        #expect(reader.diagnostics.map(\.description) == [expected])
        #expect(reader.manifests.isEmpty)
    }

    @Test("invalid YAML is refused with its line, and other files are still read")
    func broken() {
        let reader = ManifestReader(sources: [
            ManifestSource(name: "bad.yaml", text: "a: 1\nb: [\n"),
            ManifestSource(
                name: "good.yaml",
                text: "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n"
            ),
        ])
        #expect(reader.diagnostics.count == 1)
        #expect(reader.diagnostics.first?.file == "bad.yaml")
        #expect(reader.diagnostics.first?.line != nil)
        #expect(reader.manifests.map(\.manifest.subject) == ["Secret b/a"])
    }

    @Test("an object that is defined twice is refused, with both locations")
    func twice() {
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
        let reader = Self.read(secret + "---\n" + secret)
        #expect(
            reader.diagnostics.map(\.description) == [
                "a.yaml:5: error: Secret default/a: defined twice; first at a.yaml:1. Remove one of them"
            ]
        )
    }

    @Test("JSON with tabs is also read")
    func json() {
        let reader = Self.read(
            "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Secret\",\n\t\"metadata\": {\"name\": \"a\"}}\n"
        )
        #expect(reader.diagnostics == [])
        #expect(reader.manifests.map(\.manifest.subject) == ["Secret default/a"])
    }

    @Test("an empty file causes a warning")
    func empty() {
        #expect(
            Self.read("# nothing\n").diagnostics.map(\.description) == [
                """
                a.yaml: warning: the file does not contain an object
                """
            ]
        )
    }
}

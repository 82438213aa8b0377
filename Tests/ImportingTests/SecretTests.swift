import KubernetesAPI
import Testing

@testable import Importing

@Suite("What looks like a secret")
struct SecretTests {
    @Test(
        "names of secrets",
        arguments: [
            "API_KEY", "apiKey", "GITHUB_TOKEN", "GITHUBTOKEN", "password", "DB_PASSWORD", "--api-key", "client-secret",
            "Authorization",
            "X-API-Key", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "connection_string", "GITHUB_PERSONAL_ACCESS_TOKEN",
            "Cookie",
        ]
    )
    func names(_ name: String) { #expect(SecretNames.contains(name)) }

    @Test(
        "other names",
        arguments: [
            "LOG_LEVEL", "PORT", "TZ", "GITHUB_API_URL", "TOKEN_FILE", "KEY_PATH", "MONKEY", "KEYBOARD", "PATH",
            "AUTH_MODE", "region",
            "TOKENIZER", "COMPASS", "maxTokensLimit", "Content-Language",
        ]
    )
    func otherNames(_ name: String) { #expect(!SecretNames.contains(name)) }

    @Test("values that are secrets by their form")
    func values() {
        for value in [
            "ghp_0123456789", "sk-abcdef012345", "eyJhbGciOiJIUzI1NiJ9.e30.x", "Bearer abcdef", "https://u:p@host/x",
        ] {
            #expect(SecretNames.isSecret(value: value), "\(value)")
        }
        for value in ["info", "https://host/x", "https://user@host", "8080", "a:b@c", "localhost:8080"] {
            #expect(!SecretNames.isSecret(value: value), "\(value)")
        }
    }

    @Test("no finding shows a secret, wherever it is in the input")
    func redaction() {
        let result = Importer.run([
            ImportSource(
                name: "a",
                text: """
                    {apiVersion: kagent.dev/v1alpha1, kind: MCPServer, metadata: {name: a, annotations: {kagent.dev/token: hush}},
                     spec: {unknown: {env: [{name: API_KEY, value: hush}], password: hush, url: "https://u:hush@h/"}, list: [--token, hush],
                     deployment: {image: "acme/a:1", extra: {secretKey: shown, args: ["--password=hush", "X-Api-Key: hush"]}}}}
                    """
            ),
            ImportSource(
                name: "b",
                text: "{apiVersion: v1, kind: Secret, metadata: {name: b}, data: {k: hush}, stringData: {l: hush}}"
            ),
            ImportSource(
                name: "c",
                text:
                    #"{"mcpServers": {"c": {"command": "nope", "args": ["--token", "hush"], "env": {"X_TOKEN": "hush"}}}}"#
            ),
        ])
        let text = ImportReport(result).text + YAML.text(ImportReport(result).json) + YAML.text(result.manifests)
        #expect(!text.contains("hush"), "\(text)")
        #expect(text.contains("shown"))
    }

    @Test("what kubectl keeps of an object, and configuration files within objects, show no secret")
    func nested() {
        let object = #"{"spec":{"env":[{"name":"API_KEY","value":"hush"}]}}"#
        for text in [
            object, "host: a\npassword: hush\n", "a=1;token=hush", "user=a&api_key=hush", "Server=a;Password=hush",
        ] {
            let escaped = String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
            let input = """
                {"apiVersion": "kagent.dev/v1alpha1", "kind": "MCPServer", "metadata": {"name": "a",
                 "annotations": {"kubectl.kubernetes.io/last-applied-configuration": \(escaped)}},
                 "spec": {"unknown": \(escaped), "deployment": {"image": "acme/a:1"}}}
                """
            let result = Importer.run([ImportSource(name: "a", text: input)])
            let shown = ImportReport(result).text + YAML.text(ImportReport(result).json)
            #expect(!shown.contains("hush"), "\(shown)")
            #expect(result.manifests.count == 1)
        }
    }

    @Test("the report is one line a finding, without control characters")
    func report() {
        let result = Importer.run([
            ImportSource(
                name: "a\u{1B}[31m",
                text: "{\"mcpServers\": {\"x\\u001b[2J\": {\"url\": \"https://a.example.com/mcp\", \"odd\\nkey\": 1}}}"
            )
        ])
        let text = ImportReport(result).text
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(text.hasSuffix("1 server; 1 fields carried over, 1 not\n"), "\(text)")
    }
}

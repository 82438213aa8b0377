import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Testing

@testable import TelemetryBridge

@Suite("Redaction")
struct RedactionTests {
    private func redacted(_ json: String) throws -> JSONValue {
        Redaction.apply(to: try JSONValue(parsing: Array(json.utf8))).object
    }

    @Test(
        "a secret value is replaced, wherever it is",
        arguments: [
            #"{"kind":"ConfigMap","data":{"a":"HIDE"},"binaryData":{"b":"HIDE"}}"#,
            #"{"kind":"Secret","data":{"a":"HIDE"},"stringData":{"b":"HIDE"}}"#,
            #"{"metadata":{"annotations":{"a":"HIDE","kubectl.kubernetes.io/last-applied-configuration":"HIDE"}}}"#,
            #"{"metadata":{"managedFields":[{"manager":"HIDE"}]}}"#,
            #"{"spec":{"template":{"metadata":{"annotations":{"a":"HIDE"}}}}}"#,
            #"{"spec":{"containers":[{"env":[{"name":"A","value":"HIDE"}]}]}}"#,
            #"{"spec":{"config":{"env":{"A":"HIDE"},"files":{"/a":"HIDE"}}}}"#,
            #"{"spec":{"containers":[{"args":["--password=HIDE","--api-key","HIDE"],"command":["x","token=HIDE"]}]}}"#,
            #"{"spec":{"containers":[{"command":["sh","-c","export DB_PASSWORD=HIDE\nrun --token  HIDE --verbose"]}]}}"#,
            #"{"livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Authorization","value":"HIDE"}]}}}"#,
            #"{"spec":{"dbPassword":"HIDE","auth":{"client_secret":"HIDE","bearer-token":"HIDE"}}}"#,
            #"{"spec":{"url":"postgres://user:HIDE@db/x","note":"see https://a:HIDE@b now"}}"#,
            #"{"status":{"message":"called with Authorization: Bearer HIDE-12345678"}}"#,
            #"{"status":{"message":"token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0HIDE.abc-_"}}"#,
        ]
    )
    func hidden(json: String) throws {
        let shown = try redacted(json)
        #expect(!String(decoding: shown.serialized(), as: UTF8.self).contains("HIDE"), "\(shown)")
    }

    @Test(
        "what is not secret stays",
        arguments: [
            #"{"metadata":{"labels":{"app":"web"},"name":"a"}}"#,
            #"{"spec":{"containers":[{"env":[{"name":"A","valueFrom":{"secretKeyRef":{"key":"k","name":"s"}}}]}]}}"#,
            #"{"spec":{"volumes":[{"secret":{"secretName":"tls"}}],"automountServiceAccountToken":true}}"#,
            #"{"spec":{"tokenExpirationSeconds":3600,"url":"https://example.com/a?b=c","args":["--verbose","-v=2"]}}"#,
            #"{"imagePullSecrets":[{"name":"registry"}],"secrets":[{"name":"x"}]}"#,
            #"{"status":{"message":"the basic check failed, as the bearer left"}}"#,
        ]
    )
    func kept(json: String) throws {
        #expect(try redacted(json) == JSONValue(parsing: Array(json.utf8)))
        #expect(Redaction.apply(to: try JSONValue(parsing: Array(json.utf8))).notes.isEmpty)
    }

    @Test(
        "the names of annotations and the sizes of the data of ConfigMaps are kept, and a note says what was replaced"
    )
    func notes() throws {
        let json: JSONValue = ["kind": "ConfigMap", "metadata": ["annotations": ["a": "b"]], "data": ["key": "12345"]]
        let (object, notes) = Redaction.apply(to: json)
        #expect(object[path: ["metadata", "annotations", "a"]]?.stringValue == "[redacted]")
        #expect(object[path: ["data", "key"]]?.stringValue == "[redacted], 5 bytes")
        #expect(notes.count == 1 && notes[0].hasPrefix("2 values"), "\(notes)")
    }

    @Test("long texts and lists are shortened, with a note")
    func long() throws {
        let json: JSONValue = [
            "text": .string(String(repeating: "é", count: 5_000)),
            "list": .array((0..<500).map { .integer($0) }),
        ]
        let (object, notes) = Redaction.apply(to: json)
        #expect((object["text"]?.stringValue?.utf8.count ?? 0) < 2_100)
        #expect(object["list"]?.arrayValue?.count == 100)
        #expect(notes == ["2 long texts or lists are shortened to 2048 bytes or 100 elements."])
    }

    @Test("objects of any shape lose what is planted in secret places, with seeds 0 to 199", arguments: 0..<200)
    func planted(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let object = Self.random(&generator, depth: 0, isSecret: false)
        let text = String(decoding: Redaction.apply(to: object).object.serialized(), as: UTF8.self)
        #expect(!text.contains("PLANTED"), "seed \(seed): \(text)")
    }

    /// An object whose values in secret places are `PLANTED`.
    private static func random(_ generator: inout SplitMix64, depth: Int, isSecret: Bool) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 2 : 8), using: &generator) {
        case 0: return isSecret ? "PLANTED" : "plain"
        case 1: return isSecret ? "PLANTED" : .integer(7)
        case 2: return .array((0..<3).map { _ in random(&generator, depth: depth + 1, isSecret: isSecret) })
        case 3 where !isSecret:
            return ["annotations": ["x": "PLANTED"], "managed": random(&generator, depth: depth + 1, isSecret: false)]
        case 4 where !isSecret:
            return ["env": [["name": "N", "value": "PLANTED"], ["name": "M"]], "args": ["--token", "PLANTED"]]
        case 5 where !isSecret:
            return ["userPassword": "PLANTED", "x": random(&generator, depth: depth + 1, isSecret: false)]
        default:
            return isSecret
                ? "PLANTED"
                : [
                    "spec": random(&generator, depth: depth + 1, isSecret: false),
                    "n": random(&generator, depth: depth + 1, isSecret: false),
                ]
        }
    }
}

@Suite("The transport that only reads")
struct ReadOnlyTransportTests {
    @Test(
        "refuses what writes, what reads Secrets and what connects to pods",
        arguments: [
            ("POST", "/api/v1/namespaces/a/pods"), ("DELETE", "/api/v1/namespaces/a/pods/b"),
            ("PATCH", "/api/v1/nodes/a"),
            ("PUT", "/api/v1/nodes/a"), ("GET", "/api/v1/secrets"), ("GET", "/api/v1/namespaces/a/secrets"),
            ("GET", "/api/v1/namespaces/a/secrets/b"), ("GET", "/api/v1/namespaces/a/pods/b/exec"),
            ("GET", "/api/v1/namespaces/a/pods/b/portforward"), ("GET", "/api/v1/nodes/a/proxy/run"),
            ("GET", "/api/v1/namespaces/a/services/b/proxy"), ("GET", "/api/v1/namespaces/a%2fsecrets/b"),
            ("GET", "/api/v1//secrets"), ("GET", "/api/v1/namespaces/a/pods/b/attach"),
        ]
    )
    func refused(method: String, path: String) throws {
        let method = try #require(HTTPRequest.Method(method))
        #expect(ReadOnlyTransport.refusal(of: APIRequest(method: method, path: path)) != nil)
    }

    @Test(
        "lets reads through",
        arguments: [
            "/version", "/api", "/apis", "/api/v1/pods", "/api/v1/namespaces/a/pods", "/api/v1/namespaces/secrets",
            "/api/v1/namespaces/secrets/pods/secrets", "/api/v1/namespaces/a/pods/b/log", "/apis/apps/v1/deployments",
            "/apis/metrics.k8s.io/v1beta1/nodes", "/apis/x.example/v1/namespaces/a/things/b",
        ]
    )
    func allowed(path: String) {
        #expect(ReadOnlyTransport.refusal(of: APIRequest(path: path)) == nil)
    }

    @Test("refuses a body")
    func body() {
        #expect(ReadOnlyTransport.refusal(of: APIRequest(path: "/api/v1/pods", body: [])) != nil)
    }
}

import KubernetesAPI
import Testing

@testable import TelemetryBridge

@Suite("Names of kinds")
struct KindCatalogTests {
    private static func resource(
        _ kind: String,
        _ plural: String,
        _ short: [String] = [],
        verbs: [JSONValue] = ["get", "list"]
    ) -> JSONValue {
        [
            "resource": .string(plural), "singularResource": .string(kind.lowercased()), "scope": "Namespaced",
            "responseKind": ["kind": .string(kind)], "shortNames": .array(short.map { .string($0) }),
            "verbs": .array(verbs),
        ]
    }

    private static func group(_ name: String, _ versions: [(String, [JSONValue])]) -> JSONValue {
        [
            "metadata": ["name": .string(name)],
            "versions": .array(versions.map { ["version": .string($0.0), "resources": .array($0.1)] }),
        ]
    }

    private let catalog = KindCatalog([
        [
            "items": [
                group(
                    "",
                    [
                        (
                            "v1",
                            [
                                resource("Pod", "pods", ["po"]), resource("Secret", "secrets"),
                                resource("Event", "events", ["ev"]), resource("Binding", "bindings", verbs: ["create"]),
                            ]
                        )
                    ]
                )
            ]
        ],
        [
            "items": [
                group("events.k8s.io", [("v1", [resource("Event", "events", ["ev"])])]),
                group(
                    "apps",
                    [
                        ("v1", [resource("Deployment", "deployments", ["deploy"])]),
                        ("v1beta1", [resource("Deployment", "deployments")]),
                    ]
                ),
                group(
                    "example.com",
                    [("v2", [resource("Pod", "pods"), resource("Secret", "secrets"), resource("Widget", "widgets")])]
                ),
                group("oauth.openshift.io", [("v1", [resource("OAuthAccessToken", "oauthaccesstokens")])]),
                "nonsense", [:],
            ]
        ], .null,
    ])

    @Test(
        "a kind is found by every name that kubectl knows",
        arguments: [
            ("Pod", "v1"), ("pods", "v1"), ("PO", "v1"), ("pod.v1", "v1"), ("events", "v1"),
            ("events.events.k8s.io", "events.k8s.io/v1"),
            ("deploy", "apps/v1"), ("deployments.apps", "apps/v1"), ("Deployment.v1.apps", "apps/v1"),
            ("deployments.v1beta1.apps", "apps/v1beta1"), ("widgets", "example.com/v2"),
            ("pods.example.com", "example.com/v2"),
        ]
    )
    func found(name: String, apiVersion: String) throws {
        #expect(try catalog.kind(name).type.apiVersion == apiVersion)
    }

    @Test(
        "kinds with credentials are never shown",
        arguments: ["secrets", "Secret", "secret.v1", "secrets.example.com", "OAuthAccessToken"]
    )
    func credentials(name: String) throws {
        let problem = try #require(throws: KindCatalog.Problem.self) { try catalog.kind(name) }
        #expect(problem.description.contains("is never shown"))
        #expect(!catalog.names.contains("Secret") && !catalog.names.contains("OAuthAccessToken"))
    }

    @Test(
        "an unknown kind names similar ones",
        arguments: [("Deplyment", "Deployment"), ("bindings", "Deployment"), ("", "Deployment")]
    )
    func unknown(name: String, hint: String) throws {
        let problem = try #require(throws: KindCatalog.Problem.self) { try catalog.kind(name) }
        #expect(
            problem.description.contains("no kind \(name.debugDescription)") && problem.description.contains(hint),
            "\(problem)"
        )
    }

    @Test("a path is not a kind", arguments: ["secrets/x", "pods/../secrets", "pods?x", "api/v1/secrets"])
    func paths(name: String) {
        #expect(throws: KindCatalog.Problem.self) { try catalog.kind(name) }
    }
}

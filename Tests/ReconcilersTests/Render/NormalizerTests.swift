import KubernetesAPI
import Testing

@testable import Reconcilers

/// What was written, and what a real cluster, Kubernetes 1.36, returned.
private let amounts: [(String, String)] = [
    ("0", "0"), ("0.5", "500m"), ("500m", "500m"), ("1000m", "1"), ("1", "1"), ("1500", "1500"), ("1000", "1k"),
    ("1000000", "1M"), ("1024Mi", "1Gi"), ("0.5Gi", "512Mi"), ("1.5Gi", "1536Mi"), ("400Mi", "400Mi"),
    ("1023Ki", "1023Ki"),
    ("1e3", "1e3"), ("12e2", "1200"), ("1E", "1E"), ("0.1", "100m"), ("1Ki", "1Ki"), ("0.1Gi", "107374182400m"),
    ("1.5", "1500m"), ("0.5Ki", "512"), ("-1", "-1"),
]

@Suite("The form that the API server returns")
struct NormalizerTests {
    @Test("quantities are written in canonical form", arguments: amounts)
    func canonical(text: String, expected: String) throws {
        let quantity = try #require(Quantity(text))
        #expect(quantity.canonicalText == expected)
        #expect(Quantity(quantity.canonicalText) == quantity)
    }

    @Test("empty values without a meaning are omitted, and those with a meaning are kept")
    func emptyValues() {
        let template: JSONValue = [
            "metadata": ["labels": ["a": ""], "annotations": [:]],
            "spec": [
                "hostNetwork": false, "enableServiceLinks": false, "nodeSelector": [:], "tolerations": [],
                "automountServiceAccountToken": false, "securityContext": [:],
                "containers": [
                    [
                        "name": "mcp", "args": ["", "x"], "command": [], "workingDir": "",
                        "env": [["name": "E", "value": ""]],
                        "ports": [["containerPort": 80, "hostPort": 0]],
                        "resources": ["limits": ["cpu": 1, "memory": "1024Mi"], "requests": [:]],
                        "livenessProbe": ["initialDelaySeconds": 0],
                    ]
                ],
                "volumes": [["name": "v", "emptyDir": [:]], ["name": "w", "emptyDir": ["sizeLimit": "1024Ki"]]],
            ],
        ]
        #expect(
            PodTemplateNormalizer.normalize(template) == [
                "metadata": ["labels": ["a": ""]],
                "spec": [
                    "enableServiceLinks": false, "automountServiceAccountToken": false, "securityContext": [:],
                    "containers": [
                        [
                            "name": "mcp", "args": ["", "x"], "env": [["name": "E"]], "ports": [["containerPort": 80]],
                            "resources": ["limits": ["cpu": "1", "memory": "1Gi"]], "livenessProbe": [:],
                        ]
                    ],
                    "volumes": [["name": "v", "emptyDir": [:]], ["name": "w", "emptyDir": ["sizeLimit": "1Mi"]]],
                ],
            ]
        )
    }
}

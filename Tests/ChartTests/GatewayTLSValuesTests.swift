import Foundation
import KubernetesAPI
import TestSupport
import Testing

/// TLS at the gateway's own port, as the chart and a kustomize overlay set it up.
@Suite("The chart's values for TLS at the gateway")
struct GatewayTLSValuesTests {
    private struct Rendered {
        var deployment: JSONValue
        var service: JSONValue

        init(_ documents: [JSONValue]) throws {
            func find(_ kind: String) throws -> JSONValue {
                try #require(
                    documents.first {
                        $0["kind"]?.stringValue == kind && $0[path: ["metadata", "name"]] == "moorage-gateway"
                    }
                )
            }
            deployment = try find("Deployment")
            service = try find("Service")
        }

        var pod: JSONValue { deployment[path: ["spec", "template", "spec"]] ?? [:] }
        var container: JSONValue { pod["containers"]?.arrayValue?.first ?? [:] }
        var arguments: [String] { container["args"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        var protocols: [String?] {
            service[path: ["spec", "ports"]]?.arrayValue?.map { $0["appProtocol"]?.stringValue } ?? []
        }

        /// Where a Secret is mounted; `nil` if it is not.
        func path(of secret: String) -> String? {
            let volume = pod["volumes"]?.arrayValue?.first {
                $0[path: ["secret", "secretName"]]?.stringValue == secret
            }
            let mount = container["volumeMounts"]?.arrayValue?.first {
                $0["name"] == volume?["name"] && $0["readOnly"] == true
            }
            return mount?["mountPath"]?.stringValue
        }

        /// The port and the scheme of each probe.
        var probes: [[String?]] {
            ["startupProbe", "livenessProbe", "readinessProbe"].map { name in
                let get = container[path: [name, "httpGet"]]
                return [get?["port"]?.stringValue, get?["scheme"]?.stringValue]
            }
        }
    }

    private static let files = [
        "--tls-certificate-file=/etc/moorage-tls/tls.crt", "--tls-key-file=/etc/moorage-tls/tls.key",
    ]

    @Test("without a Secret, the port serves HTTP")
    func without() async throws {
        let rendered = try Rendered(try await Chart.documents())
        #expect(!rendered.arguments.contains { $0.hasPrefix("--tls-") })
        #expect(rendered.protocols == ["http"])
        #expect(rendered.probes == Array(repeating: ["health", nil], count: 3))
    }

    @Test("with a Secret, the port serves HTTPS from its files, and probes stay at a port of their own without TLS")
    func certificate() async throws {
        let rendered = try Rendered(try await Chart.documents(["--set", "gateway.tls.secretName=gateway-cert"]))
        #expect(rendered.arguments.filter { $0.hasPrefix("--tls-") } == Self.files)
        #expect(rendered.path(of: "gateway-cert") == "/etc/moorage-tls")
        #expect(rendered.protocols == ["https"])
        #expect(rendered.probes == Array(repeating: ["health", nil], count: 3))
        let ports = rendered.container["ports"]?.arrayValue ?? []
        let health = ports.first { $0["name"] == "health" }?["containerPort"]?.integerValue
        #expect(rendered.arguments.contains("--health-probe-bind-address=:\(health ?? 0)"))
        #expect(health != ports.first { $0["name"] == "http" }?["containerPort"]?.integerValue)
    }

    @Test(
        "authorities of client certificates are mounted where the settings name them, and need a certificate of the port"
    )
    func clients() async throws {
        let authorities = "/etc/moorage-client-authorities/ca.crt"
        let values = [
            "--set", "gateway.tls.clientAuthoritiesSecret=client-ca",
            "--set", "config.gateway.authentication.clientCertificates.authoritiesFile=\(authorities)",
            "--set", "config.gateway.authentication.clientCertificates.rules[0].tenants={acme}",
            "--set", "config.gateway.authentication.clientCertificates.rules[0].names={DNS:agent.example.com}",
        ]
        let documents = try await Chart.documents(values + ["--set", "gateway.tls.secretName=gateway-cert"])
        #expect(try Rendered(documents).path(of: "client-ca").map { "\($0)/ca.crt" } == authorities)
        let settings = try #require(
            documents.first {
                $0["kind"] == "ConfigMap" && $0[path: ["metadata", "name"]]?.stringValue == Chart.configuration
            }
        )
        let text = try #require(settings[path: ["data", "config.yaml"]]?.stringValue)
        #expect(text.contains("authoritiesFile: \(authorities)"))
        #expect(text.contains("serviceAccountName: \(Chart.gatewayServiceAccount)"))
        let alone = try await Tool.helm().attempt(["template", "moorage", Chart.path] + values)
        #expect(alone.status != 0)
        #expect(
            alone.error.contains("gateway.tls.clientAuthoritiesSecret needs gateway.tls.secretName"),
            "\(alone.error)"
        )
    }

    @Test("the overlay in the documentation sets the same as the chart")
    func overlay() async throws {
        let page = try String(contentsOfFile: "\(Tool.packageRoot)/docs/gateway.md", encoding: .utf8)
        let block = try #require(
            page.components(separatedBy: "```").first { $0.hasPrefix("yaml\n# kustomization.yaml") }
        ).dropFirst("yaml\n".count)
        let folder = URL(filePath: "\(Tool.packageRoot)/.build/overlay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = block.replacingOccurrences(of: "moorage/config/default", with: "../../config/default")
        try text.write(to: folder.appending(path: "kustomization.yaml"), atomically: true, encoding: .utf8)
        let built = try Rendered(
            try YAML.documents(in: try await Tool.kubectl()("kustomize", folder.path())).map(\.value)
        )
        let chart = try Rendered(try await Chart.documents(["--set", "gateway.tls.secretName=gateway-cert"]))
        #expect(built.arguments.sorted() == chart.arguments.sorted())
        #expect(built.path(of: "gateway-cert") == chart.path(of: "gateway-cert"))
        #expect(built.protocols == chart.protocols)
        #expect(built.probes == chart.probes)
    }
}

import ArgumentParser
import CRDModels
import Foundation
import KubernetesAPI
import Policy
import TestSupport
import Testing

@testable import CommandSupport
@testable import Controller

/// The chart rendered with several sets of values, compared with reviewed files. After an intended change, update the
/// files with `MOORAGE_UPDATE_GOLDEN=1 swift test --filter GoldenChartTests`, and review the difference like code.
@Suite("The chart's renders")
struct GoldenChartTests {
    static let directory = "\(Tool.packageRoot)/Tests/ChartTests"
    static let names = [
        "additions", "airgapped", "available", "default", "documents", "least", "namespaces",
    ]

    static func values(_ name: String) -> [String] { ["--values", "\(directory)/Values/\(name).yaml"] }

    @Test("each set of values renders as reviewed", arguments: names)
    func render(name: String) async throws {
        // Helm makes the keys of sessions at random.
        let text = try await Chart.render(Self.values(name))
            .replacing(#/(?m)^  current: ".*"$/#, with: "  current: RANDOM")
        let path = "\(Self.directory)/Golden/\(name).yaml"
        if ProcessInfo.processInfo.environment["MOORAGE_UPDATE_GOLDEN"] == "1" {
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        let golden = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        if text != golden {
            let lines = zip(text.split(separator: "\n"), golden.split(separator: "\n"))
            let first = lines.first { $0 != $1 }.map { "\n+ \($0)\n- \($1)" } ?? ", one is longer"
            Issue.record("Values/\(name).yaml no longer renders as Golden/\(name).yaml: \(first)")
        }
    }

    @Test("every set of values has a golden render, and the reverse")
    func complete() throws {
        for folder in ["Golden", "Values"] {
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(Self.directory)/\(folder)")
            #expect(files.sorted() == Self.names.map { "\($0).yaml" })
        }
    }

    @Test("helm lint reports no warnings", arguments: names)
    func lint(name: String) async throws {
        let result = try await Tool.helm().attempt(["lint", "--strict", Chart.path] + Self.values(name))
        #expect(result.status == 0, "\(result.output)\(result.error)")
        #expect(!result.output.contains("[WARNING]"), "\(result.output)")
    }

    @Test("the controller accepts its arguments", arguments: names)
    func arguments(name: String) async throws {
        let deployment = try await Self.object("Deployment", name)
        let container = try #require(deployment[path: ["spec", "template", "spec", "containers"]]?.arrayValue?.first)
        let arguments = (container["args"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(arguments.first == "controller")
        let command = try #require(try MoorageCommand.parseAsRoot(arguments) as? ControllerCommand)
        let settings = try ControllerSettings(command, environment: EnvironmentReader([:]))
        #expect(command.platform.configurationFile == "/etc/moorage/config.yaml")
        #expect(settings.namespaces == (name == "namespaces" ? ["team-a", "team-b"] : []))
        #expect(settings.isLeaderElectionEnabled == (name != "least"))
        let ports = container["ports"]?.arrayValue ?? []
        func port(_ name: String) -> Int64? {
            ports.first { $0["name"]?.stringValue == name }?["containerPort"]?.integerValue
        }
        #expect(settings.metricsAddress.port.map(Int64.init) == port("metrics"))
        #expect(settings.healthAddress.port.map(Int64.init) == port("health"))
        if settings.isLeaderElectionEnabled {
            _ = try settings.election(identity: "pod", defaultNamespace: Chart.namespace)
        }
        let grace = deployment[path: ["spec", "template", "spec", "terminationGracePeriodSeconds"]]?.integerValue
        #expect(settings.shutdownTimeout < .seconds(try #require(grace)))
    }

    @Test("the controller accepts its configuration", arguments: names.filter { $0 != "additions" })
    func configuration(name: String) async throws {
        let text = try await Self.object("ConfigMap", name)[path: ["data", "config.yaml"]]?.stringValue
        let platform = try PlatformLoader.read(ManifestSource(name: "config.yaml", text: try #require(text)))
        if name == "default" { #expect(platform.network?.gateway?.namespaces == [Chart.namespace]) }
        if name == "airgapped" { #expect(platform.airgapped == true) }
        if name == "documents" {
            #expect(platform.podSecurity?.enforceVersion == "v1.33")
            #expect(platform.quotas?.plans?["falcone"]?.toolCallsPerMinutePerClient == 300)
        }
    }

    @Test("the gateway accepts its arguments", arguments: names.filter { $0 != "least" })
    func gatewayArguments(name: String) async throws {
        let deployment = try #require(
            try await Chart.documents(Self.values(name)).first {
                $0["kind"] == "Deployment"
                    && $0[path: ["metadata", "labels", "app.kubernetes.io/component"]] == "gateway"
            }
        )
        let spec = try #require(deployment[path: ["spec", "template", "spec"]])
        let container = try #require(spec["containers"]?.arrayValue?.first)
        let arguments = (container["args"]?.arrayValue ?? []).compactMap(\.stringValue)
        let command = try #require(try MoorageCommand.parseAsRoot(arguments) as? GatewayCommand)
        #expect(command.platform.configurationFile == "/etc/moorage/config.yaml")
        #expect(command.cluster.sessionKeyFile == "/etc/moorage-session")
        #expect(command.cluster.namespaces == (name == "namespaces" ? ["team-a,team-b"] : []))
        let ports = container["ports"]?.arrayValue ?? []
        func port(_ name: String) -> Int64? {
            ports.first { $0["name"]?.stringValue == name }?["containerPort"]?.integerValue
        }
        #expect(command.bindAddress?.port.map(Int64.init) == port("http"))
        #expect(command.metricsBindAddress?.port.map(Int64.init) == port("metrics"))
        #expect(command.cluster.healthProbeBindAddress?.port.map(Int64.init) == port("health"))
        let drain = try #require(container[path: ["lifecycle", "preStop", "sleep", "seconds"]]?.integerValue)
        let grace = try #require(spec["terminationGracePeriodSeconds"]?.integerValue)
        #expect(command.shutdownTimeout.duration + .seconds(drain) < .seconds(grace))
    }

    @Test("servers let the gateway in, whatever other gateways they let in")
    func gatewayNamespace() async throws {
        func namespaces(_ arguments: [String]) async throws -> [String]? {
            let documents = try await Chart.documents(arguments)
            let map = try #require(documents.first { $0["kind"] == "ConfigMap" })
            let text = try #require(map[path: ["data", "config.yaml"]]?.stringValue)
            return try PlatformLoader.read(ManifestSource(name: "config.yaml", text: text)).network?.gateway?.namespaces
        }
        let own = ["--set", "config.network.gateway.namespaces={ingress-nginx}"]
        #expect(try await namespaces([]) == [Chart.namespace])
        #expect(try await namespaces(own) == ["ingress-nginx", Chart.namespace])
        #expect(try await namespaces(own + ["--set", "gateway.enabled=false"]) == ["ingress-nginx"])
    }

    @Test("only a changed configuration restarts the pods")
    func checksum() async throws {
        func annotation(_ arguments: [String]) async throws -> String {
            let documents = try await Chart.documents(arguments)
            let deployment = try #require(documents.first { $0["kind"] == "Deployment" })
            return try #require(
                deployment[path: ["spec", "template", "metadata", "annotations", "checksum/config"]]?.stringValue
            )
        }
        let first = try await annotation([])
        #expect(try await annotation([]) == first)
        #expect(try await annotation(["--set", "replicas=2"]) == first)
        #expect(try await annotation(["--set", "config.quotas.mode=Unbounded"]) != first)
        #expect(try await annotation(["--set", "airgapped=true"]) != first)
    }

    @Test("the plans in the values are the built-in plans of the program")
    func plans() async throws {
        let text = try await Self.object("ConfigMap", "default")[path: ["data", "config.yaml"]]?.stringValue
        let platform = try PlatformLoader.read(ManifestSource(name: "config.yaml", text: try #require(text)))
        #expect(platform.quotas?.plans == PlatformConfiguration().plans)
    }

    static func object(_ kind: String, _ name: String) async throws -> JSONValue {
        let documents = try await Chart.documents(values(name))
        return try #require(documents.first { $0["kind"]?.stringValue == kind })
    }
}

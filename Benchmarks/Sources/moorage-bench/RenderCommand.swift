import ArgumentParser
import CRDModels
import Foundation
import KubernetesAPI
import Policy
import Reconcilers

/// The benchmark `render`.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Servers decided, rendered and written as YAML, against helm template of the same objects."
    )

    @Option(help: "How many servers.") var servers = 1000
    @Option(help: "How many runs of each side, taken in turn; the medians are reported.") var rounds = 5
    @Option(help: "The helm command.") var helm = "helm"
    @Option(help: "The chart.") var chart = "Benchmarks/chart"

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moorage-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let fleet = Fleet(servers: servers, prefix: "bench")
        let manifests = folder.appending(path: "servers.yaml")
        try Data(YAML.text(fleet.namespaces.map(fleet.tenant) + (0..<servers).map(fleet.server)).utf8).write(
            to: manifests
        )
        let values = folder.appending(path: "values.yaml")
        let list = (0..<servers).map { RenderCommand.values(of: fleet.server($0)) }
        try Data(YAML.text(["servers": .array(list)]).utf8).write(to: values)

        var moorage: [Double] = []
        var inner: [Double] = []
        var helmTimes: [Double] = []
        for round in 0..<rounds {
            let own = folder.appending(path: "moorage.out")
            var start = ContinuousClock.now
            let result: MeasureRenderCommand.Measurement = try ChildProcess.result(
                ["measure-render", manifests.path, own.path]
            )
            moorage.append(start.duration(to: .now).seconds)
            inner.append(result.seconds)
            start = ContinuousClock.now
            let theirs = folder.appending(path: "helm.out")
            try template(values: values, output: theirs)
            helmTimes.append(start.duration(to: .now).seconds)
            if round == 0 { try RenderCommand.compare(own, theirs, servers: servers) }
        }
        print(
            """
            render: \(servers) servers, \(servers * 5) objects, medians of \(rounds); both sides wrote the same objects
              moorage, process from start to end, with reading the YAML: \(moorage.median.text(3)) s
              of that deciding, rendering and writing YAML: \(inner.median.text(3)) s
              helm template, process from start to end: \(helmTimes.median.text(3)) s
              ratio \((helmTimes.median / moorage.median).text(1)), \
            without reading \((helmTimes.median / inner.median).text(1))
            """
        )
    }

    private func template(values: URL, output: URL) throws {
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [helm, "template", "bench", chart, "--values", values.path]
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkFailure("helm template failed; see --helm") }
    }

    private static func values(of server: JSONValue) -> JSONValue {
        [
            "name": server[path: ["metadata", "name"]] ?? .null,
            "namespace": server[path: ["metadata", "namespace"]] ?? .null,
            "image": server[path: ["spec", "image"]] ?? .null,
            "env": server[path: ["spec", "config", "env"]] ?? [:],
        ]
    }

    /// Compares both outputs, object by object. The two hashes are computed from different bytes.
    private static func compare(_ own: URL, _ theirs: URL, servers: Int) throws {
        func objects(_ url: URL) throws -> [String: JSONValue] {
            let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
            var objects: [String: JSONValue] = [:]
            for part in text.components(separatedBy: "\n---\n") {
                for document in try YAML.documents(in: part) {
                    var value = document.value
                    if value == .null { continue }
                    value[path: ["metadata", "annotations", "moorage.dev/spec-hash"]] = nil
                    value[path: ["spec", "template", "metadata", "annotations", "moorage.dev/config-hash"]] = nil
                    let metadata = value["metadata"]
                    let names = [value["kind"], metadata?["namespace"], metadata?["name"]]
                    objects[names.map { $0?.stringValue ?? "" }.joined(separator: "/")] = value
                }
            }
            return objects
        }
        let (left, right) = (try objects(own), try objects(theirs))
        guard left.count == servers * 5 else { throw BenchmarkFailure("\(left.count) objects, not \(servers * 5)") }
        guard left != right else { return }
        let different = Set(left.keys).union(right.keys).filter { left[$0] != right[$0] }.min() ?? ""
        throw BenchmarkFailure("the chart renders \(different) differently than Moorage: correct Benchmarks/chart")
    }
}

/// One run of Moorage's side, in a separate process.
struct MeasureRenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "measure-render", shouldDisplay: false)

    /// The results.
    struct Measurement: Codable {
        /// The time for deciding, rendering and writing, without reading, in seconds.
        var seconds: Double
    }

    @Argument var input: String
    @Argument var output: String

    func run() async throws {
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: input)), as: UTF8.self)
        let objects = try YAML.documents(in: text).map(\.value)
        let tenants = try objects.filter { $0["kind"] == "MCPTenant" }.map { try $0.decode(MCPTenant.self) }
        let servers = try objects.filter { $0["kind"] == "MCPServer" }.map { try $0.decode(MCPServer.self) }
        let start = ContinuousClock.now
        var rendered: [JSONValue] = []
        for server in servers {
            let decision = decide(ServerInput(server: server, claims: NamespaceClaims(tenants: tenants)))
            guard let plan = decision.plan else { throw BenchmarkFailure("refused: \(String(describing: decision))") }
            rendered += render(plan).map(\.value)
        }
        try Data(YAML.text(rendered).utf8).write(to: URL(fileURLWithPath: output))
        try printResult(Measurement(seconds: start.duration(to: .now).seconds))
    }
}

import Foundation
import Testing

/// Checks which modules each target imports: decisions do no I/O, and the shipped code does not depend on the sandbox.
@Suite("Layering")
struct LayeringTests {
    /// The modules of this package that a target can import.
    static let allowed: [String: Set<String>] = [
        "KubernetesAPI": [],
        "HTTPServing": [],
        "MCPProtocol": [],
        "SupplyChain": [],
        "Registry": ["SupplyChain"],
        "CRDModels": ["KubernetesAPI"],
        "CEL": ["KubernetesAPI"],
        "Importing": ["CRDModels", "KubernetesAPI", "Policy", "SupplyChain"],
        "Isolation": ["KubernetesAPI"],
        "KubernetesClient": ["KubernetesAPI"],
        "Observability": [],
        "SBOM": [],
        "SBOMGenerator": ["SBOM"],
        "MCPTransport": ["HTTPServing", "MCPProtocol", "Observability", "ProcessSpawn"],
        "ControllerRuntime": ["HTTPServing", "KubernetesAPI", "KubernetesClient", "Observability"],
        "Policy": ["CRDModels", "KubernetesAPI", "MCPProtocol", "SupplyChain"],
        "Reconcilers": [
            "CRDModels", "ControllerRuntime", "KubernetesAPI", "KubernetesClient", "MCPProtocol", "MCPTransport",
            "Observability", "Policy", "Registry", "SupplyChain",
        ],
        "Gateway": [
            "CRDModels", "ControllerRuntime", "HTTPServing", "KubernetesAPI", "KubernetesClient", "MCPProtocol",
            "MCPTransport",
            "Observability", "Policy", "Registry", "SupplyChain",
        ],
        "TelemetryBridge": ["KubernetesAPI", "KubernetesClient", "MCPProtocol", "MCPTransport"],
        "SandboxCluster": ["CEL", "HTTPServing", "KubernetesAPI", "MCPProtocol", "MCPTransport"],
        "CommandSupport": ["BuildInformation", "Observability"],
        "Dashboards": ["KubernetesAPI"],
        "ClusterTool": ["CRDModels", "CommandSupport", "KubernetesAPI", "MCPProtocol", "Policy"],
        "AdapterCommand": [
            "CommandSupport", "HTTPServing", "MCPProtocol", "MCPTransport", "Observability", "ProgramPages",
        ],
        "Adapter": ["AdapterCommand", "CommandSupport"],
        "Controller": [
            "AdapterCommand", "CRDModels", "ClusterTool", "CommandSupport", "ControllerRuntime", "Dashboards",
            "Gateway", "Importing",
            "Isolation",
            "KubernetesAPI", "KubernetesClient", "MCPProtocol", "MCPTransport", "Observability", "Policy",
            "Reconcilers", "Registry", "SBOM", "SandboxCluster", "SupplyChain", "TelemetryBridge",
        ],
    ]

    /// Targets in C, which import nothing.
    static let foreign: Set = ["BuildInformation", "ProcessSpawn", "ProgramPages"]

    /// The folders that decide and render: no client, no runtime, no logging.
    static let pure = [
        "CEL", "Dashboards", "Importing", "Isolation", "Policy", "Reconcilers/Decide", "Reconcilers/Render",
        "Reconcilers/Conditions",
    ]

    static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    /// The modules that each Swift file of a folder imports.
    private func imports(below folder: URL) throws -> [(file: String, module: String)] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".swift") }
        #expect(!names.isEmpty, "no Swift file below \(folder.path())")
        return try names.flatMap { name in
            try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n").compactMap {
                line in
                let words = line.split(separator: " ").map(String.init)
                guard let index = words.firstIndex(of: "import"), index <= 2, words.count > index + 1,
                    words[..<index].allSatisfy({
                        $0.hasPrefix("@") || ["public", "internal", "private", "package"].contains($0)
                    })
                else { return nil }
                let rest = words[(index + 1)...].filter {
                    !["struct", "class", "enum", "func", "protocol"].contains($0)
                }
                return rest.first.map { (name, String($0.prefix { $0 != "." })) }
            }
        }
    }

    @Test("a target imports only what the design allows", arguments: allowed.keys.sorted())
    func targets(name: String) throws {
        let permitted = Self.allowed[name] ?? []
        for (file, module) in try imports(below: Self.sources.appending(path: name))
        where Self.allowed[module] != nil && module != name {
            #expect(permitted.contains(module), "\(name)/\(file) imports \(module)")
        }
    }

    @Test("every folder of sources is a target in the table")
    func folders() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path())
        #expect(Set(folders) == Set(Self.allowed.keys).union(Self.foreign))
    }

    @Test("deciding and rendering do no I/O", arguments: pure)
    func purity(folder: String) throws {
        let banned: Set = [
            "KubernetesClient", "ControllerRuntime", "MCPTransport", "Observability", "Registry", "Logging",
            "AsyncHTTPClient", "Hummingbird", "NIOCore",
        ]
        for (file, module) in try imports(below: Self.sources.appending(path: folder)) {
            #expect(!banned.contains(module), "\(folder)/\(file) imports \(module)")
        }
    }

    @Test("the shipped code does not import the whole of Foundation")
    func foundation() throws {
        for name in Self.allowed.keys {
            for (file, module) in try imports(below: Self.sources.appending(path: name)) where module == "Foundation" {
                Issue.record("\(name)/\(file) imports Foundation; FoundationEssentials is enough")
            }
        }
    }
}

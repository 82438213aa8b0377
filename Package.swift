// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// What `moorage version` tells of a build is given by the environment that it is built in.
let buildInformation = ["MOORAGE_COMMIT", "MOORAGE_BUILD", "SOURCE_DATE_EPOCH"].compactMap { name -> CSetting? in
    guard let value = Context.environment[name], !value.isEmpty else { return nil }
    let isPlain = value.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._+-".contains($0)) }
    return isPlain ? .define(name, to: "\"\(value)\"") : nil
}

/// What the adapter's static link needs in addition if it is not linked with `--static-swift-stdlib`.
let staticLibraries = [
    "--whole-archive", "-l_FoundationCollections", "-l_FoundationCShims", "--no-whole-archive",
].flatMap { ["-Xlinker", $0] }

let package = Package(
    name: "moorage",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "moorage", targets: ["Controller"]),
        .executable(name: "moorage-adapter", targets: ["Adapter"]),
        .library(name: "CRDModels", targets: ["CRDModels"]),
        .library(name: "KubernetesAPI", targets: ["KubernetesAPI"]),
        .library(name: "KubernetesClient", targets: ["KubernetesClient"]),
        .library(name: "Observability", targets: ["Observability"]),
        .library(name: "ControllerRuntime", targets: ["ControllerRuntime"]),
        .library(name: "MCPProtocol", targets: ["MCPProtocol"]),
        .library(name: "MCPTransport", targets: ["MCPTransport"]),
        .library(name: "SupplyChain", targets: ["SupplyChain"]),
        .library(name: "Registry", targets: ["Registry"]),
        .library(name: "Policy", targets: ["Policy"]),
        .library(name: "Importing", targets: ["Importing"]),
        .library(name: "Reconcilers", targets: ["Reconcilers"]),
        .library(name: "Gateway", targets: ["Gateway"]),
        .library(name: "Isolation", targets: ["Isolation"]),
        .library(name: "SandboxCluster", targets: ["SandboxCluster"]),
        .library(name: "TelemetryBridge", targets: ["TelemetryBridge"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.0", traits: []),
    ],
    targets: [
        .target(
            name: "KubernetesAPI",
            dependencies: [.product(name: "Yams", package: "Yams")],
            swiftSettings: settings
        ),
        .target(name: "CRDModels", dependencies: ["KubernetesAPI"], swiftSettings: settings),
        .target(name: "CEL", dependencies: ["KubernetesAPI"], swiftSettings: settings),
        .target(name: "Isolation", dependencies: ["KubernetesAPI"], swiftSettings: settings),
        .target(
            name: "KubernetesClient",
            dependencies: [
                "KubernetesAPI",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Observability",
            dependencies: [.product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .target(
            name: "ControllerRuntime",
            dependencies: [
                "HTTPServing",
                "KubernetesAPI",
                "KubernetesClient",
                "Observability",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SupplyChain",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Registry",
            dependencies: [
                "SupplyChain",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "HTTPServing",
            dependencies: [
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ],
            swiftSettings: settings
        ),
        .target(name: "MCPProtocol", swiftSettings: settings),
        .target(name: "ProcessSpawn"),
        .target(
            name: "MCPTransport",
            dependencies: [
                "HTTPServing", "MCPProtocol", "Observability", "ProcessSpawn",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Policy",
            dependencies: ["CRDModels", "KubernetesAPI", "MCPProtocol", "SupplyChain"],
            swiftSettings: settings
        ),
        .target(
            name: "Importing",
            dependencies: ["CRDModels", "KubernetesAPI", "Policy", "SupplyChain"],
            swiftSettings: settings
        ),
        .target(
            name: "Reconcilers",
            dependencies: [
                "CRDModels", "ControllerRuntime", "KubernetesAPI", "KubernetesClient", "MCPProtocol", "MCPTransport",
                "Observability", "Policy", "Registry", "SupplyChain",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Gateway",
            dependencies: [
                "CRDModels", "ControllerRuntime", "HTTPServing", "KubernetesAPI", "KubernetesClient", "MCPProtocol",
                "MCPTransport", "Observability", "Policy",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "TelemetryBridge",
            dependencies: [
                "KubernetesAPI", "KubernetesClient", "MCPProtocol", "MCPTransport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "SandboxCluster",
            dependencies: [
                "CEL", "HTTPServing", "KubernetesAPI", "MCPProtocol", "MCPTransport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(name: "BuildInformation", cSettings: buildInformation),
        .target(name: "SBOM", swiftSettings: settings),
        .executableTarget(name: "SBOMGenerator", dependencies: ["SBOM"], swiftSettings: settings),
        .plugin(name: "EmbedSBOM", capability: .buildTool(), dependencies: ["SBOMGenerator"]),
        .target(
            name: "CommandSupport",
            dependencies: [
                "BuildInformation", "Observability",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(name: "Dashboards", dependencies: ["KubernetesAPI"], swiftSettings: settings),
        .target(
            name: "ClusterTool",
            dependencies: ["CRDModels", "CommandSupport", "KubernetesAPI", "MCPProtocol", "Policy"],
            swiftSettings: settings
        ),
        .target(name: "ProgramPages"),
        .target(
            name: "AdapterCommand",
            dependencies: [
                "CommandSupport", "HTTPServing", "MCPProtocol", "MCPTransport", "Observability", "ProgramPages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Adapter",
            dependencies: [
                "AdapterCommand", "CommandSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings,
            // It runs in any image, also in one without a C library, and at random addresses all the same.
            linkerSettings: [
                .unsafeFlags(
                    [
                        "-static-executable", "-Xclang-linker", "-static-pie",
                        "-use-ld=\(Context.packageDirectory)/scripts/ld-lean",
                    ],
                    .when(platforms: [.linux])
                ),
                .unsafeFlags(staticLibraries, .when(platforms: [.linux], configuration: .debug)),
            ]
        ),
        .executableTarget(
            name: "Controller",
            dependencies: [
                "AdapterCommand", "CRDModels", "ClusterTool", "CommandSupport", "ControllerRuntime", "Dashboards",
                "Gateway",
                "Importing",
                "Isolation",
                "KubernetesAPI", "KubernetesClient",
                "MCPProtocol", "MCPTransport", "Observability", "Policy", "Reconcilers", "Registry", "SandboxCluster",
                "SBOM", "SupplyChain", "TelemetryBridge",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings,
            plugins: ["EmbedSBOM"]
        ),
        .target(
            name: "TestSupport",
            dependencies: [
                "CRDModels", "ControllerRuntime", "KubernetesAPI", "KubernetesClient", "Observability", "Policy",
                "Reconcilers", "SandboxCluster", "SupplyChain",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            path: "Tests/TestSupport",
            exclude: ["Referrers"],
            swiftSettings: settings
        ),
        .testTarget(name: "KubernetesAPITests", dependencies: ["KubernetesAPI"], swiftSettings: settings),
        .testTarget(name: "CRDModelsTests", dependencies: ["CRDModels"], swiftSettings: settings),
        .testTarget(name: "CELTests", dependencies: ["CEL", "KubernetesAPI"], swiftSettings: settings),
        .testTarget(name: "SBOMTests", dependencies: ["SBOM"], swiftSettings: settings),
        .testTarget(name: "IsolationTests", dependencies: ["Isolation", "KubernetesAPI"], swiftSettings: settings),
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: [
                "HTTPServing", "KubernetesClient",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ControllerRuntimeTests",
            dependencies: [
                "ControllerRuntime", "Observability",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HTTPServingTests",
            dependencies: [
                "HTTPServing",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ObservabilityTests",
            dependencies: ["KubernetesAPI", "Observability", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .target(
            name: "MCPTestSupport",
            dependencies: [
                "HTTPServing", "MCPProtocol", "MCPTransport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            path: "Tests/MCPTestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "MCPProtocolTests",
            dependencies: [
                "KubernetesAPI", "MCPProtocol", "MCPTestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MCPTransportTests",
            dependencies: [
                "HTTPServing", "KubernetesAPI", "MCPProtocol", "MCPTestSupport", "MCPTransport", "Observability",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SupplyChainTests",
            dependencies: [
                "SupplyChain",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["Sigstore/miniature"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RegistryTests",
            dependencies: [
                "Registry", "SupplyChain", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TelemetryBridgeTests",
            dependencies: [
                "HTTPServing", "KubernetesAPI", "KubernetesClient", "MCPProtocol", "MCPTestSupport", "MCPTransport",
                "Observability", "SandboxCluster", "TelemetryBridge",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DashboardsTests",
            dependencies: [
                "Dashboards", "KubernetesAPI", "TestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["Recorded"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ClusterToolTests",
            dependencies: [
                "CRDModels", "ClusterTool", "CommandSupport", "KubernetesAPI", "MCPProtocol", "Policy", "Reconcilers",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ImportingTests",
            dependencies: ["CRDModels", "Importing", "KubernetesAPI", "Policy", "Reconcilers"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PolicyTests",
            dependencies: ["CRDModels", "KubernetesAPI", "MCPProtocol", "Policy", "SupplyChain", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ReconcilersTests",
            dependencies: [
                "CRDModels", "ControllerRuntime", "KubernetesAPI", "KubernetesClient", "MCPProtocol", "MCPTransport",
                "Observability", "Policy", "Reconcilers", "Registry", "SandboxCluster", "SupplyChain", "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "CRDModels", "ControllerRuntime", "Gateway", "KubernetesAPI", "KubernetesClient", "MCPProtocol",
                "MCPTestSupport", "MCPTransport", "Observability", "Policy", "Reconcilers",
                "SandboxCluster", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SandboxClusterTests",
            dependencies: [
                "CRDModels", "KubernetesClient", "MCPProtocol", "MCPTransport", "SandboxCluster", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ControllerTests",
            dependencies: [
                "AdapterCommand", "CommandSupport", "Controller", "CRDModels", "Gateway", "Isolation", "KubernetesAPI",
                "KubernetesClient", "MCPProtocol", "MCPTransport", "Policy", "SandboxCluster", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ChartTests",
            dependencies: [
                "CommandSupport", "Controller", "CRDModels", "Dashboards", "KubernetesAPI", "KubernetesClient",
                "Policy",
                "Reconcilers", "SandboxCluster", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Golden", "Upgrade", "Values"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "CRDModels", "ControllerRuntime", "KubernetesAPI", "KubernetesClient", "Observability", "Policy",
                "Reconcilers", "SandboxCluster", "SupplyChain", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["Upgrade/stored.json"],
            swiftSettings: settings
        ),
    ]
)

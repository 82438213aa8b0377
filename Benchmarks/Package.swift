// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "moorage-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "moorage", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "moorage-bench",
            dependencies: [
                .product(name: "CRDModels", package: "moorage"),
                .product(name: "ControllerRuntime", package: "moorage"),
                .product(name: "Gateway", package: "moorage"),
                .product(name: "Isolation", package: "moorage"),
                .product(name: "KubernetesAPI", package: "moorage"),
                .product(name: "KubernetesClient", package: "moorage"),
                .product(name: "MCPProtocol", package: "moorage"),
                .product(name: "MCPTransport", package: "moorage"),
                .product(name: "Observability", package: "moorage"),
                .product(name: "Policy", package: "moorage"),
                .product(name: "Reconcilers", package: "moorage"),
                .product(name: "SandboxCluster", package: "moorage"),
                .product(name: "SupplyChain", package: "moorage"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        )
    ]
)

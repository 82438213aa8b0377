public import ControllerRuntime
internal import CRDModels
import Foundation
internal import KubernetesAPI
public import KubernetesClient
public import Logging
public import Observability
public import Policy
public import Reconcilers
public import SandboxCluster
public import ServiceLifecycle
import Synchronization

/// A Kubernetes API for one test: the sandbox, or the cluster of `MOORAGE_TEST_KUBECONFIG`.
public struct TestCluster: Sendable {
    /// An administrator's client.
    public let client: KubernetesClient
    /// The sandbox; `nil` if the cluster is real.
    public let sandbox: SandboxCluster?
    /// Part of every name that a test creates, so that tests can share a real cluster.
    public let suffix: String

    /// The kubeconfig of the real cluster to run the suite against, if any.
    public static var kubeconfig: String? {
        ProcessInfo.processInfo.environment["MOORAGE_TEST_KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The operator's kubeconfig for the real cluster: `MOORAGE_TEST_OPERATOR_KUBECONFIG`, for example with a token of
    /// the chart's ServiceAccount. Defaults to the kubeconfig of the tests.
    public static var operatorKubeconfig: String? {
        ProcessInfo.processInfo.environment["MOORAGE_TEST_OPERATOR_KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
            ?? kubeconfig
    }

    /// An image that runs on the cluster: any image in the sandbox; for a real cluster, the one that the environment names.
    public static var image: String {
        ProcessInfo.processInfo.environment["MOORAGE_TEST_IMAGE"]
            ?? "registry.example/mcp/echo@sha256:" + String(repeating: "a", count: 64)
    }

    /// Whether the environment names an image that really runs.
    public static var hasRealImage: Bool { ProcessInfo.processInfo.environment["MOORAGE_TEST_IMAGE"] != nil }

    /// Whether pods run: in the sandbox they always seem to, in a real cluster if an image was given.
    public var runsPods: Bool { sandbox != nil || TestCluster.hasRealImage }

    /// A namespaced name for this test.
    public func name(_ base: String) -> String { "\(base)-\(suffix)" }
}

/// A test is another client than the operator: the API server names a field manager after the user agent.
private let testOptions = {
    var options = HTTPTransport.Options()
    options.userAgent = "moorage-tests"
    return options
}()

/// Runs a body against a cluster with Moorage's CRDs, and stops what it started.
public func withCluster<Result: Sendable>(
    configure: (inout SandboxConfiguration) -> Void = { _ in },
    _ body: @Sendable (TestCluster) async throws -> Result
) async throws -> Result {
    let suffix = String(UInt32.random(in: .min ... .max), radix: 36)
    if let kubeconfig = TestCluster.kubeconfig {
        let configuration = try KubernetesClientConfiguration.load(kubeconfig: kubeconfig)
        let transport = try HTTPTransport(configuration, options: testOptions)
        let cluster = TestCluster(client: KubernetesClient(transport: transport), sandbox: nil, suffix: suffix)
        return try await closing(transport) {
            try await installCRDs(cluster.client)
            return try await body(cluster)
        }
    }
    return try await withSandbox(configure: configure, suffix: suffix) { cluster, _ in try await body(cluster) }
}

/// Runs a body against a sandbox with Moorage's CRDs, for what a real cluster cannot do: fail deliberately, record every
/// request, be empty. The environment's real cluster is not used.
public func withSandbox<Result: Sendable>(
    configure: (inout SandboxConfiguration) -> Void = { _ in },
    suffix: String = "sandbox",
    _ body: @Sendable (TestCluster, SandboxCluster) async throws -> Result
) async throws -> Result {
    var configuration = SandboxConfiguration()
    configuration.nativeRuleChecks = CustomResourceDefinitions.nativeRuleChecks
    configure(&configuration)
    let sandbox = SandboxCluster(configuration: configuration, logger: quietLogger)
    for definition in CustomResourceDefinitions.all { try sandbox.register(customResource: definition) }
    return try await whileRunning([sandbox]) {
        let transport = try HTTPTransport(try await sandbox.clientConfiguration(), options: testOptions)
        let cluster = TestCluster(client: KubernetesClient(transport: transport), sandbox: sandbox, suffix: suffix)
        return try await closing(transport) { try await body(cluster, sandbox) }
    }
}

/// Runs a body while the operator runs on a cluster. Several can run on one cluster, one after the other or concurrently.
///
/// If Helm is installed, the operator has only the permissions of the chart's RBAC. A missing permission is an error.
///
/// - Parameters:
///   - access: records the permissions that the operator's requests need.
///   - before: receives each request of the operator first. If it returns a response, the API server does not see the request.
public func withOperator<Result: Sendable>(
    _ cluster: TestCluster,
    platform: PlatformConfiguration = PlatformConfiguration(),
    options: OperatorOptions = OperatorOptions(),
    metrics: MetricsRegistry = MetricsRegistry(),
    gate: LeadershipGate? = nil,
    userAgent: String = "moorage-operator",
    access: AccessLog = AccessLog(),
    before: @escaping @Sendable (APIRequest) async throws -> APIResponse? = { _ in nil },
    _ body: @Sendable (MoorageOperator) async throws -> Result
) async throws -> Result {
    let configuration: KubernetesClientConfiguration
    if let sandbox = cluster.sandbox {
        configuration = try await sandbox.clientConfiguration()
    } else {
        configuration = try KubernetesClientConfiguration.load(kubeconfig: TestCluster.operatorKubeconfig)
    }
    var transportOptions = HTTPTransport.Options()
    transportOptions.userAgent = userAgent
    let transport = try HTTPTransport(configuration, options: transportOptions)
    // Most tests are not about the protocol, and their pods do not speak MCP.
    var platform = platform
    if platform.handshake == nil { platform.handshake = PlatformHandshake(mode: .disabled) }
    return try await closing(transport) { [platform] in
        let rules =
            (try? Tool.helm()) == nil
            ? nil
            : try await Chart.accessRules(
                namespaces: options.namespaces,
                in: options.controllerNamespace,
                handshake: platform.handshake?.mode == .disabled ? .auto : .apiServer,
                gatewayBindings: platform.gatewayBindings?.isEnabled ?? false
            )
        let authorized: any APITransport =
            if let rules {
                AuthorizingTransport(transport, rules: rules, log: access, before: before)
            } else {
                transport
            }
        // The namespace in which a controller stores its own objects; Helm creates it.
        try await cluster.ensureNamespace(options.controllerNamespace)
        let moorage = try await MoorageOperator(
            client: KubernetesClient(transport: authorized, observer: ClientMetrics(registry: metrics)),
            platform: platform,
            options: options,
            gate: gate,
            metrics: metrics,
            logger: quietLogger
        )
        let services: [any Service] =
            [moorage.recorder, moorage.listener, moorage.resync] + moorage.caches + moorage.controllers
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(
                try await whileRunning(services) {
                    try await eventually("the caches are filled") {
                        // The cache of a kind that cannot be listed never syncs.
                        guard access.missing.isEmpty else { throw MissingPermissions(permissions: access.missing) }
                        return moorage.caches.allSatisfy(\.hasSynced)
                    }
                    return try await body(moorage)
                }
            )
        } catch {
            result = .failure(error)
        }
        // This may be the cause of any other failure.
        guard access.missing.isEmpty else { throw MissingPermissions(permissions: access.missing) }
        return try result.get()
    }
}

/// Permissions were needed that the chart does not grant.
public struct MissingPermissions: Error, CustomStringConvertible {
    let permissions: [Permission]

    public init(permissions: [Permission]) {
        self.permissions = permissions
    }

    public var description: String {
        "the chart's RBAC lacks: \(permissions.map(\.description).joined(separator: "; "))"
    }
}

/// Runs services during a body, then shuts them down gracefully.
public func whileRunning<Result: Sendable>(
    _ services: [any Service],
    _ body: @Sendable () async throws -> Result
) async throws -> Result {
    let group = ServiceGroup(services: services, logger: quietLogger)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let result: Result
        do {
            result = try await body()
        } catch {
            await group.triggerGracefulShutdown()
            // Cancelling a server while it writes responses would crash the process.
            try? await tasks.waitForAll()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return result
    }
}

/// Runs a body with a client whose connections are closed in any case: a transport that is released open ends the process, and
/// hides why a test failed.
public func withClient<Result: Sendable>(
    of configuration: KubernetesClientConfiguration,
    retryPolicy: RetryPolicy = .standard,
    _ body: (KubernetesClient) async throws -> Result
) async throws -> Result {
    let transport = try HTTPTransport(configuration, options: testOptions)
    return try await closing(transport) {
        try await body(KubernetesClient(transport: transport, retryPolicy: retryPolicy))
    }
}

private func closing<Result: Sendable>(
    _ transport: HTTPTransport,
    _ body: () async throws -> Result
) async throws -> Result {
    do {
        let result = try await body()
        try await transport.shutdown()
        return result
    } catch {
        try? await transport.shutdown()
        throw error
    }
}

private func installCRDs(_ client: KubernetesClient) async throws {
    let type = ResourceType(
        group: "apiextensions.k8s.io",
        version: "v1",
        kind: "CustomResourceDefinition",
        plural: "customresourcedefinitions",
        isNamespaced: false
    )
    for definition in CustomResourceDefinitions.all {
        let options = ApplyOptions(fieldManager: "moorage-tests", force: true)
        let name = try await client.apply(type, definition, options: options).object[path: ["metadata", "name"]]
        try await eventually("CRD \(name?.stringValue ?? "") is established") {
            let crd = try await client.get(type, name: name?.stringValue ?? "")
            return crd[path: ["status", "conditions"]]?.arrayValue?
                .contains { $0["type"] == "Established" && $0["status"] == "True" } ?? false
        }
    }
}

/// A logger that only shows critical messages.
public let quietLogger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

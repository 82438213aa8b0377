internal import FoundationEssentials
internal import KubernetesAPI
internal import Subprocess
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Credentials from a plug-in, kept until they expire or are rejected. The plug-in never runs twice at the same time:
/// other requests that need credentials wait for the current run.
final class ExecCredentialSource: CredentialSource {
    private typealias Waiter = CheckedContinuation<Void, any Error>

    private struct State {
        var credential: ExecCredential?
        var generation = 0
        /// The run of the plug-in. It does not belong to a request: if the request that started it is cancelled, it
        /// continues for other and future requests.
        var run: Task<Void, Never>?
        var nextWaiter = 0
        var waiters: [Int: Waiter] = [:]
        /// Waiters that were cancelled before they started to wait.
        var cancelled: Set<Int> = []
    }

    private let configuration: ExecConfiguration
    private let runPlugin: @Sendable (ExecConfiguration) async throws -> ExecCredential
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(
        configuration: ExecConfiguration,
        now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) },
        run: @escaping @Sendable (ExecConfiguration) async throws -> ExecCredential = ExecPlugin.run
    ) {
        self.configuration = configuration
        self.now = now
        runPlugin = run
    }

    func current() async throws -> RequestCredential {
        while true {
            try Task.checkCancellation()
            if let credential = valid() { return credential }
            try await waitForRun()
        }
    }

    private func valid() -> RequestCredential? {
        let now = now()
        return state.withLock { state in
            guard let credential = state.credential, credential.expiration.map({ now < $0 }) ?? true else { return nil }
            return RequestCredential(
                authorization: credential.token.map { SensitiveString("Bearer \($0.reveal())") },
                certificate: credential.clientCertificate,
                key: credential.clientKey,
                generation: state.generation
            )
        }
    }

    /// Starts the plug-in unless it is running, and waits for the result.
    ///
    /// - Throws: the error of the run, or `CancellationError` if the caller is cancelled, which does not stop the run.
    private func waitForRun() async throws {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (waiter: Waiter) in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.waiters[id] = waiter
                    if state.run == nil { state.run = Task { await self.refresh() } }
                    return false
                }
                if isCancelled { waiter.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                if let waiter = state.waiters.removeValue(forKey: id) { return waiter }
                state.cancelled.insert(id)
                return nil
            }
            waiter?.resume(throwing: CancellationError())
        }
        // Clean up after a cancellation that happens when the wait is already over.
        state.withLock { state in _ = state.cancelled.remove(id) }
    }

    private func refresh() async {
        let result: Result<ExecCredential, any Error>
        do {
            let fresh = try await runPlugin(configuration)
            if let expiration = fresh.expiration, expiration <= now() {
                throw ClientError(
                    .credentials,
                    "the credential plug-in \(configuration.command) returned credentials that expired at \(expiration)"
                )
            }
            result = .success(fresh)
        } catch {
            result = .failure(error)
        }
        let waiters = state.withLock { state in
            if case .success(let fresh) = result {
                state.credential = fresh
                state.generation += 1
            }
            state.run = nil
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(with: result.map { _ in }) }
    }

    func refused(_ credential: RequestCredential) -> Bool {
        state.withLock { state in
            if credential.generation == state.generation { state.credential = nil }
        }
        return true
    }

    func shutDown() {
        state.withLock { $0.run }?.cancel()
    }
}

/// Runs a credential plug-in.
enum ExecPlugin {
    /// The time limit of a plug-in that is not interactive.
    static let timeout: Duration = .seconds(60)

    /// The maximum size of the output, in bytes.
    static let outputLimit = 1 << 20

    static func run(_ configuration: ExecConfiguration) async throws -> ExecCredential {
        try await run(configuration, clock: ContinuousClock())
    }

    static func run(_ configuration: ExecConfiguration, clock: any Clock<Duration>) async throws
        -> ExecCredential
    {
        let isTerminal = isatty(STDIN_FILENO) == 1
        let isInteractive = configuration.interactiveMode != .never && isTerminal
        guard configuration.interactiveMode != .always || isTerminal else {
            throw ClientError(
                .credentials,
                "the credential plug-in \(configuration.command) needs a terminal (interactiveMode Always), and standard "
                    + "input is not one"
            )
        }
        var variables: [Environment.Key: String?] = [:]
        for (name, value) in configuration.environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value.reveal() }
        }
        variables["KUBERNETES_EXEC_INFO"] = information(configuration, isInteractive: isInteractive)
        let environment = Environment.inherit.updating(variables)
        // A name with a slash is a path; a name without one is looked up in PATH.
        let command = configuration.command
        let executable = command.contains("/") ? path(Executable.path, command) : .name(command)
        let output = try await withThrowingTaskGroup(of: Output?.self) { group in
            group.addTask {
                try await start(configuration, executable, environment, isInteractive: isInteractive)
            }
            if !isInteractive {
                group.addTask {
                    try await clock.sleep(for: timeout)
                    return nil
                }
            }
            defer { group.cancelAll() }
            guard let output = try await group.next() ?? nil else {
                throw ClientError(
                    .credentials,
                    "the credential plug-in \(configuration.command) took longer than \(timeout)"
                )
            }
            return output
        }
        guard output.isSuccess else {
            throw ClientError(
                .credentials,
                "the credential plug-in \(configuration.command) failed (\(output.status)): "
                    + output.errors.trimmed.truncated(toCodePoints: 1000)
            )
        }
        return try ExecCredential(parsing: output.bytes, configuration: configuration)
    }

    /// Creates a path from text without naming its type, which would require a dependency on swift-system.
    private static func path<Path: ExpressibleByStringLiteral>(
        _ make: (Path) -> Executable,
        _ text: String
    ) -> Executable where Path.StringLiteralType == String {
        make(Path(stringLiteral: text))
    }

    private struct Output: Sendable {
        var bytes: [UInt8]
        var errors: String
        var isSuccess: Bool
        var status: String
    }

    private static func start(
        _ configuration: ExecConfiguration,
        _ executable: Executable,
        _ environment: Environment,
        isInteractive: Bool
    ) async throws -> Output {
        let arguments = Arguments(configuration.arguments)
        do {
            if isInteractive {
                let result = try await Subprocess.run(
                    executable,
                    arguments: arguments,
                    environment: environment,
                    input: .currentStandardInput,
                    output: .bytes(limit: outputLimit),
                    error: .currentStandardError
                )
                return Output(
                    bytes: result.standardOutput,
                    errors: "",
                    isSuccess: result.terminationStatus.isSuccess,
                    status: "\(result.terminationStatus)"
                )
            }
            let result = try await Subprocess.run(
                executable,
                arguments: arguments,
                environment: environment,
                output: .bytes(limit: outputLimit),
                error: .bytes(limit: outputLimit)
            )
            return Output(
                bytes: result.standardOutput,
                errors: String(decoding: result.standardError, as: UTF8.self),
                isSuccess: result.terminationStatus.isSuccess,
                status: "\(result.terminationStatus)"
            )
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw ClientError(
                .credentials,
                "the credential plug-in \(configuration.command) printed more than \(outputLimit) bytes"
            )
        } catch let error as SubprocessError {
            let hint = configuration.installHint.map { ". \($0)" } ?? ""
            throw ClientError(
                .credentials,
                "the credential plug-in \(configuration.command) could not be run\(hint)",
                underlying: error
            )
        }
    }

    /// The value of `KUBERNETES_EXEC_INFO`.
    static func information(_ configuration: ExecConfiguration, isInteractive: Bool) -> String {
        var spec: JSONValue = ["interactive": .bool(isInteractive)]
        if let text = configuration.clusterInfo, let cluster = try? JSONValue(parsing: Array(text.utf8)) {
            spec["cluster"] = cluster
        }
        let value: JSONValue = [
            "apiVersion": .string(configuration.apiVersion), "kind": "ExecCredential", "spec": spec,
        ]
        return String(decoding: value.serialized(), as: UTF8.self)
    }
}

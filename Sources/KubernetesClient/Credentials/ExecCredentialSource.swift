internal import FoundationEssentials
internal import KubernetesAPI
internal import Subprocess

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Credentials from a plug-in, kept until they expire or are refused. The plug-in never runs twice at once: who asks
/// meanwhile waits for the run that is on.
actor ExecCredentialSource: CredentialSource {
    private let configuration: ExecConfiguration
    private let run: @Sendable (ExecConfiguration) async throws -> ExecCredential
    private let now: @Sendable () -> Timestamp

    private var credential: ExecCredential?
    private var generation = 0
    private var isRunning = false
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var lastFailure: (any Error)?

    init(
        configuration: ExecConfiguration,
        now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) },
        run: @escaping @Sendable (ExecConfiguration) async throws -> ExecCredential = ExecPlugin.run
    ) {
        self.configuration = configuration
        self.now = now
        self.run = run
    }

    func current() async throws -> RequestCredential {
        while true {
            try Task.checkCancellation()
            if let credential, credential.expiration.map({ now() < $0 }) ?? true {
                return RequestCredential(
                    authorization: credential.token.map { SensitiveString("Bearer \($0.reveal())") },
                    certificate: credential.clientCertificate,
                    key: credential.clientKey,
                    generation: generation
                )
            }
            if isRunning {
                await withCheckedContinuation { waiters.append($0) }
                // The run that was waited for has failed: its failure is ours too, unless only its caller was cancelled.
                if let lastFailure, !(lastFailure is CancellationError) { throw lastFailure }
                continue
            }
            try await refresh()
        }
    }

    private func refresh() async throws {
        isRunning = true
        defer {
            isRunning = false
            let waiting = waiters
            waiters = []
            for waiter in waiting { waiter.resume() }
        }
        do {
            let fresh = try await run(configuration)
            credential = fresh
            generation += 1
            lastFailure = nil
            if let expiration = fresh.expiration, expiration <= now() {
                throw ClientError(
                    .credentials,
                    "the credential plug-in \(configuration.command) gave credentials that expired at \(expiration)"
                )
            }
        } catch {
            lastFailure = error
            throw error
        }
    }

    func refused(_ credential: RequestCredential) -> Bool {
        if credential.generation == generation { self.credential = nil }
        return true
    }
}

/// Runs a credential plug-in.
enum ExecPlugin {
    /// How long a plug-in that talks to nobody may take.
    static let timeout: Duration = .seconds(60)

    /// The longest output that is read.
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
                "the credential plug-in \(configuration.command) has to talk to a person (interactiveMode Always), "
                    + "and standard input is no terminal"
            )
        }
        var variables: [Environment.Key: String?] = [:]
        for (name, value) in configuration.environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value.reveal() }
        }
        variables["KUBERNETES_EXEC_INFO"] = information(configuration, isInteractive: isInteractive)
        let environment = Environment.inherit.updating(variables)
        // A name with a slash is taken as the path that it is; one without is looked up in PATH.
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
                    + String(output.errors.trimmed.prefix(1000))
            )
        }
        return try ExecCredential(parsing: output.bytes, configuration: configuration)
    }

    /// Makes a path of text without naming its type, which is swift-system's and would be one dependency more.
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

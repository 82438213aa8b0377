internal import HTTPTypes
internal import KubernetesAPI
public import Logging

/// A client of a Kubernetes API server: typed and dynamic verbs over any transport.
///
/// Typed verbs use a `KubernetesResource`, dynamic verbs a `ResourceType` and a `JSONValue`. Lists and watches also
/// accept a closure that decodes an object into another type. All verbs throw `APIError` if the server rejects the
/// request, `ClientError` if there is no usable answer, and `CancellationError`.
public struct KubernetesClient: Sendable {
    /// The transport that sends the requests.
    public private(set) var transport: any APITransport
    /// When requests are retried.
    public var retryPolicy: RetryPolicy
    /// Measures the delays between attempts.
    public var clock: any Clock<Duration>
    /// Receives a record of each request.
    public var observer: (any ClientObserver)?
    /// Where retries and objects that cannot be decoded are logged.
    public var logger: Logger
    /// The maximum size of an answer, in bytes. A page of 500 objects of the maximum size has 750 MiB; real pages have
    /// a few.
    public var maximumBodyBytes = 256 << 20
    /// The maximum size of a watch event, in bytes.
    public var maximumEventBytes = 32 << 20
    /// Returns a number from 0 to 1 for the jitter of retries.
    public var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    public init(
        transport: any APITransport,
        retryPolicy: RetryPolicy = .standard,
        clock: any Clock<Duration> = ContinuousClock(),
        observer: (any ClientObserver)? = nil,
        logger: Logger = Logger(label: "moorage.client", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.transport = transport
        self.retryPolicy = retryPolicy
        self.clock = clock
        self.observer = observer
        self.logger = logger
    }

    /// The same client with another transport.
    public func with(transport: any APITransport) -> KubernetesClient {
        var other = self
        other.transport = transport
        return other
    }

    /// Sends a request, retries it as the policy allows, and returns the answer if its status is a success (2xx).
    ///
    /// - Throws: `APIError` for any other status; `ClientError` if there is no answer; `CancellationError`.
    public func execute(_ request: APIRequest) async throws -> APIResponse {
        var state = RetryState(policy: retryPolicy, idempotency: Idempotency(request))
        return try await execute(request, &state)
    }

    private func execute(_ request: APIRequest, _ state: inout RetryState) async throws -> APIResponse {
        while true {
            try Task.checkCancellation()
            let outcome: RetryState.Outcome
            let failure: any Error
            let started = ContinuousClock.now
            do {
                let response = try await transport.execute(request)
                record(request, code: String(response.status.code), since: started, attempt: state.attempts + 1)
                guard !(200..<300).contains(response.status.code) else { return response }
                let error = await apiError(request, response)
                outcome = .answered(code: response.status.code, retryAfter: error.retryAfter)
                failure = error
            } catch let error as CancellationError {
                throw error
            } catch {
                record(request, code: "<error>", since: started, attempt: state.attempts + 1)
                outcome = Self.outcome(of: error)
                failure = error
            }
            guard case .retry(let delay) = state.next(outcome, random: random()) else { throw failure }
            logger.debug(
                "retrying a request",
                metadata: [
                    "method": "\(request.method.rawValue)", "path": "\(request.path)", "attempt": "\(state.attempts)",
                    "delay": "\(delay)", "error": "\(failure)",
                ]
            )
            try await clock.sleep(for: delay)
        }
    }

    /// Sends a request and reads the whole body of the answer.
    ///
    /// - Throws: as `execute(_:)`, and `ClientError` if the body is incomplete or too long.
    public func data(_ request: APIRequest) async throws -> (response: APIResponse, body: [UInt8]) {
        var state = RetryState(policy: retryPolicy, idempotency: Idempotency(request))
        while true {
            let response = try await execute(request, &state)
            do {
                return (response, try await response.body.collect(upTo: maximumBodyBytes))
            } catch let error as ClientError {
                guard case .retry(let delay) = state.next(Self.outcome(of: error), random: random()) else {
                    throw error
                }
                logger.debug(
                    "retrying a request whose answer was incomplete",
                    metadata: ["path": "\(request.path)", "delay": "\(delay)", "error": "\(error)"]
                )
                try await clock.sleep(for: delay)
            }
        }
    }

    /// The bytes at a path of the API server, such as `/version` or `/openapi/v3`.
    public func raw(_ path: String, query: [APIRequest.QueryItem] = []) async throws -> [UInt8] {
        try await data(APIRequest(path: path, query: query, headers: [.accept: "application/json, */*"])).body
    }

    private func record(_ request: APIRequest, code: String, since start: ContinuousClock.Instant, attempt: Int) {
        observer?.requestFinished(
            RequestRecord(
                method: request.method.rawValue,
                host: transport.host,
                code: code,
                duration: ContinuousClock.now - start,
                attempt: attempt
            )
        )
    }

    private func apiError(_ request: APIRequest, _ response: APIResponse) async -> APIError {
        // The status code is enough: a body that is incomplete or too long only shortens the message.
        let body = (try? await response.body.collect(upTo: 1 << 20)) ?? []
        return APIError(
            status: ErrorBody.status(
                code: response.status.code,
                body: body,
                location: response.headers[.location]
            ),
            retryAfter: response.retryAfter,
            request: "\(request.method.rawValue) \(request.path)"
        )
    }

    private static func outcome(of error: any Error) -> RetryState.Outcome {
        guard let error = error as? ClientError else { return .permanentFailure }
        switch error.code {
        case .connectionRefused: return .notSent
        case .connectionLost, .timeout, .truncated: return .answerLost
        default: return .permanentFailure
        }
    }

    func report(_ failure: DecodeFailure) {
        observer?.decodeFailed(failure)
        logger.warning(
            "skipped an object that cannot be decoded",
            metadata: [
                "kind": "\(failure.type)", "namespace": "\(failure.namespace ?? "")", "name": "\(failure.name ?? "")",
                "error": "\(failure.underlying)",
            ]
        )
    }
}

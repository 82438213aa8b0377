internal import ControllerRuntime
internal import HTTPTypes
internal import MCPTransport
internal import Policy

import class FoundationEssentials.FileManager

/// Sends requests to an issuer, or another service of the platform, with limits.
///
/// For each request, the certificates of authorities are read and a connection is made anew: there are few requests, and rotated
/// certificates are in force at once.
struct IssuerHTTP: Sendable {
    /// The maximum size of an answer, or of a file.
    static let maximumBytes = 1 << 20

    typealias MakeExchange = @Sendable (HTTPClientExchange.Trust) throws -> any HTTPExchange

    let caFile: String?
    let timeout: Duration
    let makeExchange: MakeExchange
    let clock: RuntimeClock

    init(_ issuer: TokenIssuer, _ makeExchange: @escaping MakeExchange, _ clock: RuntimeClock) {
        self.init(caFile: issuer.caFile, timeout: issuer.timeout, makeExchange, clock)
    }

    init(caFile: String?, timeout: Duration, _ makeExchange: @escaping MakeExchange, _ clock: RuntimeClock) {
        self.caFile = caFile
        self.timeout = timeout
        self.makeExchange = makeExchange
        self.clock = clock
    }

    /// The body at a URL, if the status is 200.
    func get(_ url: String) async throws(FetchFailure) -> [UInt8] {
        let accept: HTTPFields = [.accept: "application/json, application/jwk-set+json"]
        let answer = try await send(HTTPExchangeRequest(method: .get, url: url, headers: accept))
        guard answer.status == 200 else {
            throw FetchFailure(
                "\(url): the status is \(answer.status), and must be 200",
                isNotFound: answer.status == 404
            )
        }
        return answer.body
    }

    /// Sends a request and reads the whole answer, with any status.
    func send(_ request: HTTPExchangeRequest) async throws(FetchFailure) -> (status: Int, body: [UInt8]) {
        var trust = HTTPClientExchange.Trust.system
        if let caFile {
            trust = .authorities(pem: String(decoding: try BoundedFile.read(caFile), as: UTF8.self))
        }
        let exchange: any HTTPExchange
        do { exchange = try makeExchange(trust) } catch { throw FetchFailure("\(caFile ?? request.url): \(error)") }
        let result: Result<(status: Int, body: [UInt8]), FetchFailure>
        do { result = .success(try await send(request, over: exchange)) } catch { result = .failure(error) }
        await (exchange as? HTTPClientExchange)?.shutdown()
        return try result.get()
    }

    private func send(
        _ request: HTTPExchangeRequest,
        over exchange: any HTTPExchange
    ) async throws(FetchFailure) -> (status: Int, body: [UInt8]) {
        let url = request.url
        do {
            return try await BoundedTime.run(timeout, clock: clock) {
                let response = try await exchange.send(request)
                var body: [UInt8] = []
                for try await chunk in response.body {
                    guard body.count + chunk.count <= Self.maximumBytes else {
                        throw FetchFailure("\(url): the answer has more than \(Self.maximumBytes) bytes")
                    }
                    body += chunk
                }
                return (response.status, body)
            }
        } catch let error as FetchFailure {
            throw error
        } catch is BoundedTime.Passed {
            throw FetchFailure("\(url): no complete answer in \(timeout)")
        } catch {
            throw FetchFailure("\(error)")
        }
    }
}

/// Why something could not be read from an issuer. The text is for the platform, not for callers.
struct FetchFailure: Error, Sendable, CustomStringConvertible {
    let message: String
    /// Whether nothing is there.
    let isNotFound: Bool

    init(_ message: String, isNotFound: Bool = false) {
        self.message = message
        self.isNotFound = isNotFound
    }

    var description: String { message }
}

/// Reads small files.
enum BoundedFile {
    static func read(_ path: String) throws(FetchFailure) -> [UInt8] {
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? UInt64
        if let size, size > UInt64(IssuerHTTP.maximumBytes) {
            throw FetchFailure("\(path) has more than \(IssuerHTTP.maximumBytes) bytes")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw FetchFailure("\(path) does not exist, or cannot be read")
        }
        return Array(data)
    }
}

/// Runs something, and cancels it when it takes too long.
enum BoundedTime {
    /// The time has passed.
    struct Passed: Error {}

    static func run<Value: Sendable>(
        _ limit: Duration,
        clock: RuntimeClock,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                try await clock.sleep(until: clock.now.advanced(by: limit), tolerance: nil)
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw Passed() }
            return value
        }
    }
}

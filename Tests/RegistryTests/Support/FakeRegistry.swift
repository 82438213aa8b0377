import HTTPTypes
import SupplyChain
import Synchronization
import TestSupport

@testable import Registry

/// A registry in memory: what it answers for each URL, and what was sent to it.
final class FakeRegistry: RegistryTransport {
    struct Request: Sendable, Equatable {
        var url: String
        var authorization: String?
    }

    private let answer: @Sendable (Request) throws -> RegistryAnswer
    private let sent = Mutex<[Request]>([])

    init(_ answer: @escaping @Sendable (Request) throws -> RegistryAnswer) {
        self.answer = answer
    }

    var requests: [Request] { sent.withLock { $0 } }

    func get(_ url: String, headers: HTTPFields, limit: Int) async throws -> RegistryAnswer {
        try Task.checkCancellation()
        let request = Request(url: url, authorization: headers[.authorization])
        sent.withLock { $0.append(request) }
        let answer = try answer(request)
        guard answer.body.count <= limit else { throw RegistryError(.invalid, "larger than \(limit) bytes") }
        return answer
    }

    /// What a registry answers that has an image.
    static func content(_ image: TestImage, _ url: String) -> RegistryAnswer {
        if url.contains("/blobs/") { return RegistryAnswer(status: 200, body: image.configuration) }
        return RegistryAnswer(
            status: 200,
            headers: [.contentType: "application/vnd.oci.image.manifest.v1+json"],
            body: image.manifest
        )
    }
}

/// A clock whose short delays end at once and are recorded. Long ones, the time limits, do not end until they are cancelled, unless a test
/// wants them to.
final class RecordingClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private let recorded = Mutex<[Duration]>([])
    private let endsLimits: Bool

    init(endsLimits: Bool = false) {
        self.endsLimits = endsLimits
    }

    var delays: [Duration] { recorded.withLock { $0 } }
    var now: Instant { ContinuousClock.now }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let delay = now.duration(to: deadline)
        guard delay > .seconds(10) else {
            recorded.withLock { $0.append(delay) }
            return
        }
        if !endsLimits { try await parked() }
    }
}

import HTTPTypes
import KubernetesAPI
import Synchronization

@testable import KubernetesClient

/// A transport with scripted answers, which records the requests.
final class FakeTransport: APITransport {
    enum Answer: Sendable {
        case response(APIResponse)
        case failure(ClientError)
    }

    private let answers: Mutex<[Answer]>
    private let asked = Mutex<[APIRequest]>([])
    var requests: [APIRequest] { asked.withLock { $0 } }
    let host = "fake"

    init(_ answers: [Answer]) { self.answers = Mutex(answers) }

    convenience init(json: String...) {
        self.init(json.map { .response(APIResponse(status: .ok, body: .bytes(Array($0.utf8)))) })
    }

    func execute(_ request: APIRequest) async throws -> APIResponse {
        asked.withLock { $0.append(request) }
        let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        switch answer {
        case .response(let response): return response
        case .failure(let error): throw error
        case nil: throw ClientError(.invalidRequest, "the script has no answer left for \(request.path)")
        }
    }
}

/// A clock on which every sleep ends immediately and is recorded.
final class InstantClock: Clock {
    typealias Duration = Swift.Duration
    struct Instant: InstantProtocol {
        var offset: Swift.Duration
        func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }
    private let state = Mutex<(now: Swift.Duration, slept: [Swift.Duration])>((.zero, []))
    var now: Instant { Instant(offset: state.withLock { $0.now }) }
    var slept: [Swift.Duration] { state.withLock { $0.slept } }
    let minimumResolution: Swift.Duration = .zero

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        try Task.checkCancellation()
        state.withLock {
            $0.slept.append(deadline.offset - $0.now)
            $0.now = max($0.now, deadline.offset)
        }
    }
}

enum TestTypes {
    static let configMaps = ResourceType(
        group: "",
        version: "v1",
        kind: "ConfigMap",
        plural: "configmaps",
        isNamespaced: true
    )
}

/// A typed kind with a required field, so that decoding can fail.
struct Sample: KubernetesResource, Equatable {
    static let resourceType = ResourceType(
        group: "",
        version: "v1",
        kind: "ConfigMap",
        plural: "configmaps",
        isNamespaced: true
    )
    var metadata: ObjectMeta
    var data: [String: String]
}

/// Counts, from any task.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }

    @discardableResult
    func increment() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

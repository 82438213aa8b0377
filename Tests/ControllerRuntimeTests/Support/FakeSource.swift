import KubernetesAPI
import Synchronization
import Testing

@testable import ControllerRuntime

/// Creates an object with a version, and a uid that depends on its name by default.
func object(_ name: String, _ version: Int, uid: String? = nil, namespace: String = "default") -> PartialObjectMetadata
{
    var metadata = ObjectMeta(name: name, namespace: namespace)
    metadata.resourceVersion = String(version)
    metadata.uid = uid ?? "uid-\(name)"
    return PartialObjectMetadata(metadata: metadata)
}

/// An object that the client cannot decode.
func unreadableObject(_ name: String, isDeletion: Bool = false) -> UnreadableObject {
    UnreadableObject(
        key: NamespacedName(namespace: "default", name: name),
        isDeletion: isDeletion,
        reason: "spec is a number"
    )
}

/// A server whose answers the test provides, request by request.
final class FakeSource: Sendable {
    /// Ends a list or watch, so that `classify` returns this failure.
    struct Failure: Error {
        var failure: ListWatchFailure
    }

    /// A watch that the reflector requested.
    struct Watch: Sendable {
        enum Step: Sendable {
            case accept
            case event(WatchEvent<PartialObjectMetadata>)
            case unreadable(UnreadableObject)
        }

        var request: WatchRequest
        fileprivate var steps: AsyncThrowingStream<Step, any Error>.Continuation

        func accept() { steps.yield(.accept) }
        func send(_ event: WatchEvent<PartialObjectMetadata>) { steps.yield(.event(event)) }
        /// Sends an event whose object the client cannot decode.
        func sendUnreadable(_ name: String, isDeletion: Bool = false) {
            steps.yield(.unreadable(unreadableObject(name, isDeletion: isDeletion)))
        }
        func bookmark(_ version: Int, isEnd: Bool = false) {
            send(.bookmark(resourceVersion: String(version), initialEventsEnd: isEnd))
        }
        func end(_ failure: ListWatchFailure? = nil) {
            steps.finish(throwing: failure.map { Failure(failure: $0) })
        }
    }

    /// A list that the reflector requested.
    struct List: Sendable {
        var request: ListRequest
        fileprivate var answer: AsyncThrowingStream<ListResult<PartialObjectMetadata>, any Error>.Continuation

        func give(
            _ objects: [PartialObjectMetadata],
            unreadable: [String] = [],
            version: Int,
            next: String? = nil
        ) {
            let unreadable = unreadable.map { unreadableObject($0) }
            answer.yield(
                ListResult(
                    objects: objects,
                    unreadable: unreadable,
                    resourceVersion: String(version),
                    continueToken: next
                )
            )
            answer.finish()
        }
        func fail(_ failure: ListWatchFailure) { answer.finish(throwing: Failure(failure: failure)) }
    }

    enum Request: Sendable {
        case list(List)
        case watch(Watch)
    }

    let requests = Inbox<Request>()
    /// The number of acceptances that the reflector has processed.
    private let acceptances = Mutex(0)
    var acceptedWatches: Int { acceptances.withLock { $0 } }

    var listWatch: ListWatch<PartialObjectMetadata> {
        ListWatch(
            list: { [requests] request in
                let (stream, answer) = AsyncThrowingStream<ListResult<PartialObjectMetadata>, any Error>.makeStream()
                requests.put(.list(List(request: request, answer: answer)))
                for try await result in stream { return result }
                throw CancellationError()
            },
            watch: { [self] request, started, receive, unreadable in
                let (stream, steps) = AsyncThrowingStream<Watch.Step, any Error>.makeStream()
                requests.put(.watch(Watch(request: request, steps: steps)))
                for try await step in stream {
                    switch step {
                    case .accept:
                        started()
                        acceptances.withLock { $0 += 1 }
                    case .event(let event): try receive(event)
                    case .unreadable(let object): unreadable(object)
                    }
                }
                try Task.checkCancellation()
            },
            classify: { ($0 as? Failure)?.failure ?? .other }
        )
    }

    func nextList(sourceLocation: SourceLocation = #_sourceLocation) async throws -> List {
        let request = try await requests.next()
        guard case .list(let list) = request else {
            Issue.record("not a list, but \(request)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        return list
    }

    func nextWatch(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Watch {
        let request = try await requests.next()
        guard case .watch(let watch) = request else {
            Issue.record("not a watch, but \(request)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        return watch
    }
}

/// An informer with a fake source, a manual clock and delays without jitter.
struct InformerFixture: Sendable {
    let clock = ManualClock()
    let source = FakeSource()
    let informer: Informer<PartialObjectMetadata>
    let changes = Recorder<String>()

    init(usesStreamingList: Bool = false, pageSize: Int = 500) {
        var configuration = ReflectorConfiguration()
        configuration.usesStreamingList = usesStreamingList
        configuration.pageSize = pageSize
        configuration.watchTimeout = 400...400
        configuration.backoff = Backoff(jitter: 0)
        configuration.checkSpread = .zero
        informer = Informer(
            name: "things",
            namespaces: nil,
            indexes: [:],
            configuration: configuration,
            clock: clock.runtimeClock(),
            logger: .silent,
            source: { [source] _ in source.listWatch }
        )
        informer.onChange { [changes] old, new in
            let kind = old == nil ? "+" : new == nil ? "-" : "~"
            let version = (new ?? old)?.metadata.resourceVersion ?? ""
            changes.record(kind + ((new ?? old)?.metadata.name ?? "") + version)
        }
    }

    /// Runs the informer while `body` acts as the server.
    func run(_ body: @Sendable (FakeSource) async throws -> Void) async throws {
        let run = Task { [informer] in try await informer.run() }
        defer { run.cancel() }
        try await body(source)
        run.cancel()
        try await run.value
    }

    /// Lists some objects and starts the watch that follows.
    func sync(_ objects: [PartialObjectMetadata] = [], version: Int = 10) async throws -> FakeSource.Watch {
        try await source.nextList().give(objects, version: version)
        let watch = try await source.nextWatch()
        watch.accept()
        await expectEventually("synced") { informer.hasSynced }
        return watch
    }

    var names: [String] {
        informer.store.list().map { "\($0.metadata.name ?? "")\($0.metadata.resourceVersion ?? "")" }
    }
}

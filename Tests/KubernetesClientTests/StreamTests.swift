import HTTPTypes
import KubernetesAPI
import Synchronization
import Testing

@testable import KubernetesClient

@Suite struct StreamTests {
    static func event(_ type: String, _ name: String, padding: Int = 0) -> String {
        let value = #"q\"}{[\\"# + String(repeating: "x", count: padding)
        return
            #"{"type":"\#(type)","object":{"metadata":{"name":"\#(name)","resourceVersion":"7"},"data":{"k":"\#(value)"}}}"#
    }

    static func chunks(_ bytes: [UInt8], _ random: inout SplitMix64) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var position = 0
        while position < bytes.count {
            let length = min(Int.random(in: 1...60, using: &random), bytes.count - position)
            result.append(Array(bytes[position..<(position + length)]))
            position += length
        }
        return result
    }

    static func client(_ transport: FakeTransport) -> KubernetesClient {
        KubernetesClient(transport: transport)
    }

    @Test func `events are complete wherever the stream is split`() async throws {
        let seed: UInt64 = 20_261_121
        var random = SplitMix64(seed: seed)
        for round in 0..<200 {
            let names = (0..<Int.random(in: 1...12, using: &random)).map { "n\($0)" }
            let separator = round % 3 == 0 ? "" : round % 3 == 1 ? "\n" : " \r\n\t"
            let text = names.map { Self.event("ADDED", $0, padding: Int.random(in: 0...200, using: &random)) }
                .joined(separator: separator)
            let body = APIResponse.Body.chunks(Self.chunks(Array(text.utf8), &random))
            let transport = FakeTransport([.response(APIResponse(status: .ok, body: body))])
            var seen: [String] = []
            for try await event in try await Self.client(transport).watch(Sample.self, namespace: "default") {
                guard case .added(let object) = event else {
                    Issue.record("seed \(seed), round \(round): not an addition: \(event)")
                    return
                }
                seen.append(object.metadata.name ?? "")
                #expect(object.data["k"]?.hasPrefix("q\"}{[\\") == true, "seed \(seed), round \(round)")
            }
            #expect(seen == names, "seed \(seed), round \(round)")
        }
    }

    @Test func `bookmarks, errors, unknown types and undecodable objects are distinguished`() async throws {
        let text = [
            Self.event("ADDED", "a"),
            #"{"type":"MODIFIED","object":{"metadata":{"name":"bad","namespace":"ns"},"data":7}}"#,
            #"{"type":"NEWTYPE","object":{}}"#,
            #"{"type":"BOOKMARK","object":{"kind":"ConfigMap","metadata":{"resourceVersion":"42","annotations":{"k8s.io/initial-events-end":"true"}}}}"#,
            #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"43"}}}"#,
            Self.event("DELETED", "a"),
            #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}"#,
        ].joined(separator: "\n")
        let observer = Observer()
        var client = Self.client(FakeTransport(json: text))
        client.observer = observer
        var seen: [String] = []
        for try await event in try await client.watch(Sample.self) {
            switch event {
            case .added(let object): seen.append("added \(object.metadata.name ?? "")")
            case .modified: seen.append("modified")
            case .deleted: seen.append("deleted")
            case .bookmark(let version, let end): seen.append("bookmark \(version) \(end)")
            case .error(let status): seen.append("error \(status.code ?? 0)")
            }
        }
        #expect(seen == ["added a", "bookmark 42 true", "bookmark 43 false", "deleted", "error 410"])
        #expect(observer.failures.map(\.name) == ["bad"])
        #expect(observer.failures.map(\.namespace) == ["ns"])
    }

    @Test func `a stream that ends inside an event is truncated, and the watch can be continued`() async throws {
        let whole = Self.event("ADDED", "a")
        let client = Self.client(FakeTransport(json: whole + String(whole.dropLast(5))))
        var count = 0
        let error = await #expect(throws: ClientError.self) {
            for try await _ in try await client.watch(Sample.self) { count += 1 }
        }
        #expect(count == 1)
        #expect(error?.code == .truncated)
        #expect(error?.isConnectionFailure == true)
    }

    @Test func `anything but JSON ends a watch with an error`() async throws {
        for text in ["<html>", "]", "[1]", "7", "}{", #"{"type":"ADDED"}"#, #"{"object":{}}"#, "{}"] {
            let client = Self.client(FakeTransport(json: text))
            let error = await #expect(throws: ClientError.self, "\(text)") {
                for try await _ in try await client.watch(Sample.self) {}
            }
            #expect(error?.code == .undecodable, "\(text)")
        }
    }

    @Test func `an item that cannot be decoded is skipped`() async throws {
        let text =
            #"{"kind":"ConfigMapList","metadata":{"resourceVersion":"9","continue":"","remainingItemCount":3},"items":"#
            + #"[ {"metadata":{"name":"a"},"data":{}} , {"metadata":{"name":"b"},"data":[]},{"metadata":{"name":"c","x":"]}"},"data":{}}]}"#
        let list = try await Self.client(FakeTransport(json: text)).list(Sample.self)
        #expect(list.items.map(\.metadata.name) == ["a", "c"])
        #expect(list.failures.map(\.name) == ["b"])
        #expect(list.metadata.resourceVersion == "9")
        #expect(list.nextPage == nil)
        let empty = try await Self.client(FakeTransport(json: #"{"metadata":{},"items":null}"#)).list(Sample.self)
        #expect(empty.items.isEmpty)
    }

    @Test func `truncated and unexpected answers to a list are errors`() async throws {
        for text in ["", "{", #"{"items":[{}"#, #"{"items":[}"#, #"{"kind":"Table"}"#, "<html/>", "null"] {
            let error = await #expect(throws: ClientError.self, "\(text)") {
                _ = try await Self.client(FakeTransport(json: text)).list(Sample.self)
            }
            #expect(error?.code == .undecodable, "\(text)")
        }
    }

    @Test func `pages are followed, and an expired list is listed again in one piece`() async throws {
        let page = #"{"metadata":{"continue":"t1"},"items":[{"metadata":{"name":"a"},"data":{}}]}"#
        let whole = #"{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"x"},"data":{}}]}"#
        let gone = APIResponse(
            status: .gone,
            body: .bytes(Array(#"{"kind":"Status","code":410,"reason":"Expired"}"#.utf8))
        )
        let transport = FakeTransport([
            .response(APIResponse(status: .ok, body: .bytes(Array(page.utf8)))),
            .response(gone),
            .response(APIResponse(status: .ok, body: .bytes(Array(whole.utf8)))),
        ])
        let list = try await Self.client(transport).listAll(Sample.self, options: ListOptions(limit: 1))
        #expect(list.items.map(\.metadata.name) == ["x"])
        #expect(transport.requests.map { $0.queryValue("continue") } == [nil, "t1", nil])
        #expect(transport.requests.map { $0.queryValue("limit") } == ["1", "1", nil])
    }

    @Test(arguments: ["a list", "a watch", "a status"])
    func `ten thousand damaged answers of a kind neither crash nor hang`(_ kind: String) async throws {
        let seed: UInt64 = 4_711
        var random = SplitMix64(seed: seed)
        let list = Array(
            #"{"kind":"L","metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"a\n"},"data":{}}]}"#.utf8
        )
        let watch = Array((Self.event("ADDED", "a") + "\n" + Self.event("BOOKMARK", "b")).utf8)
        let status = Array(
            #"{"kind":"Status","code":409,"reason":"Conflict","details":{"causes":[{"field":"x"}]}}"#.utf8
        )
        let whole = ["a list": list, "a watch": watch, "a status": status][kind] ?? []
        for round in 0..<10_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let position = Int.random(in: 0..<max(bytes.count, 1), using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where !bytes.isEmpty: bytes[position] = UInt8.random(in: 0...255, using: &random)
                case 1 where !bytes.isEmpty: bytes.remove(at: position)
                case 2:
                    bytes.insert(
                        Array(#"{}[]",:\"#.utf8).randomElement(using: &random) ?? 0,
                        at: min(position, bytes.count)
                    )
                default: bytes = Array(bytes.prefix(position))
                }
            }
            _ = ErrorBody.status(code: 500, body: bytes)
            _ = try? ListScanner.scan(bytes, type: TestTypes.configMaps) {
                try KubernetesJSON.decode(Sample.self, from: $0)
            }
            let parser = WatchEventParser<Sample>(type: TestTypes.configMaps) {
                try KubernetesJSON.decode(Sample.self, from: $0)
            }
            var framer = WatchFramer(maximumFrameBytes: 1 << 16)
            do throws(ClientError) {
                for chunk in Self.chunks(bytes, &random) {
                    framer.push(chunk)
                    while let frame = try framer.next() { _ = try parser.parse(frame) }
                }
                try framer.finish()
            } catch {
                #expect([.undecodable, .truncated, .bodyTooLarge].contains(error.code), "seed \(seed), round \(round)")
            }
        }
    }
}

final class Observer: ClientObserver {
    private let state = Mutex<(records: [RequestRecord], failures: [DecodeFailure])>(([], []))
    var failures: [DecodeFailure] { state.withLock { $0.failures } }
    var records: [RequestRecord] { state.withLock { $0.records } }
    func requestFinished(_ record: RequestRecord) { state.withLock { $0.records.append(record) } }
    func decodeFailed(_ failure: DecodeFailure) { state.withLock { $0.failures.append(failure) } }
}

import HTTPTypes
import KubernetesAPI
import KubernetesClient
import SandboxCluster
import Testing

/// Paged lists, streamed lists, and failures of watches.
@Suite("Lists and watches of the sandbox")
struct StreamingTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"

    private func fill(_ harness: SandboxHarness, _ numbers: Range<Int>) async throws {
        for index in numbers {
            let name = "map-\(index)"
            #expect(try await harness.call(.post, Self.maps, ["metadata": ["name": .string(name)]]).code == 201)
        }
    }

    private func names(_ list: JSONValue) -> [String] {
        (list["items"]?.arrayValue ?? []).compactMap { $0[path: ["metadata", "name"]]?.stringValue }
            .filter { $0.hasPrefix("map-") }
    }

    /// The response to a watch, read as it arrives.
    private func watch(_ harness: SandboxHarness, _ query: [String: String]) async throws -> APIResponse {
        var items = query.map { APIRequest.QueryItem($0.key, $0.value) }
        items.append(APIRequest.QueryItem("watch", "true"))
        return try await harness.transport.execute(APIRequest(path: Self.maps, query: items))
    }

    private func events(_ bytes: [UInt8]) throws -> [JSONValue] {
        try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: $0) }
    }

    @Test("pages contain every object once, at one revision, whatever is written in between")
    func pages() async throws {
        try await withSandbox { harness in
            try await fill(harness, 0..<7)
            var found: [String] = []
            var revisions: Set<String> = []
            var token = ""
            repeat {
                let query = ["limit": "3", "continue": token].filter { !$0.value.isEmpty }
                let (code, page) = try await harness.call(.get, Self.maps, query: query)
                try #require(code == 200)
                found += names(page)
                revisions.insert(page[path: ["metadata", "resourceVersion"]]?.stringValue ?? "")
                token = page[path: ["metadata", "continue"]]?.stringValue ?? ""
                // Later pages show neither new objects nor deletions.
                try await harness.call(.post, Self.maps, ["metadata": ["generateName": "map-z"]])
                try await harness.call(.delete, "\(Self.maps)/map-6")
            } while !token.isEmpty
            #expect(found == (0..<7).map { "map-\($0)" })
            #expect(revisions.count == 1)
        }
    }

    @Test("a continue token of compacted history is rejected with 410, and a token to continue inconsistently")
    func expiredToken() async throws {
        try await withSandbox { harness in
            try await fill(harness, 0..<4)
            let (_, first) = try await harness.call(.get, Self.maps, query: ["limit": "2"])
            let token = try #require(first[path: ["metadata", "continue"]]?.stringValue)
            try await fill(harness, 4..<5)
            harness.sandbox.compact()
            let (code, status) = try await harness.call(.get, Self.maps, query: ["limit": "2", "continue": token])
            #expect(code == 410)
            #expect(status["reason"] == "Expired")
            let next = try #require(status[path: ["metadata", "continue"]]?.stringValue)
            let (again, rest) = try await harness.call(.get, Self.maps, query: ["limit": "100", "continue": next])
            #expect(again == 200)
            #expect(names(rest).last == "map-4")
            #expect(Set(names(first)).isDisjoint(with: names(rest)))
        }
    }

    @Test("an invalid continue token is rejected")
    func badToken() async throws {
        try await withSandbox { harness in
            let (code, _) = try await harness.call(.get, Self.maps, query: ["limit": "2", "continue": "nonsense"])
            #expect(code == 400)
        }
    }

    @Test("a streaming list sends all objects, then the bookmark that ends them, then changes")
    func streamingList() async throws {
        try await withSandbox { harness in
            try await fill(harness, 0..<3)
            let response = try await watch(
                harness,
                [
                    "sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true",
                    "timeoutSeconds": "1",
                ]
            )
            try await fill(harness, 3..<4)
            let events = try events(try await response.body.collect(upTo: 1 << 20))
            let end = try #require(events.firstIndex { $0["type"] == "BOOKMARK" })
            let annotations = events[end][path: ["object", "metadata", "annotations"]]
            #expect(annotations?["k8s.io/initial-events-end"] == "true")
            #expect(events[end][path: ["object", "kind"]] == "ConfigMap")
            #expect(events[..<end].allSatisfy { $0["type"] == "ADDED" })
            let before = events[..<end].compactMap { $0[path: ["object", "metadata", "name"]]?.stringValue }
            #expect(before.filter { $0.hasPrefix("map-") } == ["map-0", "map-1", "map-2"])
            let after = events[(end + 1)...].filter { $0["type"] == "ADDED" }
                .compactMap { $0[path: ["object", "metadata", "name"]]?.stringValue }
            #expect(after == ["map-3"])
        }
    }

    @Test("a streaming list without resourceVersionMatch is rejected")
    func streamingListNeedsMatch() async throws {
        try await withSandbox { harness in
            let (code, _) = try await harness.call(
                .get,
                Self.maps,
                query: ["watch": "true", "sendInitialEvents": "true"]
            )
            #expect(code == 422)
        }
    }

    @Test("bookmarks are sent on request, with the revision to resume from")
    func bookmarks() async throws {
        var configuration = SandboxConfiguration()
        configuration.bookmarkInterval = .milliseconds(50)
        try await withSandbox(configuration) { harness in
            let revision = String(harness.sandbox.revision)
            async let asked = watch(
                harness,
                ["resourceVersion": revision, "allowWatchBookmarks": "true", "timeoutSeconds": "1"]
            )
            async let silent = watch(harness, ["resourceVersion": revision, "timeoutSeconds": "1"])
            let withThem = try events(try await asked.body.collect(upTo: 1 << 20))
            let without = try events(try await silent.body.collect(upTo: 1 << 20))
            let bookmarks = withThem.filter { $0["type"] == "BOOKMARK" }
            #expect(!bookmarks.isEmpty)
            #expect(
                bookmarks.allSatisfy {
                    (Int($0[path: ["object", "metadata", "resourceVersion"]]?.stringValue ?? "") ?? 0)
                        >= Int(revision) ?? .max
                }
            )
            #expect(!without.contains { $0["type"] == "BOOKMARK" })
        }
    }

    @Test("a stalled watch stays open and sends nothing, and continues when the faults are removed")
    func stall() async throws {
        try await withSandbox { harness in
            let revision = String(harness.sandbox.revision)
            harness.sandbox.stallWatches(resource: "configmaps")
            let response = try await watch(harness, ["resourceVersion": revision, "timeoutSeconds": "2"])
            try await fill(harness, 0..<1)
            harness.sandbox.removeFaults()
            #expect(try await harness.call(.post, Self.maps, ["metadata": ["name": "map-1"]]).code == 201)
            let events = try events(try await response.body.collect(upTo: 1 << 20))
            #expect(events.map { $0[path: ["object", "metadata", "name"]] } == ["map-1"])
        }
    }

    @Test("a dropped watch ends with a connection error, not with the end of the response")
    func drop() async throws {
        try await withSandbox { harness in
            let revision = String(harness.sandbox.revision)
            let response = try await watch(harness, ["resourceVersion": revision])
            try await harness.eventually("it is open") { harness.sandbox.watchCount == 1 }
            harness.sandbox.dropWatches(resource: "configmaps")
            await #expect(throws: (any Error).self) { _ = try await response.body.collect(upTo: 1 << 20) }
            try await harness.eventually("it is forgotten") { harness.sandbox.watchCount == 0 }
        }
    }

    @Test("an expired watch ends with an event of 410")
    func expire() async throws {
        try await withSandbox { harness in
            let response = try await watch(harness, ["resourceVersion": String(harness.sandbox.revision)])
            try await harness.eventually("it is open") { harness.sandbox.watchCount == 1 }
            harness.sandbox.expireWatches()
            let events = try events(try await response.body.collect(upTo: 1 << 20))
            #expect(events.last?["type"] == "ERROR")
            #expect(events.last?[path: ["object", "code"]] == 410)
        }
    }

    @Test("a truncated response ends with a connection error")
    func truncate() async throws {
        try await withSandbox { harness in
            harness.sandbox.inject(Fault(.truncate(bytes: 20), verbs: ["list"], resource: "configmaps", count: 1))
            await #expect(throws: (any Error).self) { try await harness.call(.get, Self.maps) }
            let again = try await harness.call(.get, Self.maps)
            #expect(again.code == 200)
        }
    }

    @Test("a request that is dropped before processing has no effect, and one that is dropped after it has")
    func cuts() async throws {
        try await withSandbox { harness in
            harness.sandbox.inject(Fault(.drop, verbs: ["create"], resource: "configmaps", name: nil, count: 1))
            await #expect(throws: (any Error).self) { try await fill(harness, 0..<1) }
            let before = try await harness.call(.get, "\(Self.maps)/map-0")
            #expect(before.code == 404)
            harness.sandbox.removeFaults()
            harness.sandbox.inject(Fault(.dropAfter, verbs: ["create"], resource: "configmaps", count: 1))
            await #expect(throws: (any Error).self) { try await fill(harness, 0..<1) }
            let after = try await harness.call(.get, "\(Self.maps)/map-0")
            #expect(after.code == 200)
        }
    }
}

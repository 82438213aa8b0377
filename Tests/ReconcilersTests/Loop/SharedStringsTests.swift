import CRDModels
import KubernetesAPI
import Testing

@testable import Reconcilers

@Suite("Strings that cached objects share")
struct SharedStringsTests {
    /// Two strings with the same text, each with storage of its own.
    private static func copies(_ text: String) -> (String, String) {
        (String(decoding: Array(text.utf8), as: UTF8.self), String(decoding: Array(text.utf8), as: UTF8.self))
    }

    private static func storage(_ string: String) -> UnsafePointer<UInt8>? {
        var string = string
        return string.withUTF8(\.baseAddress)
    }

    @Test("the same text is stored once")
    func sharing() {
        let strings = SharedStrings()
        let (first, second) = Self.copies("all of its objects are in the cluster")
        #expect(Self.storage(first) != Self.storage(second))
        let shared = [strings(first), strings(second)]
        #expect(shared == [first, second])
        #expect(Self.storage(shared[0]) == Self.storage(shared[1]))
    }

    @Test("a full table still gives the right strings")
    func collisions() {
        let strings = SharedStrings(capacity: 2)
        for round in 0..<3 {
            for index in 0..<50 {
                let text = "a string of more than fifteen bytes, \(index)"
                #expect(strings(text) == text, "round \(round)")
            }
        }
    }

    @Test("very long strings are not kept")
    func length() {
        let strings = SharedStrings()
        let (first, second) = Self.copies(String(repeating: "x", count: 1000))
        #expect(Self.storage(strings(first)) != Self.storage(strings(second)))
    }

    @Test("a shared server is equal to the one that was decoded")
    func server() {
        let condition = Condition(
            type: "Ready",
            status: .true,
            reason: "Serving",
            message: "1 of 1 pods are available",
            lastTransitionTime: Timestamp(secondsSinceEpoch: 0)
        )
        let image = "registry.example/mcp/echo@sha256:" + String(repeating: "a", count: 64)
        let server = MCPServer(
            metadata: ObjectMeta(name: "web", namespace: "ns"),
            spec: MCPServerSpec(image: image),
            status: MCPServerStatus(conditions: [condition], image: image)
        )
        let shared = server.sharing(SharedStrings())
        #expect(shared == server)
        #expect(Self.storage(shared.spec.image ?? "") == Self.storage(shared.status?.image ?? ""))
    }
}

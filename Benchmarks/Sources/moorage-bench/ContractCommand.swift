import ArgumentParser
import Foundation
import HTTPTypes
import KubernetesAPI
import Logging
import MCPProtocol
import MCPTransport
import SupplyChain

/// The benchmark `contract`.
struct ContractCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract",
        abstract:
            "A contract read, checked, put in canonical form and hashed, against the same pages fetched and hashed as bytes."
    )

    @Option(help: "How many tools.") var tools = 500
    @Option(help: "How many runs of each side, taken in turn; the medians are reported.") var rounds = 50

    func run() async throws {
        let server = StreamableHTTPServer(
            handler: MCPService(
                info: Implementation(name: "bench", version: "1"),
                content: ServiceContent(tools: try (0..<tools).map(Self.tool))
            ),
            host: "127.0.0.1",
            port: 0,
            path: "/mcp",
            logger: Self.logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            try await measure("http://127.0.0.1:\(try await server.port())/mcp")
        }
    }

    private func measure(_ url: String) async throws {
        let exchange = try HTTPClientExchange(HTTPClientExchange.Options())
        var reading: [Double] = []
        var hashing: [Double] = []
        var plain: [Double] = []
        var bytes = 0
        do {
            for _ in 0..<rounds {
                var start = ContinuousClock.now
                let read = try await ContractReader(exchange: exchange).read(.streamableHTTP(url))
                let middle = ContinuousClock.now
                let digests = read.contract.items.map { ContentDigest.sha256(of: $0.canonical.bytes) }
                let whole = ContentDigest.sha256(of: read.contract.canonical.bytes)
                hashing.append(middle.duration(to: .now).seconds)
                reading.append(start.duration(to: .now).seconds)
                guard digests.count == tools, whole.utf8.count == 64 else {
                    throw BenchmarkFailure("not all tools were read")
                }
                start = ContinuousClock.now
                let pages = try await Self.fetch(url, exchange)
                plain.append(start.duration(to: .now).seconds)
                bytes = pages
            }
        } catch {
            await exchange.shutdown()
            throw error
        }
        await exchange.shutdown()
        print(
            """
            contract: \(tools) tools, \(bytes / 1024) KiB in pages of 100, medians of \(rounds)
              read, checked and hashed, each tool and the whole: \((reading.median * 1000).text(2)) ms
              of that hashing: \((hashing.median * 1000).text(2)) ms
              the same pages fetched, and hashed as bytes: \((plain.median * 1000).text(2)) ms
              ratio \((reading.median / plain.median).text(2))
            """
        )
    }

    /// The reference: the same requests, with as little done to the answers as finding the next page takes.
    private static func fetch(_ url: String, _ exchange: HTTPClientExchange) async throws -> Int {
        var cursor: String?
        var all: [UInt8] = []
        try await post(url, exchange, method: "server/discover", cursor: nil, into: &all)
        repeat {
            let start = all.count
            try await post(url, exchange, method: "tools/list", cursor: cursor, into: &all)
            cursor = nextCursor(all[start...])
        } while cursor != nil
        _ = ContentDigest.sha256(of: all)
        return all.count
    }

    private static func post(
        _ url: String,
        _ exchange: HTTPClientExchange,
        method: String,
        cursor: String?,
        into all: inout [UInt8]
    ) async throws {
        let parameters: JSONValue = [
            "_meta": [
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": [:],
            ],
            "cursor": cursor.map { .string($0) } ?? .null,
        ]
        var members = parameters.objectValue ?? [:]
        if cursor == nil { members["cursor"] = nil }
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .object(members)]
        var headers: HTTPFields = [.contentType: "application/json", .accept: "application/json, text/event-stream"]
        for (name, value) in [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let response = try await exchange.send(
            HTTPExchangeRequest(method: .post, url: url, headers: headers, body: body.serialized())
        )
        guard response.status == 200 else { throw BenchmarkFailure("\(method) was answered with \(response.status)") }
        for try await chunk in response.body { all += chunk }
    }

    /// The cursor of the next page, which is at the end of a page.
    private static func nextCursor(_ page: ArraySlice<UInt8>) -> String? {
        let end = String(decoding: page.suffix(512), as: UTF8.self)
        guard let range = end.range(of: "\"nextCursor\":\"") else { return nil }
        return String(end[range.upperBound...].prefix { $0 != "\"" })
    }

    /// A tool of the size that published servers have: about a kilobyte.
    private static func tool(_ number: Int) throws -> ServiceTool {
        let text = String(repeating: "Searches the documents of a project by words and dates. ", count: 4)
        let properties = (0..<6).map { field -> (String, RawJSON?) in
            ("field\(field)", ["type": "string", "description": .string("What to look for, in plain words.")])
        }
        return try ServiceTool(
            try Tool([
                "name": .string("search_\(number)"), "title": .string("Search \(number)"), "description": .string(text),
                "inputSchema": ["type": "object", "properties": .object(properties), "required": ["field0"]],
                "annotations": ["readOnlyHint": true],
            ])
        ) { _ in .text("") }
    }

    private static let logger = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
}

public import Foundation
public import MCPProtocol
import Subprocess

/// Judges messages by the JSON schemas of the MCP specification, with Python's `jsonschema`. The schemas are in the folder
/// `mcp-schema/schema` below `MOORAGE_VECTORS`, in a folder for each revision.
public enum SchemaJudge {
    /// The folder of the revisions, or `nil` if `MOORAGE_VECTORS` is not set.
    public static let folder = ProcessInfo.processInfo.environment["MOORAGE_VECTORS"].map {
        URL(filePath: $0).appending(path: "mcp-schema/schema")
    }

    /// A message, and the definition that it must match.
    public struct Written: Sendable {
        public let definition: String
        public let json: RawJSON

        public init(_ definition: String, _ json: RawJSON) {
            self.definition = definition
            self.json = json
        }
    }

    /// The judge cannot be run.
    public struct Unavailable: Error, CustomStringConvertible {
        public let description: String
    }

    /// Reads `schema.json`, and from standard input lines of `DEFINITION TAB JSON`; prints a line for each that is not valid, and how many
    /// it has judged.
    private static let program = """
        import json, sys
        from jsonschema import Draft7Validator, Draft202012Validator
        schema = json.load(open(sys.argv[1]))
        key = "definitions" if "definitions" in schema else "$defs"
        kind = Draft7Validator if key == "definitions" else Draft202012Validator
        kind.check_schema(schema)
        count = 0
        for line in sys.stdin:
            definition, text = line.rstrip("\\n").split("\\t", 1)
            assert definition in schema[key], definition
            value = json.loads(text)
            # The schema as a whole, so that its references resolve.
            whole = dict(schema, **{"$ref": "#/%s/%s" % (key, definition)})
            for error in kind(whole).iter_errors(value):
                print("%s: %s in %s" % (definition, error.message, text))
            count += 1
        print("judged %d" % count)
        """

    /// What the judge prints: a line for each fault, and `judged N`.
    public static func judged(_ messages: [Written], _ version: ProtocolVersion) async throws -> String {
        guard let schema = folder?.appending(path: "\(version)/schema.json") else {
            throw Unavailable(description: "MOORAGE_VECTORS is not set")
        }
        let result = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", program, schema.path()],
            input: .string(messages.map { "\($0.definition)\t\($0.json.onOneLine.text)\n" }.joined()),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw Unavailable(
                description: "python3 with the package jsonschema is needed: \(result.standardError)"
            )
        }
        return result.standardOutput
    }

    /// The definition of a client's message in the schema of a revision.
    public static func definition(of message: JSONRPCMessage) -> String {
        switch message {
        case .request(let request): requests[request.method] ?? "JSONRPCRequest"
        case .notification(let notification): notifications[notification.method] ?? "JSONRPCNotification"
        case .response: "JSONRPCMessage"
        }
    }

    private static let requests = [
        "server/discover": "DiscoverRequest", "initialize": "InitializeRequest", "ping": "PingRequest",
        "tools/list": "ListToolsRequest", "tools/call": "CallToolRequest", "prompts/list": "ListPromptsRequest",
        "prompts/get": "GetPromptRequest", "resources/list": "ListResourcesRequest",
        "resources/templates/list": "ListResourceTemplatesRequest", "resources/read": "ReadResourceRequest",
        "resources/subscribe": "SubscribeRequest", "resources/unsubscribe": "UnsubscribeRequest",
        "subscriptions/listen": "SubscriptionsListenRequest",
    ]

    private static let notifications = [
        "notifications/initialized": "InitializedNotification", "notifications/cancelled": "CancelledNotification",
    ]
}

import HTTPTypes
import MCPProtocol
import MCPTestSupport
import MCPTransport
import Synchronization
import Testing

/// An exchange that keeps what is sent through another one.
final class RecordingExchange: HTTPExchange {
    private let next: any HTTPExchange
    private let sent = Mutex<[HTTPExchangeRequest]>([])

    init(_ next: any HTTPExchange) { self.next = next }

    var requests: [HTTPExchangeRequest] { sent.withLock { $0 } }

    func send(_ request: HTTPExchangeRequest) async throws -> HTTPExchangeResponse {
        sent.withLock { $0.append(request) }
        return try await next.send(request)
    }

    /// How many requests of a method there were.
    func count(_ method: String) -> Int { requests.count { $0.method.rawValue == method } }
}

/// Expects that all messages match the schemas: those of 2026-07-28 their own, others that of a revision. Without the schemas, it does
/// nothing.
func expectValid(
    _ bodies: [[UInt8]],
    _ version: ProtocolVersion,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    guard SchemaJudge.folder != nil else { return }
    var messages: [ProtocolVersion: [SchemaJudge.Written]] = [:]
    for body in bodies {
        let message = try JSONRPCMessage(parsing: body)
        var used = version
        if case .request(let request) = message, try RequestMetadata.declaredVersion(of: request) != nil {
            used = .v2026_07_28
        } else if version == .v2026_07_28, message.isOfHandshake {
            used = .v2025_11_25
        }
        messages[used, default: []] += [
            SchemaJudge.Written(SchemaJudge.definition(of: message), message.json),
            SchemaJudge.Written("JSONRPCMessage", message.json),
        ]
    }
    for (version, written) in messages {
        let verdict = try await SchemaJudge.judged(written, version)
        #expect(verdict == "judged \(written.count)\n", "\(version)", sourceLocation: sourceLocation)
    }
}

extension JSONRPCMessage {
    fileprivate var isOfHandshake: Bool {
        switch self {
        case .request(let request): request.method == Method.initialize.rawValue
        case .notification(let notification): notification.method == Method.initialized.rawValue
        case .response: false
        }
    }
}

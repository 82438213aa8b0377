import HTTPServing
import NIOCore
import NIOPosix
import Synchronization

@testable import KubernetesClient

/// A forward proxy for one test: it connects to one port of this machine, whatever name is requested.
final class TestProxy: Sendable {
    enum Kind: Sendable {
        /// HTTP CONNECT, with these credentials in `Proxy-Authorization` if they are set.
        case connect(authorization: String?)
        /// SOCKS 5 without a login (RFC 1928).
        case socks5
    }

    private struct Broken: Error {}
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let kind: Kind
    private let backend: Int
    private let targets = Mutex<[String]>([])

    /// The requested targets, as `host:port`.
    var asked: [String] { targets.withLock { $0 } }

    init(_ kind: Kind, backend: Int) {
        self.kind = kind
        self.backend = backend
    }

    /// Runs the proxy during `body`, which receives the port.
    func run<Value: Sendable>(_ body: @escaping @Sendable (_ port: Int) async throws -> Value) async throws -> Value {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try AcceptedConnection<ByteBuffer, ByteBuffer>(wrapping: channel)
                }
            }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await listener.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await connection in connections {
                            // A broken connection is detected by the client.
                            group.addTask { try? await self.serve(connection.take()) }
                        }
                    }
                }
                return nil
            }
            group.addTask { try await body(listener.channel.localAddress?.port ?? 0) }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw Broken()
        }
    }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var reader = Reader(iterator: inbound.makeAsyncIterator())
            switch kind {
            case .connect(let authorization):
                let head = try await reader.text(through: "\r\n\r\n").split(separator: "\r\n").map(String.init)
                let words = head.first?.split(separator: " ").map(String.init) ?? []
                guard words.count == 3, words[0] == "CONNECT" else { throw Broken() }
                let given = head.first { $0.lowercased().hasPrefix("proxy-authorization: ") }
                guard given.map({ String($0.dropFirst(21)) }) == authorization else {
                    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
                    try await outbound.write(ByteBuffer(string: refusal))
                    return
                }
                targets.withLock { $0.append(words[1]) }
                try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"))
            case .socks5:
                let greeting = try await reader.bytes(2)
                _ = try await reader.bytes(Int(greeting[1]))
                try await outbound.write(ByteBuffer(bytes: [5, 0]))
                let request = try await reader.bytes(4)
                let host: String
                switch request[3] {
                case 1: host = try await reader.bytes(4).map(String.init).joined(separator: ".")
                case 3:
                    host = String(decoding: try await reader.bytes(Int(try await reader.bytes(1)[0])), as: UTF8.self)
                default: throw Broken()
                }
                let port = try await reader.bytes(2)
                targets.withLock { $0.append("\(host):\(Int(port[0]) << 8 | Int(port[1]))") }
                try await outbound.write(ByteBuffer(bytes: [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
            }
            try await relay(&reader, outbound)
        }
    }

    private func relay(_ reader: inout Reader, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        let upstream = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: backend) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        try await upstream.executeThenClose { answers, requests in
            async let back: Void = {
                for try await buffer in answers { try await outbound.write(buffer) }
                outbound.finish()
            }()
            while let buffer = try await reader.next() { try await requests.write(buffer) }
            requests.finish()
            try await back
        }
    }

    /// Reads the bytes before the relayed ones.
    private struct Reader {
        var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        var pending = ByteBuffer()

        mutating func next() async throws -> ByteBuffer? {
            guard pending.readableBytes == 0 else {
                defer { pending.clear() }
                return pending
            }
            return try await iterator.next()
        }

        mutating func bytes(_ count: Int) async throws -> [UInt8] {
            while pending.readableBytes < count {
                guard let more = try await iterator.next() else { throw Broken() }
                pending.writeImmutableBuffer(more)
            }
            return pending.readBytes(length: count) ?? []
        }

        mutating func text(through end: String) async throws -> String {
            var text = ""
            while !text.hasSuffix(end) { text += String(decoding: try await bytes(1), as: UTF8.self) }
            return text
        }
    }
}

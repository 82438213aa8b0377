import Hummingbird
import NIOCore
import Subprocess
import Synchronization
import Testing

@testable import KubernetesClient

/// Answers that are compressed on request, as API servers do with large ones.
@Suite struct CompressionTests {
    static func gzip(_ bytes: [UInt8]) async throws -> [UInt8] {
        let result = try await Subprocess.run(
            .name("gzip"),
            arguments: ["-9", "-n"],
            input: .array(bytes),
            output: .bytes(limit: 1 << 24),
            error: .discarded
        )
        return result.standardOutput
    }

    /// Sends a request to a server that has `plain` in both forms.
    ///
    /// - Returns: the answer, and the encodings that the client accepts.
    static func ask(
        _ plain: [UInt8],
        disableCompression: Bool,
        maximumBodyBytes: Int = 1 << 30
    ) async throws -> (body: [UInt8], accepted: [String]) {
        let packed = try await gzip(plain)
        let accepted = Mutex<[String]>([])
        let body = try await TransportTests.withServer { request in
            let encoding = request.headers[.acceptEncoding] ?? ""
            accepted.withLock { $0.append(encoding) }
            guard encoding == "gzip" else {
                return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: plain)))
            }
            return Response(
                status: .ok,
                headers: [.contentEncoding: "gzip"],
                body: .init(byteBuffer: ByteBuffer(bytes: packed))
            )
        } _: { port in
            let transport = try TransportTests.transport(
                KubernetesClientConfiguration(
                    server: "http://127.0.0.1:\(port)",
                    disableCompression: disableCompression
                )
            )
            var client = KubernetesClient(transport: transport, retryPolicy: .never)
            client.maximumBodyBytes = maximumBodyBytes
            let body: Result<[UInt8], any Error>
            do { body = .success(try await client.raw("/api/v1/pods")) } catch { body = .failure(error) }
            try await transport.shutdown()
            return try body.get()
        }
        return (body, accepted.withLock { $0 })
    }

    @Test func `a compressed answer is requested and read, unless compression is turned off`() async throws {
        let plain = Array(String(repeating: #"{"kind":"Pod","metadata":{"name":"a"}},"#, count: 5_000).utf8)
        let compressed = try await Self.ask(plain, disableCompression: false)
        #expect(compressed.body == plain)
        #expect(compressed.accepted == ["gzip"])
        let whole = try await Self.ask(plain, disableCompression: true)
        #expect(whole.body == plain)
        #expect(whole.accepted == [""])
    }

    @Test func `an answer that expands too much is rejected`() async throws {
        // All zeros: a factor of a thousand, the maximum of the format.
        let error = await #expect(throws: ClientError.self) {
            _ = try await Self.ask([UInt8](repeating: 0, count: 64 << 20), disableCompression: false)
        }
        #expect(error?.code == .bodyTooLarge, "\(String(describing: error))")
        #expect(error?.message.contains("disable-compression") == true)
    }

    @Test func `the limit of a body counts what was unpacked`() async throws {
        let plain = Array(String(repeating: #"{"kind":"Pod","metadata":{"name":"a"}},"#, count: 5_000).utf8)
        let error = await #expect(throws: ClientError.self) {
            _ = try await Self.ask(plain, disableCompression: false, maximumBodyBytes: 100_000)
        }
        #expect(error?.code == .bodyTooLarge, "\(String(describing: error))")
    }
}

import Foundation
import MCPProtocol
import MCPTransport
import Testing

@Suite("The client and TLS")
struct TLSTests {
    /// A server over TLS that answers everything with 404, and prints its certificate, which is for the name in the first argument, and signed by itself.
    static let server = """
        import http.server, os, ssl, subprocess, sys, tempfile
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = os.path.join(folder, "key"), os.path.join(folder, "certificate")
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                 "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=" + sys.argv[1]],
                check=True, capture_output=True)
            print(open(certificate).read(), file=sys.stderr, flush=True)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(404)
                self.send_header("content-length", "0")
                self.end_headers()
            do_POST = do_HEAD = do_GET
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        print("running on http://127.0.0.1:%d " % server.server_address[1], file=sys.stderr, flush=True)
        server.serve_forever()
        """

    private func code(_ url: String, _ trust: HTTPClientExchange.Trust = .system) async throws -> MCPClientError.Code? {
        var options = HTTPClientExchange.Options()
        options.trust = trust
        let exchange = try HTTPClientExchange(options)
        let error = await #expect(throws: MCPClientError.self) {
            try await MCPClient.withConnection(to: .streamableHTTP(url), exchange: exchange) { _ in }
        }
        await exchange.shutdown()
        return error?.code
    }

    static func certificate(_ server: PythonServer) throws -> String {
        let text = server.output.text
        let start = try #require(text.range(of: "-----BEGIN CERTIFICATE-----"))
        let end = try #require(text.range(of: "-----END CERTIFICATE-----"))
        return String(text[start.lowerBound..<end.upperBound]) + "\n"
    }

    @Test("errors tell an unknown certificate, TLS on http, and plain HTTP on https apart; trust can be given")
    func trust() async throws {
        try await PythonServer.run(Self.server, "IP:127.0.0.1") { server in
            let secure = "https" + server.origin.dropFirst(4)
            #expect(try await code(secure + "/mcp") == .certificateNotTrusted)
            #expect(try await code(server.origin + "/mcp") == .serverRequiresTLS)
            // The server's 404 shows that the connection works.
            #expect(try await code(secure + "/mcp", .insecureAny) == .notFound)
            let pem = try Self.certificate(server)
            #expect(try await code(secure + "/mcp", .authorities(pem: pem)) == .notFound)
        }
        try await PythonServer.run(Self.server, "DNS:other.test") { server in
            let pem = try Self.certificate(server)
            let secure = "https" + server.origin.dropFirst(4)
            #expect(try await code(secure + "/mcp", .authorities(pem: pem)) == .certificateNotTrusted)
        }
        #expect(throws: MCPClientError.self) {
            var options = HTTPClientExchange.Options()
            options.trust = .authorities(pem: "nothing")
            _ = try HTTPClientExchange(options)
        }
    }
}

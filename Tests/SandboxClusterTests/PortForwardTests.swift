import AsyncHTTPClient
import Foundation
import KubernetesAPI
import NIOCore
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

@testable import SandboxCluster

@Suite("The frames of port forwarding")
struct SPDYTests {
    @Test("the dictionary is that of the specification")
    func dictionary() {
        #expect(SPDYDictionary.bytes.count == 1_423)
        #expect(SPDYDictionary.checksum == 0xE3C6_A7C2)
    }

    /// Compresses pieces with Python's zlib, one flush each: with stored blocks, fixed codes, and codes of the block.
    private static let program = """
        import base64, json, random, sys, zlib
        dictionary = base64.b64decode(sys.argv[1])
        for seed in range(int(sys.argv[2])):
            random.seed(seed)
            strategy = random.choice([zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE])
            machine = zlib.compressobj(random.choice([0, 1, 6, 9]), zlib.DEFLATED, 15, 8, strategy, dictionary)
            alphabet = bytes(random.randrange(256) for _ in range(random.choice([2, 20, 256])))
            pieces = []
            for _ in range(random.randrange(1, 6)):
                text = bytes(random.choice(alphabet) for _ in range(random.choice([0, 1, 50, 4000, 40000])))
                start = random.randrange(len(dictionary))
                text += dictionary[start:start + random.randrange(300)] + text[-3000:]
                packed = machine.compress(text) + machine.flush(zlib.Z_SYNC_FLUSH)
                pieces.append([base64.b64encode(packed).decode(), base64.b64encode(text).decode()])
            print(json.dumps(pieces))
        """

    @Test("what zlib compresses is decompressed, across pieces and with the dictionary")
    func inflation() async throws {
        let dictionary = Data(SPDYDictionary.bytes).base64EncodedString()
        let result = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", Self.program, dictionary, "100"],
            output: .string(limit: 1 << 28),
            error: .string(limit: 1 << 16)
        )
        let lines = result.standardOutput.split(separator: "\n")
        #expect(lines.count == 100, "\(result.standardError)")
        for (seed, line) in lines.enumerated() {
            var inflate = Inflate(dictionary: SPDYDictionary.bytes, limit: 1 << 20)
            for piece in try JSONDecoder().decode([[String]].self, from: Data(line.utf8)) {
                let packed = try #require(Data(base64Encoded: piece[0]))
                let text = try #require(Data(base64Encoded: piece[1]))
                let output = try inflate.inflate(Array(packed))
                #expect(output == Array(text), "seed \(seed)")
            }
        }
    }

    @Test("damaged and oversized data is refused")
    func damage() throws {
        let good: [UInt8] = try Array(#require(Data(base64Encoded: Self.errorHeaders)))
        for index in good.indices {
            for bit in 0..<8 {
                var bad = good
                bad[index] ^= 1 << bit
                var inflate = Inflate(dictionary: SPDYDictionary.bytes, limit: 1 << 10)
                // Nothing but that it ends, with an error or within the limit.
                if let output = try? inflate.inflate(bad) { #expect(output.count <= 1 << 10) }
            }
            var cut = Inflate(dictionary: SPDYDictionary.bytes, limit: 1 << 10)
            if index > 0, index < good.count - 5 {
                #expect((try? cut.inflate(Array(good[..<index]))) != Self.headers("error"))
            }
        }
        var small = Inflate(dictionary: SPDYDictionary.bytes, limit: 60)
        #expect(throws: Inflate.Failure.tooLarge) { try small.inflate(good) }
        var other = Inflate(dictionary: [1, 2, 3], limit: 1 << 10)
        #expect(throws: Inflate.Failure.wrongDictionary) { try other.inflate(good) }
    }

    /// The headers of an error stream and of a data stream, compressed as one stream.
    private static let errorHeaders = "ePnjxqfCAiU6cDorKUpNzIUWJaypoICGFMtF4BxgYWBhAKQ5iyDRmAlK3owGAAAAAP//"
    private static let dataHeaders = "wqoZVA4lEtYLAAAA//8="

    private static func headers(_ type: String) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, 3]
        for text in ["streamtype", type, "port", "8080", "requestid", "0"] {
            bytes += [0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8)
        }
        return bytes
    }

    @Test("frames are read, however the bytes arrive")
    func parsing() throws {
        func stream(_ id: UInt8, _ headers: String) throws -> [UInt8] {
            let packed: [UInt8] = try Array(#require(Data(base64Encoded: headers)))
            return [0x80, 3, 0, 1, 0, 0, 0, UInt8(10 + packed.count), 0, 0, 0, id, 0, 0, 0, 0, 0, 0] + packed
        }
        let bytes =
            try stream(1, Self.errorHeaders) + stream(3, Self.dataHeaders)
            + [0, 0, 0, 3, 1, 0, 0, 2, 104, 105] + [0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 9]
            + [0x80, 3, 0, 3, 0, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0, 5] + [0x80, 3, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0]
            + [0x80, 3, 0, 7, 0, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0, 0]
        func headers(_ type: String) -> [String: String] { ["streamtype": type, "port": "8080", "requestid": "0"] }
        let expected: [SPDYFrame] = [
            .synStream(id: 1, headers: headers("error"), isLast: false),
            .synStream(id: 3, headers: headers("data"), isLast: false), .data(id: 3, bytes: [104, 105], isLast: true),
            .ping(id: 9), .reset(id: 3, status: 5), .other, .goAway(lastID: 3),
        ]
        for size in [1, 7, bytes.count] {
            var parser = SPDYParser()
            var frames: [SPDYFrame] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                frames += try parser.feed(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(frames == expected)
        }
        var parser = SPDYParser()
        #expect(throws: SPDYParser.Failure.self) { try parser.feed([0x80, 2, 0, 6, 0, 0, 0, 0]) }
        #expect(throws: SPDYParser.Failure.self) { try parser.feed([0, 0, 0, 1, 0, 255, 255, 255]) }
    }

    @Test("what is written is read as it was")
    func writing() throws {
        var writer = SPDYWriter()
        var parser = SPDYParser()
        for frame: SPDYFrame in [
            .synReply(id: 1), .synReply(id: 3), .data(id: 3, bytes: [1, 2, 3], isLast: false), .ping(id: 7),
            .reset(id: 3, status: 5), .data(id: 1, bytes: [], isLast: true), .goAway(lastID: 3), .synReply(id: 5),
        ] {
            #expect(try parser.feed(writer.bytes(frame)) == [frame])
        }
    }

    @Test("two streams of one request open a connection; everything else is refused or ignored")
    func streams() {
        func stream(_ id: UInt32, _ type: String, request: String = "0", port: String = "8080") -> SPDYFrame {
            .synStream(id: id, headers: ["streamtype": type, "port": port, "requestid": request], isLast: false)
        }
        var streams = ForwardedStreams()
        #expect(streams.receive(stream(1, "error")) == [.send(.synReply(id: 1))])
        // The client writes no errors.
        #expect(streams.receive(.data(id: 1, bytes: [], isLast: true)) == [])
        let forward = ForwardedStreams.Forward(data: 3, error: 1, port: 8_080)
        #expect(streams.receive(stream(3, "data")) == [.send(.synReply(id: 3)), .open(forward)])
        #expect(
            streams.receive(.data(id: 3, bytes: [1], isLast: true)) == [.deliver(data: 3, [1]), .finish(data: 3)]
        )
        let refusal = { (id: UInt32) -> [ForwardedStreams.Action] in [.send(.reset(id: id, status: SPDYFrame.cancel))] }
        #expect(streams.receive(stream(5, "data", request: "1")) == refusal(5))
        #expect(streams.receive(stream(7, "error", port: "0")) == refusal(7))
        #expect(streams.receive(stream(9, "video")) == refusal(9))
        #expect(streams.receive(.reset(id: 3, status: 5)) == [.cancel(data: 3)])
        #expect(streams.receive(.reset(id: 3, status: 5)) == [])
        #expect(streams.receive(.ping(id: 11)) == [.send(.ping(id: 11))])
        #expect(streams.receive(.ping(id: 2)) == [])
        // Ids ascend.
        #expect(streams.receive(stream(3, "error")) == [.close])
        #expect(streams.receive(.goAway(lastID: 0)) == [.close])
    }
}

@Suite("kubectl port-forward in the sandbox", .serialized)
struct PortForwardTests {
    /// Runs kubectl port-forward while the body runs with the local port.
    private static func forward(
        _ kubectl: Kubectl,
        _ target: String,
        port: Int,
        usesWebSocket: Bool,
        _ body: @Sendable (Int) async throws -> Void
    ) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: try Tool.kubectl().path)
        process.arguments = ["port-forward", target, ":\(port)", "--address", "127.0.0.1"]
        process.environment = [
            "KUBECONFIG": "\(kubectl.folder)/kubeconfig", "HOME": kubectl.folder,
            "KUBECTL_PORT_FORWARD_WEBSOCKETS": "\(usesWebSocket)",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        var text = ""
        while !text.contains("Forwarding from") {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        let port = text.split(separator: "127.0.0.1:").dropFirst().first?.prefix { $0.isNumber }
        let result: Result<Void, any Error>
        do {
            try await body(try #require(port.flatMap { Int($0) }, "\(text)"))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        process.terminate()
        text += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        try result.get()
        return text
    }

    private static func post(_ text: String, _ port: Int) async throws -> String {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: text))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        return String(buffer: try await response.body.collect(upTo: 1 << 26))
    }

    /// Answers with what is posted.
    private static let echo = """
        import http.server, os
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass
        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
        """

    @Test("bytes reach a process and come back, over WebSocket and over SPDY", arguments: [true, false])
    func process(usesWebSocket: Bool) async throws {
        try await Kubectl.run {
            $0.processes = SandboxProcesses(
                environment: SandboxProcesses.inheritable(ProcessInfo.processInfo.environment)
            )
        } _: { kubectl, _ in
            let pod: JSONValue = [
                "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "echo", "labels": ["app": "echo"]],
                "spec": [
                    "containers": [
                        [
                            "name": "main", "image": "registry.example/x:1",
                            "command": ["python3", "-u", "-c", .string(Self.echo)],
                            "ports": [["name": "http", "containerPort": 8125]],
                            "readinessProbe": ["tcpSocket": ["port": "http"]],
                        ]
                    ]
                ],
            ]
            try await kubectl("apply", "-f", "-", input: String(decoding: pod.serialized(), as: UTF8.self))
            try await kubectl("expose", "pod", "echo", "--port", "80", "--target-port", "8125")
            try await kubectl("wait", "--for=condition=Ready", "pod/echo", "--timeout=60s")
            for (target, port) in [("pod/echo", 8_125), ("service/echo", 80)] {
                let output = try await Self.forward(kubectl, target, port: port, usesWebSocket: usesWebSocket) {
                    local in
                    #expect(try await Self.post("hello", local) == "hello")
                    // More than the buffers of all who are in between, and several at a time.
                    let long = String(repeating: "0123456789", count: 300_000)
                    try await withThrowingTaskGroup(of: Bool.self) { group in
                        for number in 0..<5 {
                            group.addTask { try await Self.post("\(number)\(long)", local) == "\(number)\(long)" }
                        }
                        for try await isEqual in group { #expect(isEqual) }
                    }
                }
                #expect(!output.contains("error"), "\(output)")
            }
            // A port on which nothing listens is an error of that connection, which kubectl reports.
            let output = try await Self.forward(kubectl, "pod/echo", port: 9, usesWebSocket: usesWebSocket) { local in
                await #expect(throws: (any Error).self) { try await Self.post("hello", local) }
            }
            #expect(output.contains("error forwarding port 9 to pod default/echo"), "\(output)")
        }
    }

    @Test("stand-ins are reached as well, and a pod that does not exist is an error")
    func standIn() async throws {
        try await Kubectl.run { kubectl, _ in
            try await kubectl("run", "hello", "--image=registry.example/x:1", "--port=8080")
            try await kubectl("wait", "--for=condition=Ready", "pod/hello", "--timeout=60s")
            _ = try await Self.forward(kubectl, "pod/hello", port: 8_080, usesWebSocket: true) { local in
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(local)/mcp")
                request.method = .POST
                request.headers.add(name: "Content-Type", value: "application/json")
                request.headers.add(name: "Accept", value: "application/json, text/event-stream")
                request.body = .bytes(
                    ByteBuffer(
                        string: """
                            {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", \
                            "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}
                            """
                    )
                )
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                #expect(response.status == .ok)
            }
            let missing = try await kubectl.attempt(["port-forward", "pod/none", ":80"])
            #expect(missing.error.contains("pods \"none\" not found"), "\(missing.error)")
        }
    }

    @Test("forwarding needs the permission to create it, also over WebSocket")
    func permission() async throws {
        try await Kubectl.run {
            $0.enforcesRBAC = true
        } _: { kubectl, _ in
            try await kubectl("run", "hello", "--image=registry.example/x:1", "--port=8080")
            try await kubectl("wait", "--for=condition=Ready", "pod/hello", "--timeout=60s")
            try await kubectl("create", "role", "reader", "--verb=get", "--resource=pods,pods/portforward")
            try await kubectl("create", "rolebinding", "ann", "--role=reader", "--user=ann")
            let refused = try await kubectl.attempt(["port-forward", "pod/hello", ":8080", "--as=ann"])
            #expect(refused.status == 1)
            #expect(refused.error.contains("cannot create resource \"pods/portforward\""), "\(refused.error)")
        }
    }
}

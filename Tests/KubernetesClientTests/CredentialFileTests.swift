import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Testing

@testable import KubernetesClient

/// Credentials that change between requests.
@Suite struct RotationTests {
    @Test func `a token file is read again after a minute, over the wire too`() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("token", "one")
        let hands = TLSTests.Hands()
        let tokens = Mutex<[String]>([])
        try await TransportTests.withServer { request in
            tokens.withLock { $0.append(request.headers[.authorization] ?? "") }
            return Response(status: .ok)
        } _: { port in
            let configuration = KubernetesClientConfiguration(
                server: "http://127.0.0.1:\(port)",
                credentials: .tokenFile(path: file, initial: nil)
            )
            try await TLSTests.withTransport(configuration, hands: hands) { client in
                _ = try await client.raw("/a")
                try directory.write("token", "two\n")
                _ = try await client.raw("/b")
                hands.move(.seconds(61))
                _ = try await client.raw("/c")
                // A file that was deleted, or is empty while it is written, changes nothing.
                try directory.write("token", "")
                hands.move(.seconds(61))
                _ = try await client.raw("/d")
            }
        }
        #expect(tokens.withLock { $0 } == ["Bearer one", "Bearer one", "Bearer two", "Bearer two"])
    }

    @Test func `a token file that was never there is an error that names it`() async throws {
        let directory = try TemporaryDirectory()
        let configuration = KubernetesClientConfiguration(
            server: "http://127.0.0.1:1",
            credentials: .tokenFile(path: "\(directory.path)/none", initial: nil)
        )
        let error = await #expect(throws: ClientError.self) {
            try await TLSTests.withTransport(configuration) { client in _ = try await client.raw("/x") }
        }
        #expect(error?.code == .credentials)
        #expect(error?.message.contains("\(directory.path)/none") == true)
    }

    @Test func `every part of an impersonation is sent, with awkward keys escaped`() async throws {
        let headers = Mutex<HTTPFields>([:])
        try await TransportTests.withServer { request in
            headers.withLock { $0 = request.headers }
            return Response(status: .ok)
        } _: { port in
            let configuration = KubernetesClientConfiguration(
                server: "http://127.0.0.1:\(port)",
                impersonation: .init(
                    user: "jane",
                    uid: "7",
                    groups: ["dev", "ops"],
                    extra: ["Scopes": ["view", "edit"], "acme.com/project": ["a"]]
                )
            )
            try await TLSTests.withTransport(configuration) { client in _ = try await client.raw("/x") }
        }
        let seen = headers.withLock { $0 }
        func values(_ name: String) -> [String] { HTTPField.Name(name).map { seen[values: $0] } ?? [] }
        #expect(values("Impersonate-User") == ["jane"])
        #expect(values("Impersonate-Uid") == ["7"])
        #expect(values("Impersonate-Group") == ["dev", "ops"])
        #expect(values("Impersonate-Extra-scopes") == ["view", "edit"])
        #expect(values("Impersonate-Extra-acme.com%2Fproject") == ["a"])
    }
}

/// Faults of a credential plug-in other than its output.
@Suite struct ExecLimitTests {
    /// A clock whose sleeps end when a file exists.
    struct FileClock: Clock {
        let path: String
        var now: ContinuousClock.Instant { .now }
        let minimumResolution = Duration.zero

        func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
            while !FileManager.default.fileExists(atPath: path) {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }

    @Test func `a plug-in that takes too long is ended, and named`() async throws {
        let directory = try TemporaryDirectory()
        // The file appears under its name only after the whole number is written.
        let script = try directory.write(
            "plugin.sh",
            """
            #!/bin/sh
            echo $$ > "\(directory.path)/writing"
            mv "\(directory.path)/writing" "\(directory.path)/pid"
            exec sleep 1000
            """,
            executable: true
        )
        let error = await #expect(throws: ClientError.self) {
            _ = try await ExecPlugin.run(
                ExecConfiguration(command: script),
                clock: FileClock(path: "\(directory.path)/pid")
            )
        }
        #expect(error?.code == .credentials)
        #expect(error?.message == "the credential plug-in \(script) took longer than 60.0 seconds")
        let pid = try String(contentsOfFile: "\(directory.path)/pid", encoding: .utf8)
        let process = try #require(pid_t(pid.filter(\.isNumber)))
        #expect(kill(process, 0) == -1, "the plug-in is still running as process \(process)")
    }

    @Test func `a plug-in that prints without end is named, with the limit`() async throws {
        let directory = try TemporaryDirectory()
        let script = try directory.write("plugin.sh", "#!/bin/sh\nyes s3cr3t\n", executable: true)
        let error = await #expect(throws: ClientError.self) {
            _ = try await ExecPlugin.run(ExecConfiguration(command: script))
        }
        #expect(error?.code == .credentials)
        #expect(error?.message.contains("printed more than 1048576 bytes") == true, "\(String(describing: error))")
        #expect("\(String(describing: error))".contains("s3cr3t") == false)
    }

    @Test func `an interactive plug-in is not started without a terminal`() async throws {
        guard isatty(STDIN_FILENO) != 1 else { return }
        let error = await #expect(throws: ClientError.self) {
            _ = try await ExecPlugin.run(ExecConfiguration(command: "true", interactiveMode: .always))
        }
        #expect(error?.message.contains("interactiveMode Always") == true)
    }
}

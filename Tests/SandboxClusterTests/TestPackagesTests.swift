import Foundation
import TestSupport
import Testing

/// Tests `scripts/install-test-packages` on a simulated machine that only has certain programs.
@Suite("Test packages")
struct TestPackagesTests {
    /// Runs the script with a `PATH` that only contains these programs, each a shell script.
    private func run(_ programs: [String: String]) async throws -> (result: Tool.Result, installed: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moorage-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let bin = folder.appending(path: "bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
        for (name, body) in programs {
            let file = bin.appending(path: name)
            try Data("#!/bin/sh\n\(body)\n".utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path())
        }
        let log = folder.appending(path: "apt.log")
        let result = try await Tool(path: "/bin/bash").attempt(
            ["\(Tool.packageRoot)/scripts/install-test-packages"],
            environment: ["PATH": bin.path(), "APT_LOG": log.path()]
        )
        return (result, (try? String(contentsOf: log, encoding: .utf8)) ?? "")
    }

    private let linux = ["uname": "echo Linux", "id": "echo 0"]
    private let apt = ["apt-get": "echo \"$@\" >> \"$APT_LOG\""]
    private let all = [
        "python3": "exit 0", "openssl": "exit 0", "gzip": "exit 0", "curl": "exit 0", "lua5.4": "exit 0",
        "strip": "exit 0", "docker-registry": "exit 0", "skopeo": "exit 0", "redis-server": "exit 0",
        "prometheus": "exit 0", "prometheus-alertmanager": "exit 0", "prometheus-node-exporter": "exit 0",
        "musl-gcc": "exit 0",
    ]

    @Test("if nothing is missing, nothing is installed")
    func complete() async throws {
        let (result, installed) = try await run(linux.merging(apt) { $1 }.merging(all) { $1 })
        #expect(result.status == 0, "\(result.error)")
        #expect(result.error.isEmpty)
        #expect(installed.isEmpty)
    }

    @Test("root gets every missing package from apt-get")
    func root() async throws {
        let (result, installed) = try await run(linux.merging(apt) { $1 })
        #expect(result.status == 0, "\(result.error)")
        #expect(
            installed == """
                update -qq
                install -y -qq python3 openssl gzip curl lua5.4 python3-pip python3-jsonschema binutils docker-registry skopeo redis-server prometheus prometheus-alertmanager prometheus-node-exporter musl-tools

                """
        )
    }

    @Test("only what is missing is installed: here the registry, and two modules that Python lacks")
    func some() async throws {
        var programs = linux.merging(apt) { $1 }.merging(all) { $1 }
        programs["docker-registry"] = nil
        programs["python3"] = "exit 1"
        let (result, installed) = try await run(programs)
        #expect(result.status == 0, "\(result.error)")
        #expect(installed.hasSuffix("install -y -qq python3-pip python3-jsonschema docker-registry\n"))
    }

    @Test("users other than root are shown the command to run")
    func user() async throws {
        var programs = linux.merging(apt) { $1 }.merging(all) { $1 }
        programs["id"] = "echo 1000"
        programs["docker-registry"] = nil
        let (result, installed) = try await run(programs)
        #expect(result.status == 1)
        #expect(installed.isEmpty)
        #expect(result.error.contains("sudo apt-get update && sudo apt-get install docker-registry"))
    }

    @Test("without apt-get the missing packages are listed")
    func noPackageManager() async throws {
        var programs = linux.merging(all) { $1 }
        programs["openssl"] = nil
        programs["strip"] = nil
        let (result, _) = try await run(programs)
        #expect(result.status == 1)
        #expect(result.error.contains("not installed: openssl binutils"))
        #expect(result.error.contains("no apt-get"))
    }

    @Test("on macOS the image's tests do not run, and packages that only they need are not required")
    func macOS() async throws {
        var programs = all
        programs["uname"] = "echo Darwin"
        programs["strip"] = nil
        programs["docker-registry"] = nil
        programs["redis-server"] = nil
        programs["skopeo"] = nil
        let (result, _) = try await run(programs)
        #expect(result.status == 0, "\(result.error)")
    }
}

import ArgumentParser
import CommandSupport
import Foundation
import Gateway
import TestSupport
import Testing

@testable import Controller

@Suite("moorage gateway in a cluster")
struct ClusterGatewayCommandTests {
    private func parse(_ arguments: [String]) throws -> GatewayCommand {
        try #require(try MoorageCommand.parseAsRoot(["gateway"] + arguments) as? GatewayCommand)
    }

    @Test("in a cluster it can listen everywhere, with a file only on loopback addresses")
    func addresses() throws {
        _ = try parse([])
        _ = try parse(["--bind-address", ":9000"])
        _ = try parse(["--mcp-servers", "servers.json", "--bind-address", "127.0.0.1:9000"])
        #expect { try parse(["--mcp-servers", "servers.json", "--bind-address", ":9000"]) } throws: { error in
            MoorageCommand.message(for: error).contains("--bind-address must be a loopback address")
        }
    }

    @Test(
        "options of a cluster are refused with a file",
        arguments: [
            ["--config", "config.yaml"], ["--namespaces", "a"], ["--kubeconfig", "k"], ["--session-key-file", "f"],
            ["--health-probe-bind-address", ":1"], ["--controller-namespace", "a"], ["--context", "c"],
        ]
    )
    func mixed(option: [String]) throws {
        #expect { try parse(["--mcp-servers", "servers.json"] + option) } throws: { error in
            MoorageCommand.message(for: error).contains("\(option[0]) has no effect with --mcp-servers")
        }
    }

    @Test("session keys come from a file, or from a directory with one or two")
    func sessionKeys() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moorage-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path()
        func write(_ name: String, _ count: Int) throws {
            try Data("\(String(repeating: "k", count: count))\n".utf8).write(to: folder.appending(path: name))
        }
        // A Secret that does not exist is mounted as an empty directory.
        #expect(try SessionKeyFiles.read(path) == nil)
        try write("previous", 32)
        #expect { try SessionKeyFiles.read(path) } throws: { "\($0)".contains("lacks the key current") }
        try write("current", 31)
        #expect { try SessionKeyFiles.read(path) } throws: { "\($0)".contains("key 1 has 31 bytes; 32 are required") }
        try write("current", 32)
        #expect(try SessionKeyFiles.read(path) != nil)
        #expect(try SessionKeyFiles.read("\(path)/current") != nil)
        #expect { try SessionKeyFiles.read("\(path)/missing") } throws: { "\($0)".contains("missing does not exist") }
    }
}

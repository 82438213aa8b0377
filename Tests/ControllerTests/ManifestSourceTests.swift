import Testing

@testable import CommandSupport
@testable import Controller

@Suite("Reading files")
struct ManifestSourceTests {
    @Test("a directory's manifests are read by name, and those of its subdirectories only on request")
    func directory() throws {
        let directory = try TemporaryDirectory()
        _ = try directory.write("b", to: "b.yml")
        _ = try directory.write("a", to: "a.yaml")
        _ = try directory.write("c", to: "c.json")
        _ = try directory.write("no", to: "README.md")
        _ = try directory.write("no", to: ".hidden.yaml")
        _ = try directory.write("deep", to: "sub/d.yaml")
        let flat = try ManifestSource.read(paths: [directory.path], recursive: false)
        #expect(flat.map(\.text) == ["a", "b", "c"])
        let deep = try ManifestSource.read(paths: [directory.path + "/"], recursive: true)
        #expect(deep.map(\.text) == ["a", "b", "c", "deep"])
        #expect(deep.map(\.name).last == "\(directory.path)/sub/d.yaml")
    }

    @Test("standard input is read once")
    func standardInput() throws {
        let sources = try ManifestSource.read(paths: ["-"], recursive: false) { Array("kind: X".utf8) }
        #expect(sources.map(\.name) == ["<stdin>"])
        #expect(sources.map(\.text) == ["kind: X"])
        #expect(throws: CommandFailure.self) {
            try ManifestSource.read(paths: ["-", "-"], recursive: false) { [] }
        }
    }

    @Test("errors name the path that cannot be read")
    func failures() throws {
        let directory = try TemporaryDirectory()
        let missing = #expect(throws: CommandFailure.self) {
            try ManifestSource.read(paths: ["\(directory.path)/none.yaml"], recursive: false)
        }
        #expect(missing?.message == "\(directory.path)/none.yaml: no such file or directory")
        let empty = #expect(throws: CommandFailure.self) {
            try ManifestSource.read(paths: [directory.path], recursive: false)
        }
        #expect(empty?.message.contains("has no .yaml, .yml or .json file") == true)
        let binary = #expect(throws: CommandFailure.self) {
            try ManifestSource.read(paths: ["-"], recursive: false) { [0xFF, 0xFE, 0x00] }
        }
        #expect(binary?.message == "<stdin>: the file is not UTF-8 text; save it as UTF-8")
        let remote = #expect(throws: CommandFailure.self) {
            try ManifestSource.read(paths: ["https://example.com/a.yaml"], recursive: false)
        }
        #expect(remote?.message.contains("only files can be read") == true)
    }
}

import FoundationEssentials
import KubernetesAPI
import TestSupport
import Testing

/// What `scripts/krew-manifest` makes of archives.
@Suite("The manifest for Krew")
struct KrewManifestTests {
    private static func run(_ arguments: [String]) async throws -> Tool.Result {
        try await Tool(path: "\(Binary.packageRoot)/scripts/krew-manifest").attempt(arguments)
    }

    private static let options = [
        "--homepage", "https://git.example/moorage", "--download", "https://git.example/moorage/v1.2.3/",
    ]

    /// An archive of one file, and perhaps a link to it.
    private static func archive(_ name: String, in folder: String, link: String? = nil) async throws -> String {
        let content = "\(folder)/\(name).d"
        try FileManager.default.createDirectory(atPath: content, withIntermediateDirectories: true)
        let program = "\(content)/moorage"
        guard FileManager.default.createFile(atPath: program, contents: Data("#!/bin/sh\n".utf8)) else {
            throw Tool.Failure(description: "\(program) cannot be written")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        var files = ["moorage"]
        if let link {
            try FileManager.default.createSymbolicLink(atPath: "\(content)/\(link)", withDestinationPath: "moorage")
            files.append(link)
        }
        let path = "\(folder)/\(name)"
        let packed = try await Tool(path: "/usr/bin/env").attempt(["tar", "-czf", path, "-C", content] + files)
        #expect(packed.status == 0, "\(packed.error)")
        return path
    }

    @Test("it has the version, and the URL and the digest of each archive")
    func manifest() async throws {
        let folder = try TemporaryDirectory()
        let linux = try await Self.archive("moorage_1.2.3_linux_amd64.tar.gz", in: folder.path)
        let mac = try await Self.archive("moorage_1.2.3_darwin_arm64.tar.gz", in: folder.path)
        let result = try await Self.run(Self.options + [linux, mac])
        #expect(result.status == 0, "\(result.error)")
        let object = try YAML.value(of: result.output)
        #expect(object["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2")
        #expect(object["kind"] == "Plugin")
        #expect(object[path: ["metadata", "name"]] == "moorage")
        #expect(object[path: ["spec", "version"]] == "v1.2.3")
        #expect((object[path: ["spec", "shortDescription"]]?.stringValue?.count ?? 99) <= 50)
        let platforms = object[path: ["spec", "platforms"]]?.arrayValue ?? []
        #expect(
            platforms.map { $0[path: ["selector", "matchLabels"]] } == [
                ["os": "linux", "arch": "amd64"], ["os": "darwin", "arch": "arm64"],
            ]
        )
        for (platform, path) in zip(platforms, [linux, mac]) {
            let file = path.split(separator: "/").last.map(String.init) ?? ""
            #expect(platform["uri"]?.stringValue == "https://git.example/moorage/v1.2.3/\(file)")
            let digest = try await Tool(path: "/usr/bin/env").attempt(["sha256sum", path])
            #expect(platform["sha256"]?.stringValue == String(digest.output.prefix(64)))
            #expect(platform["bin"] == "moorage")
        }
    }

    @Test("an archive that Krew would not install is refused, with the reason")
    func refused() async throws {
        let folder = try TemporaryDirectory()
        let link = try await Self.archive(
            "moorage_1.2.3_linux_amd64.tar.gz",
            in: folder.path,
            link: "kubectl-moorage"
        )
        let linked = try await Self.run(Self.options + [link])
        #expect(linked.status == 1)
        #expect(linked.error.contains("kubectl-moorage is neither a file nor a folder"), "\(linked.error)")
        let named = try await Self.run(Self.options + ["\(folder.path)/moorage.tar.gz"])
        #expect(named.status == 1)
        #expect(named.error.contains("is not named moorage_VERSION_OS_ARCH.tar.gz"), "\(named.error)")
        let one = try await Self.archive("moorage_1.2.3_linux_arm64.tar.gz", in: folder.path)
        let other = try await Self.archive("moorage_1.2.4_darwin_arm64.tar.gz", in: folder.path)
        let mixed = try await Self.run(Self.options + [one, other])
        #expect(mixed.error.contains("different versions: 1.2.3, 1.2.4"), "\(mixed.error)")
        let plain = try await Self.run([
            "--homepage", "http://git.example", "--download", "https://git.example", one,
        ])
        #expect(plain.error.contains("'http://git.example' is not an https URL"), "\(plain.error)")
    }
}

import Foundation
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// `moorage plugin`, with bundles that sha256sum and openssl make.
@Suite("Plug-in bundles on disk")
struct PluginCommandTests {
    /// A bundle with two files that are signed and one that is not.
    private struct Bundle: ~Copyable {
        let directory: TemporaryDirectory
        var path: String { directory.path + "/bundle" }
        let sha256: String
        let signature: String
        let key: String

        init() async throws {
            let folder = try TemporaryDirectory()
            let script = """
                set -e; cd "\(folder.path)"; mkdir -p bundle/lib
                echo 'console.log(1)' > bundle/index.js; echo 'helper' > bundle/lib/a.js
                (cd bundle; sha256sum index.js lib/a.js > SHA256SUMS); echo 'nobody signed this' > bundle/extra.js
                openssl ecparam -name prime256v1 -genkey -noout -out key.pem 2>/dev/null
                openssl ec -in key.pem -pubout -out key.pub 2>/dev/null
                openssl dgst -sha256 -sign key.pem bundle/SHA256SUMS | base64 -w0 > signature
                sha256sum < bundle/SHA256SUMS | cut -c1-64 | tr -d '\\n' > sum
                """
            let result = try await Tool(path: "/bin/sh").attempt(["-c", script])
            try #require(result.status == 0, "\(result.error)")
            let made = try ["sum", "signature", "key.pub"].map {
                try String(contentsOfFile: "\(folder.path)/\($0)", encoding: .utf8)
            }
            (sha256, signature, key) = (made[0], made[1], made[2])
            directory = folder
        }

        func run(_ command: String, _ arguments: [String] = []) async throws -> Tool.Result {
            let path = try #require(Binary.path, "moorage is not built: run `swift build`")
            return try await Tool(path: path.string).attempt(
                [
                    "plugin", command, "--from", self.path, "--sha256", sha256, "--signature", signature,
                    "--public-key=\(key)",
                ] + arguments,
                environment: ["NO_COLOR": "1"]
            )
        }
    }

    @Test("a good bundle is installed with the files that the signature covers, and no other")
    func install() async throws {
        let bundle = try await Bundle()
        let target = bundle.directory.path + "/installed"
        #expect(try await bundle.run("verify").output == "verified: SHA256SUMS and 2 files\n")
        for _ in 1...2 {
            let result = try await bundle.run("install", ["--to", target])
            #expect(result.status == 0, "\(result.error)")
            let files = try FileManager.default.subpathsOfDirectory(atPath: target).sorted()
            #expect(files == ["SHA256SUMS", "index.js", "lib", "lib/a.js"])
        }
    }

    @Test(
        "a bad bundle is refused with the reason, and nothing of it is installed",
        arguments: [
            ("echo changed > bundle/lib/a.js", "lib/a.js: the content is not that of the signed list"),
            ("rm bundle/lib/a.js", "lib/a.js: the bundle has no such file"),
            ("echo '#' >> bundle/SHA256SUMS", "digestMismatch"),
            ("rm bundle/index.js; ln -s /etc/hostname bundle/index.js", "is a link that leaves the bundle"),
            ("rm bundle/index.js; mkdir bundle/index.js", "is not a regular file"),
            ("rm bundle/SHA256SUMS", "SHA256SUMS: the bundle has no such file"),
            ("rm -r bundle", "the directory of the bundle does not exist"),
        ]
    )
    func refused(change: String, reason: String) async throws {
        let bundle = try await Bundle()
        _ = try await Tool(path: "/bin/sh").attempt(["-c", "cd '\(bundle.directory.path)'; \(change)"])
        let target = bundle.directory.path + "/installed"
        let result = try await bundle.run("install", ["--to", target])
        #expect(result.status == 1)
        #expect(result.error.contains(reason), "\(result.error)")
        #expect(!FileManager.default.fileExists(atPath: target))
        #expect(!FileManager.default.fileExists(atPath: target + ".partial"))
        #expect(try await bundle.run("verify").status == 1)
    }

    @Test("files of a ConfigMap, which are links inside of the bundle, are read")
    func links() async throws {
        let bundle = try await Bundle()
        let script = """
            cd '\(bundle.path)' && mkdir ..data && mv index.js ..data/ && ln -s ..data/index.js index.js
            """
        _ = try await Tool(path: "/bin/sh").attempt(["-c", script])
        #expect(try await bundle.run("verify").status == 0)
    }

    @Test("another key, and no key, are refused")
    func keys() async throws {
        let bundle = try await Bundle()
        let other = try await Bundle()
        let path = try #require(Binary.path).string
        let arguments = [
            "plugin", "verify", "--from", bundle.path, "--sha256", bundle.sha256, "--signature", bundle.signature,
        ]
        let wrong = try await Tool(path: path).attempt(arguments + ["--public-key=\(other.key)"])
        #expect(wrong.status == 1)
        #expect(wrong.error.contains("no key of the trust root has signed"))
        let none = try await Tool(path: path).attempt(arguments)
        #expect(none.error.contains("name the public key with --key"))
        let one = try await Tool(path: path).attempt(
            arguments + ["--public-key=\(other.key)", "--key", bundle.directory.path + "/key.pub"]
        )
        #expect(one.status == 0)
    }
}

import FoundationEssentials
import KubernetesAPI
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if os(Linux)
    /// The provenance of an image, signed with openssl in a registry, and verified as the controller verifies it.
    @Suite("scripts/provenance and scripts/sign-image")
    struct ProvenanceTests {
        private static let commit = "7b04a5ab56e0c7d5e3c5c8dbb4cf4f7e8b2f0b61"
        private static let builder = "https://ci.example/runner/7"
        private static let source = "git+https://git.example/acme/moorage"

        private static func provenance(_ report: String, _ arguments: String...) async throws -> Tool.Result {
            try await Tool(path: AssembledImage.path(of: "provenance").string).attempt(
                ["--report", report, "--builder", builder, "--source", source] + arguments
            )
        }

        /// What `assemble-image` prints, as far as it is read.
        private static func report(_ digest: String, commit: String = "unknown") -> String {
            #"{"digest": "\#(digest)", "platform": "linux/amd64", "commit": "\#(commit)"}"#
        }

        @Test("it names the builder, the source with its commit, and every package of Package.resolved")
        func statement() async throws {
            let directory = try TemporaryDirectory()
            let report = try directory.write(Self.report("sha256:0f"), to: "image.json")
            let result = try await Self.provenance(report, "--commit", Self.commit, "--invocation", "run 7")
            #expect(result.status == 0, "\(result.error)")
            let statement = try JSONValue(parsing: Array(result.output.utf8))
            #expect(statement["_type"] == "https://in-toto.io/Statement/v1")
            #expect(statement["predicateType"] == "https://slsa.dev/provenance/v1")
            #expect(statement["subject"]?.arrayValue?.first?["digest"] == ["sha256": "0f"])
            let definition = statement[path: ["predicate", "buildDefinition"]]
            #expect(definition?[path: ["externalParameters", "source", "uri"]]?.stringValue == Self.source)
            let dependencies = try #require(definition?["resolvedDependencies"]?.arrayValue)
            #expect(dependencies.first?["digest"] == ["gitCommit": .string(Self.commit)])
            let pins = try JSONValue(parsing: Array(DocumentationTests.read("Package.resolved").utf8))["pins"]
            let names = (pins?.arrayValue ?? []).compactMap { $0["identity"]?.stringValue }
            #expect(dependencies.dropFirst().compactMap { $0["name"]?.stringValue } == names.sorted())
            #expect(dependencies.dropFirst().allSatisfy { $0["digest"]?["gitCommit"] != nil })
            let run = statement[path: ["predicate", "runDetails"]]
            #expect(run?[path: ["builder", "id"]]?.stringValue == Self.builder)
            #expect(run?[path: ["metadata", "invocationId"]] == "run 7")
        }

        @Test("it refuses a binary of another commit, and an image without a digest")
        func refusals() async throws {
            let directory = try TemporaryDirectory()
            let other = try directory.write(Self.report("sha256:0f", commit: "0123"), to: "other.json")
            let commit = try await Self.provenance(other, "--commit", Self.commit)
            #expect(commit.status == 1)
            #expect(commit.error.contains("the binary was built from commit 0123, and the source is at \(Self.commit)"))
            let none = try directory.write(#"{"commit": "unknown"}"#, to: "none.json")
            let digest = try await Self.provenance(none, "--commit", Self.commit)
            #expect(digest.status == 1 && digest.error.contains("has no digest"))
        }

        /// Makes a private key, and a public key beside it.
        private static func makeKey(_ options: [String], at path: String) async throws {
            for arguments in [
                ["genpkey", "-algorithm"] + options + ["-out", path],
                ["pkey", "-in", path, "-pubout", "-out", "\(path).pub"],
            ] {
                let result = try await Tool(path: "/usr/bin/env").attempt(["openssl"] + arguments)
                try #require(result.status == 0, "\(result.error)")
            }
        }

        private static func sign(_ image: String, _ key: String, _ arguments: String...) async throws -> Tool.Result {
            try await Tool(path: AssembledImage.path(of: "sign-image").string).attempt(
                ["--plain-http", "--key", key] + arguments + [image]
            )
        }

        @Test(
            "signed with any kind of key, it satisfies a rule for its builder and source, and no other rule",
            arguments: [
                ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
                ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], ["ED25519"],
            ]
        )
        func signed(kind: [String]) async throws {
            let directory = try TemporaryDirectory()
            let folder = directory.path
            let (key, stranger) = ("\(folder)/release", "\(folder)/stranger")
            for path in [key, stranger] { try await Self.makeKey(kind, at: path) }
            try await DockerRegistry.run(in: "\(folder)/registry") { registry in
                let digest = try await registry.push(TestImage(cmd: ["controller"]), to: "moorage/controller", tag: "1")
                let image = "\(registry.host)/moorage/controller@\(digest)"
                let (report, statement) = ("\(folder)/image.json", "\(folder)/provenance.json")
                try Data(Self.report(digest).utf8).write(to: URL(filePath: report))
                let printed = try await Self.provenance(report, "--commit", Self.commit)
                try Data(printed.output.utf8).write(to: URL(filePath: statement))
                for result in [
                    try await Self.sign(image, key), try await Self.sign(image, key, "--attestation", statement),
                    // Somebody else signs the image too, and makes no statement about it.
                    try await Self.sign(image, stranger),
                ] {
                    #expect(result.status == 0, "\(result.error)")
                }

                func verify(_ key: String, _ arguments: [String] = []) async throws -> Tool.Result {
                    let binary = try #require(Binary.path)
                    return try await Tool(path: binary.string).attempt(
                        ["verify", "image", "--plain-http", registry.host, "--key", "\(key).pub", image] + arguments
                    )
                }
                let rule = ["--attestation", "slsaprovenance"]
                let accepted = try await verify(
                    key,
                    rule + ["--builder", "https://ci.example/**", "--source", Self.source]
                )
                #expect(accepted.status == 0, "\(accepted.error)")
                #expect(accepted.output.contains("attested: slsaprovenance"))
                let builder = try await verify(key, rule + ["--builder", "https://other.example/**"])
                #expect(builder.status == 1)
                #expect(builder.error.contains("its builder is \"\(Self.builder)\""), "\(builder.error)")
                let source = try await verify(key, rule + ["--source", "git+https://git.example/evil/*"])
                #expect(source.status == 1)
                #expect(source.error.contains("its source is \"\(Self.source)\""), "\(source.error)")
                #expect(try await verify(stranger).status == 0)
                #expect(try await verify(stranger, rule).status == 1)
            }
        }

        @Test("a statement about another image is not signed, and --builder needs the attestation that names it")
        func misuse() async throws {
            let directory = try TemporaryDirectory()
            let folder = directory.path
            let key = "\(folder)/release"
            try await Self.makeKey(["ED25519"], at: key)
            let report = try directory.write(Self.report("sha256:0f"), to: "image.json")
            let printed = try await Self.provenance(report, "--commit", Self.commit)
            let statement = try directory.write(printed.output, to: "provenance.json")
            try await DockerRegistry.run(in: "\(folder)/registry") { registry in
                let digest = try await registry.push(TestImage(cmd: ["controller"]), to: "moorage/controller", tag: "1")
                let image = "\(registry.host)/moorage/controller@\(digest)"
                let other = try await Self.sign(image, key, "--attestation", statement)
                #expect(other.status == 1 && other.error.contains("is not about \(digest)"), "\(other.error)")
                let missing = try await Self.sign("\(registry.host)/moorage/none@\(digest)", key)
                #expect(missing.status == 1 && missing.error.contains("push it first"), "\(missing.error)")
            }
            let options = try await Binary.run("verify", "image", "--key", key, "--builder", "**", "a.example/b:1")
            #expect(options.status == 2 && options.error.contains("--attestation slsaprovenance"), "\(options.error)")
        }
    }
#endif

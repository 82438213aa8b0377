public import Foundation
import Subprocess
import SupplyChain

/// A registry with the referrers API (OCI Distribution Specification 1.1), which Debian's docker-registry does not have: a program in Python
/// in front of it.
public struct ReferrersRegistry: Sendable {
    /// The registry behind it.
    public let registry: DockerRegistry
    /// The port.
    public let port: Int
    private let folder: String

    /// The host and port, as in an image reference.
    public var host: String { "127.0.0.1:\(port)" }

    /// What an identity has signed an image with.
    public struct KeylessSignature: Sendable {
        public var identity: String
        public var issuer: String
        /// The file with the Sigstore bundle.
        public var bundle: String
        /// The content of `trusted_root.json`.
        public var trustedRoot: [UInt8]
    }

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let packages = tests.deletingLastPathComponent().appending(path: ".cache/python/sigstore").path()

    /// Runs both registries during a body.
    ///
    /// - Parameters:
    ///   - folder: where images and files are stored.
    ///   - port: the port of the registry with the API.
    /// - Throws: an error if `docker-registry` is not installed; `scripts/install-test-packages` installs it.
    public static func run<Result: Sendable>(
        in folder: String,
        port: Int,
        _ body: @Sendable (ReferrersRegistry) async throws -> Result
    ) async throws -> Result {
        try await DockerRegistry.run(in: folder) { registry in
            try await Subprocess.run(
                .name("python3"),
                arguments: [
                    tests.appending(path: "TestSupport/Referrers/registry.py").path(), "\(port)", registry.host,
                ],
                input: .none,
                output: .discarded,
                error: .discarded
            ) { execution in
                defer { try? execution.send(signal: .kill) }
                let own = ReferrersRegistry(registry: registry, port: port, folder: folder)
                let front = DockerRegistry(port: port, credentials: nil)
                try await eventually("the registry with referrers answers") { try await front.isAnswering }
                return try await body(own)
            }.closureResult
        }
    }

    /// Signs an image as an identity of the miniature Sigstore, which needs the packages of `scripts/install-python-tools`.
    public func sign(_ image: TestImage) async throws -> KeylessSignature {
        let printed = try await python(
            "SupplyChainTests/Sigstore/miniature/image.py",
            try manifestFile(of: image),
            folder
        )
        let names = try JSONDecoder().decode([String: String].self, from: Data(printed.utf8))
        return KeylessSignature(
            identity: names["identity"] ?? "",
            issuer: names["issuer"] ?? "",
            bundle: "\(folder)/bundle.json",
            trustedRoot: Array(try Data(contentsOf: URL(filePath: "\(folder)/trusted_root.json")))
        )
    }

    /// Pushes a bundle about an image with the client of the project ORAS.
    ///
    /// - Returns: the digest that the registry says it refers to.
    public func push(bundle: String, about image: TestImage, to repository: String) async throws -> String {
        let digest = ImageDigest(of: image.manifest)
        let name = "\(host)/\(repository)@\(digest)"
        let printed = try await python("TestSupport/Referrers/push.py", name, try manifestFile(of: image), bundle)
        return printed.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func manifestFile(of image: TestImage) throws -> String {
        let file = "\(folder)/\(ImageDigest(of: image.manifest).hexadecimal).json"
        try Data(image.manifest).write(to: URL(filePath: file))
        return file
    }

    private func python(_ script: String, _ arguments: String...) async throws -> String {
        let result = try await Tool(path: "/usr/bin/env").attempt(
            ["python3", Self.tests.appending(path: script).path()] + arguments,
            environment: ["PYTHONPATH": Self.packages, "PYTHONDONTWRITEBYTECODE": "1"]
        )
        guard result.status == 0 else {
            throw NeverHappened(description: "\(script) failed, run `make tools`: \(result.error)")
        }
        return result.output
    }
}

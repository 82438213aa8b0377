import AsyncHTTPClient
import Foundation
internal import KubernetesAPI
import NIOCore
import NIOHTTP1
import Subprocess
import SupplyChain

/// The configuration of an image for a test.
public struct TestImage: Sendable {
    /// The image's ENTRYPOINT.
    public var entrypoint: [String]?
    /// The image's CMD.
    public var cmd: [String]?
    /// The architecture.
    public var architecture: String
    /// The operating system.
    public var os: String

    public init(
        entrypoint: [String]? = nil,
        cmd: [String]? = nil,
        architecture: String = "amd64",
        os: String = "linux"
    ) {
        self.entrypoint = entrypoint
        self.cmd = cmd
        self.architecture = architecture
        self.os = os
    }

    /// The configuration as registries store it.
    public var configuration: [UInt8] {
        var config: JSONValue = ["Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "WorkingDir": "/app"]
        config["Entrypoint"] = entrypoint.map { .array($0.map { .string($0) }) }
        config["Cmd"] = cmd.map { .array($0.map { .string($0) }) }
        let document: JSONValue = [
            "os": .string(os), "architecture": .string(architecture), "config": config,
            "rootfs": ["type": "layers", "diff_ids": []],
        ]
        return document.serialized()
    }

    /// The manifest as registries store it.
    public var manifest: [UInt8] {
        let configuration = configuration
        let document: JSONValue = [
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": [
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": .string(ImageDigest(of: configuration).description),
                "size": .integer(Int64(configuration.count)),
            ],
            "layers": [],
        ]
        return document.serialized()
    }

    /// Writes the image into a folder, as skopeo's transport `dir` has it.
    public func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let files: [(String, [UInt8])] = [
            ("version", Array("Directory Transport Version: 1.1\n".utf8)), ("manifest.json", manifest),
            (ImageDigest(of: configuration).hexadecimal, configuration),
        ]
        for (name, content) in files { try Data(content).write(to: URL(filePath: "\(folder)/\(name)")) }
    }

    /// An index of images, with the attestation that BuildKit adds to each.
    public static func index(_ images: [TestImage]) -> [UInt8] {
        let entries = images.map { image -> JSONValue in
            [
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": .string(ImageDigest(of: image.manifest).description),
                "size": .integer(Int64(image.manifest.count)),
                "platform": ["os": .string(image.os), "architecture": .string(image.architecture)],
            ]
        }
        let document: JSONValue = [
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": .array(entries),
        ]
        return document.serialized()
    }
}

/// A container registry of Debian's package docker-registry, the reference implementation, on this machine.
public struct DockerRegistry: Sendable {
    /// The port.
    public let port: Int
    /// The user name and the password that it requires.
    public let credentials: (user: String, password: String)?

    /// The host and port, as in an image reference.
    public var host: String { "127.0.0.1:\(port)" }

    /// A port that is probably free.
    public static func freePort() -> Int { TestPort.random() }

    /// The only credentials that a protected registry of a test accepts.
    public static let credentials = (user: "pull", password: "secret")

    /// The line of the password file for them: bcrypt, as the registry requires.
    private static let passwordLine = "pull:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"

    /// Runs a registry during a body.
    ///
    /// - Parameters:
    ///   - folder: where it stores images; several runs can have the same.
    ///   - port: the port.
    ///   - isProtected: whether it requires `credentials`.
    ///   - body: receives the registry when it answers.
    /// - Throws: an error if `docker-registry` is not installed; `scripts/install-test-packages` installs it.
    public static func run<Result: Sendable>(
        in folder: String,
        port: Int = freePort(),
        isProtected: Bool = false,
        _ body: @Sendable (DockerRegistry) async throws -> Result
    ) async throws -> Result {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var settings = """
            version: 0.1
            storage: {filesystem: {rootdirectory: \(folder)/registry}}
            http: {addr: "127.0.0.1:\(port)"}
            log: {level: error, accesslog: {disabled: true}}

            """
        if isProtected {
            try Data((passwordLine + "\n").utf8).write(to: URL(filePath: "\(folder)/passwords"))
            settings += "auth: {htpasswd: {realm: tests, path: \(folder)/passwords}}\n"
        }
        try Data(settings.utf8).write(to: URL(filePath: "\(folder)/registry.yaml"))
        let registry = DockerRegistry(port: port, credentials: isProtected ? credentials : nil)
        return try await Subprocess.run(
            .name("docker-registry"),
            arguments: ["serve", "\(folder)/registry.yaml"],
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .kill) }
            try await eventually("the registry answers") {
                try await registry.isAnswering
            }
            return try await body(registry)
        }.closureResult
    }

    /// Whether it answers.
    var isAnswering: Bool {
        get async throws { (try? await send(.GET, "/v2/"))?.status == .ok }
    }

    /// Pushes an image.
    ///
    /// - Returns: its digest.
    @discardableResult
    public func push(_ image: TestImage, to repository: String, tag: String) async throws -> String {
        try await upload(image.configuration, to: repository)
        return try await put(image.manifest, type: "application/vnd.oci.image.manifest.v1+json", repository, tag)
    }

    /// Pushes an index of images.
    ///
    /// - Returns: its digest.
    @discardableResult
    public func push(index images: [TestImage], to repository: String, tag: String) async throws -> String {
        for image in images {
            try await push(image, to: repository, tag: ImageDigest(of: image.manifest).description)
        }
        let index = TestImage.index(images)
        return try await put(index, type: "application/vnd.oci.image.index.v1+json", repository, tag)
    }

    /// Pushes signatures of an image in cosign's format, at the tag `sha256-….sig`. Those that were there are replaced.
    public func push(_ signatures: [TestSignature], of digest: String, to repository: String) async throws {
        let configuration = Array("{}".utf8)
        try await upload(configuration, to: repository)
        for signature in signatures { try await upload(signature.payload, to: repository) }
        let manifest: JSONValue = [
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": [
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": .string(ImageDigest(of: configuration).description),
                "size": .integer(Int64(configuration.count)),
            ],
            "layers": .array(signatures.map(\.layer)),
        ]
        let tag = digest.replacingOccurrences(of: ":", with: "-") + ".sig"
        _ = try await put(manifest.serialized(), type: "application/vnd.oci.image.manifest.v1+json", repository, tag)
    }

    private func upload(_ content: [UInt8], to repository: String) async throws {
        let started = try await send(.POST, "/v2/\(repository)/blobs/uploads/")
        guard started.status == .accepted, let location = started.headers.first(name: "Location") else {
            throw NeverHappened(description: "an upload was refused: \(started.status)")
        }
        let separator = location.contains("?") ? "&" : "?"
        let digest = ImageDigest(of: content).description.replacingOccurrences(of: ":", with: "%3A")
        let path = location.replacingOccurrences(of: "http://\(host)", with: "")
        let finished = try await send(.PUT, "\(path)\(separator)digest=\(digest)", content, "application/octet-stream")
        guard finished.status == .created else {
            throw NeverHappened(description: "an upload was refused: \(finished.status)")
        }
    }

    private func put(_ manifest: [UInt8], type: String, _ repository: String, _ reference: String) async throws
        -> String
    {
        let answer = try await send(.PUT, "/v2/\(repository)/manifests/\(reference)", manifest, type)
        guard answer.status == .created else {
            throw NeverHappened(description: "a manifest was refused: \(answer.status)")
        }
        return ImageDigest(of: manifest).description
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: [UInt8]? = nil,
        _ type: String? = nil
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: "http://\(host)\(path)")
        request.method = method
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        if let type { request.headers.add(name: "Content-Type", value: type) }
        if let credentials {
            let pair = Data("\(credentials.user):\(credentials.password)".utf8).base64EncodedString()
            request.headers.add(name: "Authorization", value: "Basic \(pair)")
        }
        return try await HTTPClient.shared.execute(request, timeout: .seconds(30))
    }
}

import FoundationEssentials
import KubernetesAPI
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import CommandSupport
@testable import Controller

/// The controller's image, assembled once from the binary under test, and run like a pod.
struct AssembledImage: Sendable {
    /// The folder of `root` and `layout`.
    let folder: String
    /// The output of `scripts/assemble-image`.
    let report: JSONValue

    /// The security context that the chart gives the controller's container, as JSON.
    static func securityContext() throws -> String {
        let values = try YAML.documents(in: DocumentationTests.read("charts/moorage/values.yaml"))
        let context = try #require(values.first?.value["securityContext"], "the chart sets no securityContext")
        return String(decoding: context.serialized(), as: UTF8.self)
    }

    private static let shared = Task { try await assemble() }

    /// The image, assembled by the first test that needs it.
    static var current: AssembledImage {
        get async throws { try await shared.value }
    }

    private static func assemble() async throws -> AssembledImage {
        // Next to the binary, so that a later run overwrites it.
        let binary = try #require(Binary.path, "moorage is not built: run `swift build`")
        let folder = binary.removingLastComponent().appending("image-test").string
        try? FileManager.default.removeItem(atPath: folder)
        let result = try await script(
            "assemble-image",
            "--binary",
            binary.string,
            "--root",
            "\(folder)/root",
            "--layout",
            "\(folder)/layout",
            "--compression",
            "none"
        )
        guard result.status == 0 else { throw CommandFailure("scripts/assemble-image: \(result.error)") }
        return AssembledImage(folder: folder, report: try JSONValue(parsing: Array(result.output.utf8)))
    }

    /// Where a script is.
    static func path(of script: String) -> FilePath {
        FilePath("\(Binary.packageRoot)/scripts/\(script)")
    }

    /// Runs one of the scripts.
    static func script(_ name: String, _ arguments: String...) async throws -> Tool.Result {
        try await Tool(path: path(of: name).string).attempt(arguments)
    }

    /// The arguments with which `scripts/run-restricted` runs the image's entry point.
    func restricted(_ arguments: [String], options: [String] = []) throws -> [String] {
        ["--root", "\(folder)/root", "--security-context", try Self.securityContext()] + options
            + ["--", "/usr/bin/moorage"] + arguments
    }

    /// Runs the image's entry point until it ends.
    func run(_ arguments: String..., options: [String] = []) async throws -> Tool.Result {
        try await Tool(path: Self.path(of: "run-restricted").string).attempt(
            try restricted(arguments, options: options)
        )
    }
}

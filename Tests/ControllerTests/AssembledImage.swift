import FoundationEssentials
import KubernetesAPI
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import Controller

/// The controller's image, assembled once from the binary under test, and run as a pod would run it.
struct AssembledImage: Sendable {
    /// The folder of `root` and `layout`.
    let folder: String
    /// What `scripts/assemble-image` said.
    let report: JSONValue

    /// The security context that the chart gives the controller's container, as JSON.
    static func securityContext() throws -> String {
        let values = try YAML.documents(in: DocumentationTests.read("charts/moorage/values.yaml"))
        let context = try #require(values.first?.value["securityContext"], "the chart sets no securityContext")
        return String(decoding: context.serialized(), as: UTF8.self)
    }

    private static let shared = Task { try await assemble() }

    /// The image; made by whichever test asks first.
    static var current: AssembledImage {
        get async throws { try await shared.value }
    }

    private static func assemble() async throws -> AssembledImage {
        // Beside the binary, so that a later run writes over what this one leaves.
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

    /// The arguments that make `scripts/run-restricted` run the image's entry point with these.
    func restricted(_ arguments: [String], options: [String] = []) throws -> [String] {
        ["--root", "\(folder)/root", "--security-context", try Self.securityContext()] + options
            + ["--", "/usr/bin/moorage"] + arguments
    }

    /// Runs the image's entry point to its end.
    func run(_ arguments: String..., options: [String] = []) async throws -> Tool.Result {
        try await Tool(path: Self.path(of: "run-restricted").string).attempt(
            try restricted(arguments, options: options)
        )
    }
}

import FoundationEssentials
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The built `moorage`, run as a process.
enum Binary {
    /// The root of the package, derived from the path of this file.
    static let packageRoot: String = {
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path.string
    }()

    /// The binary, which the build puts next to the test bundle.
    static let path: FilePath? = {
        for argument in CommandLine.arguments where argument.contains(".xctest") {
            // On macOS the bundle is a directory with the executable deep inside; elsewhere it is the executable.
            var path = FilePath(argument)
            while let last = path.lastComponent {
                path.removeLastComponent()
                if last.string.hasSuffix(".xctest") { break }
            }
            let candidate = path.appending("moorage")
            if FileManager.default.isExecutableFile(atPath: candidate.string) { return candidate }
        }
        let candidate = FilePath(packageRoot).appending(".build/debug/moorage")
        return FileManager.default.isExecutableFile(atPath: candidate.string) ? candidate : nil
    }()

    /// Runs `moorage` in the root of the package.
    static func run(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Tool.Result {
        let path = try #require(Self.path, "moorage is not built: run `swift build`", sourceLocation: sourceLocation)
        let own = ["NO_COLOR": "1", "MOORAGE_LOG_LEVEL": "warning"]
        return try await Tool(path: path.string).attempt(
            arguments,
            input: input,
            environment: own.merging(environment) { _, given in given }
        )
    }
}

/// A directory that is deleted when the test ends.
struct TemporaryDirectory: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/moorage-test-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        if let slash = file.lastIndex(of: "/") {
            try FileManager.default.createDirectory(
                atPath: String(file[..<slash]),
                withIntermediateDirectories: true
            )
        }
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

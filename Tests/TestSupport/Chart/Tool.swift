internal import Foundation
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A program that tests run: the real `helm` and `kubectl`, or the built `moorage`.
public struct Tool: Sendable {
    /// The result of a run.
    public struct Result: Sendable {
        /// The exit status; -1 if a signal ended the program.
        public var status: Int32
        /// Standard output.
        public var output: String
        /// Standard error.
        public var error: String
    }

    /// A tool that could not be found, or that failed.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) {
            self.description = description
        }
    }

    /// The path of the program.
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// The root of the package, derived from the path of this file.
    public static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path()

    /// Helm: the one that `MOORAGE_HELM` names, the one of `make tools`, or the first in `PATH`.
    public static func helm() throws -> Tool { try find("helm", variable: "MOORAGE_HELM") }

    /// kubectl: the one that `MOORAGE_KUBECTL` names, the one of `make tools`, or the first in `PATH`.
    public static func kubectl() throws -> Tool { try find("kubectl", variable: "MOORAGE_KUBECTL") }

    /// Lua, which Argo CD runs health checks in: what `MOORAGE_LUA` names, or the first on the `PATH`.
    public static func lua() throws -> Tool {
        do {
            return try find("lua5.4", variable: "MOORAGE_LUA")
        } catch {
            return try find("lua", variable: "MOORAGE_LUA")
        }
    }

    /// The content of a file of the package.
    public static func text(of path: String) throws -> String {
        try String(contentsOfFile: "\(packageRoot)/\(path)", encoding: .utf8)
    }

    /// The `moorage` of this build.
    public static func moorage() throws -> Tool {
        // It is next to the test bundle, which on macOS is a directory that contains the executable.
        var candidates = ["\(packageRoot)/.build/debug/moorage"]
        for argument in CommandLine.arguments {
            guard let range = argument.range(of: ".xctest") else { continue }
            let bundle = URL(filePath: String(argument[..<range.upperBound]))
            candidates.insert(bundle.deletingLastPathComponent().appending(path: "moorage").path(), at: 0)
        }
        for path in candidates where FileManager.default.isExecutableFile(atPath: path) { return Tool(path: path) }
        throw Failure(description: "moorage is not built: run `swift build`")
    }

    private static func find(_ name: String, variable: String) throws -> Tool {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment[variable], !named.isEmpty { return Tool(path: named) }
        let folders = ["\(packageRoot)/.cache/bin"] + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in folders {
            let path = "\(folder)/\(name)"
            if FileManager.default.isExecutableFile(atPath: path) { return Tool(path: path) }
        }
        throw Failure(description: "\(name) is missing: run `make tools`, or set \(variable)")
    }

    /// Runs the program. Returns the result, whatever the exit status. By default it runs in the package's
    /// root.
    public func attempt(
        _ arguments: [String],
        input: String = "",
        environment: [String: String] = [:],
        directory: String = Tool.packageRoot
    ) async throws -> Result {
        var additions: [Environment.Key: String?] = [:]
        for (key, value) in environment { additions[Environment.Key(stringLiteral: key)] = value }
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(additions),
            workingDirectory: FilePath(directory),
            input: .string(input),
            output: .string(limit: 32 << 20),
            error: .string(limit: 16 << 20)
        )
        var status: Int32 = -1
        if case .exited(let code) = result.terminationStatus { status = Int32(code) }
        return Result(status: status, output: result.standardOutput, error: result.standardError)
    }

    /// Runs the program, which must succeed. Returns its output.
    @discardableResult
    public func callAsFunction(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = [:]
    ) async throws -> String {
        let result = try await attempt(arguments, input: input, environment: environment)
        guard result.status == 0 else {
            throw Failure(description: "\(path) \(arguments.joined(separator: " ")): \(result.error)")
        }
        return result.output
    }
}

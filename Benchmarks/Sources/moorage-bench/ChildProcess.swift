import Foundation

/// This program, started again with other arguments, so that each measurement has its own process.
final class ChildProcess {
    private let process = Process()
    private let output = Pipe()

    /// The process ID.
    var identifier: Int32 { process.processIdentifier }

    init(_ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
    }

    /// The first line of its output.
    func firstLine() throws -> String {
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Waits until it ends, and parses its output as JSON.
    func result<Result: Decodable>(_ type: Result.Type = Result.self) throws -> Result {
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkFailure("\(process.arguments ?? []) ended with \(process.terminationStatus)")
        }
        return try JSONDecoder().decode(type, from: bytes)
    }

    /// Stops it.
    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Runs a command until it ends.
    static func result<Result: Decodable>(_ arguments: [String], as type: Result.Type = Result.self) throws -> Result {
        try ChildProcess(arguments).result(type)
    }
}

/// A cluster for one measurement: a sandbox in a separate process, or a real cluster.
final class BenchmarkCluster {
    /// The arguments with which a child process connects to it.
    let arguments: [String]
    private let sandbox: ChildProcess?

    /// Its description in the output.
    var name: String { sandbox == nil ? "real cluster" : "sandbox" }

    init(_ options: ClusterOptions) throws {
        if let kubeconfig = options.kubeconfig {
            sandbox = nil
            arguments = ["--kubeconfig", kubeconfig]
        } else {
            let child = try ChildProcess(["serve-sandbox"])
            sandbox = child
            arguments = ["--server", try child.firstLine()]
        }
    }

    /// The sandbox's CPU time in seconds, 0 for a real cluster.
    var cpu: Double { sandbox.map { ProcessUsage(of: $0.identifier).cpu } ?? 0 }

    /// Stops the sandbox; a real cluster is not changed.
    func stop() { sandbox?.stop() }
}

/// Prints a measurement for the parent process.
func printResult(_ result: some Encodable) throws {
    FileHandle.standardOutput.write(try JSONEncoder().encode(result))
}

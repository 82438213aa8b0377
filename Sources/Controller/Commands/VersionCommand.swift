import ArgumentParser
import CRDModels
import KubernetesAPI

/// `moorage version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print which Moorage this is."
    )

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() {
        let version = MoorageVersion.current
        guard json else {
            Console.standard.output("moorage \(version.version) (API \(version.apiVersion), \(version.platform))\n")
            return
        }
        let value: JSONValue = [
            "version": .string(version.version),
            "apiVersion": .string(version.apiVersion),
            "platform": .string(version.platform),
        ]
        Console.standard.output(String(decoding: value.serialized(), as: UTF8.self) + "\n")
    }
}

/// Which Moorage this is.
struct MoorageVersion: Sendable {
    /// The release, by https://semver.org.
    var version: String
    /// The version of the API that it serves.
    var apiVersion: String
    /// What it was built for, such as `linux/amd64`.
    var platform: String

    /// The running binary.
    static let current = MoorageVersion(
        version: "0.1.0",
        apiVersion: "moorage.dev/v1alpha1",
        platform: "\(operatingSystem)/\(architecture)"
    )

    private static var operatingSystem: String {
        #if os(Linux)
            "linux"
        #elseif os(macOS)
            "darwin"
        #else
            "unknown"
        #endif
    }

    private static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #else
            "unknown"
        #endif
    }
}

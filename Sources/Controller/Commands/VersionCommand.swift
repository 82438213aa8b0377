import ArgumentParser
import BuildInformation
import CRDModels
import KubernetesAPI

/// `moorage version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of Moorage."
    )

    @Flag(help: "Print one JSON object.")
    var json = false

    /// Used if the build did not set it.
    static let unknown = "unknown"

    func run() {
        let version = MoorageVersion.current
        guard json else {
            let commit = version.commit.map { ", commit \($0)" } ?? ""
            Console.standard.output(
                "moorage \(version.version) (API \(version.apiVersion), \(version.platform)\(commit))\n"
            )
            return
        }
        let value: JSONValue = [
            "version": .string(version.version),
            "commit": .string(version.commit ?? Self.unknown),
            "build": .string(version.build ?? Self.unknown),
            "apiVersion": .string(version.apiVersion),
            "platform": .string(version.platform),
        ]
        Console.standard.output(String(decoding: value.serialized(), as: UTF8.self) + "\n")
    }
}

/// The version of Moorage.
struct MoorageVersion: Sendable {
    /// The release, by https://semver.org.
    var version: String
    /// The version of the API that it serves.
    var apiVersion: String
    /// The platform it was built for, such as `linux/amd64`.
    var platform: String
    /// The commit that it was built from, if the build set it.
    var commit: String?
    /// The builder and its run that produced the binary, if the build set it.
    var build: String?

    /// The running binary.
    static let current = MoorageVersion(
        version: "0.1.0",
        apiVersion: "moorage.dev/v1alpha1",
        platform: "\(operatingSystem)/\(architecture)",
        commit: text(moorage_build_commit()),
        build: text(moorage_build_number())
    )

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer, pointer.pointee != 0 else { return nil }
        return String(cString: pointer)
    }

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

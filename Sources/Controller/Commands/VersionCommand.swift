import ArgumentParser
import CommandSupport
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

import KubernetesAPI
import TestSupport
import Testing

@testable import CommandSupport
@testable import Controller

@Suite("The command line")
struct CommandLineTests {
    @Test(
        "every command has a help text",
        arguments: ["controller", "render", "validate", "crd", "sandbox", "contract", "version"]
    )
    func help(command: String) async throws {
        let result = try await Binary.run(command, "--help")
        #expect(result.status == 0)
        #expect(result.output.contains("USAGE: moorage \(command)"))
        let overview = try await Binary.run("--help")
        #expect(overview.output.contains("  \(command) "))
    }

    @Test("an invalid command line ends with status 2 and an error on standard error")
    func usage() async throws {
        let result = try await Binary.run("render", "-f", "-", "--no-such-option")
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("--no-such-option"))
    }

    @Test("the version is one word, one line, or one JSON object")
    func version() async throws {
        let flag = try await Binary.run("--version")
        #expect(flag.output == "\(MoorageVersion.current.version)\n")
        let line = try await Binary.run("version")
        #expect(line.output.hasPrefix("moorage \(MoorageVersion.current.version) (API moorage.dev/v1alpha1, "))
        let json = try await Binary.run("version", "--json")
        let object = try JSONValue(parsing: Array(json.output.utf8))
        #expect(object["apiVersion"]?.stringValue == "moorage.dev/v1alpha1")
        #expect(object["version"]?.stringValue == MoorageVersion.current.version)
        for key in ["commit", "build", "platform"] { #expect(object[key]?.stringValue?.isEmpty == false, "no \(key)") }
    }

    @Test("shells get completion", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        let result = try await Binary.run("--generate-completion-script", shell)
        #expect(result.status == 0)
        #expect(result.output.contains("moorage"))
        #expect(result.output.contains("sandbox"))
    }
}

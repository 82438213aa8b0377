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

@Suite("moorage version --sbom")
struct SBOMCommandTests {
    /// The packages that SwiftPM has chosen for this build: names with versions.
    private static func resolved() throws -> [String] {
        let file = try JSONValue(parsing: Array(DocumentationTests.read("Package.resolved").utf8))
        return try #require(file["pins"]?.arrayValue).map { pin in
            let state = pin["state"]
            let version = state?["version"]?.stringValue ?? state?["revision"]?.stringValue ?? ""
            return "\(pin["identity"]?.stringValue ?? "") \(version)"
        }
    }

    private static func document(_ arguments: String...) async throws -> JSONValue {
        let result = try await Tool(path: #require(Binary.path).string).attempt(["version"] + arguments)
        try #require(result.status == 0, "\(result.error)")
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    private static func names(_ packages: JSONValue?, _ version: String) -> [String] {
        (packages?.arrayValue ?? []).map {
            "\($0["name"]?.stringValue ?? "") \($0[version]?.stringValue ?? "")"
        }
    }

    @Test("every package of Package.resolved is in both documents, with the program itself")
    func packages() async throws {
        let resolved = try Self.resolved()
        #expect(resolved.count > 10)
        let version = MoorageVersion.current
        let spdx = try await Self.document("--sbom", "spdx")
        #expect(spdx["spdxVersion"] == "SPDX-2.3")
        #expect(
            Set(Self.names(spdx["packages"], "versionInfo")) == Set(resolved + ["moorage \(version.version)"])
        )
        let cycloneDX = try await Self.document("--sbom", "cyclonedx")
        #expect(cycloneDX["specVersion"] == "1.6")
        #expect(Set(Self.names(cycloneDX["components"], "version")) == Set(resolved))
        #expect(cycloneDX[path: ["metadata", "component", "name"]] == "moorage")
    }

    @Test("SwiftPM has said what depends on what, and where the licenses are")
    func relations() async throws {
        let document = try await Self.document("--sbom")
        let related = (document["relationships"]?.arrayValue ?? []).map { relation in
            ["spdxElementId", "relatedSpdxElement"].map {
                (relation[$0]?.stringValue ?? "").replacing("SPDXRef-Package-", with: "")
            }.joined(separator: " ")
        }
        #expect(related.contains("moorage swift-nio"))
        #expect(related.contains("hummingbird swift-nio"))
        #expect(!related.contains("swift-nio hummingbird"))
        let licenses = (document["packages"]?.arrayValue ?? []).map {
            "\($0["name"]?.stringValue ?? "") \($0["licenseDeclared"]?.stringValue ?? "")"
        }
        #expect(licenses.contains("swift-nio Apache-2.0"))
        #expect(licenses.contains("yams MIT"))
    }

    @Test("the default is SPDX, and the same program prints the same document")
    func deterministic() async throws {
        let first = try await Binary.run("version", "--sbom")
        let second = try await Binary.run("version", "--sbom", "spdx")
        #expect(first.status == 0 && first.output == second.output)
    }

    @Test("another format, and --json, are errors of the command line")
    func usage() async throws {
        let format = try await Binary.run("version", "--sbom", "xml")
        #expect(format.status == 2 && format.error.contains("xml"))
        let both = try await Binary.run("version", "--sbom", "spdx", "--json")
        #expect(both.status == 2 && both.error.contains("omit --json"))
    }

    @Test("a program that was built without Package.resolved says so, and prints no empty list")
    func missing() throws {
        #expect {
            _ = try VersionCommand.inventory(nil)
        } throws: { error in
            "\(error)".contains("Package.resolved was missing when it was built")
        }
    }

    #if os(Linux)
        @Test("the image has both documents, where scanners find them by their names")
        func image() async throws {
            let image = try await AssembledImage.current
            for (format, name) in [("spdx", "sbom.spdx.json"), ("cyclonedx", "sbom.cdx.json")] {
                let file = FileManager.default.contents(atPath: "\(image.folder)/root/usr/share/moorage/\(name)")
                let printed = try await Binary.run("version", "--sbom", format)
                #expect(file.map { String(decoding: $0, as: UTF8.self) } == printed.output)
            }
        }
    #endif
}

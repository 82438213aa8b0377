import ArgumentParser
import CommandSupport
import KubernetesAPI
import SBOM
import SupplyChain

/// `moorage version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of Moorage.",
        discussion: """
            With --sbom, print what this program is built from instead: every package with its version, commit, license and \
            dependencies, as an SPDX 2.3 or CycloneDX 1.6 document.

            Examples:
              moorage version --sbom > moorage.spdx.json
              moorage version --sbom cyclonedx > moorage.cdx.json
            """
    )

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(
        defaultAsFlag: BillOfMaterials.Format.spdx,
        help: ArgumentHelp("Print the software bill of materials: spdx or cyclonedx.", valueName: "format")
    )
    var sbom: BillOfMaterials.Format?

    /// Used if the build did not set it.
    static let unknown = "unknown"

    func validate() throws {
        if json, sbom != nil { throw ValidationError("--sbom is always JSON: omit --json.") }
    }

    func run() throws {
        let version = MoorageVersion.current
        if let sbom {
            let inventory = try Self.inventory(EmbeddedInventory.encoded)
            Console.standard.output(try Self.document(sbom, version: version, inventory: inventory))
            return
        }
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

    /// The packages of this program.
    ///
    /// - Throws: `CommandFailure` if the build did not know them.
    static func inventory(_ encoded: String?) throws -> PackageInventory {
        guard let encoded else {
            throw CommandFailure(
                "this moorage does not know its packages, because Package.resolved was missing when it was built: "
                    + "run `swift package resolve`, and build it again"
            )
        }
        return try PackageInventory(encoded: Array(encoded.utf8))
    }

    static func document(
        _ format: BillOfMaterials.Format,
        version: MoorageVersion,
        inventory: PackageInventory
    ) throws -> String {
        let bill = BillOfMaterials(
            name: "moorage",
            version: version.version,
            commit: version.commit,
            created: version.created,
            inventory: inventory
        )
        return try bill.document(format) { ContentDigest.sha256(of: $0) }
    }
}

extension BillOfMaterials.Format: ExpressibleByArgument {}

import FoundationEssentials
import Testing

@testable import SBOM

@Suite("Bills of materials")
struct BillOfMaterialsTests {
    private static func item(
        _ identity: String,
        location: String? = nil,
        version: String? = "1.2.3",
        license: String? = nil,
        dependencies: [String] = []
    ) -> PackageInventory.Item {
        PackageInventory.Item(
            identity: identity,
            location: location ?? "https://github.com/acme/\(identity).git",
            version: version,
            revision: "0123abcd",
            license: license,
            dependencies: dependencies
        )
    }

    private static func bill(_ items: [PackageInventory.Item], commit: String? = "fedc", created: Int = 1_700_000_000)
        -> BillOfMaterials
    {
        BillOfMaterials(
            name: "moorage",
            version: "0.1.0",
            commit: commit,
            created: created,
            inventory: PackageInventory(packages: items, direct: items.prefix(1).map(\.identity))
        )
    }

    /// Any function of the content.
    private static func hash(_ content: [UInt8]) -> String {
        let sum = content.reduce(UInt64(5381)) { $0 &* 33 &+ UInt64($1) }
        let digits = String(sum, radix: 16)
        return String(repeating: digits, count: 64 / digits.count + 1)
    }

    private static func document(_ bill: BillOfMaterials, _ format: BillOfMaterials.Format) throws -> String {
        try bill.document(format, sha256: hash)
    }

    private static let items = [
        item("b", license: "MIT", dependencies: ["c_c"]),
        item("c_c", version: "1.0.0-rc.1+5", license: "Apache-2.0 WITH Swift-exception"),
        item("d", location: "", version: nil),
    ]

    // MARK: SPDX

    private struct SPDX: Decodable {
        var SPDXID: String
        var documentNamespace: String
        var creationInfo: [String: Either]
        var packages: [Package]
        var relationships: [Relationship]

        struct Package: Decodable {
            var SPDXID: String
            var name: String
            var versionInfo: String?
            var downloadLocation: String
            var licenseDeclared: String
            var sourceInfo: String?
            var externalRefs: [[String: String]]?
        }

        struct Relationship: Decodable, Hashable {
            var spdxElementId: String
            var relationshipType: String
            var relatedSpdxElement: String
        }
    }

    private enum Either: Decodable, Hashable {
        case text(String)
        case list([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .list(try container.decode([String].self))
            }
        }
    }

    @Test("SPDX: each package has its version, location, license and package URL, and relations are between packages")
    func spdx() throws {
        let text = try Self.document(Self.bill(Self.items), .spdx)
        let document = try JSONDecoder().decode(SPDX.self, from: Data(text.utf8))
        #expect(document.packages.map(\.name) == ["moorage", "b", "c_c", "d"])
        #expect(document.creationInfo["created"] == .text("2023-11-14T22:13:20Z"))
        let (root, b, c, d) = (
            document.packages[0], document.packages[1], document.packages[2], document.packages[3]
        )
        #expect(root.sourceInfo == "commit fedc" && root.versionInfo == "0.1.0")
        #expect(b.downloadLocation == "git+https://github.com/acme/b.git@0123abcd")
        #expect(b.externalRefs?.first?["referenceLocator"] == "pkg:swift/github.com/acme/b@1.2.3")
        #expect([b, c, d].map(\.licenseDeclared) == ["MIT", "Apache-2.0 WITH Swift-exception", "NOASSERTION"])
        #expect(c.externalRefs?.first?["referenceLocator"] == "pkg:swift/github.com/acme/c_c@1.0.0-rc.1%2B5")
        #expect(c.SPDXID == "SPDXRef-Package-c-c")
        #expect(d.externalRefs == nil && d.downloadLocation == "NOASSERTION" && d.versionInfo == "0123abcd")
        let identifiers = document.packages.map(\.SPDXID) + [document.SPDXID]
        #expect(Set(identifiers).count == identifiers.count)
        #expect(
            document.relationships == [
                .init(
                    spdxElementId: "SPDXRef-DOCUMENT",
                    relationshipType: "DESCRIBES",
                    relatedSpdxElement: root.SPDXID
                ),
                .init(spdxElementId: root.SPDXID, relationshipType: "DEPENDS_ON", relatedSpdxElement: b.SPDXID),
                .init(spdxElementId: b.SPDXID, relationshipType: "DEPENDS_ON", relatedSpdxElement: c.SPDXID),
            ]
        )
    }

    // MARK: CycloneDX

    private struct CycloneDX: Decodable {
        var serialNumber: String
        var metadata: Metadata
        var components: [Component]
        var dependencies: [Dependency]

        struct Metadata: Decodable {
            var timestamp: String
            var component: Component
        }

        struct Component: Decodable {
            var reference: String
            var name: String
            var version: String?
            var purl: String?
            var licenses: [Choice]?

            enum CodingKeys: String, CodingKey {
                case name, version, purl, licenses
                case reference = "bom-ref"
            }
        }

        struct Choice: Decodable {
            var license: [String: String]?
            var expression: String?
        }

        struct Dependency: Decodable {
            var ref: String
            var dependsOn: [String]
        }
    }

    @Test("CycloneDX: the same, and what a package depends on is a component")
    func cycloneDX() throws {
        let text = try Self.document(Self.bill(Self.items), .cyclonedx)
        let document = try JSONDecoder().decode(CycloneDX.self, from: Data(text.utf8))
        #expect(document.metadata.timestamp == "2023-11-14T22:13:20Z")
        #expect(document.components.map(\.name) == ["b", "c_c", "d"])
        #expect(document.components[0].purl == "pkg:swift/github.com/acme/b@1.2.3")
        #expect(document.components[0].licenses?.first?.license?["id"] == "MIT")
        #expect(document.components[1].licenses?.first?.expression == "Apache-2.0 WITH Swift-exception")
        #expect(document.components[2].licenses == nil && document.components[2].purl == nil)
        let references = document.components.map(\.reference) + [document.metadata.component.reference]
        #expect(Set(references).count == references.count)
        #expect(Set(document.dependencies.map(\.ref)) == Set(references))
        #expect(Set(references).isSuperset(of: document.dependencies.flatMap(\.dependsOn)))
        #expect(document.dependencies.first { $0.ref == "moorage@0.1.0" }?.dependsOn == [references[0]])
    }

    // MARK: Both

    @Test("equal content results in equal documents, and other content in another identifier")
    func deterministic() throws {
        for format in BillOfMaterials.Format.allCases {
            let text = try Self.document(Self.bill(Self.items), format)
            #expect(try Self.document(Self.bill(Self.items), format) == text)
            #expect(text.hasSuffix("}\n"))
        }
        func serial(_ bill: BillOfMaterials) throws -> String {
            let text = try Self.document(bill, .cyclonedx)
            return try JSONDecoder().decode(CycloneDX.self, from: Data(text.utf8)).serialNumber
        }
        let bills = [
            Self.bill(Self.items), Self.bill(Self.items, commit: nil), Self.bill(Self.items, created: 0),
            Self.bill([Self.items[0]]),
        ]
        let serials = try bills.map(serial)
        #expect(Set(serials).count == bills.count)
        // The schema of CycloneDX has this pattern; version 8 and the variant are those of RFC 9562.
        let pattern = /urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        for serial in serials { #expect(serial.wholeMatch(of: pattern) != nil, "\(serial)") }
    }

    @Test("what is embedded is read again, and only names packages that were resolved")
    func inventory() throws {
        let resolved = try ResolvedPackages(Array(#"{"version": 3, "pins": [\#(ResolvedPackagesTests.pin)]}"#.utf8))
        let inventory = PackageInventory(
            resolved,
            root: "moorage",
            dependencies: ["moorage": ["swift-nio", "local"], "swift-nio": ["swift-atomics"]],
            licenses: ["swift-nio": "Apache-2.0", "local": "MIT"]
        )
        #expect(inventory.direct == ["swift-nio"])
        #expect(inventory.packages.map(\.dependencies) == [[]])
        #expect(inventory.packages.map(\.license) == ["Apache-2.0"])
        #expect(try PackageInventory(encoded: inventory.encoded) == inventory)
    }
}

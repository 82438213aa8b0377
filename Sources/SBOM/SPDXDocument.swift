/// A document of SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3). Names of members are those of its JSON schema.
struct SPDXDocument: Encodable {
    var spdxVersion = "SPDX-2.3"
    var dataLicense = "CC0-1.0"
    var SPDXID = "SPDXRef-DOCUMENT"
    var name: String
    var documentNamespace: String
    var creationInfo: CreationInfo
    var packages: [Package]
    var relationships: [Relationship]

    struct CreationInfo: Encodable {
        var created: String
        var creators: [String]
    }

    struct Package: Encodable {
        var SPDXID: String
        var name: String
        var versionInfo: String?
        var primaryPackagePurpose: String
        var downloadLocation: String
        var filesAnalyzed = false
        var licenseConcluded = Self.unknown
        var licenseDeclared: String
        var copyrightText = Self.unknown
        var sourceInfo: String?
        var externalRefs: [Reference]?

        /// The value where nothing is claimed.
        static let unknown = "NOASSERTION"
    }

    struct Reference: Encodable {
        var referenceCategory = "PACKAGE-MANAGER"
        var referenceType = "purl"
        var referenceLocator: String
    }

    struct Relationship: Encodable {
        var spdxElementId: String
        var relationshipType: String
        var relatedSpdxElement: String
    }

    init(_ bill: BillOfMaterials, identifier: String) {
        name = "\(bill.name)-\(bill.version)"
        documentNamespace = "https://moorage.dev/spdx/\(bill.name)-\(bill.version)-\(identifier)"
        creationInfo = CreationInfo(created: bill.time, creators: ["Tool: \(bill.name)-\(bill.version)"])
        let root = Package(
            SPDXID: Self.identifier(bill.name),
            name: bill.name,
            versionInfo: bill.version,
            primaryPackagePurpose: "APPLICATION",
            downloadLocation: Package.unknown,
            licenseDeclared: Package.unknown,
            sourceInfo: bill.commit.map { "commit \($0)" }
        )
        packages = [root] + bill.inventory.packages.map(Package.init)
        relationships =
            [
                Relationship(
                    spdxElementId: SPDXID,
                    relationshipType: "DESCRIBES",
                    relatedSpdxElement: root.SPDXID
                )
            ] + Self.dependencies(of: bill.name, bill.inventory.direct)
            + bill.inventory.packages.flatMap { Self.dependencies(of: $0.identity, $0.dependencies) }
    }

    private static func dependencies(of name: String, _ others: [String]) -> [Relationship] {
        others.map {
            Relationship(
                spdxElementId: identifier(name),
                relationshipType: "DEPENDS_ON",
                relatedSpdxElement: identifier($0)
            )
        }
    }

    /// The identifier of a package: only letters, digits, `.` and `-` are allowed.
    static func identifier(_ name: String) -> String {
        "SPDXRef-Package-"
            + String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" })
    }
}

extension SPDXDocument.Package {
    init(_ item: PackageInventory.Item) {
        self.init(
            SPDXID: SPDXDocument.identifier(item.identity),
            name: item.identity,
            versionInfo: item.versionOrRevision,
            primaryPackagePurpose: "LIBRARY",
            downloadLocation: item.repository.map { "git+\($0).git" + (item.revision.map { "@\($0)" } ?? "") }
                ?? Self.unknown,
            licenseDeclared: item.license ?? Self.unknown,
            externalRefs: item.packageURL.map { [SPDXDocument.Reference(referenceLocator: $0)] }
        )
    }
}

/// A document of CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json). Names of members are those of its JSON schema.
struct CycloneDXDocument: Encodable {
    var bomFormat = "CycloneDX"
    var specVersion = "1.6"
    var serialNumber: String
    var version = 1
    var metadata: Metadata
    var components: [Component]
    var dependencies: [Dependency]

    struct Metadata: Encodable {
        var timestamp: String
        var tools: Tools
        var component: Component
    }

    struct Tools: Encodable {
        var components: [Component]
    }

    struct Component: Encodable {
        var type: String
        var reference: String?
        var name: String
        var version: String?
        var licenses: [LicenseChoice]?
        var purl: String?
        var pedigree: Pedigree?
        var externalReferences: [ExternalReference]?

        enum CodingKeys: String, CodingKey {
            case type, name, version, licenses, purl, pedigree, externalReferences
            case reference = "bom-ref"
        }
    }

    /// Either an identifier or an expression.
    struct LicenseChoice: Encodable {
        var license: Identifier?
        var expression: String?
        var acknowledgement: String?

        struct Identifier: Encodable {
            var id: String
            var acknowledgement = "declared"
        }

        init(_ expression: String) {
            if expression.contains(" ") {
                self.expression = expression
                acknowledgement = "declared"
            } else {
                license = Identifier(id: expression)
            }
        }
    }

    struct Pedigree: Encodable {
        var commits: [Commit]

        struct Commit: Encodable {
            var uid: String
        }
    }

    struct ExternalReference: Encodable {
        var type = "vcs"
        var url: String
    }

    struct Dependency: Encodable {
        var ref: String
        var dependsOn: [String]
    }

    init(_ bill: BillOfMaterials, identifier: String) {
        serialNumber = "urn:uuid:\(identifier)"
        let items = bill.inventory.packages
        let root = "\(bill.name)@\(bill.version)"
        let references = Dictionary(items.map { ($0.identity, Self.reference($0)) }) { first, _ in first }
        metadata = Metadata(
            timestamp: bill.time,
            tools: Tools(components: [Component(type: "application", name: bill.name, version: bill.version)]),
            component: Component(
                type: "application",
                reference: root,
                name: bill.name,
                version: bill.version,
                pedigree: bill.commit.map { Pedigree(commits: [.init(uid: $0)]) }
            )
        )
        components = items.map(Component.init)
        dependencies =
            [Dependency(ref: root, dependsOn: bill.inventory.direct.compactMap { references[$0] })]
            + items.map { item in
                Dependency(
                    ref: Self.reference(item),
                    dependsOn: item.dependencies.compactMap { references[$0] }
                )
            }
    }

    /// What other parts of the document call a package.
    static func reference(_ item: PackageInventory.Item) -> String {
        item.packageURL ?? "\(item.identity)@\(item.versionOrRevision ?? "unknown")"
    }
}

extension CycloneDXDocument.Component {
    init(_ item: PackageInventory.Item) {
        self.init(
            type: "library",
            reference: CycloneDXDocument.reference(item),
            name: item.identity,
            version: item.versionOrRevision,
            licenses: item.license.map { [CycloneDXDocument.LicenseChoice($0)] },
            purl: item.packageURL,
            pedigree: item.revision.map { .init(commits: [.init(uid: $0)]) },
            externalReferences: item.repository.map { [.init(url: $0)] }
        )
    }
}

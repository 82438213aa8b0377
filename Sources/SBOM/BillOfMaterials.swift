internal import FoundationEssentials

/// What a program consists of, as documents in the formats that scanners read.
///
/// Equal values result in equal documents: identifiers come from the content, and the time is given.
package struct BillOfMaterials: Sendable {
    /// A format of documents.
    package enum Format: String, Sendable, CaseIterable {
        /// SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3).
        case spdx
        /// CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json).
        case cyclonedx
    }

    /// The name of the program.
    package var name: String
    /// The version of the program.
    package var version: String
    /// The commit that the program is built from; `nil` if it is not known.
    package var commit: String?
    /// When it was built, in seconds since 1970.
    package var created: Int
    /// The packages that it is built from.
    package var inventory: PackageInventory

    /// Creates a value from its fields.
    package init(name: String, version: String, commit: String?, created: Int, inventory: PackageInventory) {
        self.name = name
        self.version = version
        self.commit = commit
        self.created = created
        self.inventory = inventory
    }

    /// A document, as JSON text.
    ///
    /// - Parameters:
    ///   - format: the format.
    ///   - sha256: the hash function in hexadecimal digits, from which the document has its identifier.
    package func document(_ format: Format, sha256: (_ content: [UInt8]) -> String) throws -> String {
        let identifier = try identifier(sha256)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let content =
            switch format {
            case .spdx: try encoder.encode(SPDXDocument(self, identifier: identifier))
            case .cyclonedx: try encoder.encode(CycloneDXDocument(self, identifier: identifier))
            }
        return String(decoding: content, as: UTF8.self) + "\n"
    }

    /// The time in the form that both formats require.
    var time: String { Date(timeIntervalSince1970: Double(created)).formatted(.iso8601) }

    /// A UUID of version 8 (RFC 9562) from the content.
    private func identifier(_ sha256: ([UInt8]) -> String) throws -> String {
        let heading = [name, version, commit ?? "", String(created)].joined(separator: "\n")
        var digits = Array(sha256(Array("\(heading)\n".utf8) + (try inventory.encoded)))
        digits[12] = "8"
        digits[16] = Array("89ab")[(digits[16].hexDigitValue ?? 0) & 3]
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }
}

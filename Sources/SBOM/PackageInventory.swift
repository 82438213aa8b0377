internal import FoundationEssentials

/// The packages that a program is built from, and which of them needs which.
package struct PackageInventory: Sendable, Hashable, Codable {
    /// A package.
    package struct Item: Sendable, Hashable, Codable {
        /// SwiftPM's name of the package, such as `swift-nio`.
        package var identity: String
        /// The URL that it comes from. Empty for a package of a registry.
        package var location: String
        /// The version; `nil` if a branch or a revision is required.
        package var version: String?
        /// The commit.
        package var revision: String?
        /// An SPDX license expression; `nil` if the license was not recognized.
        package var license: String?
        /// The identities of the packages that it depends on.
        package var dependencies: [String]
    }

    /// The packages, ordered by identity.
    package var packages: [Item]
    /// The identities of the packages that the program itself depends on.
    package var direct: [String]
}

extension PackageInventory {
    /// Joins what SwiftPM has chosen with what the packages say.
    ///
    /// - Parameters:
    ///   - resolved: the packages with their versions.
    ///   - root: the identity of the package of the program.
    ///   - dependencies: the identities of the packages that each package depends on.
    ///   - licenses: the licenses by identity.
    package init(
        _ resolved: ResolvedPackages,
        root: String,
        dependencies: [String: Set<String>],
        licenses: [String: String]
    ) {
        let known = Set(resolved.pins.map(\.identity))
        packages = resolved.pins.map { pin in
            Item(
                identity: pin.identity,
                location: pin.location,
                version: pin.version,
                revision: pin.revision,
                license: licenses[pin.identity],
                dependencies: known.intersection(dependencies[pin.identity] ?? []).sorted()
            )
        }
        direct = known.intersection(dependencies[root] ?? known).sorted()
    }

    /// Reads what `encoded` has written.
    package init(encoded: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(encoded))
    }

    /// This value as JSON. Equal values result in equal bytes.
    package var encoded: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self))
        }
    }
}

extension PackageInventory.Item {
    /// The URL without `.git`, such as `https://github.com/apple/swift-nio`; `nil` if the package does not come from a URL.
    var repository: String? {
        guard location.hasPrefix("https://") else { return nil }
        return location.hasSuffix(".git") ? String(location.dropLast(4)) : location
    }

    /// The version, or what is built instead.
    var versionOrRevision: String? { version ?? revision }

    /// The package URL (https://github.com/package-url/purl-spec, type `swift`); `nil` if the package does not come from a URL.
    var packageURL: String? {
        guard let repository, let versionOrRevision else { return nil }
        return "pkg:swift/\(repository.dropFirst("https://".count))@\(Self.encoded(versionOrRevision))"
    }

    /// A version as package URLs have it: `+` and everything else that has a meaning in URLs is percent-encoded.
    private static func encoded(_ version: String) -> String {
        version.utf8.map { byte in
            let scalar = Character(UnicodeScalar(byte))
            if scalar.isASCII, scalar.isLetter || scalar.isNumber || "-._~".contains(scalar) { return String(scalar) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}

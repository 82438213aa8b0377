internal import FoundationEssentials

/// The versions of packages that SwiftPM has chosen: `Package.resolved`, versions 2 and 3.
package struct ResolvedPackages: Sendable, Hashable {
    /// A package.
    package struct Pin: Sendable, Hashable {
        /// SwiftPM's name of the package, such as `swift-nio`.
        package var identity: String
        /// The URL that it comes from. Empty for a package of a registry.
        package var location: String
        /// The version; `nil` if a branch or a revision is required.
        package var version: String?
        /// The commit; `nil` for a package of a registry.
        package var revision: String?
    }

    /// Why a file cannot be read.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// The packages, ordered by identity.
    package let pins: [Pin]

    /// Reads the content of `Package.resolved`.
    ///
    /// - Throws: `Failure`.
    package init(_ content: [UInt8]) throws(Failure) {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(content))
        } catch {
            throw Failure(description: "Package.resolved cannot be read: \(error)")
        }
        guard (2...3).contains(file.version), let pins = file.pins else {
            throw Failure(
                description: "Package.resolved has version \(file.version), and 2 and 3 are read: "
                    + "run `swift package resolve` with a newer Swift"
            )
        }
        self.pins = pins.map { pin in
            Pin(
                identity: pin.identity,
                location: pin.location ?? "",
                version: pin.state.version,
                revision: pin.state.revision
            )
        }.sorted { $0.identity < $1.identity }
    }

    private struct File: Decodable {
        var version: Int
        var pins: [Entry]?

        struct Entry: Decodable {
            var identity: String
            var location: String?
            var state: State
        }

        struct State: Decodable {
            var version: String?
            var revision: String?
        }
    }
}

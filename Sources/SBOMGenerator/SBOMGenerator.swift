import FoundationEssentials
import SBOM

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes the packages of this build into a Swift file, for the plugin `EmbedSBOM`.
///
///     SBOMGenerator --output FILE --root IDENTITY [--resolved FILE] [--dependencies IDENTITY=IDENTITY,…] [--license IDENTITY=FILE]
///
/// Without `--resolved`, the file says that nothing is known.
@main
struct SBOMGenerator {
    /// Why the command line is not valid.
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private var output = ""
    private var root = ""
    private var resolved: String?
    private var dependencies: [String: Set<String>] = [:]
    private var licenses: [String: String] = [:]

    static func main() {
        do {
            try SBOMGenerator(CommandLine.arguments.dropFirst()).save()
        } catch {
            let message = Array("error: \(error)\n".utf8)
            _ = write(STDERR_FILENO, message, message.count)
            exit(1)
        }
    }

    private init(_ arguments: some Sequence<String>) throws {
        var rest = arguments.makeIterator()
        while let option = rest.next(), let value = rest.next() {
            let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch option {
            case "--output": output = value
            case "--root": root = value
            case "--resolved": resolved = value
            case "--dependencies" where parts.count == 2:
                dependencies[parts[0]] = Set(parts[1].split(separator: ",").map(String.init))
            case "--license" where parts.count == 2:
                licenses[parts[0]] = License.recognize(String(decoding: try Self.read(parts[1]), as: UTF8.self))
            default: throw Failure(description: "\(option) \(value) is not a valid option")
            }
        }
    }

    private func save() throws {
        var literal = "nil"
        if let resolved {
            let inventory = PackageInventory(
                try ResolvedPackages(try Self.read(resolved)),
                root: root,
                dependencies: dependencies,
                licenses: licenses
            )
            literal = String(decoding: try inventory.encoded, as: UTF8.self).debugDescription
        }
        let code = """
            /// The packages that this program is built from.
            enum EmbeddedInventory {
                /// They, as JSON; `nil` if Package.resolved was missing.
                static let encoded: String? = \(literal)
            }

            """
        try Data(code.utf8).write(to: URL(filePath: output))
    }

    private static func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }
}

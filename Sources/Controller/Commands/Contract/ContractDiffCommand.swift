import CommandSupport
import ArgumentParser
import FoundationEssentials
import MCPProtocol
import MCPTransport

/// `moorage contract diff`.
struct ContractDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two contracts.",
        discussion: """
            Each is a URL of a server, a file that `moorage contract read` has written as JSON, or a revision in a cluster: \
            revision/NAME or revision/NAMESPACE/NAME. A file whose path begins with revision/ is written as ./revision/…. \
            The exit status is 0 if the contracts are equal, 1 if they differ, and 2 if one cannot be read.

            Examples:
              moorage contract diff before.json after.json
              moorage contract diff approved.json https://mcp.example.com/mcp
              moorage contract diff revision/mcp-acme/time-305afa1b62 http://127.0.0.1:8080/mcp
            """
    )

    @Argument(help: ArgumentHelp("A file, a URL or a revision.", valueName: "a"))
    var old: String

    @Argument(help: ArgumentHelp("A file, a URL or a revision to compare with it.", valueName: "b"))
    var new: String

    @OptionGroup
    var connection: ContractConnectionOptions

    @OptionGroup(title: "Cluster options")
    var cluster: RevisionClusterOptions

    func run() async throws {
        let console = Console.standard
        let difference: ContractDifference
        do {
            let before = try await contract(try ContractSource(old), console)
            difference = ContractDifference(from: before, to: try await contract(try ContractSource(new), console))
        } catch {
            console.error(TerminalText.safe("\(error)"))
            throw ExitCode(2)
        }
        if difference.isEmpty { return }
        console.output(DifferenceText(difference, console).text)
        throw ExitCode(1)
    }

    private func contract(_ source: ContractSource, _ console: Console) async throws -> ServerContract {
        switch source {
        case .url(let url): try await connection.read(connection.endpoint(url), console: console).contract
        case .file(let path): try ContractFile.read(path)
        case .revision(let namespace, let name): try await cluster.read(namespace: namespace, name: name)
        }
    }
}

/// Where a contract is.
enum ContractSource: Sendable, Hashable {
    case url(String)
    case file(String)
    /// A revision; without a namespace, it is in that of the options.
    case revision(namespace: String?, name: String)

    private static let revisionPrefix = "revision/"

    /// - Throws: `CommandFailure` if the text looks like a revision, but is not a valid one.
    init(_ text: String) throws(CommandFailure) {
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            self = .url(text)
            return
        }
        guard text.hasPrefix(Self.revisionPrefix) else {
            self = .file(text)
            return
        }
        let parts = text.dropFirst(Self.revisionPrefix.count).split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isNamePart) })
        else {
            throw CommandFailure(
                "\(text): a revision is written as revision/NAME or revision/NAMESPACE/NAME; for a file, write ./\(text)"
            )
        }
        self = .revision(namespace: parts.count == 2 ? parts[0] : nil, name: parts[parts.count - 1])
    }

    /// What names of objects consist of.
    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}

/// A file with a contract.
enum ContractFile {
    /// Larger than any contract that a reader accepts.
    private static let limits = MessageLimits(maximumBytes: 256 << 20, maximumValues: 50_000_000)

    static func read(_ path: String) throws(CommandFailure) -> ServerContract {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("\(path): the file cannot be read")
        }
        return try parse([UInt8](data), path)
    }

    static func parse(_ bytes: [UInt8], _ path: String) throws(CommandFailure) -> ServerContract {
        do {
            let json = try RawJSON(parsing: bytes, limits: limits)
            guard json.kind == .object else {
                throw MessageFieldError(
                    field: "the document",
                    problem: "must be an object with lists such as \"tools\""
                )
            }
            var definitions: [ServerContract.Kind: [RawJSON]] = [:]
            for kind in ServerContract.Kind.allCases {
                guard let list = json[kind.listing.member] else { continue }
                guard let elements = list.elements else {
                    throw MessageFieldError(field: kind.listing.member, problem: "must be an array")
                }
                definitions[kind] = elements
            }
            guard !definitions.isEmpty else {
                throw MessageFieldError(field: "the document", problem: "has no list such as \"tools\"")
            }
            return try ServerContract(definitions)
        } catch {
            throw CommandFailure("\(path): the file is not a contract in JSON", underlying: error)
        }
    }
}

/// A difference as text: `+` for what was added, `-` for what was removed, `~` for what was changed, with its fields.
struct DifferenceText {
    private let difference: ContractDifference
    private let console: Console

    init(_ difference: ContractDifference, _ console: Console) {
        self.difference = difference
        self.console = console
    }

    var text: String {
        var lines: [String] = []
        for change in difference.changes {
            let item = "\(ContractSummary.name(change.kind)) \(TerminalText.safe(change.identity))"
            switch change.what {
            case .added: lines.append(console.styled("+ \(item)", .green))
            case .removed: lines.append(console.styled("- \(item)", .red))
            case .changed(let fields):
                lines.append(console.styled("~ \(item)", .yellow))
                for field in fields {
                    lines.append("    " + TerminalText.safe(field.path.joined(separator: ".")))
                    if let old = field.old {
                        lines.append(console.styled("    - \(TerminalText.safe(old.text))", .red))
                    }
                    if let new = field.new {
                        lines.append(console.styled("    + \(TerminalText.safe(new.text))", .green))
                    }
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

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
            Each is a URL of a server, or a file that `moorage contract read` has written as JSON. The exit status is 0 if the \
            contracts are equal, 1 if they differ, and 2 if one cannot be read.

            Examples:
              moorage contract diff before.json after.json
              moorage contract diff approved.json https://mcp.example.com/mcp
            """
    )

    @Argument(help: ArgumentHelp("A file or URL.", valueName: "a"))
    var old: String

    @Argument(help: ArgumentHelp("A file or URL to compare with it.", valueName: "b"))
    var new: String

    @OptionGroup
    var connection: ContractConnectionOptions

    func run() async throws {
        let console = Console.standard
        let difference: ContractDifference
        do {
            let before = try await contract(old, console)
            difference = ContractDifference(from: before, to: try await contract(new, console))
        } catch {
            console.error(TerminalText.safe("\(error)"))
            throw ExitCode(2)
        }
        if difference.isEmpty { return }
        console.output(DifferenceText(difference, console).text)
        throw ExitCode(1)
    }

    private func contract(_ source: String, _ console: Console) async throws -> ServerContract {
        if source.hasPrefix("http://") || source.hasPrefix("https://") {
            return try await connection.read(connection.endpoint(source), console: console).contract
        }
        return try ContractFile.read(source)
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

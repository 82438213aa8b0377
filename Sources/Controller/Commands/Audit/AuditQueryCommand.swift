public import ArgumentParser
import CommandSupport
import ControllerRuntime
public import Gateway
import KubernetesAPI
import MCPProtocol

/// `moorage audit query`.
struct AuditQueryCommand: ParsableCommand {
    /// How records are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Print records of an audit log.",
        discussion: """
            Records must meet all conditions. With -o json they are printed as the gateway has written them, one on a line.

            The exit status is 0 even if nothing is found, and 2 if a file cannot be read.

            Examples:
              moorage audit query /data/audit.jsonl --tenant acme --since 1h
              moorage audit query /data/audit.jsonl --result RateLimited --limit 20 -o json
            """
    )

    @Argument(help: ArgumentHelp("The audit log, or several.", valueName: "path"), completion: .file())
    var paths: [String]

    @Option(
        help: ArgumentHelp("The earliest time, in RFC 3339, or a duration before now, such as 1h.", valueName: "time")
    )
    var since: AuditTimeArgument?

    @Option(
        help: ArgumentHelp("The time before which records are printed, or a duration before now.", valueName: "time")
    )
    var until: AuditTimeArgument?

    @Option(help: ArgumentHelp("The kind: \(Self.names(AuditRecord.Kind.allCases)).", valueName: "kind"))
    var kind: AuditRecord.Kind?

    @Option(help: ArgumentHelp("The name of a tenant.", valueName: "name"))
    var tenant: String?

    @Option(help: ArgumentHelp("The name of a server or virtual server, or NAMESPACE/NAME.", valueName: "name"))
    var server: String?

    @Option(help: ArgumentHelp("The name of a tool.", valueName: "name"))
    var tool: String?

    @Option(help: ArgumentHelp("The principal.", valueName: "name"))
    var principal: String?

    @Option(help: ArgumentHelp("The OAuth client.", valueName: "name"))
    var client: String?

    @Option(help: ArgumentHelp("The result: \(Self.names(CallResult.allCases)).", valueName: "result"))
    var result: CallResult?

    @Option(help: ArgumentHelp("How many records are printed, the newest ones. (default: all)", valueName: "number"))
    var limit: Int?

    @Option(name: [.customShort("o"), .customLong("output")], help: "The format: table or json.")
    var format = Format.table

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() throws {
        let console = Console.standard
        let now = RuntimeClock.system.wallTime
        let query = AuditQuery(
            since: since?.time(before: now),
            until: until?.time(before: now),
            kind: kind,
            tenant: tenant,
            server: server,
            tool: tool,
            principal: principal,
            client: client,
            result: result
        )
        var entries: [AuditEntry] = []
        do {
            for path in paths {
                var query = query
                query.limit = limit
                entries += try AuditFiles(path).records(matching: query, access: nil)
            }
        } catch {
            console.error(TerminalText.safe("\(error)"))
            throw ExitCode(2)
        }
        // Records of one file are in order already, and keep it.
        if paths.count > 1 {
            entries = entries.enumerated().sorted {
                ($0.element.record.time, $0.offset) < ($1.element.record.time, $1.offset)
            }.map(\.element)
        }
        if let limit { entries = entries.suffix(limit) }
        switch format {
        case .json: for entry in entries { console.output(entry.json.text + "\n") }
        case .table: console.output(AuditTable(entries.map(\.record)).text)
        }
    }

    private static func names<Value: RawRepresentable>(_ values: [Value]) -> String where Value.RawValue == String {
        values.map(\.rawValue).joined(separator: ", ")
    }
}

/// Records as a table.
struct AuditTable {
    private let rows: [[String]]

    init(_ records: [AuditRecord]) {
        rows =
            [["TIME", "KIND", "TENANT", "SERVER", "TOOL", "PRINCIPAL", "CLIENT", "RESULT", "MS", "REASON"]]
            + records.map { record in
                let server = record.server ?? record.virtualServer
                let fields = [
                    record.time.description, record.kind.rawValue, record.tenant,
                    record.namespace.flatMap { namespace in server.map { "\(namespace)/\($0)" } } ?? server,
                    record.tool,
                    record.principal, record.client, record.result?.rawValue,
                    record.durationMilliseconds.map(String.init),
                    record.lost.map { "\($0) lost: \(record.reason ?? "")" } ?? record.reason,
                ]
                return fields.map { $0.map(TerminalText.safe) ?? "-" }
            }
    }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            var line = cells.joined(separator: "   ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}

/// A time, or a duration before now.
enum AuditTimeArgument: ExpressibleByArgument, Sendable, Hashable {
    case time(MicroTimestamp)
    case ago(DurationArgument)

    init?(argument: String) {
        if let time = MicroTimestamp(argument) {
            self = .time(time)
        } else if let duration = DurationArgument(argument: argument) {
            self = .ago(duration)
        } else {
            return nil
        }
    }

    func time(before now: MicroTimestamp) -> MicroTimestamp {
        switch self {
        case .time(let time): return time
        case .ago(let duration):
            let microseconds = Int64(duration.duration.inSeconds * 1_000_000)
            return MicroTimestamp(microsecondsSinceEpoch: now.microsecondsSinceEpoch - microseconds)
        }
    }
}

extension AuditRecord.Kind: ExpressibleByArgument {}
extension CallResult: ExpressibleByArgument {}

import Crypto
import MCPProtocol

/// Links records, so that it shows when one is changed, removed, added or moved: each line contains the hash of the line before, and
/// its own.
///
/// The hash of a line is the SHA-256 of its bytes without `,"hash":"…"`, which is its last member.
public struct AuditChain: Sendable, Hashable {
    /// The hash before the first record.
    public static let origin = String(repeating: "0", count: 64)

    /// A name that no other chain has.
    public let id: String
    /// The number of the next record.
    public private(set) var sequence: Int64
    /// The hash of the last record.
    public private(set) var previous: String

    /// A new chain.
    public init(id: String) {
        self.init(id: id, sequence: 0, previous: Self.origin)
    }

    /// The chain after its last record.
    public init(continuing entry: AuditEntry) {
        self.init(id: entry.chain, sequence: entry.sequence + 1, previous: entry.hash)
    }

    private init(id: String, sequence: Int64, previous: String) {
        self.id = id
        self.sequence = sequence
        self.previous = previous
    }

    /// Adds a record. Returns its line with the line break.
    public mutating func seal(_ record: AuditRecord) -> [UInt8] {
        let content = RawJSON.object(
            record.members + [
                ("chain", .string(id)), ("sequence", .integer(sequence)), ("previous", .string(previous)),
            ]
        )
        previous = Self.hash(of: content.bytes)
        sequence += 1
        var line = Array(content.bytes.dropLast())
        line.append(contentsOf: #","hash":""#.utf8)
        line.append(contentsOf: previous.utf8)
        line.append(contentsOf: "\"}\n".utf8)
        return line
    }

    /// The hash of a line's content.
    static func hash(of content: some Sequence<UInt8>) -> String { SHA256.hash(data: Array(content)).hexadecimal }

    /// The bytes that the hash of a line is computed over; `nil` if the line does not end with a hash.
    static func content(of line: [UInt8], hash: String) -> [UInt8]? {
        let end = Array(#","hash":"\#(hash)"}"#.utf8)
        guard line.count > end.count, line.suffix(end.count).elementsEqual(end) else { return nil }
        return line.dropLast(end.count) + [UInt8(ascii: "}")]
    }
}

/// Checks the chains of an audit log, line by line in the order of the log. Lines of several chains can be mixed, such as those of
/// several replicas in one stream.
///
/// It finds records that were changed, removed, added or moved between others of their chain. It cannot find that the last records of a
/// chain or whole chains were removed; compare ``Chain/lastHash`` with a copy that is kept elsewhere.
public struct AuditVerification: Sendable {
    /// A place in a log.
    public struct Location: Sendable, Hashable, CustomStringConvertible {
        public var file: String
        /// The number of the line, from 1.
        public var line: Int

        public init(file: String, line: Int) {
            self.file = file
            self.line = line
        }

        public var description: String { "\(file):\(line)" }
    }

    /// Something that breaks a chain.
    public struct Break: Sendable, Hashable, CustomStringConvertible {
        public var location: Location
        /// What is wrong with the line.
        public var problem: String

        public var description: String { "\(location): \(problem)" }
    }

    /// What was read of one chain.
    public struct Chain: Sendable, Hashable {
        public var id: String
        public var firstSequence: Int64
        public var lastSequence: Int64
        public var records: Int
        /// How many records were lost, as the chain itself says.
        public var lost: Int64
        public var lastHash: String
    }

    /// How many breaks are kept; all are counted.
    public static let maximumBreaks = 100

    /// The first breaks.
    public private(set) var breaks: [Break] = []
    /// How many breaks there are.
    public private(set) var breakCount = 0
    private var byID: [String: Chain] = [:]
    private var order: [String] = []

    public init() {}

    /// Whether nothing breaks a chain.
    public var isIntact: Bool { breakCount == 0 }

    /// The chains in the order of their first records.
    public var chains: [Chain] { order.compactMap { byID[$0] } }

    /// How many records were read.
    public var records: Int { byID.values.reduce(0) { $0 + $1.records } }

    /// Checks the next line, which is given without the line break.
    public mutating func check(_ line: [UInt8], at location: Location) {
        let entry: AuditEntry
        do {
            entry = try AuditEntry(line: line)
        } catch {
            report(error.description, location)
            return
        }
        guard let content = AuditChain.content(of: line, hash: entry.hash) else {
            report("the hash is not the last member of the line", location)
            return
        }
        if AuditChain.hash(of: content) != entry.hash {
            report("record \(entry.sequence) was changed: its hash does not match its content", location)
        }
        guard var chain = byID[entry.chain] else {
            if entry.sequence == 0, entry.previous != AuditChain.origin {
                report("the first record of chain \(entry.chain) follows another one", location)
            }
            order.append(entry.chain)
            byID[entry.chain] = Chain(
                id: entry.chain,
                firstSequence: entry.sequence,
                lastSequence: entry.sequence,
                records: 1,
                lost: entry.record.lost ?? 0,
                lastHash: entry.hash
            )
            return
        }
        let expected = chain.lastSequence + 1
        if entry.sequence > expected {
            report("records \(expected) to \(entry.sequence - 1) are missing before this one", location)
        } else if entry.sequence < expected {
            report("record \(entry.sequence) comes after record \(chain.lastSequence): it was moved or added", location)
        } else if entry.previous != chain.lastHash {
            report(
                "record \(entry.sequence) does not follow the one before: that one was changed or replaced",
                location
            )
        }
        // The chain goes on from here, so that one change is not reported for every record after it.
        chain.lastSequence = max(chain.lastSequence, entry.sequence)
        chain.lastHash = entry.hash
        chain.records += 1
        let (lost, isOverflow) = chain.lost.addingReportingOverflow(entry.record.lost ?? 0)
        chain.lost = isOverflow ? .max : lost
        byID[entry.chain] = chain
    }

    /// Reports a line that could not be read.
    public mutating func report(_ problem: String, _ location: Location) {
        breakCount += 1
        if breaks.count < Self.maximumBreaks { breaks.append(Break(location: location, problem: problem)) }
    }
}

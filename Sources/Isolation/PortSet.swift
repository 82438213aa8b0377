/// A set of ports of each protocol.
public struct PortSet: Sendable, Hashable, CustomStringConvertible {
    /// The ranges of each protocol, sorted; they neither overlap nor touch each other.
    private var tcp: [ClosedRange<Int>] = []
    private var udp: [ClosedRange<Int>] = []
    private var sctp: [ClosedRange<Int>] = []

    /// All valid ports.
    public static let valid = 1...65_535
    /// The empty set.
    public static let none = PortSet()
    /// All ports of all protocols.
    public static let all = PortSet(tcp: [valid], udp: [valid], sctp: [valid])

    /// Creates an empty set.
    public init() {}

    private init(tcp: [ClosedRange<Int>], udp: [ClosedRange<Int>], sctp: [ClosedRange<Int>]) {
        self.tcp = tcp
        self.udp = udp
        self.sctp = sctp
    }

    /// Creates a set of one range of ports.
    public init(_ transport: TransportProtocol, _ ports: ClosedRange<Int>) { insert(transport, ports) }

    /// Whether the set is empty.
    public var isEmpty: Bool { tcp.isEmpty && udp.isEmpty && sctp.isEmpty }

    /// The ranges of a protocol, sorted.
    public func ranges(_ transport: TransportProtocol) -> [ClosedRange<Int>] {
        switch transport {
        case .tcp: tcp
        case .udp: udp
        case .sctp: sctp
        }
    }

    /// Whether a port is in the set.
    public func contains(_ transport: TransportProtocol, _ port: Int) -> Bool {
        ranges(transport).contains { $0.contains(port) }
    }

    /// Adds a range of ports.
    public mutating func insert(_ transport: TransportProtocol, _ ports: ClosedRange<Int>) {
        set(transport, Self.merged(ranges(transport) + [ports]))
    }

    /// Adds the ports of another set.
    public mutating func formUnion(_ other: PortSet) {
        if self == other || other.isEmpty { return }
        for transport in TransportProtocol.allCases where !other.ranges(transport).isEmpty {
            set(transport, Self.merged(ranges(transport) + other.ranges(transport)))
        }
    }

    /// The ports that are in both sets.
    public func intersection(_ other: PortSet) -> PortSet {
        if self == other { return self }
        return PortSet(
            tcp: Self.common(tcp, other.tcp),
            udp: Self.common(udp, other.udp),
            sctp: Self.common(sctp, other.sctp)
        )
    }

    /// Such as `TCP 80, TCP 8000-8010, UDP all ports`, or `all ports`.
    public var description: String {
        if self == .all { return "all ports" }
        if isEmpty { return "no port" }
        return TransportProtocol.allCases.flatMap { transport in
            ranges(transport).map { range in
                if range == Self.valid { return "\(transport.rawValue) all ports" }
                let end = range.lowerBound == range.upperBound ? "" : "-\(range.upperBound)"
                return "\(transport.rawValue) \(range.lowerBound)\(end)"
            }
        }.joined(separator: ", ")
    }

    private mutating func set(_ transport: TransportProtocol, _ ranges: [ClosedRange<Int>]) {
        switch transport {
        case .tcp: tcp = ranges
        case .udp: udp = ranges
        case .sctp: sctp = ranges
        }
    }

    private static func merged(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var result: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    private static func common(_ left: [ClosedRange<Int>], _ right: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        left.flatMap { one in
            right.filter(one.overlaps).map {
                max(one.lowerBound, $0.lowerBound)...min(one.upperBound, $0.upperBound)
            }
        }
    }
}

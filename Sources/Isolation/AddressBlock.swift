/// An `ipBlock`: a range of addresses without some of its parts.
public struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
    /// The addresses, as ranges that do not overlap.
    public let ranges: [AddressRange]
    /// The block as the policy writes it.
    public let description: String

    /// All addresses, which a rule without peers allows.
    public static let all = AddressBlock(ranges: AddressRange.all, description: "all addresses")

    private init(ranges: [AddressRange], description: String) {
        self.ranges = ranges
        self.description = description
    }

    init(_ range: AddressRange, text: String, except: [AddressRange]) {
        ranges = except.reduce([range]) { rest, hole in rest.flatMap { $0.subtracting(hole) } }
        description =
            switch except.count {
            case 0: text
            case 1: "\(text) except 1 range"
            default: "\(text) except \(except.count) ranges"
            }
    }

    /// Whether any address of a range is in the block.
    public func overlaps(_ range: AddressRange) -> Bool { ranges.contains { $0.overlaps(range) } }
}

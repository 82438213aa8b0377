import KubernetesAPI
import Testing

@testable import Isolation

@Suite("Ranges of addresses and sets of ports")
struct AddressRangeTests {
    @Test(
        "ranges are read and written",
        arguments: [
            ("10.0.0.0/8", "10.0.0.0-10.255.255.255"), ("0.0.0.0/0", "0.0.0.0-255.255.255.255"),
            ("192.0.2.1/32", "192.0.2.1"), ("10.1.2.3/31", "10.1.2.2-10.1.2.3"),
            ("::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ("2001:db8::/127", "2001:db8::-2001:db8::1"),
            ("64:ff9b::10.0.0.0/128", "64:ff9b::a00:0"), ("1:2:3:4:5:6:7::/128", "1:2:3:4:5:6:7:0"),
            ("fd00::/128", "fd00::"), ("1:0:0:2::3/128", "1:0:0:2::3"),
        ]
    )
    func text(cidr: String, text: String) {
        #expect(AddressRange(cidr: cidr)?.description == text)
    }

    @Test(
        "what is not a range is refused",
        arguments: [
            "", "/", "10.0.0.0", "10.0.0/8", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/33", "1.2.3.4.5/8", "01.0.0.0/8",
            "::/129", "1::2::3/64", "1:2:3:4:5:6:7:8:9/64", "1:2:3:4:5:6:7:8::/64", "g::/16", "::ffff:1.2.3.4/128",
            "::1.2.3/128", "1.2.3.4::/64", "fe80::%1/64", "12345::/16", "10.0.0.0/8/8", "１0.0.0.0/8", ":::/0",
        ]
    )
    func invalid(text: String) {
        #expect(AddressRange(cidr: text) == nil)
    }

    @Test("every address is in exactly one part after a range is cut out", arguments: 0..<200)
    func subtraction(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func range() -> AddressRange {
            let first = UInt128(UInt8.random(in: 0...40, using: &random))
            return AddressRange(
                isIPv6: false,
                first: first,
                last: first + UInt128(UInt8.random(in: 0...20, using: &random))
            )
        }
        let (whole, hole) = (range(), range())
        let rest = whole.subtracting(hole)
        for value in UInt128(0)...70 {
            let expected = (whole.first...whole.last).contains(value) && !(hole.first...hole.last).contains(value)
            let count = rest.count { $0.first <= value && value <= $0.last }
            #expect(count == (expected ? 1 : 0), "seed \(seed): \(value)")
        }
    }

    @Test("sets of ports behave like sets", arguments: 0..<200)
    func ports(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func set() -> (PortSet, Set<Int>) {
            var ports = PortSet.none
            var plain: Set<Int> = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let first = Int.random(in: 1...40, using: &random)
                let range = first...(first + Int.random(in: 0...5, using: &random))
                ports.insert(.udp, range)
                plain.formUnion(range)
            }
            return (ports, plain)
        }
        let ((left, plainLeft), (right, plainRight)) = (set(), set())
        var union = left
        union.formUnion(right)
        let common = left.intersection(right)
        for port in 1...50 {
            #expect(
                union.contains(.udp, port) == (plainLeft.contains(port) || plainRight.contains(port)),
                "seed \(seed)"
            )
            #expect(
                common.contains(.udp, port) == (plainLeft.contains(port) && plainRight.contains(port)),
                "seed \(seed)"
            )
        }
        #expect(common.isEmpty == plainLeft.isDisjoint(with: plainRight), "seed \(seed)")
        #expect(!union.contains(.tcp, 1))
    }

    @Test("a set of ports is written as people write it")
    func description() {
        var ports = PortSet(.tcp, 80...80)
        ports.insert(.tcp, 8000...8010)
        ports.insert(.sctp, PortSet.valid)
        #expect("\(ports)" == "TCP 80, TCP 8000-8010, SCTP all ports")
        #expect("\(PortSet.all)" == "all ports")
        #expect("\(PortSet.none)" == "no port")
    }
}

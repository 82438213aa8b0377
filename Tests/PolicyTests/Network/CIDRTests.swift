import Testing

@testable import Policy

private let canonicalForms: [(String, String)] = [
    ("10.0.0.0/8", "10.0.0.0/8"),
    ("0.0.0.0/0", "0.0.0.0/0"),
    ("255.255.255.255/32", "255.255.255.255/32"),
    ("::/0", "::/0"),
    ("::1/128", "::1/128"),
    ("fc00::/7", "fc00::/7"),
    ("FE80::/10", "fe80::/10"),
    ("64:ff9b::/96", "64:ff9b::/96"),
    ("64:ff9b::169.254.0.0/112", "64:ff9b::a9fe:0/112"),
    ("::ffff:0:0/96", "::ffff:0.0.0.0/96"),
    ("::ffff:10.0.0.0/104", "::ffff:10.0.0.0/104"),
    ("2001:db8:0:0:1:0:0:1/128", "2001:db8::1:0:0:1/128"),
    ("2001:db8:0:1::/64", "2001:db8:0:1::/64"),
    ("1:2:3:4:5:6:7:8/128", "1:2:3:4:5:6:7:8/128"),
]

private let malformedForms: [String] = [
    "", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8 ", "10.0.0/8", "10.0.0.0.0/8",
    "10.0.0.256/8", "010.0.0.0/8", "10.0.0.1/8", "a.b.c.d/8", "::/129", "::1/127", ":::/64", "1::2::3/128",
    "12345::/16",
    "g::/16", "1:2:3:4:5:6:7/128", "1:2:3:4:5:6:7:8:9/128", "fe80::%eth0/64", ":1:2:3:4:5:6:7/128", "::10.0.0/128",
    "1:2:3:4:5:6:7:/128", "10.0.0.0/8/8",
]

private let containments: [(String, String, Bool)] = [
    ("10.0.0.0/8", "10.1.0.0/16", true), ("10.0.0.0/8", "10.0.0.0/8", true), ("10.1.0.0/16", "10.0.0.0/8", false),
    ("10.0.0.0/8", "11.0.0.0/8", false), ("0.0.0.0/0", "::/0", false), ("::/0", "::ffff:0:0/96", true),
    ("::/80", "::ffff:0:0/96", true), ("::/80", "::1/128", true), ("::/80", "64:ff9b::/96", false),
]

@Suite("Ranges of addresses")
struct CIDRTests {
    @Test("are parsed, and written in canonical form", arguments: canonicalForms)
    func canonical(text: String, expected: String) throws {
        let range = try CIDR(text)
        #expect(range.description == expected)
        #expect(try CIDR(range.description) == range)
    }

    @Test("that are invalid are refused", arguments: malformedForms)
    func malformed(text: String) {
        #expect(throws: CIDRError.self) { _ = try CIDR(text) }
    }

    @Test("contain smaller ranges", arguments: containments)
    func contains(outer: String, inner: String, expected: Bool) throws {
        #expect(try CIDR(outer).contains(CIDR(inner)) == expected)
    }

    @Test("overlap only if one contains the other")
    func overlaps() throws {
        #expect(try CIDR("10.0.0.0/8").overlaps(CIDR("10.2.0.0/16")))
        #expect(try CIDR("10.2.0.0/16").overlaps(CIDR("10.0.0.0/8")))
        #expect(try !CIDR("10.0.0.0/9").overlaps(CIDR("10.128.0.0/9")))
    }

    @Test("that are built in are all valid")
    func builtIn() {
        #expect(AddressRanges.blocked.count == 21)
        #expect(AddressRanges.neverAllowed.count == 18)
        #expect(AddressRanges.credentials.count == 10)
        // All ranges that cannot be allowed, except link-local addresses and those of credentials.
        #expect(AddressRanges.neverDNS.count == 10)
    }
}

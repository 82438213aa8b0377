import CRDModels
@testable import Policy
import Testing

@Suite("Which addresses remote servers can have")
struct AddressRulesTests {
    @Test(
        "public addresses are reached",
        arguments: [
            "1.1.1.1", "203.0.113.7", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::5", "172.32.0.1", "100.128.0.1",
        ]
    )
    func publicAddresses(address: String) {
        #expect(AddressRules.publicOnly.refusal(of: address, port: 443) == nil)
    }

    @Test(
        "everything else is refused",
        arguments: [
            "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",  // RFC 1918
            "100.64.0.1", "100.127.255.255",  // CGNAT
            "127.0.0.1", "127.255.255.254", "::1",  // loopback
            "169.254.0.1", "169.254.169.254", "fe80::1",  // link-local and metadata
            "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192",
            "fc00::1", "fdff::1", "fec0::1",  // ULA and site-local
            "224.0.0.1", "239.255.255.255", "ff02::1", "240.0.0.1", "255.255.255.255",  // multicast and reserved
            "0.0.0.0", "0.1.2.3", "::",  // unspecified
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8",  // mapped
            "::127.0.0.1", "::7f00:1",  // compatible
            "::ffff:0:7f00:1",  // translated (RFC 2765)
            "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",  // NAT64
            "64:ff9b::8.8.8.8",
            "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1",  // 6to4
            "2001:0:7f00:1::1", "2001:db8::1", "3fff::1", "4000::1", "198.18.0.1", "192.0.0.1",
        ]
    )
    func notPublic(address: String) {
        #expect(AddressRules.publicOnly.refusal(of: address, port: 443) != nil)
    }

    @Test(
        "what is not an address in its usual form is refused",
        arguments: [
            "", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "fe80::1%eth0", "[::1]", "1.1.1.1 ",
            "01.1.1.1",
        ]
    )
    func notAddresses(text: String) {
        #expect(AddressRules(reachesInternet: true, blocked: []).refusal(of: text, port: 443) != nil)
    }

    @Test("an administrator can allow a private range, for some ports or all, and never loopback or metadata")
    func exceptions() throws {
        let rules = AddressRules(
            reachesInternet: false,
            exceptions: [
                .init(range: try CIDR("10.1.0.0/16"), ports: [8443...8445]), .init(range: try CIDR("fd00::/8")),
                .init(range: try CIDR("64:ff9b::/96")), .init(range: try CIDR("169.254.0.0/16")),
            ]
        )
        #expect(rules.refusal(of: "10.1.2.3", port: 8444) == nil)
        #expect(rules.refusal(of: "10.1.2.3", port: 443) != nil)
        #expect(rules.refusal(of: "10.2.2.3", port: 8444) != nil)
        #expect(rules.refusal(of: "fd12::1", port: 1) == nil)
        #expect(rules.refusal(of: "fd00:ec2::254", port: 1) != nil)
        #expect(rules.refusal(of: "169.254.169.254", port: 80) != nil)
        #expect(rules.refusal(of: "64:ff9b::7f00:1", port: 80) != nil)
        #expect(rules.refusal(of: "64:ff9b::8.8.8.8", port: 80) == nil)
        #expect(rules.refusal(of: "1.1.1.1", port: 443) != nil)
    }

    @Test(
        "the rules of a tenant are its network settings: its ranges, what it blocks, and whether it reaches the internet"
    )
    func tenant() throws {
        var network = try NetworkRules(platform: PlatformConfiguration())
        try network.apply(
            TenantNetwork(
                allow: [
                    NetworkPeer(
                        cidr: "10.9.0.0/16",
                        ports: [NetworkPort(port: 443), NetworkPort(protocol: "UDP", port: 53)]
                    ),
                    NetworkPeer(namespace: "other"),
                ],
                blockedCIDRs: ["203.0.113.0/24"]
            ),
            airgapped: nil
        )
        let rules = AddressRules(network)
        #expect(rules.refusal(of: "10.9.1.1", port: 443) == nil)
        #expect(rules.refusal(of: "10.9.1.1", port: 53) != nil)
        #expect(rules.refusal(of: "1.1.1.1", port: 443) == nil)
        #expect(rules.refusal(of: "203.0.113.9", port: 443) != nil)
        network.airgapped = true
        #expect(AddressRules(network).refusal(of: "1.1.1.1", port: 443) != nil)
        #expect(AddressRules(network).refusal(of: "10.9.1.1", port: 443) == nil)
        #expect(AddressRules.none.refusal(of: "1.1.1.1", port: 443) != nil)
    }

    @Test("loopback is reached only where this is said, and nothing else with it")
    func loopback() {
        var rules = AddressRules.publicOnly
        rules.reachesLoopback = true
        #expect(rules.refusal(of: "127.0.0.1", port: 80) == nil)
        #expect(rules.refusal(of: "::1", port: 80) == nil)
        #expect(rules.refusal(of: "::ffff:127.0.0.1", port: 80) != nil)
        #expect(rules.refusal(of: "169.254.169.254", port: 80) != nil)
    }
}

import KubernetesAPI
import TestSupport
import Testing

@Suite("The controller's way to registries")
struct RegistryEgressTests {
    /// The rule that is there only for registries, `nil` if there is none.
    private func rule(_ values: String...) async throws -> JSONValue? {
        // The API server's ports are others, so that the rules can be told apart.
        let arguments = ["--set", "networkPolicy.apiServer.ports={6443}"] + values.flatMap { ["--set", $0] }
        let policy = try await Chart.documents(arguments).first {
            $0["kind"] == "NetworkPolicy" && $0[path: ["metadata", "name"]] == "moorage-controller"
        }
        let rules = try #require(policy?[path: ["spec", "egress"]]?.arrayValue)
        return rules.first { rule in
            rule["ports"]?.arrayValue?.contains { $0["port"]?.integerValue == 443 || $0["port"]?.integerValue == 5000 }
                == true
        }
    }

    @Test("registries are reachable at the ports that are set, and not if they are not read")
    func egress() async throws {
        let standard = try #require(try await rule())
        #expect(standard["ports"]?.arrayValue?.compactMap { $0["port"]?.integerValue } == [443])
        #expect(standard["to"] == nil)
        let own = try #require(
            try await rule("networkPolicy.registries.ports={443,5000}", "networkPolicy.registries.cidrs={192.0.2.0/24}")
        )
        #expect(own["ports"]?.arrayValue?.compactMap { $0["port"]?.integerValue } == [443, 5_000])
        #expect(own["to"]?.arrayValue?.map { $0[path: ["ipBlock", "cidr"]]?.stringValue } == ["192.0.2.0/24"])
        let airgapped = try #require(try await rule("airgapped=true"))
        #expect(airgapped["to"]?.arrayValue?.contains { $0[path: ["ipBlock", "cidr"]] == "10.0.0.0/8" } == true)
        #expect(airgapped["to"]?.arrayValue?.contains { $0[path: ["ipBlock", "cidr"]] == "0.0.0.0/0" } == false)
        #expect(try await rule("config.registries.mode=Disabled") == nil)
    }
}

import KubernetesAPI
import Testing

@testable import Policy

@Suite("The settings of gateway bindings")
struct PlatformGatewayBindingsTests {
    @Test("nothing is registered unless it is enabled, and the provider is moorage unless it has another name")
    func defaults() throws {
        #expect(!PlatformGatewayBindings().isEnabled)
        #expect(PlatformGatewayBindings(enabled: true).isEnabled)
        #expect(PlatformGatewayBindings().isOurs(provider: "moorage"))
        #expect(!PlatformGatewayBindings(provider: "edge").isOurs(provider: "moorage"))
        #expect(PlatformGatewayBindings(provider: "edge").isOurs(provider: "edge"))
        let read = try PlatformConfiguration(json: [
            "gatewayBindings": ["enabled": true, "gatewayURL": "http://gw:8080"]
        ])
        #expect(read.gatewayBindings == PlatformGatewayBindings(enabled: true, gatewayURL: "http://gw:8080"))
    }

    @Test(
        "a setting that cannot be used is refused by name",
        arguments: [
            (PlatformGatewayBindings(provider: ""), "gatewayBindings.provider"),
            (PlatformGatewayBindings(provider: String(repeating: "a", count: 254)), "gatewayBindings.provider"),
            (PlatformGatewayBindings(gatewayURL: ""), "gatewayBindings.gatewayURL"),
            (PlatformGatewayBindings(gatewayURL: "mcp.example.com"), "gatewayBindings.gatewayURL"),
            (PlatformGatewayBindings(gatewayURL: "ftp://mcp.example.com"), "gatewayBindings.gatewayURL"),
            (PlatformGatewayBindings(gatewayURL: "https://"), "gatewayBindings.gatewayURL"),
            (PlatformGatewayBindings(gatewayURL: "https://mcp.example.com/"), "gatewayBindings.gatewayURL"),
            (PlatformGatewayBindings(gatewayURL: "https://mcp.example.com?a=b"), "gatewayBindings.gatewayURL"),
            (PlatformGatewayBindings(gatewayURL: "https://me@mcp.example.com"), "gatewayBindings.gatewayURL"),
            (PlatformGatewayBindings(gatewayURL: "https://mcp.example .com"), "gatewayBindings.gatewayURL"),
        ]
    )
    func refused(settings: PlatformGatewayBindings, field: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try PlatformConfiguration(gatewayBindings: settings).validate()
        }
        #expect(error?.field == field)
    }

    @Test(
        "an address is a scheme and a host, with a port if it is needed",
        arguments: [
            "https://mcp.example.com", "http://gateway.moorage-system.svc.cluster.local:8080",
            "https://[2001:db8::1]:8443",
        ]
    )
    func accepted(url: String) throws {
        try PlatformConfiguration(gatewayBindings: PlatformGatewayBindings(gatewayURL: url)).validate()
    }
}

import MCPProtocol
import Testing

@Suite("URLs of remote servers")
struct RemoteURLTests {
    @Test("the parts of a URL, and its canonical text")
    func parts() throws {
        let url = try RemoteURL("HTTPS://MCP.Example.com:8443/a/b?c=d")
        #expect(url.isSecure && url.host == "mcp.example.com" && url.port == 8443 && !url.isAddress)
        #expect(url.path == "/a/b" && url.query == "c=d")
        #expect("\(url)" == "https://mcp.example.com:8443/a/b?c=d")
        #expect(try "\(RemoteURL("http://example.com"))" == "http://example.com/")
        #expect(try "\(RemoteURL("http://example.com:80?x"))" == "http://example.com/?x")
        let six = try RemoteURL("https://[2001:DB8::1]/mcp")
        #expect(six.isAddress && six.host == "2001:db8::1" && six.origin == "https://[2001:db8::1]")
        #expect(try RemoteURL("https://203.0.113.7/mcp").isAddress)
    }

    @Test(
        "what parsers read differently is refused",
        arguments: [
            "", "ftp://example.com/", "//example.com/", "example.com", "https:///mcp", "https://", "https:/example.com",
            // User information, and what makes the host of one parser the user of another.
            "https://user@example.com/", "https://example.com@127.0.0.1/", "https://a:b@example.com/",
            "https://example.com\\@127.0.0.1/", "https://example.com#@127.0.0.1/", "https://example.com/\u{0}",
            // Spellings of 127.0.0.1.
            "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/",
            "http://127.0.0.01/", "http://127.0.0.1./", "http://1.2.3.4.5/", "http://foo.0x1/", "http://256.0.0.1/",
            // Hosts.
            "https://exa mple.com/", "https://ex%61mple.com/", "https://１２７.0.0.1/", "https://example..com/",
            "https://example.com./", "https://[::1%25lo]/", "https://[example.com]/", "https://::1/", "https://[::1/",
            "https://[::1]x/",
            // Ports.
            "https://example.com:/", "https://example.com:0/", "https://example.com:65536/", "https://example.com:+80/",
            "https://example.com:80:81/",
        ]
    )
    func refused(text: String) {
        #expect(throws: RemoteURLError.self) { try RemoteURL(text) }
    }
}

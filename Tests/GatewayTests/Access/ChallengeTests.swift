import Gateway
import MCPProtocol
import Testing

@Suite("Challenges and metadata") struct ChallengeTests {
    private let metadata = "https://mcp.example.com/.well-known/oauth-protected-resource/acme/search/mcp"

    @Test("401 says where the metadata is, and what is wrong with a token that was sent")
    func unauthorized() {
        let missing = AuthenticationFailure(.missingCredentials, "none")
        #expect(
            AuthorizationChallenge.value(for: missing, metadataURL: metadata, scopes: ["b", "a"])
                == "Bearer scope=\"a b\", resource_metadata=\"\(metadata)\""
        )
        #expect(AuthorizationChallenge.value(for: missing, metadataURL: nil) == "Bearer")
        let invalid = AuthenticationFailure(.invalidToken, "the token has expired")
        #expect(
            AuthorizationChallenge.value(for: invalid, metadataURL: metadata)
                == "Bearer error=\"invalid_token\", error_description=\"the token has expired\", "
                + "resource_metadata=\"\(metadata)\""
        )
        let request = AuthenticationFailure(.invalidRequest, "x")
        #expect(
            AuthorizationChallenge.value(for: request, metadataURL: nil)
                == "Bearer error=\"invalid_request\", error_description=\"x\""
        )
        for code in [AuthenticationFailure.Code.unavailable, .notConfigured] {
            #expect(AuthorizationChallenge.value(for: AuthenticationFailure(code, "x"), metadataURL: metadata) == nil)
        }
    }

    @Test("403 names all scopes that the operation needs")
    func insufficientScope() {
        #expect(
            AuthorizationChallenge.insufficientScope(required: ["search:write", "search:read"], metadataURL: metadata)
                == "Bearer error=\"insufficient_scope\", error_description=\"the operation needs more scopes\", "
                + "scope=\"search:read search:write\", resource_metadata=\"\(metadata)\""
        )
    }

    @Test("what a token contains cannot add parameters or headers")
    func injection() {
        let failure = AuthenticationFailure(.invalidToken, "a\", error=\"x\\\r\nSet-Cookie: a=b\u{0}ä")
        #expect(
            AuthorizationChallenge.value(for: failure, metadataURL: nil)
                == "Bearer error=\"invalid_token\", error_description=\"a', error='x/??Set-Cookie: a=b???\""
        )
    }

    @Test(
        "the URL of the metadata of a resource",
        arguments: [
            ("https://a.example", "", "https://a.example/.well-known/oauth-protected-resource", "https://a.example"),
            ("https://a.example/", "/", "https://a.example/.well-known/oauth-protected-resource", "https://a.example"),
            (
                "https://a.example", "/ns/s/mcp", "https://a.example/.well-known/oauth-protected-resource/ns/s/mcp",
                "https://a.example/ns/s/mcp"
            ),
            (
                "https://a.example:8443", "ns/s/mcp/?x=1",
                "https://a.example:8443/.well-known/oauth-protected-resource/ns/s/mcp",
                "https://a.example:8443/ns/s/mcp"
            ),
        ]
    )
    func urls(origin: String, path: String, url: String, resource: String) {
        #expect(ProtectedResourceMetadata.url(origin: origin, path: path) == url)
        #expect(ProtectedResourceMetadata.resource(origin: origin, path: path) == resource)
    }

    @Test("the path of a resource is found again")
    func paths() {
        #expect(ProtectedResourceMetadata.resourcePath(of: "/.well-known/oauth-protected-resource") == "")
        #expect(ProtectedResourceMetadata.resourcePath(of: "/.well-known/oauth-protected-resource/") == "")
        #expect(ProtectedResourceMetadata.resourcePath(of: "/.well-known/oauth-protected-resource/a/mcp") == "/a/mcp")
        #expect(ProtectedResourceMetadata.resourcePath(of: "/.well-known/oauth-protected-resourceful") == nil)
        #expect(ProtectedResourceMetadata.resourcePath(of: "/a") == nil)
    }

    @Test("the document")
    func document() {
        let metadata = ProtectedResourceMetadata(
            origin: "https://a.example",
            path: "/ns/s/mcp/",
            authorizationServers: ["https://login.example"],
            scopes: ["b", "offline_access", "a"],
            name: "search"
        )
        #expect(
            metadata.document == [
                "resource": "https://a.example/ns/s/mcp", "authorization_servers": ["https://login.example"],
                "scopes_supported": ["a", "b"], "bearer_methods_supported": ["header"], "resource_name": "search",
            ]
        )
        let none = ProtectedResourceMetadata(origin: "https://a.example", path: "", authorizationServers: [])
        #expect(none.document == nil)
    }
}

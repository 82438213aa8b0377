import Testing

@testable import Registry

@Suite("Addresses of registries")
struct RegistryAddressTests {
    @Test("a registry is reached over TLS unless the platform lists it, and Docker Hub at the host of its API")
    func addresses() {
        func url(_ registry: String, plainHTTP: Set<String> = []) -> String {
            RegistryAddress(registry: registry, plainHTTP: plainHTTP).url(repository: "a/b", "manifests/1")
        }
        #expect(url("docker.io") == "https://registry-1.docker.io/v2/a/b/manifests/1")
        #expect(url("ghcr.io") == "https://ghcr.io/v2/a/b/manifests/1")
        #expect(url("localhost:5000") == "https://localhost:5000/v2/a/b/manifests/1")
        #expect(url("r.example:5000", plainHTTP: ["r.example:5000"]) == "http://r.example:5000/v2/a/b/manifests/1")
        #expect(url("r.example", plainHTTP: ["r.example:5000"]) == "https://r.example/v2/a/b/manifests/1")
        #expect(url("[::1]:5000", plainHTTP: ["[::1]:5000"]) == "http://[::1]:5000/v2/a/b/manifests/1")
    }

    @Test("a URL that a registry names is resolved, and its origin has the port")
    func urls() throws {
        func origin(_ location: String, _ base: String? = nil, plainHTTP: Set<String> = []) -> String? {
            try? RegistryURL(location, against: base, plainHTTP: plainHTTP).origin
        }
        let base = "https://r.example:5000/v2/a/blobs/x"
        #expect(try RegistryURL("/v2/b?c=d", against: base, plainHTTP: []).text == "https://r.example:5000/v2/b?c=d")
        // A signed URL is not changed.
        let signed = "https://cdn.example/a%2Fb/?X-Amz-Credential=a%2Faws4_request&Signature=x%2By%3D~"
        #expect(try RegistryURL(signed, against: base, plainHTTP: []).text == signed)
        #expect(origin("/v2/b", base) == "https://r.example:5000")
        #expect(origin("//cdn.example/b", base) == "https://cdn.example")
        #expect(origin("HTTPS://CDN.example/b", base) == "https://cdn.example")
        #expect(origin("http://[::1]:5000/v2/", plainHTTP: ["[::1]:5000"]) == "http://[::1]:5000")
        // A registry on this machine can redirect to itself.
        #expect(origin("/b", "https://127.0.0.1:5000/a") == "https://127.0.0.1:5000")
        #expect(origin("https://127.0.0.1:5001/b", "https://127.0.0.1:5000/a") == "https://127.0.0.1:5001")
        for refused in [
            "", "https://", "javascript:x", "file:///etc/passwd", "http://r.example:5000/", "https://localhost/",
            "https://a.localhost/", "https://127.1.2.3/", "https://0.0.0.0/", "https://[::]/", "https://[fe80::1]/",
            "https://169.254.169.254/",
        ] {
            #expect(origin(refused, "https://r.example/a") == nil || refused.isEmpty, "\(refused)")
        }
    }
}

import Testing

@testable import SBOM

@Suite("Package.resolved")
struct ResolvedPackagesTests {
    static let pin = """
        {"identity": "swift-nio", "kind": "remoteSourceControl", "location": "https://github.com/apple/swift-nio.git",
         "state": {"revision": "4a1e3b8f5fd6b0d2ef3a7a3c1b4a84d5e6f70819", "version": "2.101.0"}}
        """

    private func read(_ text: String) throws(ResolvedPackages.Failure) -> [ResolvedPackages.Pin] {
        try ResolvedPackages(Array(text.utf8)).pins
    }

    @Test(
        "versions 2 and 3 are read",
        arguments: [#"{"pins": [\#(pin)], "version": 2}"#, #"{"originHash": "0f", "pins": [\#(pin)], "version": 3}"#]
    )
    func versions(text: String) throws {
        let pins = try read(text)
        #expect(
            pins == [
                ResolvedPackages.Pin(
                    identity: "swift-nio",
                    location: "https://github.com/apple/swift-nio.git",
                    version: "2.101.0",
                    revision: "4a1e3b8f5fd6b0d2ef3a7a3c1b4a84d5e6f70819"
                )
            ]
        )
    }

    @Test("branches and packages of registries are read, and the order is that of the names")
    func kinds() throws {
        let pins = try read(
            """
            {"version": 3, "pins": [
              {"identity": "b", "kind": "remoteSourceControl", "location": "https://git.example/b",
               "state": {"branch": "main", "revision": "0123"}},
              {"identity": "a.a", "kind": "registry", "location": "", "state": {"version": "1.0.0"}}]}
            """
        )
        #expect(pins.map(\.identity) == ["a.a", "b"])
        #expect(pins.map(\.version) == ["1.0.0", nil])
        #expect(pins.map(\.revision) == [nil, "0123"])
    }

    @Test("everything else is refused, with a reason", arguments: ["", "[]", "{}", #"{"version": 2}"#])
    func unreadable(text: String) {
        #expect(throws: ResolvedPackages.Failure.self) { try read(text) }
    }

    @Test("another version is named", arguments: [1, 4])
    func other(version: Int) {
        let object = #"{"object": {"pins": []}, "version": \#(version)}"#
        #expect(throws: ResolvedPackages.Failure.self) { try read(object) }
        do throws(ResolvedPackages.Failure) {
            _ = try read(object)
        } catch {
            #expect(error.description.contains("has version \(version), and 2 and 3 are read"))
        }
    }
}

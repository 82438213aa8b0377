import SupplyChain
import TestSupport
import Testing

@testable import Registry

@Suite("Manifests and configurations of images")
struct ManifestTests {
    private static let digest = "sha256:" + String(repeating: "0", count: 64)
    private static let index = "application/vnd.oci.image.index.v1+json"
    private static let image = "application/vnd.oci.image.manifest.v1+json"

    private func manifest(_ text: String, _ contentType: String? = nil) throws -> Manifest {
        try Manifest(Array(text.utf8), contentType: contentType)
    }

    private static let config =
        #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(digest)","size":2}"#

    @Test("images and indexes of OCI and of Docker are read")
    func read() throws {
        for type in [Self.image, "application/vnd.docker.distribution.manifest.v2+json"] {
            let read = try manifest(
                #"{"schemaVersion":2,"mediaType":"\#(type)","config":\#(Self.config),"layers":[]}"#,
                type
            )
            guard case .image(let configuration) = read else {
                Issue.record("\(read)")
                continue
            }
            #expect(configuration.size == 2)
        }
        for type in [Self.index, "application/vnd.docker.distribution.manifest.list.v2+json"] {
            let entry = #"{"mediaType":"\#(Self.image)","digest":"\#(Self.digest)","size":2,"platform":{"os":"linux"}}"#
            let read = try manifest(
                #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[\#(entry)]}"#,
                "\(type); charset=utf-8"
            )
            guard case .index(let entries) = read else {
                Issue.record("\(read)")
                continue
            }
            #expect(entries.map(\.platform?.os) == ["linux"])
        }
        // The media type is optional in OCI.
        #expect(throws: Never.self) {
            try manifest(#"{"schemaVersion":2,"config":\#(Self.config),"layers":[]}"#, Self.image)
        }
    }

    @Test("what could be read in two ways, or is something else, is refused")
    func ambiguous() {
        for (text, type, problem) in [
            (
                #"{"schemaVersion":2,"config":\#(Self.config),"layers":[],"manifests":[]}"#, nil,
                "both an image and an index"
            ),
            (#"{"schemaVersion":2,"layers":[],"manifests":[]}"#, nil, "both an image and an index"),
            (#"{"schemaVersion":2,"mediaType":"\#(Self.image)","manifests":[]}"#, nil, "is an index and says"),
            (
                #"{"schemaVersion":2,"mediaType":"\#(Self.index)","config":\#(Self.config)}"#, nil,
                "not that of an image"
            ),
            (#"{"schemaVersion":2,"mediaType":"\#(Self.image)","config":\#(Self.config)}"#, Self.index, "is sent as"),
            (#"{"schemaVersion":1,"fsLayers":[],"history":[]}"#, nil, "unsupported format"),
            (#"{"schemaVersion":2}"#, nil, "not that of an image"),
            (#"{"schemaVersion":2,"config":{"digest":"sha256:1","size":2}}"#, nil, "digest that is not valid"),
            (#"{"schemaVersion":2,"config":{"digest":"\#(Self.digest)","size":-1}}"#, nil, "negative size"),
            ("[]", nil, "not valid"), ("", nil, "not valid"),
            (String(repeating: "[", count: 100_000), nil, "not valid"),
        ] as [(String, String?, String)] {
            let error = #expect(throws: RegistryError.self, "\(text.prefix(80))") { try manifest(text, type) }
            #expect(error?.code == .invalid)
            #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
        }
    }

    private func entry(
        _ os: String?,
        _ architecture: String?,
        _ number: Int,
        type: String = image,
        annotations: [String: String] = [:]
    ) throws -> Descriptor {
        Descriptor(
            mediaType: type,
            digest: ImageDigest(of: Array("\(number)".utf8)),
            size: 1,
            platform: os == nil ? nil : Platform(os: os, architecture: architecture),
            annotations: annotations
        )
    }

    @Test("of an index, the images for Linux are read: no attestations, no other systems, nothing twice")
    func linux() throws {
        let entries = [
            try entry("linux", "amd64", 1), try entry("linux", "arm64", 2), try entry("linux", "arm64", 2),
            try entry("windows", "amd64", 3), try entry("unknown", "unknown", 4), try entry(nil, nil, 5),
            try entry("linux", "amd64", 6, annotations: ["vnd.docker.reference.type": "attestation-manifest"]),
            try entry("linux", "amd64", 7, type: "application/vnd.example.chart"),
        ]
        #expect(
            try Manifest.linuxImages(of: entries).map(\.digest)
                == [1, 2, 5].map { ImageDigest(of: Array("\($0)".utf8)) }
        )
        #expect(throws: RegistryError.self) { try Manifest.linuxImages(of: [try entry("windows", "amd64", 1)]) }
        #expect(throws: RegistryError.self) {
            try Manifest.linuxImages(of: [try entry("linux", "amd64", 1, type: Self.index)])
        }
        #expect(throws: RegistryError.self) {
            try Manifest.linuxImages(of: try (0..<33).map { try entry("linux", "amd64", $0) })
        }
    }

    @Test("the entry point is ENTRYPOINT and CMD, each of which can be missing")
    func entryPoint() throws {
        func read(_ text: String) throws -> EntryPoint { try ImageConfiguration(Array(text.utf8)).entryPoint }
        #expect(
            try read(#"{"os":"linux","config":{"Entrypoint":["/a"],"Cmd":["b","c"]}}"#)
                == EntryPoint(command: ["/a"], arguments: ["b", "c"])
        )
        #expect(try read(#"{"config":{"Entrypoint":null,"Cmd":["b"]}}"#) == EntryPoint(arguments: ["b"]))
        #expect(try read("{}").isEmpty)
        for text in [
            "", "[]", #"{"config":{"Entrypoint":"/a"}}"#, #"{"config":{"Entrypoint":[1]}}"#,
            #"{"config":{"Entrypoint":[""]}}"#, #"{"config":{"Cmd":["a\u0000b"]}}"#,
            #"{"config":{"Cmd":["\#(String(repeating: "a", count: 40_000))"]}}"#,
            #"{"config":{"Cmd":[\#(Array(repeating: "\"a\"", count: 300).joined(separator: ","))]}}"#,
        ] {
            #expect(throws: RegistryError.self, "\(text.prefix(60))") { try read(text) }
        }
    }

    @Test("platforms have one entry point, or are named in the refusal")
    func common() throws {
        let amd64 = Platform(os: "linux", architecture: "amd64")
        let arm = Platform(os: "linux", architecture: "arm", variant: "v7")
        let one = EntryPoint(command: ["/a"])
        #expect(try EntryPoint.common([(amd64, one), (arm, one)]) == one)
        let differ = #expect(throws: RegistryError.self) {
            try EntryPoint.common([(amd64, one), (arm, EntryPoint(arguments: ["/a"]))])
        }
        #expect(differ?.code == .entryPointsDiffer)
        #expect(differ?.message.contains("linux/arm/v7") == true)
        #expect(
            #expect(throws: RegistryError.self) { try EntryPoint.common([(amd64, EntryPoint())]) }?.code
                == .entryPointMissing
        )
        #expect(#expect(throws: RegistryError.self) { try EntryPoint.common([]) }?.code == .invalid)
        let hostile = EntryPoint(command: ["\u{1B}[31m\n"])
        let strange = Platform(os: "linux\u{1B}[2J", architecture: String(repeating: "a", count: 1_000))
        let shown = #expect(throws: RegistryError.self) { try EntryPoint.common([(amd64, one), (strange, hostile)]) }
        #expect(shown?.message.utf8.contains { $0 < 0x20 } == false)
        #expect((shown?.message.utf8.count ?? 0) < 400)
    }
}

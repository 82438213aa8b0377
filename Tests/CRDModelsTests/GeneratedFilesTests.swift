import CRDModels
import FoundationEssentials
import KubernetesAPI
import Testing

/// Files that are generated from the schemas are committed, so that they can be read and applied without a build.
@Suite struct GeneratedFilesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func committed(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: Self.root.appending(path: path)), as: UTF8.self)
    }

    @Test("the committed CRDs are up to date", arguments: CustomResourceDefinitions.files.map(\.name))
    func definitions(name: String) throws {
        let generated = try #require(CustomResourceDefinitions.files.first { $0.name == name }?.text)
        #expect(
            try committed("config/crd/\(name)") == generated,
            "config/crd/\(name) is out of date: run `\(CustomResourceDefinitions.command)`"
        )
    }

    @Test("config/crd only contains generated files")
    func noStrangers() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "config/crd").path)
        #expect(names.sorted() == CustomResourceDefinitions.files.map(\.name).sorted())
    }

    @Test("the committed API reference is up to date")
    func reference() throws {
        #expect(
            try committed("docs/api.md") == APIReference.markdown,
            "docs/api.md is out of date: run `\(APIReference.command)`"
        )
    }

    /// `kubectl apply` stores the whole object in an annotation, and all annotations together can have 256 KiB.
    @Test("each CRD fits into client-side apply's annotation", arguments: CustomResourceDefinitions.all)
    func size(definition: JSONValue) {
        #expect(definition.serialized().count < 250_000)
    }

    @Test("a CRD that is read from YAML has the same schema, and every rule finds its Swift check")
    func readBack() throws {
        for (kind, definition) in zip(CustomResourceDefinitions.kinds, CustomResourceDefinitions.all) {
            let read = try YAML.value(of: YAML.text(definition))
            #expect(read == definition)
            let version = try #require(read[path: ["spec", "versions"]]?.arrayValue?.first)
            let openAPI = try #require(version[path: ["schema", "openAPIV3Schema"]])
            let schema = try Schema(openAPI: openAPI, nativeChecks: CustomResourceDefinitions.nativeRuleChecks)
            #expect(schema.openAPI == kind.schema.openAPI)
            #expect(schema.rulesWithoutNativeCheck.isEmpty)
            #expect(try !Schema(openAPI: openAPI).rulesWithoutNativeCheck.isEmpty)
        }
    }
}

import CRDModels
import FoundationEssentials
import KubernetesAPI
import Testing

/// What is generated from the schemas is committed, so that it can be read and applied without a build.
@Suite struct GeneratedFilesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func committed(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: Self.root.appending(path: path)), as: UTF8.self)
    }

    @Test("the committed CRDs are those that are generated", arguments: CustomResourceDefinitions.files.map(\.name))
    func definitions(name: String) throws {
        let generated = try #require(CustomResourceDefinitions.files.first { $0.name == name }?.text)
        #expect(
            try committed("config/crd/\(name)") == generated,
            "config/crd/\(name) is out of date: run `\(CustomResourceDefinitions.command)`"
        )
    }

    @Test("no file lies in config/crd that is not generated")
    func noStrangers() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "config/crd").path)
        #expect(names.sorted() == CustomResourceDefinitions.files.map(\.name).sorted())
    }

    @Test("the committed API reference is the one that is generated")
    func reference() throws {
        #expect(
            try committed("docs/api.md") == APIReference.markdown,
            "docs/api.md is out of date: run `\(APIReference.command)`"
        )
    }

    /// `kubectl apply` keeps the whole object in an annotation, and all annotations together hold 256 KiB.
    @Test("each CRD fits into client-side apply's annotation", arguments: CustomResourceDefinitions.all)
    func size(definition: JSONValue) {
        #expect(definition.serialized().count < 250_000)
    }

    @Test("a CRD read back from YAML gives the same schema, and every rule finds its Swift check")
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

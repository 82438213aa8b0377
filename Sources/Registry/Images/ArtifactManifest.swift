internal import FoundationEssentials
internal import SupplyChain

/// A manifest of something that is stored beside an image, such as its signatures (OCI image specification, "Image Manifest").
struct ArtifactManifest: Sendable, Hashable {
    var layers: [Descriptor]
    /// What the artifact is about.
    var subject: ImageDigest?

    /// - Throws: `RegistryError` with `invalid`.
    init(_ content: [UInt8]) throws(RegistryError) {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(content))
        } catch {
            throw RegistryError(.invalid, "the manifest of an artifact is not valid")
        }
        guard document.manifests == nil else {
            throw RegistryError(.invalid, "the manifest of an artifact is an index")
        }
        layers = []
        for layer in document.layers ?? [] { layers.append(try layer.checked()) }
        subject = try document.subject?.checked().digest
    }

    private struct Document: Decodable {
        var layers: [DescriptorDocument]?
        var subject: DescriptorDocument?
        var manifests: [DescriptorDocument]?
    }
}

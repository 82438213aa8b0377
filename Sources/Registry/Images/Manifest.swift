internal import FoundationEssentials
public import SupplyChain

/// What a manifest refers to (OCI image specification, "Content Descriptors").
public struct Descriptor: Sendable, Hashable {
    /// The media type.
    public var mediaType: String
    /// The digest of the content.
    public var digest: ImageDigest
    /// The size of the content in bytes.
    public var size: Int
    /// What an entry of an index runs on.
    public var platform: Platform?
    /// Annotations.
    public var annotations: [String: String]
    /// The type of the artifact that an entry of an index refers to.
    public var artifactType: String?
}

/// An operating system and an architecture.
public struct Platform: Sendable, Hashable, Decodable, CustomStringConvertible {
    /// The operating system, such as `linux`.
    public var os: String?
    /// The architecture, such as `amd64`.
    public var architecture: String?
    /// The variant of the architecture, such as `v7`.
    public var variant: String?

    public var description: String {
        [os ?? "unknown", architecture ?? "unknown", variant].compactMap { $0 }.joined(separator: "/")
    }
}

/// A manifest: an image for one platform, or an index of such images.
public enum Manifest: Sendable, Hashable {
    /// An image, by its configuration.
    case image(configuration: Descriptor)
    /// An index of manifests.
    case index([Descriptor])

    /// The media types that are requested, in order of preference.
    static let accepted = [
        MediaType.index, MediaType.manifest, MediaType.dockerManifestList, MediaType.dockerManifest,
    ]

    /// Reads a manifest.
    ///
    /// - Parameters:
    ///   - content: the bytes, which the caller has compared with the digest.
    ///   - contentType: the media type that the registry sends.
    /// - Throws: `RegistryError` with `invalid`. Content that could be read both as an image and as an index is refused, because other
    ///   programs could decide otherwise (CVE-2021-41190).
    public init(_ content: [UInt8], contentType: String?) throws(RegistryError) {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(content))
        } catch {
            throw RegistryError(.invalid, "its manifest is not valid")
        }
        let sent = contentType.map(MediaType.base)
        if let own = document.mediaType, let sent, MediaType.isManifest(sent), own != sent {
            throw RegistryError(
                .invalid,
                "its manifest is sent as \(printable(sent)) and says that it is \(printable(own))"
            )
        }
        let mediaType = document.mediaType ?? sent ?? ""
        guard document.schemaVersion == 2 else {
            throw RegistryError(
                .invalid,
                "its manifest has an unsupported format: push the image again with a current tool"
            )
        }
        let hasImage = document.config != nil || document.layers != nil
        switch (hasImage, document.manifests) {
        case (true, .some): throw RegistryError(.invalid, "its manifest is both an image and an index")
        case (false, let manifests?):
            guard !MediaType.isImage(mediaType) else {
                throw RegistryError(.invalid, "its manifest is an index and says that it is an image")
            }
            var descriptors: [Descriptor] = []
            for manifest in manifests { descriptors.append(try manifest.checked()) }
            self = .index(descriptors)
        default:
            guard !MediaType.isIndex(mediaType), let config = document.config else {
                throw RegistryError(.invalid, "its manifest is not that of an image")
            }
            self = .image(configuration: try config.checked())
        }
    }

    private struct Document: Decodable {
        var schemaVersion: Int
        var mediaType: String?
        var config: DescriptorDocument?
        var layers: [Ignored]?
        var manifests: [DescriptorDocument]?
    }

    /// A value that only has to be there.
    private struct Ignored: Decodable {
        init(from decoder: any Decoder) {}
    }
}

/// A descriptor as it is in a manifest.
struct DescriptorDocument: Decodable {
    var mediaType: String?
    var digest: String
    var size: Int
    var platform: Platform?
    var annotations: [String: String]?
    var artifactType: String?

    func checked() throws(RegistryError) -> Descriptor {
        let digest: ImageDigest
        do {
            digest = try ImageDigest(self.digest)
        } catch {
            throw RegistryError(.invalid, "its manifest contains a digest that is not valid")
        }
        guard size >= 0 else { throw RegistryError(.invalid, "its manifest contains a negative size") }
        return Descriptor(
            mediaType: mediaType ?? "",
            digest: digest,
            size: size,
            platform: platform,
            annotations: annotations ?? [:],
            artifactType: artifactType
        )
    }
}

/// The media types of images.
enum MediaType {
    static let index = "application/vnd.oci.image.index.v1+json"
    static let manifest = "application/vnd.oci.image.manifest.v1+json"
    static let configuration = "application/vnd.oci.image.config.v1+json"
    static let dockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json"
    static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    static let dockerConfiguration = "application/vnd.docker.container.image.v1+json"

    static func isIndex(_ type: String) -> Bool { type == index || type == dockerManifestList }
    static func isImage(_ type: String) -> Bool { type == manifest || type == dockerManifest }
    static func isManifest(_ type: String) -> Bool { isIndex(type) || isImage(type) }
    static func isConfiguration(_ type: String) -> Bool { type == configuration || type == dockerConfiguration }

    /// A media type without its parameters.
    static func base(_ header: String) -> String {
        let type = header.prefix { $0 != ";" }
        return String(type.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).lowercased()
    }
}

/// Text of a registry for a message: cut, and without what is not printable.
func printable(_ text: String) -> String {
    String(text.unicodeScalars.prefix(100).map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" })
}

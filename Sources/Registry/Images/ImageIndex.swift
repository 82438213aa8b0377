extension Manifest {
    /// The maximum number of images of an index that are read.
    static let platformLimit = 32

    /// The images of an index that a Linux node may run.
    ///
    /// Attestations have the platform `unknown/unknown`. An entry without a platform is read, because nothing else says what it is.
    ///
    /// - Throws: `RegistryError` with `invalid`.
    static func linuxImages(of index: [Descriptor]) throws(RegistryError) -> [Descriptor] {
        var images: [Descriptor] = []
        for entry in index {
            let os = entry.platform?.os ?? "linux"
            guard os == "linux", entry.platform?.architecture != "unknown",
                entry.annotations["vnd.docker.reference.type"] == nil
            else { continue }
            guard !MediaType.isIndex(entry.mediaType) else {
                throw RegistryError(.invalid, "its index contains another index")
            }
            guard MediaType.isImage(entry.mediaType) || entry.mediaType.isEmpty else { continue }
            if !images.contains(where: { $0.digest == entry.digest }) { images.append(entry) }
        }
        guard !images.isEmpty else { throw RegistryError(.invalid, "it has no image for Linux") }
        guard images.count <= platformLimit else {
            throw RegistryError(.invalid, "it has \(images.count) images for Linux, and \(platformLimit) are read")
        }
        return images
    }
}

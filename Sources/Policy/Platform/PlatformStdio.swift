internal import SupplyChain

/// How servers with the transport stdio are run.
public struct PlatformStdio: Sendable, Hashable, Codable {
    /// The image that contains the adapter: Moorage's own. An init container of every such server copies the adapter from
    /// it, so nodes must be able to pull it. It belongs to the platform: the image policies of tenants do not apply to it. The
    /// chart sets it to the controller's image.
    public var image: String?
    /// When the kubelet pulls the image. Defaults to `IfNotPresent`.
    public var imagePullPolicy: String?

    public init(image: String? = nil, imagePullPolicy: String? = nil) {
        self.image = image
        self.imagePullPolicy = imagePullPolicy
    }

    func validate() throws(Refusal) {
        if let image {
            do {
                _ = try ImageReference(image)
            } catch {
                throw Refusal(.specInvalid, field: "stdio.image", "\(error)")
            }
        }
        if let policy = imagePullPolicy, !["Always", "IfNotPresent", "Never"].contains(policy) {
            throw Refusal(
                .specInvalid,
                field: "stdio.imagePullPolicy",
                "\"\(policy)\" must be Always, IfNotPresent or Never"
            )
        }
    }
}

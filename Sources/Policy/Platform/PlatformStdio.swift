internal import SupplyChain

/// How servers with the transport stdio are run.
public struct PlatformStdio: Sendable, Hashable, Codable {
    /// The image that contains the adapter: Moorage's own. Every such server has the adapter from it, so nodes must be able to
    /// pull it. It belongs to the platform: the image policies of tenants do not apply to it. The
    /// chart sets it to the controller's image.
    public var image: String?
    /// When the kubelet pulls the image. Defaults to `IfNotPresent`.
    public var imagePullPolicy: String?
    /// How the adapter comes into the pods. Defaults to `InitContainer`.
    public var adapterMount: AdapterMount?

    public init(image: String? = nil, imagePullPolicy: String? = nil, adapterMount: AdapterMount? = nil) {
        self.image = image
        self.imagePullPolicy = imagePullPolicy
        self.adapterMount = adapterMount
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

/// How the adapter for stdio comes into a pod.
public enum AdapterMount: String, Sendable, Hashable, Codable, CaseIterable {
    /// An init container copies it into a volume of the pod. Every cluster can do that.
    case initContainer = "InitContainer"
    /// The image is a volume of the pod, so nothing is copied, and the pods of a node share the program's pages. The API server
    /// must serve image volumes, as Kubernetes 1.36 does, and the container runtime of the nodes must support them.
    case imageVolume = "ImageVolume"
}

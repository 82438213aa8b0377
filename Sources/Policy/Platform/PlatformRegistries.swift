internal import SupplyChain

/// How the controller reads images from registries: the entry points of servers with the transport stdio whose spec has no command.
public struct PlatformRegistries: Sendable, Hashable, Codable {
    /// Whether registries are read. Defaults to `Enabled`.
    public var mode: RegistryMode?
    /// The registries that are reached over plain HTTP, as host and port, such as `registry.internal.example:5000`. Defaults to none.
    public var plainHTTP: [String]?
    /// A file with the certificates of authorities in PEM, which are trusted in addition to those of the system. It is read again
    /// each time.
    public var caFile: String?
    /// How long reading one image can take, in seconds. Defaults to 30.
    public var timeoutSeconds: Int?

    public init(
        mode: RegistryMode? = nil,
        plainHTTP: [String]? = nil,
        caFile: String? = nil,
        timeoutSeconds: Int? = nil
    ) {
        self.mode = mode
        self.plainHTTP = plainHTTP
        self.caFile = caFile
        self.timeoutSeconds = timeoutSeconds
    }

    /// How long reading one image can take.
    package var timeout: Duration { .seconds(timeoutSeconds ?? 30) }

    func validate() throws(Refusal) {
        for (index, registry) in (plainHTTP ?? []).enumerated() {
            let reference = try? ImageReference("\(registry)/image:tag")
            guard reference?.registry != registry else { continue }
            throw Refusal(
                .specInvalid,
                field: "registries.plainHTTP[\(index)]",
                "\"\(registry)\" must be the host of a registry in lower case, with its port, and without a scheme or a path"
            )
        }
        if let seconds = timeoutSeconds, !(1...300).contains(seconds) {
            throw Refusal(.specInvalid, field: "registries.timeoutSeconds", "\(seconds) must be from 1 to 300 seconds")
        }
        if let file = caFile, !file.isEmpty, !file.hasPrefix("/") {
            throw Refusal(.specInvalid, field: "registries.caFile", "\"\(file)\" must be an absolute path")
        }
    }
}

/// Whether the controller reads images from registries.
public enum RegistryMode: String, Sendable, Hashable, Codable, CaseIterable {
    case enabled = "Enabled"
    case disabled = "Disabled"
}

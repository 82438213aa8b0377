internal import CRDModels
internal import Policy
internal import Registry
internal import SupplyChain

extension ServerEntryPoint {
    /// The record of what was read.
    init(_ read: RegistryClient.ImageEntryPoint, of image: ImageReference) {
        self.init(
            image: image.description,
            digest: read.digest.description,
            command: read.entryPoint.command.isEmpty ? nil : read.entryPoint.command,
            args: read.entryPoint.arguments.isEmpty ? nil : read.entryPoint.arguments
        )
    }
}

extension EntryPointFailure {
    /// The failure as a reason, with the way out.
    init(_ error: RegistryError, image: ImageReference) {
        let what = "the entry point of \(image) cannot be read: \(error.message)"
        let command = "set spec.command to the command that runs the server"
        switch error.code {
        case .unavailable: self.init(.registryUnavailable, "\(what); it is tried again automatically, or \(command)")
        case .denied: self.init(.registryDenied, what)
        case .notFound: self.init(.imageNotFound, "\(what); check the name, or push the image")
        case .invalid: self.init(.imageInvalid, "\(what); push the image again, or \(command)")
        case .entryPointMissing: self.init(.entryPointMissing, "\(image): \(error.message): \(command)")
        case .entryPointsDiffer: self.init(.entryPointsDiffer, "\(image): \(error.message): \(command)")
        }
    }
}

extension RegistryError.Code {
    /// Whether the image itself is the problem, not its registry.
    var isAboutContent: Bool {
        switch self {
        case .invalid, .entryPointMissing, .entryPointsDiffer: true
        case .unavailable, .denied, .notFound: false
        }
    }
}

internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
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

extension ImageFailure {
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

typealias EntryPointTable = ImageReadTable<EntryPointRequest, EntryPointState, RegistryClient.ImageEntryPoint>

extension EntryPointRequest: ImageReadRequest {}

extension EntryPointState: ImageReadState {
    var isFailed: Bool {
        if case .failed = self { true } else { false }
    }
}

extension EntryPointTable {
    /// Takes what was read for a server.
    func settle(_ key: NamespacedName, _ target: Target, _ outcome: EntryPointCache.Outcome) {
        let image = target.request.image
        switch outcome {
        case .success(let read): settle(key, target, .read(ServerEntryPoint(read, of: image)), isFinal: true)
        case .failure(let error):
            // Under a digest there is always the same.
            let isFinal = error.code.isAboutContent && image.digest != nil
            settle(key, target, .failed(ImageFailure(error, image: image)), isFinal: isFinal)
        }
    }
}

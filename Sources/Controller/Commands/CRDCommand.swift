import ArgumentParser

/// `moorage crd`.
struct CRDCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "crd", abstract: "Check manifests.")
}

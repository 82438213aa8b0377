import ArgumentParser

/// `moorage controller`.
struct ControllerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "controller", abstract: "Check manifests.")
}

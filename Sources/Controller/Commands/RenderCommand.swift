import ArgumentParser

/// `moorage render`.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "render", abstract: "Check manifests.")
}

/// The adapter for stdio, where pods have it.
package enum AdapterProgram {
    /// What the command of a container that runs the adapter begins with. The adapter is started by its own loader with its own
    /// libraries, since the image may have none, or others.
    package static let entryPoint = [
        "\(StdioAdapterTemplate.folder)/loader", "--library-path", "\(StdioAdapterTemplate.folder)/lib",
        "\(StdioAdapterTemplate.folder)/moorage",
    ]

    /// The argument before the command that the adapter runs.
    package static let separator = "--"
}

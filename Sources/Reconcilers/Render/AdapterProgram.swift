internal import Policy

/// The adapter for stdio, where pods have it.
package enum AdapterProgram {
    /// Where the image has it. It is linked statically, so it runs in any image.
    static let pathInImage = "/usr/bin/moorage-adapter"

    /// The program that a server's container starts.
    static func path(_ mount: AdapterMount) -> String {
        switch mount {
        case .initContainer: "\(StdioAdapterTemplate.folder)/moorage-adapter"
        case .imageVolume: "\(StdioAdapterTemplate.folder)\(pathInImage)"
        }
    }

    /// What the command of a container that runs the adapter begins with.
    package static let entryPoints = AdapterMount.allCases.map { [path($0)] }

    /// What the adapter's termination message begins with: why its command does not work.
    package static let messagePrefix = "moorage-adapter: "

    /// The argument before the command that the adapter runs.
    package static let separator = "--"
}

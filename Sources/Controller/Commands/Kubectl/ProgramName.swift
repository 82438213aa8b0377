/// How this program was called.
enum ProgramName {
    /// The name of the program with which kubectl finds the plug-in.
    static let plugin = "kubectl-moorage"
    /// The name of the program with which kubectl completes the words of the plug-in.
    static let completion = "kubectl_complete-moorage"

    /// Whether kubectl, or somebody in its place, has called this program.
    ///
    /// - Parameter path: the first argument of the process, the path of the program.
    static func isPlugin(_ path: String?) -> Bool { isCalled(plugin, path) }

    /// Whether kubectl has called this program to complete the words of the plug-in.
    ///
    /// - Parameter path: the first argument of the process, the path of the program.
    static func isCompletion(_ path: String?) -> Bool { isCalled(completion, path) }

    private static func isCalled(_ name: String, _ path: String?) -> Bool {
        guard let file = path?.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last else { return false }
        return file == name || file == "\(name).exe"
    }

    /// How to call the commands of the plug-in, for hints in messages.
    static var commands: String {
        isPlugin(CommandLine.arguments.first) ? "kubectl moorage" : "moorage kubectl"
    }
}

import CommandSupport
import FoundationEssentials

/// The program of this process.
enum OwnProgram {
    /// A path to start it again.
    ///
    /// - Throws: `CommandFailure` if it is not known.
    static var path: String {
        get throws(CommandFailure) {
            #if os(Linux)
                // In a process that is about to start another program, this is still its own.
                return "/proc/self/exe"
            #else
                let path = CommandLine.arguments.first ?? ""
                guard path.contains("/") else {
                    throw CommandFailure("the path of moorage is not known: start it with its whole path")
                }
                return path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
            #endif
        }
    }
}

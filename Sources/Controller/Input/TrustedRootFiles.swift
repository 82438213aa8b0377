import CommandSupport
import Policy
import SupplyChain

/// Reads trusted roots.
enum TrustedRootFiles {
    /// The trusted root in a file.
    ///
    /// - Throws: `CommandFailure`, which names the file.
    static func read(_ path: String) throws -> TrustedRoot {
        let content = try InputFile.read(path, limit: TrustedRoot.maximumSize)
        do {
            return try TrustedRoot(content)
        } catch {
            throw CommandFailure("\(path): \(error.message)")
        }
    }

    /// The trusted roots of the platform's configuration, by their names. One that cannot be read keeps the controller from starting,
    /// because nothing could be verified with it.
    ///
    /// - Throws: `CommandFailure`, which names the field and the file.
    static func read(_ platform: PlatformConfiguration) throws -> [String: TrustedRoot] {
        var roots: [String: TrustedRoot] = [:]
        for (name, source) in platform.trustedRoots ?? [:] {
            do {
                roots[name] = try read(source.file)
            } catch let error as CommandFailure {
                throw CommandFailure("trustedRoots.\(name).file of the platform's configuration: \(error)")
            }
        }
        return roots
    }
}

import CommandSupport
import FoundationEssentials
import Gateway

/// Reads the keys with which the gateway seals sessions.
enum SessionKeyFiles {
    /// The files of a directory: the key that seals, and the one before, which still opens.
    private static let names = ["current", "previous"]

    /// Reads a file with one key, or a directory with two.
    ///
    /// - Returns: `nil` if the directory has no key, as a mounted Secret that does not exist.
    /// - Throws: `CommandFailure` naming the file.
    static func read(_ path: String) throws -> SessionKeys? {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CommandFailure("--session-key-file: \(path) does not exist")
        }
        var secrets: [[UInt8]] = []
        if isDirectory {
            let files = names.map { "\(path)/\($0)" }.filter { FileManager.default.fileExists(atPath: $0) }
            guard let newest = files.first else { return nil }
            guard newest.hasSuffix("/\(names[0])") else {
                throw CommandFailure("--session-key-file: \(path) has the key previous and lacks the key current")
            }
            secrets = try files.map(key)
        } else {
            secrets = [try key(path)]
        }
        do throws(InvalidSessionKey) {
            return try SessionKeys(secrets: secrets)
        } catch {
            throw CommandFailure("--session-key-file: \(path): \(error.problem)", underlying: error)
        }
    }

    /// The content of a file, without the line break at its end.
    private static func key(_ path: String) throws -> [UInt8] {
        do {
            var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
            return bytes
        } catch {
            throw CommandFailure("--session-key-file: \(path) cannot be read: \(error)", underlying: error)
        }
    }
}

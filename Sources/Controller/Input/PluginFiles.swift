import CommandSupport
import FoundationEssentials
import SupplyChain

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The files of a bundle on disk. Each is read once: the bytes that are checked are the bytes that are used, whatever happens to the
/// files meanwhile.
struct PluginFiles {
    /// The largest file that is read, in bytes.
    private static let maximumSize = 512 << 20
    /// The largest list of files, in bytes.
    private static let maximumEntry = 64 << 20

    private let root: String
    private let entryPath: String
    private let entry: [UInt8]
    private let bundle: PluginBundle

    /// What the signature covers, for people.
    var summary: String {
        switch bundle.files.count {
        case 0: entryPath
        case 1: "\(entryPath) and 1 file"
        case let count: "\(entryPath) and \(count) files"
        }
    }

    /// Reads and verifies the entry.
    ///
    /// - Throws: `CommandFailure`, which says what is wrong with the bundle.
    init(root: String, entry path: String, sha256: String, signature: String, keys: [String]) throws {
        guard let root = Self.realPath(root) else {
            throw CommandFailure("\(root): the directory of the bundle does not exist")
        }
        guard PluginBundle.isSafe(path) else { throw CommandFailure("\(path): the entry must be a path in the bundle") }
        self.root = root
        entryPath = path
        entry = try Self.read(path, in: root, limit: Self.maximumEntry)
        bundle = try Self.verified(entry, path, sha256, signature, keys)
    }

    /// Passes each file to a body, with its path in the bundle, after it has been checked; the entry last.
    func each(_ body: (String, [UInt8]) throws -> Void) throws {
        for file in bundle.files where file.path != entryPath {
            let content = try Self.read(file.path, in: root, limit: Self.maximumSize)
            guard PluginBundle.matches(content, file) else {
                throw CommandFailure("\(file.path): the content is not that of the signed list")
            }
            try body(file.path, content)
        }
        try body(entryPath, entry)
    }

    /// Copies all files to a directory, which appears only once it is complete. One that exists is replaced.
    func install(to target: String) throws {
        let partial = target + ".partial"
        let manager = FileManager.default
        if manager.fileExists(atPath: partial) { try manager.removeItem(atPath: partial) }
        do {
            try manager.createDirectory(atPath: partial, withIntermediateDirectories: true)
            try each { path, content in
                let file = "\(partial)/\(path)"
                let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
                    separator: "/"
                )
                try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data(content).write(to: URL(filePath: file))
            }
            if manager.fileExists(atPath: target) { try manager.removeItem(atPath: target) }
            try manager.moveItem(atPath: partial, toPath: target)
        } catch let error as CommandFailure {
            try? manager.removeItem(atPath: partial)
            throw error
        } catch {
            try? manager.removeItem(atPath: partial)
            throw CommandFailure("\(target): the bundle cannot be copied", underlying: error)
        }
    }

    private static func verified(
        _ entry: [UInt8],
        _ path: String,
        _ sha256: String,
        _ signature: String,
        _ keys: [String]
    ) throws -> PluginBundle {
        func verify() throws(VerificationError) -> PluginBundle {
            var parsed: [VerificationKey] = []
            for key in keys { parsed.append(try VerificationKey(pem: key)) }
            return try PluginBundle(entry: entry, path: path, sha256: sha256, signature: signature, keys: parsed)
        }
        do throws(VerificationError) {
            return try verify()
        } catch {
            throw CommandFailure("the bundle is refused (\(error.code.rawValue)): \(error.message)")
        }
    }

    /// Reads a regular file in the bundle. Links are followed, as ConfigMaps are mounted with links, but only inside of the bundle.
    private static func read(_ path: String, in root: String, limit: Int) throws -> [UInt8] {
        guard let real = realPath("\(root)/\(path)") else {
            throw CommandFailure("\(path): the bundle has no such file")
        }
        guard root == "/" || real.hasPrefix(root + "/") else {
            throw CommandFailure("\(path): is a link that leaves the bundle")
        }
        var status = stat()
        guard stat(real, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure("\(path): is not a regular file")
        }
        guard status.st_size <= limit else {
            throw CommandFailure("\(path): has \(status.st_size) bytes, and at most \(limit) are read")
        }
        return try InputFile.read(real, limit: limit)
    }

    private static func realPath(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}

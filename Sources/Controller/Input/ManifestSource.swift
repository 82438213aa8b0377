import CommandSupport
import FoundationEssentials

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One file of manifests and its contents.
struct ManifestSource: Sendable, Equatable {
    /// The name in messages: the path as given, or `<stdin>`.
    var name: String
    /// Its contents.
    var text: String

    /// The name of standard input in messages.
    static let standardInputName = "<stdin>"

    /// The maximum size of a file, in bytes: much more than an API server accepts, and small enough for memory.
    static let maximumSize = 64 << 20

    /// Reads files, directories and `-` for standard input, like `kubectl -f`: in a directory, the files `*.yaml`,
    /// `*.yml` and `*.json`, sorted by name; in its subdirectories, only if requested.
    ///
    /// - Throws: `CommandFailure` naming the path that cannot be read, is not text, or contains nothing to read.
    static func read(
        paths: [String],
        recursive: Bool,
        standardInput: () throws -> [UInt8] = ManifestSource.readStandardInput
    ) throws -> [ManifestSource] {
        var sources: [ManifestSource] = []
        var hasReadStandardInput = false
        for path in paths {
            if path == "-" {
                guard !hasReadStandardInput else {
                    throw CommandFailure("standard input was given twice: use `-f -` once")
                }
                hasReadStandardInput = true
                sources.append(try source(name: standardInputName, bytes: try standardInput()))
                continue
            }
            if path.hasPrefix("https://") || path.hasPrefix("http://") {
                throw CommandFailure(
                    "\(path): only files can be read; use a pipe, for example: curl -fsSL \(path) | moorage … -f -"
                )
            }
            for file in try files(at: path, recursive: recursive) {
                guard let data = FileManager.default.contents(atPath: file) else {
                    throw CommandFailure("\(file): the file cannot be read; check its permissions")
                }
                sources.append(try source(name: file, bytes: [UInt8](data)))
            }
        }
        return sources
    }

    private static func source(name: String, bytes: [UInt8]) throws -> ManifestSource {
        guard bytes.count <= maximumSize else {
            throw CommandFailure("\(name): the file has \(bytes.count) bytes, and at most \(maximumSize) are read")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("\(name): the file is not UTF-8 text; save it as UTF-8")
        }
        return ManifestSource(name: name, text: text)
    }

    private static func files(at path: String, recursive: Bool) throws -> [String] {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CommandFailure("\(path): no such file or directory")
        }
        guard isDirectory else { return [path] }
        let found = try list(directory: path, recursive: recursive)
        guard !found.isEmpty else {
            let hint = recursive ? "" : "; use -R to also read its subdirectories"
            throw CommandFailure("\(path): the directory has no .yaml, .yml or .json file\(hint)")
        }
        return found
    }

    private static func list(directory: String, recursive: Bool) throws -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw CommandFailure("\(directory): the directory cannot be read", underlying: error)
        }
        var found: [String] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            let path = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { continue }
            if isDirectory {
                if recursive { found += try list(directory: path, recursive: true) }
            } else if [".yaml", ".yml", ".json"].contains(where: name.hasSuffix) {
                found.append(path)
            }
        }
        return found
    }

    private static func readStandardInput() throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = buffer.withUnsafeMutableBytes { readBytes(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure("standard input cannot be read (errno \(errno))")
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= maximumSize else { return bytes }
        }
    }
}

/// `read(2)`, which the type's own `read` would shadow.
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

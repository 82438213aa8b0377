import CommandSupport

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Files that contain secrets or credentials.
enum PrivateFile {
    /// Writes a file that only its owner can read. An existing file is replaced in a single step, so that readers never
    /// see a partial file.
    ///
    /// - Throws: `CommandFailure` naming the path and the cause.
    static func write(_ text: String, to path: String) throws {
        let new = "\(path).\(UInt32.random(in: .min ... .max)).new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        do {
            defer { close(descriptor) }
            try write(text, to: descriptor, of: path)
            guard rename(new, path) == 0 else { throw failure(path) }
        } catch {
            unlink(new)
            throw error
        }
    }

    private static func write(_ text: String, to descriptor: Int32, of path: String) throws {
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                let count = writeBytes(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw failure(path)
                }
                written += count
            }
        }
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure("\(path): the file cannot be written: \(String(cString: strerror(errno)))")
    }
}

/// `write(2)`, which the type's own `write` would shadow.
private func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}

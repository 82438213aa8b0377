#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Calls of the operating system on one file descriptor. They block.
enum SystemFile {
    /// The reason of the last failure.
    static var reason: String { String(cString: strerror(errno)) }

    /// Opens a file for appending, which only its owner can read. A symbolic link is not followed.
    static func openForAppending(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw AuditSinkError("\(path) cannot be opened: \(reason)") }
        return descriptor
    }

    /// Opens a file for reading; `nil` if it does not exist.
    static func openForReading(_ path: String) throws -> Int32? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw AuditSinkError("\(path) cannot be read: \(reason)") }
        return descriptor
    }

    /// Locks a file for this process, without waiting.
    static func lock(_ descriptor: Int32) -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    static func size(_ descriptor: Int32) -> Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Whether a descriptor is a file on a disk, and no device or pipe.
    static func isRegularFile(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// What tells files apart, whatever their names are.
    struct Identity: Hashable {
        var device: UInt64
        var number: UInt64
    }

    static func identity(_ descriptor: Int32) -> Identity {
        var status = stat()
        fstat(descriptor, &status)
        return Identity(device: UInt64(truncatingIfNeeded: status.st_dev), number: UInt64(status.st_ino))
    }

    /// Reads on. Returns no bytes at the end, and `nil` if it failed.
    static func readNext(_ descriptor: Int32, maximum: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: maximum)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { return Array(buffer[..<count]) }
            if errno != EINTR { return nil }
        }
    }

    static func truncate(_ descriptor: Int32, to size: Int) -> Bool { ftruncate(descriptor, off_t(size)) == 0 }

    static func sync(_ descriptor: Int32) -> Bool { fsync(descriptor) == 0 }

    static func closeFile(_ descriptor: Int32) { close(descriptor) }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func move(_ path: String, to new: String) -> Bool { rename(path, new) == 0 }

    static func remove(_ path: String) { unlink(path) }

    /// Makes a rename lasting.
    static func syncDirectory(of path: String) {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let directory = end == path.startIndex ? "/" : String(path[..<end])
        let descriptor = open(directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// Waits until a pipe or a socket accepts bytes. Files always do.
    static func waitUntilWritable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// Writes once. Returns the number of bytes, or `nil` if it failed.
    static func writeOnce(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int? {
        while true {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            if errno != EINTR { return nil }
        }
    }

    /// Reads from a position. Returns no bytes at the end.
    static func readBytes(_ descriptor: Int32, at offset: Int, maximum: Int) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: maximum)
        while true {
            let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
            if count >= 0 { return Array(buffer[..<count]) }
            if errno != EINTR { throw AuditSinkError("a file cannot be read: \(reason)") }
        }
    }
}

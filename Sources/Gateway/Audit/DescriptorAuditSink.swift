#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes an audit log to a descriptor that is open, such as standard output. Each start of the gateway begins a new chain there.
final class DescriptorAuditSink: AuditSink {
    let name: String
    private let descriptor: Int32
    private let patience: Int32

    /// As much as a pipe that accepts bytes takes at once without blocking (POSIX: at least `PIPE_BUF`, on Linux 4096).
    private static let chunk = 4_096

    /// - Parameter patience: how many milliseconds one chunk can take.
    init(name: String, descriptor: Int32, patience: Int32 = 1_000) {
        self.name = name
        self.descriptor = descriptor
        self.patience = patience
    }

    /// Standard output.
    static func standardOutput() -> DescriptorAuditSink {
        DescriptorAuditSink(name: "stdout", descriptor: STDOUT_FILENO)
    }

    func open() -> AuditSinkStart { AuditSinkStart() }

    func write(_ bytes: ArraySlice<UInt8>) throws -> Int {
        var written = 0
        while written < bytes.count {
            guard SystemFile.waitUntilWritable(descriptor, milliseconds: patience) else {
                if written > 0 { return written }
                throw AuditSinkError("\(name) does not accept bytes: its reader is too slow or has stopped")
            }
            let rest = bytes.dropFirst(written).prefix(Self.chunk)
            guard let count = SystemFile.writeOnce(descriptor, rest) else {
                let reason = SystemFile.reason
                if written > 0 { return written }
                throw AuditSinkError("\(name) cannot be written: \(reason)")
            }
            written += count
        }
        return written
    }

    func endBatch() {}

    func close() {}
}

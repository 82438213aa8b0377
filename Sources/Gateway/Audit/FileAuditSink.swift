import Policy
import Synchronization

/// Writes an audit log to a file, and rotates it by size: `audit.jsonl` becomes `audit.jsonl.1`, that becomes `audit.jsonl.2`, and so on.
/// The chain continues over rotations and restarts.
final class FileAuditSink: AuditSink {
    private struct State {
        var descriptor: Int32?
        var size = 0
        /// Whether the file ends with a whole line.
        var isAtLineEnd = true
    }

    let name = "file"
    private let path: String
    private let maximumBytes: Int
    private let keptFiles: Int
    private let sync: AuditFileSync
    private let state = Mutex(State())

    init(path: String, maximumBytes: Int, keptFiles: Int, sync: AuditFileSync) {
        self.path = path
        self.maximumBytes = maximumBytes
        self.keptFiles = keptFiles
        self.sync = sync
    }

    convenience init(_ settings: GatewayAuditFile) {
        self.init(
            path: settings.path,
            maximumBytes: settings.maximumBytes ?? GatewayAuditFile.defaultMaximumBytes,
            keptFiles: settings.keptFiles ?? GatewayAuditFile.defaultKeptFiles,
            sync: settings.sync ?? .batch
        )
    }

    func open() throws -> AuditSinkStart {
        try state.withLock { state in
            if let descriptor = state.descriptor { SystemFile.closeFile(descriptor) }
            state = State()
            let descriptor = try openLocked()
            var start = AuditSinkStart()
            do {
                let size = SystemFile.size(descriptor)
                let tail = SystemFile.isRegularFile(descriptor) ? try AuditTail(descriptor, size: size) : nil
                if let tail, tail.unfinishedBytes > 0 {
                    // A process that ends while it writes leaves a part of a line. It is not a record, and would break the chain.
                    guard SystemFile.truncate(descriptor, to: size - tail.unfinishedBytes) else {
                        throw AuditSinkError("\(path) cannot be truncated: \(SystemFile.reason)")
                    }
                    start.note = "\(tail.unfinishedBytes) bytes of an unfinished record were removed"
                    start.lost = 1
                }
                state.size = size - (tail?.unfinishedBytes ?? 0)
                state.descriptor = descriptor
                if let line = tail?.lastLine {
                    do throws(AuditLineError) {
                        start.last = try AuditEntry(line: line)
                    } catch {
                        // What is there is kept for whoever examines it.
                        start.note = "the last line of the file before could not be continued: it \(error.problem)"
                        try rotate(&state)
                    }
                } else if state.size == 0, let line = try Self.lastLine(of: "\(path).1") {
                    // The process before ended right after a rotation.
                    start.last = try? AuditEntry(line: line)
                }
                return start
            } catch {
                if state.descriptor == nil { SystemFile.closeFile(descriptor) }
                throw error
            }
        }
    }

    func write(_ bytes: ArraySlice<UInt8>) throws -> Int {
        try state.withLock { state in
            if state.isAtLineEnd, state.size > 0, state.size + bytes.count > maximumBytes { try rotate(&state) }
            let descriptor: Int32
            if let open = state.descriptor {
                descriptor = open
            } else {
                // The new file could not be made when the old one was rotated.
                descriptor = try openLocked()
                state.descriptor = descriptor
                state.size = SystemFile.size(descriptor)
            }
            guard let count = SystemFile.writeOnce(descriptor, bytes), count > 0 else {
                throw AuditSinkError("\(path) cannot be written: \(SystemFile.reason)")
            }
            state.size += count
            state.isAtLineEnd = count == bytes.count
            return count
        }
    }

    func endBatch() throws {
        try state.withLock { state in
            guard sync == .batch, let descriptor = state.descriptor, SystemFile.isRegularFile(descriptor) else {
                return
            }
            guard SystemFile.sync(descriptor) else {
                throw AuditSinkError("\(path) cannot be flushed to the disk: \(SystemFile.reason)")
            }
        }
    }

    func close() {
        state.withLock { state in
            guard let descriptor = state.descriptor else { return }
            if sync != .never { _ = SystemFile.sync(descriptor) }
            SystemFile.closeFile(descriptor)
            state.descriptor = nil
        }
    }

    private func openLocked() throws -> Int32 {
        let descriptor = try SystemFile.openForAppending(path)
        guard SystemFile.lock(descriptor) else {
            SystemFile.closeFile(descriptor)
            throw AuditSinkError("\(path) is used by another process: each replica needs a file of its own")
        }
        return descriptor
    }

    /// Renames the files and begins a new one. If this fails, the old file is used further.
    private func rotate(_ state: inout State) throws {
        guard let old = state.descriptor, SystemFile.isRegularFile(old) else { return }
        if sync != .never { _ = SystemFile.sync(old) }
        for number in stride(from: keptFiles - 1, through: 1, by: -1) where SystemFile.exists("\(path).\(number)") {
            guard SystemFile.move("\(path).\(number)", to: "\(path).\(number + 1)") else {
                throw AuditSinkError("\(path).\(number) cannot be renamed: \(SystemFile.reason)")
            }
        }
        guard SystemFile.move(path, to: "\(path).1") else {
            throw AuditSinkError("\(path) cannot be renamed: \(SystemFile.reason)")
        }
        SystemFile.syncDirectory(of: path)
        SystemFile.closeFile(old)
        state.descriptor = nil
        state.descriptor = try openLocked()
        state.size = 0
    }

    private static func lastLine(of path: String) throws -> [UInt8]? {
        guard let descriptor = try SystemFile.openForReading(path) else { return nil }
        defer { SystemFile.closeFile(descriptor) }
        return try AuditTail(descriptor, size: SystemFile.size(descriptor)).lastLine
    }
}

/// The end of a file of lines.
struct AuditTail {
    /// The last line that ends with a line break, without it.
    var lastLine: [UInt8]?
    /// How many bytes come after the last line break.
    var unfinishedBytes = 0

    /// Longer than any record.
    private static let maximumBytes = 4 << 20

    init(_ descriptor: Int32, size: Int) throws {
        // Read from the end, in growing parts, until a whole line is there.
        var length = 64 << 10
        while true {
            let start = max(0, size - length)
            var bytes: [UInt8] = []
            while start + bytes.count < size {
                let part = try SystemFile.readBytes(
                    descriptor,
                    at: start + bytes.count,
                    maximum: size - start - bytes.count
                )
                if part.isEmpty { break }
                bytes += part
            }
            guard let end = bytes.lastIndex(of: 0x0A) else {
                if start > 0, length < Self.maximumBytes {
                    length *= 4
                    continue
                }
                if start > 0 { throw AuditSinkError("the file ends with a line that is too long") }
                unfinishedBytes = bytes.count
                return
            }
            let before = bytes[..<end].lastIndex(of: 0x0A)
            if before == nil, start > 0, length < Self.maximumBytes {
                length *= 4
                continue
            }
            unfinishedBytes = bytes.count - end - 1
            lastLine = Array(bytes[(before.map { $0 + 1 } ?? 0)..<end])
            return
        }
    }
}

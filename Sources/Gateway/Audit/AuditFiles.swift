internal import MCPProtocol

/// Reads the files of an audit log. Its methods block.
public struct AuditFiles: Sendable {
    /// Longer than any line that is written.
    static let maximumLine = 4 << 20
    /// How many files a log can have at most.
    private static let maximumFiles = 1_001

    /// Files that cannot be read.
    public struct ReadError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// One line of a log.
    public enum Line: Sendable, Hashable {
        /// A line without its line break.
        case complete([UInt8])
        /// The newest file ends with this many bytes that are not a line yet.
        case unfinished(bytes: Int)
        /// A line that is too long, or a rotated file that ends without a line break.
        case broken(String)
    }

    /// The path of the log. `PATH.1`, `PATH.2` and so on are its rotated files.
    public let path: String

    /// - Parameter path: the path of the log, or `-` for standard input.
    public init(_ path: String) { self.path = path }

    /// Calls `body` with each line, the oldest first.
    ///
    /// - Throws: ``ReadError``, and what `body` throws.
    public func forEachLine(_ body: (Line, AuditVerification.Location) throws -> Void) throws {
        let files = try openAll()
        defer { for file in files { SystemFile.closeFile(file.descriptor) } }
        for (index, file) in files.enumerated() {
            try read(file.descriptor, name: file.name, isNewest: index == files.count - 1, body)
        }
    }

    /// The records that a query wants, the oldest first. Lines that are no records are left out.
    ///
    /// - Parameter access: whose records may be seen; `nil` for all.
    /// - Throws: ``ReadError``.
    public func records(matching query: AuditQuery, access: AuditQueryAccess?) throws -> [AuditEntry] {
        try newestRecords(matching: query, access: access, maximumBytes: .max).entries
    }

    /// Some of the records that a query wants.
    struct Page: Sendable {
        /// The newest records, the oldest of them first.
        var entries: [AuditEntry]
        /// Whether there are older ones.
        var hasMore: Bool
    }

    /// The newest records that a query wants.
    ///
    /// - Parameters:
    ///   - access: whose records may be seen; `nil` for all.
    ///   - maximumBytes: the size of all lines, except for a single one that is larger.
    /// - Throws: ``ReadError``.
    func newestRecords(matching query: AuditQuery, access: AuditQueryAccess?, maximumBytes: Int) throws -> Page {
        let limit = query.limit.map { max(0, $0) } ?? .max
        var found: [AuditEntry?] = []
        var dropped = 0
        var bytes = 0
        var hasMore = false
        try forEachLine { line, _ in
            guard case .complete(let line) = line, let entry = try? AuditEntry(line: line),
                query.matches(entry.record), access?.allows(entry.record) ?? true
            else { return }
            found.append(entry)
            bytes += entry.json.bytes.count
            while dropped < found.count {
                let kept = found.count - dropped
                guard kept > limit || (bytes > maximumBytes && kept > 1) else { break }
                bytes -= found[dropped]?.json.bytes.count ?? 0
                found[dropped] = nil
                dropped += 1
                hasMore = true
            }
            // Removed in larger steps, so that this takes linear time.
            if dropped >= 1_000, dropped >= found.count / 2 {
                found.removeFirst(dropped)
                dropped = 0
            }
        }
        return Page(entries: found.compactMap { $0 }, hasMore: hasMore)
    }

    /// Opens all files, the oldest first. They are opened beginning with the newest, so that a rotation meanwhile only leads to a file
    /// that is opened twice, which is left out.
    private func openAll() throws -> [(name: String, descriptor: Int32)] {
        if path == "-" {
            guard let descriptor = try open("/dev/stdin") else { throw missing }
            return [("standard input", descriptor)]
        }
        var files: [(name: String, descriptor: Int32)] = []
        var identities: Set<SystemFile.Identity> = []
        do {
            for number in 0..<Self.maximumFiles {
                let name = number == 0 ? path : "\(path).\(number)"
                guard let descriptor = try open(name) else {
                    // The file itself can be missing right after a rotation.
                    if number == 0 { continue }
                    break
                }
                guard identities.insert(SystemFile.identity(descriptor)).inserted else {
                    SystemFile.closeFile(descriptor)
                    continue
                }
                files.append((name, descriptor))
            }
            guard !files.isEmpty else { throw missing }
        } catch {
            for file in files { SystemFile.closeFile(file.descriptor) }
            throw error
        }
        return files.reversed()
    }

    private var missing: ReadError { ReadError(description: "\(path): the file does not exist") }

    private func open(_ name: String) throws -> Int32? {
        do {
            return try SystemFile.openForReading(name)
        } catch {
            throw ReadError(description: "\(error)")
        }
    }

    private func read(
        _ descriptor: Int32,
        name: String,
        isNewest: Bool,
        _ body: (Line, AuditVerification.Location) throws -> Void
    ) throws {
        var rest: [UInt8] = []
        var number = 0
        var isSkipping = false
        func location() -> AuditVerification.Location { .init(file: name, line: number) }
        while true {
            guard let chunk = SystemFile.readNext(descriptor, maximum: 64 << 10) else {
                throw ReadError(description: "\(name) cannot be read: \(SystemFile.reason)")
            }
            if chunk.isEmpty { break }
            var start = chunk.startIndex
            while let end = chunk[start...].firstIndex(of: 0x0A) {
                number += 1
                if isSkipping {
                    isSkipping = false
                } else {
                    try body(.complete(rest + chunk[start..<end]), location())
                }
                rest = []
                start = end + 1
            }
            if isSkipping { continue }
            rest += chunk[start...]
            if rest.count > Self.maximumLine {
                isSkipping = true
                rest = []
                try body(
                    .broken("the line is longer than \(Self.maximumLine) bytes"),
                    .init(file: name, line: number + 1)
                )
            }
        }
        guard !rest.isEmpty else { return }
        number += 1
        if isNewest {
            try body(.unfinished(bytes: rest.count), location())
        } else {
            try body(.broken("the file ends in the middle of a line"), location())
        }
    }
}

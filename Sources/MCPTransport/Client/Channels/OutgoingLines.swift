internal import Synchronization

/// Lines that wait to be written to a process. Each is written whole, even if the request that it belongs to is cancelled.
final class OutgoingLines: Sendable {
    let stream: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation
    private let maximumBytes: Int
    private let waitingBytes = Atomic<Int>(0)

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// - Returns: `false` if too much waits already.
    func add(_ line: [UInt8]) -> Bool {
        let (_, waiting) = waitingBytes.add(line.count, ordering: .relaxed)
        guard waiting <= maximumBytes || waiting == line.count else {
            waitingBytes.subtract(line.count, ordering: .relaxed)
            return false
        }
        continuation.yield(line)
        return true
    }

    func written(_ bytes: Int) { waitingBytes.subtract(bytes, ordering: .relaxed) }

    /// Nothing is added any more; the stream ends after what waits.
    func finish() { continuation.finish() }
}

/// Cuts text into lines, and shortens those that are too long: standard error is for people.
struct CutLines: Sendable {
    private let maximumBytes: Int
    private var line: [UInt8] = []
    private var isSkipping = false

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    mutating func feed(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 {
                lines.append(text)
                (line, isSkipping) = ([], false)
            }
            let room = maximumBytes - line.count
            if part.element.count > room { isSkipping = true }
            line.append(contentsOf: part.element.prefix(room))
        }
        return lines
    }

    /// What came after the last line's end.
    mutating func rest() -> String? {
        defer { (line, isSkipping) = ([], false) }
        return line.isEmpty ? nil : text
    }

    private var text: String {
        let content = line.last == 0x0D && !isSkipping ? line.dropLast() : line[...]
        return String(decoding: content, as: UTF8.self) + (isSkipping ? "…" : "")
    }
}

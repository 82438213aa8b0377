import KubernetesAPI
internal import Synchronization

/// The output of containers: of the current run and of the one before, the newest part of each.
final class PodLogs: Sendable {
    /// A line, without its end.
    struct Line: Sendable, Hashable {
        var time: MicroTimestamp
        var bytes: [UInt8]
    }

    /// A container of a pod.
    struct Key: Sendable, Hashable {
        var uid: String
        var container: String
    }

    /// The lines of one run of a container.
    private struct Run: Sendable {
        var lines: [Line] = []
        /// The lines before this index are dropped.
        var first = 0
        var bytes = 0
        var partial: Line?

        var current: ArraySlice<Line> { lines[first...] }

        mutating func add(_ line: Line, limit: Int) {
            lines.append(line)
            bytes += line.bytes.count + 1
            while bytes > limit, first < lines.count - 1 {
                bytes -= lines[first].bytes.count + 1
                first += 1
            }
            if first > 1_000, first > lines.count / 2 {
                lines.removeFirst(first)
                first = 0
            }
        }
    }

    private struct Log: Sendable {
        var current = Run()
        var previous = Run()
        var hasEnded = false
        var followers: [Int: AsyncStream<Line>.Continuation] = [:]

        mutating func add(_ line: Line, limit: Int) {
            current.add(line, limit: limit)
            for follower in followers.values { follower.yield(line) }
        }
    }

    private struct State: Sendable {
        var logs: [Key: Log] = [:]
        var nextFollower = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// The bytes that are kept of each run by default.
    static let standardLimit = 1 << 20
    /// Longer lines are split, as container runtimes do.
    static let lineLimit = 16 << 10
    /// How many lines wait for a reader that does not read.
    private static let followerLimit = 10_000

    /// - Parameter limit: the bytes that are kept of each run.
    init(limit: Int) { self.limit = limit }

    /// A new run of a container begins.
    func begin(_ key: Key) {
        state.withLock { state in
            var next = Log()
            if let log = state.logs[key] {
                guard log.hasEnded else { return }
                next.previous = log.current
            }
            state.logs[key] = next
        }
    }

    /// Adds output of the current run.
    func append(_ bytes: [UInt8], to key: Key, at time: MicroTimestamp) {
        state.withLock { state in
            var log = state.logs[key] ?? Log()
            var rest = bytes[...]
            while !rest.isEmpty {
                let end = rest.firstIndex(of: UInt8(ascii: "\n"))
                var line = log.current.partial ?? Line(time: time, bytes: [])
                log.current.partial = nil
                let room = Self.lineLimit - line.bytes.count
                let piece = rest[..<(end ?? rest.endIndex)].prefix(room)
                line.bytes += piece
                rest = rest[piece.endIndex...]
                if let end, piece.endIndex == end {
                    rest = rest.dropFirst()
                } else if line.bytes.count < Self.lineLimit {
                    log.current.partial = line
                    break
                }
                log.add(line, limit: limit)
            }
            state.logs[key] = log
        }
    }

    /// The current run has ended; readers that follow it come to the end.
    func end(_ key: Key) {
        let followers = state.withLock { state -> [AsyncStream<Line>.Continuation] in
            guard var log = state.logs[key] else { return [] }
            if let partial = log.current.partial { log.add(partial, limit: limit) }
            log.current.partial = nil
            log.hasEnded = true
            let followers = Array(log.followers.values)
            log.followers = [:]
            state.logs[key] = log
            return followers
        }
        for follower in followers { follower.finish() }
    }

    /// Removes the logs of a pod.
    func forget(uid: String) {
        let followers = state.withLock { state in
            let gone = state.logs.filter { $0.key.uid == uid }
            for key in gone.keys { state.logs[key] = nil }
            return gone.values.flatMap(\.followers.values)
        }
        for follower in followers { follower.finish() }
    }

    /// Ends all readers that follow.
    func stop() {
        let followers = state.withLock { state in
            let followers = state.logs.values.flatMap(\.followers.values)
            for key in state.logs.keys {
                state.logs[key]?.followers = [:]
                state.logs[key]?.hasEnded = true
            }
            return followers
        }
        for follower in followers { follower.finish() }
    }

    /// The lines of a run; none if it has not written any.
    func lines(_ key: Key, of run: LogRequest.Run = .latest) -> [Line] {
        state.withLock { state in
            guard let log = state.logs[key] else { return [] }
            let isLatest = run == .latest || run == .lastEnded && log.hasEnded
            return Array((isLatest ? log.current : log.previous).current)
        }
    }

    /// How many readers follow.
    var followerCount: Int { state.withLock { $0.logs.values.reduce(0) { $0 + $1.followers.count } } }

    /// The lines of the current run, and those that follow.
    func follow(_ key: Key) -> (lines: [Line], next: AsyncStream<Line>) {
        let (stream, continuation) = AsyncStream<Line>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.followerLimit)
        )
        let (id, lines) = state.withLock { state -> (Int?, [Line]) in
            var log = state.logs[key] ?? Log()
            guard !log.hasEnded else { return (nil, Array(log.current.current)) }
            state.nextFollower += 1
            log.followers[state.nextFollower] = continuation
            state.logs[key] = log
            return (state.nextFollower, Array(log.current.current))
        }
        guard let id else {
            continuation.finish()
            return (lines, stream)
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.logs[key]?.followers[id] = nil }
        }
        return (lines, stream)
    }
}

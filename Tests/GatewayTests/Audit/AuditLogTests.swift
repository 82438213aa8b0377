import ControllerRuntime
import Foundation
import KubernetesAPI
import Logging
import MCPProtocol
import Observability
import Policy
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// A sink that fails or blocks when a test says so.
private final class FakeSink: AuditSink {
    struct State {
        var bytes: [UInt8] = []
        var isFailing = false
        var maximumBytes = Int.max
        var attempts = 0
        /// How often flushing fails from now on.
        var failingFlushes = 0
    }

    let name = "fake"
    let state: Mutex<State>

    init(isFailing: Bool = false, maximumBytes: Int = .max) {
        state = Mutex(State(isFailing: isFailing, maximumBytes: maximumBytes))
    }

    var lines: [AuditEntry] {
        state.withLock { $0.bytes }.split(separator: 0x0A).compactMap { try? AuditEntry(line: $0) }
    }

    func setFailing(_ isFailing: Bool) { state.withLock { $0.isFailing = isFailing } }

    func open() -> AuditSinkStart { AuditSinkStart() }

    func write(_ bytes: ArraySlice<UInt8>) throws -> Int {
        try state.withLock { state in
            state.attempts += 1
            if state.isFailing { throw AuditSinkError("the disk is full") }
            let part = bytes.prefix(state.maximumBytes)
            state.bytes += part
            return part.count
        }
    }

    func endBatch() throws {
        try state.withLock { state in
            guard state.failingFlushes > 0 else { return }
            state.failingFlushes -= 1
            throw AuditSinkError("the disk has failed")
        }
    }

    func close() {}
}

/// Keeps what is logged.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            lines.lines.withLock { $0.append(([event.message.description] + fields).joined(separator: " ")) }
        }
    }
}

@Suite("The audit log")
struct AuditLogTests {
    private static func record(_ number: Int64) -> AuditRecord {
        AuditRecord(time: MicroTimestamp(microsecondsSinceEpoch: number), kind: .call, tenant: "acme", bytesIn: number)
    }

    /// Runs a log during a body, and then stops it in order.
    private static func run<Result: Sendable>(
        _ sinks: [any AuditSink],
        _ onFailure: AuditFailurePolicy,
        queueLength: Int = 1_000,
        registry: MetricsRegistry = MetricsRegistry(),
        logger: Logger = quietLogger,
        _ body: @Sendable (AuditLog) async throws -> Result
    ) async throws -> Result {
        let log = AuditLog(
            sinks: sinks,
            onFailure: onFailure,
            queueLength: queueLength,
            metrics: GatewayMetrics(registry: registry),
            logger: logger,
            clock: .scaled(by: 100)
        )
        let group = ServiceGroup(configuration: .init(services: [log], logger: quietLogger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(log)) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    private static func verify(_ files: AuditFiles) throws -> AuditVerification {
        var verification = AuditVerification()
        try files.forEachLine { line, location in
            switch line {
            case .complete(let bytes): verification.check(bytes, at: location)
            case .unfinished(let bytes): verification.report("\(bytes) bytes are unfinished", location)
            case .broken(let problem): verification.report(problem, location)
            }
        }
        return verification
    }

    @Test("everything that was recorded before the gateway stops is written, in order, with a stop record at the end")
    func drains() async throws {
        let sink = FakeSink(maximumBytes: 1_000)
        try await Self.run([sink], .deny, queueLength: 5_000) { log in
            for number in 0..<2_000 as Range<Int64> { log.record(Self.record(number), with: try log.reserve()) }
        }
        let lines = sink.lines
        #expect(lines.count == 2_001)
        #expect(lines.dropLast().map(\.record.bytesIn) == (0..<2_000).map { $0 })
        #expect(lines.last?.record.kind == .stop)
    }

    @Test("with Deny, calls are refused while the sink fails, and nothing that was accepted is lost")
    func deny() async throws {
        let sink = FakeSink()
        let registry = MetricsRegistry()
        let logs = LogLines()
        try await Self.run([sink], .deny, registry: registry, logger: logs.logger) { log in
            log.record(Self.record(0), with: try log.reserve())
            try await eventually("the first record is written") { sink.lines.count == 1 }
            let early = try log.reserve()
            sink.setFailing(true)
            log.record(Self.record(1), with: try log.reserve())
            try await eventually("calls are refused") {
                do throws(AuditUnavailable) {
                    _ = try log.reserve()
                    return false
                } catch {
                    return error.sink == "fake"
                }
            }
            // A call that was accepted before is recorded nevertheless.
            log.record(Self.record(2), with: early)
            #expect(registry.exposition().contains(#"moorage_gateway_audit_failing{sink="fake"} 1"#))
            sink.setFailing(false)
            try await eventually("calls are accepted again") { (try? log.reserve()) != nil }
            log.record(Self.record(3), with: try log.reserve())
        }
        #expect(sink.lines.dropLast().map(\.record.bytesIn) == [0, 1, 2, 3])
        #expect(registry.exposition().contains(#"moorage_gateway_audit_failing{sink="fake"} 0"#))
        #expect(logs.all.contains { $0 == "audit records cannot be written error=the disk is full sink=fake" })
        #expect(logs.all.contains { $0.hasPrefix("audit records are written again") })
    }

    @Test("with Deny, calls are refused while the queue is full, so that no record is lost")
    func denyFull() async throws {
        let log = AuditLog(
            sinks: [FakeSink(), FakeSink()],
            onFailure: .deny,
            queueLength: 10,
            metrics: GatewayMetrics(registry: MetricsRegistry()),
            logger: quietLogger,
            clock: .system
        )
        var reservations = try (0..<10).map { _ in try log.reserve() }
        #expect(throws: AuditUnavailable.self) { try log.reserve() }
        reservations.removeLast()
        let last = try log.reserve()
        #expect(throws: AuditUnavailable.self) { try log.reserve() }
        log.record(Self.record(0), with: last)
        #expect(throws: AuditUnavailable.self) { try log.reserve() }
        withExtendedLifetime(reservations) {}
    }

    @Test("with Allow, calls are served while the sink fails, and the loss is counted, logged and in the chain")
    func allow() async throws {
        let sink = FakeSink(isFailing: true)
        let registry = MetricsRegistry()
        let logs = LogLines()
        try await Self.run([sink], .allow, queueLength: 10, registry: registry, logger: logs.logger) { log in
            log.record(Self.record(0), with: try log.reserve())
            try await eventually("writing fails") { sink.state.withLock { $0.attempts } > 1 }
            for number in 1..<100 as Range<Int64> { log.record(Self.record(number), with: try log.reserve()) }
            sink.setFailing(false)
            try await eventually("the rest is written") { sink.lines.contains { $0.record.kind == .gap } }
            log.record(Self.record(100), with: try log.reserve())
        }
        let lines = sink.lines
        let gap = try #require(lines.first { $0.record.kind == .gap })
        #expect(gap.record.lost == 89)
        #expect(lines.map(\.record.bytesIn) == (0...10).map { $0 } + [nil, 100, nil])
        #expect(registry.exposition().contains(#"moorage_gateway_audit_lost_total{sink="fake"} 89"#))
        #expect(logs.all.contains("audit records were lost count=89 sink=fake"))
        var verification = AuditVerification()
        for (index, entry) in lines.enumerated() {
            verification.check(Array(entry.json.bytes), at: .init(file: "fake", line: index + 1))
        }
        #expect(verification.isIntact)
        #expect(verification.chains.first?.lost == 89)
    }

    @Test("if flushing fails, nothing is written twice")
    func failingFlush() async throws {
        let sink = FakeSink()
        sink.state.withLock { $0.failingFlushes = 3 }
        try await Self.run([sink], .allow) { log in
            for number in 0..<10 as Range<Int64> { log.record(Self.record(number)) }
            try await eventually("flushing works again") { sink.state.withLock { $0.failingFlushes } == 0 }
        }
        #expect(sink.lines.compactMap(\.record.bytesIn) == (0..<10).map { $0 })
    }

    @Test("a sink that fails does not hold up another one")
    func independent() async throws {
        let failing = FakeSink(isFailing: true)
        let working = FakeSink()
        try await Self.run([failing, working], .allow, queueLength: 10) { log in
            for number in 0..<200 as Range<Int64> {
                log.record(Self.record(number))
                try await eventually("record \(number) is written") { working.lines.count == Int(number) + 1 }
            }
        }
        #expect(working.lines.count == 201)
        #expect(failing.lines.isEmpty)
    }

    @Test("a gateway that stops while its sink fails says how many records are lost")
    func stopsFailing() async throws {
        let sink = FakeSink(isFailing: true)
        let registry = MetricsRegistry()
        let logs = LogLines()
        try await Self.run([sink], .allow, registry: registry, logger: logs.logger) { log in
            for number in 0..<7 as Range<Int64> { log.record(Self.record(number)) }
            try await eventually("writing fails") { sink.state.withLock { $0.attempts } > 0 }
        }
        #expect(registry.exposition().contains(#"moorage_gateway_audit_lost_total{sink="fake"} 7"#))
        #expect(
            logs.all.contains(
                "audit records are lost because the gateway stops while they cannot be written count=7 sink=fake"
            )
        )
    }

    @Test("a pipe whose reader has stopped never blocks calls")
    func stuckPipe() async throws {
        let pipe = Pipe()
        let sink = DescriptorAuditSink(
            name: "pipe",
            descriptor: pipe.fileHandleForWriting.fileDescriptor,
            patience: 20
        )
        var record = Self.record(0)
        record.reason = String(repeating: "x", count: 1_000)
        let bulky = record
        let read = Mutex<[UInt8]>([])
        let accepted = try await Self.run([sink], .deny, queueLength: 1_000) { log in
            var accepted = 0
            try await eventually("calls are refused") {
                do throws(AuditUnavailable) {
                    log.record(bulky, with: try log.reserve())
                    accepted += 1
                    return false
                } catch {
                    return true
                }
            }
            // The reader goes on.
            DispatchQueue.global().async {
                while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
                    read.withLock { $0 += data }
                }
            }
            try await eventually("calls are accepted again") { (try? log.reserve()) != nil }
            return accepted
        }
        try pipe.fileHandleForWriting.close()
        let lines = try await eventually("everything was read", within: .seconds(30)) {
            let lines = read.withLock { $0 }.split(separator: 0x0A).map { Array($0) }
            // The last record is that the log has stopped.
            return lines.count > accepted ? lines : nil
        }
        var verification = AuditVerification()
        for (index, line) in lines.enumerated() {
            verification.check(line, at: .init(file: "pipe", line: index + 1))
        }
        #expect(verification.isIntact, "\(verification.breaks)")
        #expect(verification.records == accepted + 1)
    }

    // MARK: - Files

    private final class Folder: Sendable {
        let path = FileManager.default.temporaryDirectory.path() + "moorage-audit-\(UInt64.random(in: 0 ... .max))"
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        var log: String { "\(path)/audit.jsonl" }
        func read(_ name: String = "audit.jsonl") -> String {
            (try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)) ?? ""
        }
        func append(_ text: String) throws {
            let handle = try #require(FileHandle(forWritingAtPath: log))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }
    }

    private static func sink(
        _ path: String,
        maximumBytes: Int = 10_000,
        keptFiles: Int = 3,
        sync: AuditFileSync = .never
    )
        -> FileAuditSink
    {
        FileAuditSink(path: path, maximumBytes: maximumBytes, keptFiles: keptFiles, sync: sync)
    }

    @Test(
        "files are rotated by size, the oldest are removed, and the chain continues over files and restarts",
        arguments: AuditFileSync.allCases
    )
    func rotation(sync: AuditFileSync) async throws {
        let folder = try Folder()
        let path = folder.log
        for start in 0..<3 as Range<Int64> {
            try await Self.run([Self.sink(path, sync: sync)], .deny, queueLength: 10) { log in
                for number in 0..<80 as Range<Int64> {
                    try await eventually("a record is accepted") {
                        guard let reservation = try? log.reserve() else { return false }
                        log.record(Self.record(start * 80 + number), with: reservation)
                        return true
                    }
                }
            }
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2", "audit.jsonl.3"])
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")
            #expect((attributes[.size] as? Int ?? 0) <= 10_000)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        let verification = try Self.verify(AuditFiles(path))
        #expect(verification.isIntact, "\(verification.breaks)")
        let chain = try #require(verification.chains.first)
        #expect(verification.chains.count == 1)
        #expect(chain.firstSequence > 0)
        // 240 records, and a stop for each run.
        #expect(chain.lastSequence == 242)
        let found = try AuditFiles(path).records(
            matching: AuditQuery(kind: .call, tenant: "acme", limit: 5),
            access: nil
        )
        #expect(found.map(\.record.bytesIn) == [235, 236, 237, 238, 239])
    }

    @Test("a query over files returns nobody else's records")
    func queryAccess() async throws {
        let folder = try Folder()
        let path = folder.log
        try await Self.run([Self.sink(path, maximumBytes: 1 << 20)], .deny) { log in
            for number in 0..<100 as Range<Int64> {
                var record = Self.record(number)
                record.tenant = ["acme", "globex", nil][Int(number) % 3]
                log.record(record)
            }
        }
        let caller = Caller(issuer: "i", subject: "s", scopes: [AuditQueryAccess.defaultScope], tenants: ["acme"])
        let access = try #require(AuditQueryAccess(of: caller))
        let own = try AuditFiles(path).records(matching: AuditQuery(), access: access)
        #expect(own.count == 34)
        #expect(own.allSatisfy { $0.record.tenant == "acme" })
        #expect(try AuditFiles(path).records(matching: AuditQuery(tenant: "globex"), access: access).isEmpty)
        #expect(
            try AuditFiles(path).records(matching: AuditQuery(limit: 2), access: access).map(\.record.bytesIn) == [
                96, 99,
            ]
        )
    }

    @Test("a record that a crash left unfinished is removed, and recorded as lost")
    func unfinished() async throws {
        let folder = try Folder()
        let path = folder.log
        try await Self.run([Self.sink(path)], .deny) { log in log.record(Self.record(1)) }
        try folder.append(#"{"time":"2026-"#)
        #expect(try !Self.verify(AuditFiles(path)).isIntact)
        try await Self.run([Self.sink(path)], .deny) { log in log.record(Self.record(2)) }
        let verification = try Self.verify(AuditFiles(path))
        #expect(verification.isIntact, "\(verification.breaks)")
        #expect(verification.chains.count == 1)
        #expect(verification.chains.first?.lost == 1)
        #expect(folder.read().contains(#""reason":"14 bytes of an unfinished record were removed""#))
    }

    @Test("after a crash, the log says that records may be missing")
    func crash() async throws {
        let folder = try Folder()
        let path = folder.log
        var chain = AuditChain(id: "crashed")
        try Data(chain.seal(Self.record(1))).write(to: URL(filePath: path))
        try await Self.run([Self.sink(path)], .deny) { log in log.record(Self.record(2)) }
        let entries = try AuditFiles(path).records(matching: AuditQuery(), access: nil)
        #expect(entries.map(\.record.kind) == [.call, .gap, .call, .stop])
        #expect(entries.map(\.chain) == Array(repeating: "crashed", count: 4))
        #expect(entries[1].record.reason?.hasPrefix("the gateway did not stop in order") == true)
        #expect(try Self.verify(AuditFiles(path)).isIntact)
    }

    @Test("a file that does not end with a record is kept, and a new chain says so")
    func foreignEnd() async throws {
        let folder = try Folder()
        let path = folder.log
        try Data("something else\n".utf8).write(to: URL(filePath: path))
        try await Self.run([Self.sink(path)], .deny) { log in log.record(Self.record(2)) }
        #expect(folder.read("audit.jsonl.1") == "something else\n")
        #expect(folder.read().contains("could not be continued: it is not JSON"))
        let verification = try Self.verify(AuditFiles(path))
        #expect(verification.breaks.map(\.location.file) == ["\(path).1"])
    }

    @Test("a file that another process uses is not written")
    func locked() async throws {
        let folder = try Folder()
        let first = Self.sink(folder.log)
        _ = try first.open()
        let error = #expect(throws: AuditSinkError.self) { try Self.sink(folder.log).open() }
        #expect(error?.description.contains("is used by another process") == true)
        first.close()
        _ = try Self.sink(folder.log).open()
    }

    @Test("a symbolic link is not followed")
    func link() throws {
        let folder = try Folder()
        try FileManager.default.createSymbolicLink(atPath: folder.log, withDestinationPath: "\(folder.path)/elsewhere")
        #expect(throws: AuditSinkError.self) { try Self.sink(folder.log).open() }
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/elsewhere"))
    }

    @Test(
        "a disk that is full refuses calls with Deny",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))
    )
    func fullDisk() async throws {
        let logs = LogLines()
        try await Self.run([Self.sink("/dev/full")], .deny, logger: logs.logger) { log in
            log.record(Self.record(1), with: try log.reserve())
            try await eventually("calls are refused") {
                do throws(AuditUnavailable) {
                    _ = try log.reserve()
                    return false
                } catch {
                    return true
                }
            }
        }
        #expect(logs.all.contains { $0.contains("/dev/full cannot be written: No space left on device") })
        #expect(logs.all.contains { $0.contains("the gateway stops while they cannot be written count=1") })
    }

    @Test("a folder that does not exist yet refuses calls, and is used when it exists")
    func missingFolder() async throws {
        let folder = try Folder()
        let path = "\(folder.path)/later/audit.jsonl"
        try await Self.run([Self.sink(path)], .deny) { log in
            try await eventually("calls are refused") { (try? log.reserve()) == nil }
            try FileManager.default.createDirectory(atPath: "\(folder.path)/later", withIntermediateDirectories: true)
            let reservation = try await eventually("calls are accepted") { try? log.reserve() }
            log.record(Self.record(1), with: reservation)
        }
        #expect(try AuditFiles(path).records(matching: AuditQuery(kind: .call), access: nil).count == 1)
    }

    @Test("without a sink, nothing is recorded and nothing is refused")
    func none() async throws {
        try await Self.run([], .deny, queueLength: 1) { log in
            for number in 0..<100 as Range<Int64> { log.record(Self.record(number), with: try log.reserve()) }
        }
    }
}

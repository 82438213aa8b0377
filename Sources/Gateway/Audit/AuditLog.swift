public import ControllerRuntime
public import Logging
public import Policy
public import ServiceLifecycle

import struct FoundationEssentials.UUID

/// A call cannot be recorded, and is refused for that.
public struct AuditUnavailable: Error, Sendable, CustomStringConvertible {
    /// The sink that cannot be written.
    public var sink: String

    public var description: String {
        "calls cannot be recorded: the audit sink \(sink) cannot be written or is too slow"
    }
}

/// Writes audit records to the configured sinks. Recording never waits: records wait in bounded queues, one for each sink, so that a sink
/// that fails or is slow does not hold up the others.
///
/// Each sink has a chain of its own (``AuditChain``).
public final class AuditLog: Service, CustomStringConvertible {
    private let writers: [AuditWriter]
    private let onFailure: AuditFailurePolicy

    /// - Parameters:
    ///   - settings: valid settings.
    ///   - podName: replaces `$(POD_NAME)` in the path of the file.
    public convenience init(
        _ settings: GatewayAudit,
        podName: String,
        metrics: GatewayMetrics,
        logger: Logger = Logger(label: "gateway.audit"),
        clock: RuntimeClock = .system
    ) {
        var sinks: [any AuditSink] = []
        for name in settings.sinks ?? [.stdout] {
            switch name {
            case .stdout: sinks.append(DescriptorAuditSink.standardOutput())
            case .file:
                guard var file = settings.file else {
                    assertionFailure("the settings are not valid: there is no file")
                    continue
                }
                file.path = file.path(podName: podName)
                sinks.append(FileAuditSink(file))
            }
        }
        self.init(
            sinks: sinks,
            onFailure: settings.onFailure ?? .deny,
            queueLength: settings.queueLength ?? GatewayAudit.defaultQueueLength,
            metrics: metrics,
            logger: logger,
            clock: clock
        )
    }

    init(
        sinks: [any AuditSink],
        onFailure: AuditFailurePolicy,
        queueLength: Int,
        metrics: GatewayMetrics,
        logger: Logger,
        clock: RuntimeClock,
        newChainID: @escaping @Sendable () -> String = { UUID().uuidString.lowercased() }
    ) {
        writers = sinks.map {
            AuditWriter(
                $0,
                capacity: queueLength,
                metrics: metrics,
                logger: logger,
                clock: clock,
                newChainID: newChainID
            )
        }
        self.onFailure = onFailure
    }

    public var description: String { "AuditLog" }

    /// Makes sure that a call can be recorded before it is served. With the policy `Allow`, it always can.
    ///
    /// - Throws: ``AuditUnavailable``; refuse the call with ``RefusalAnswer/auditUnavailable(id:)``.
    public func reserve() throws(AuditUnavailable) -> AuditReservation {
        guard onFailure == .deny else { return AuditReservation([]) }
        for (index, writer) in writers.enumerated() where !writer.reserve() {
            for reserved in writers[..<index] { reserved.release() }
            throw AuditUnavailable(sink: writer.sinkName)
        }
        return AuditReservation(writers)
    }

    /// Records something. With a reservation, the record is not lost.
    public func record(_ record: AuditRecord, with reservation: AuditReservation? = nil) {
        let isReserved = reservation?.use() ?? false
        for writer in writers { writer.add(record, hasReservation: isReserved) }
    }

    /// Writes until shut down, and then what is left.
    public func run() async throws {
        guard !writers.isEmpty else {
            try? await gracefulShutdown()
            return
        }
        await withDiscardingTaskGroup { tasks in
            for writer in writers {
                tasks.addTask { await writer.run() }
            }
        }
    }
}

extension GatewayAudit {
    /// The files that the log is written to; `nil` if it is not written to files.
    ///
    /// - Parameter podName: replaces `$(POD_NAME)` in the path.
    public func files(podName: String) -> AuditFiles? {
        guard sinks?.contains(.file) ?? false, let file else { return nil }
        return AuditFiles(file.path(podName: podName))
    }
}

extension GatewayAuditFile {
    /// The path in the pod of this name.
    fileprivate func path(podName: String) -> String { path.replacing("$(POD_NAME)", with: podName) }
}

import Synchronization

@testable import ControllerRuntime

/// A Lease with the behavior of an API server: versions, conflicts, and faults on request.
final class FakeLease: Sendable {
    struct Conflict: Error {}
    struct Fault: Error {}

    private struct State {
        var record: LeaseRecord?
        var version = 0
        var writes = 0
        var isFailing = false
        var isSilent = false
    }

    private let state = Mutex(State())

    var record: LeaseRecord? { state.withLock { $0.record } }
    var writes: Int { state.withLock { $0.writes } }

    /// Whether every request fails.
    func fail(_ isFailing: Bool = true) { state.withLock { $0.isFailing = isFailing } }
    /// Whether no request is answered.
    func fallSilent() { state.withLock { $0.isSilent = true } }

    func get() throws -> LeaseRecord? {
        try state.withLock { state in
            if state.isFailing { throw Fault() }
            return state.record
        }
    }

    func create(_ record: LeaseRecord) throws -> LeaseRecord {
        try state.withLock { state in
            if state.isFailing { throw Fault() }
            guard state.record == nil else { throw Conflict() }
            return Self.store(record, in: &state)
        }
    }

    func update(_ record: LeaseRecord) throws -> LeaseRecord {
        try state.withLock { state in
            if state.isFailing { throw Fault() }
            guard let stored = state.record, stored.resourceVersion == record.resourceVersion else { throw Conflict() }
            return Self.store(record, in: &state)
        }
    }

    /// Someone else changes the Lease without acquiring it, such as an annotation.
    func touch() {
        state.withLock { state in
            state.version += 1
            state.record?.resourceVersion = String(state.version)
        }
    }

    var access: LeaseAccess {
        LeaseAccess(
            get: {
                try await self.answer()
                return try self.get()
            },
            create: {
                try await self.answer()
                return try self.create($0)
            },
            update: {
                try await self.answer()
                return try self.update($0)
            }
        )
    }

    private func answer() async throws {
        if state.withLock({ $0.isSilent }) { try await Signal().wait() }
    }

    private static func store(_ record: LeaseRecord, in state: inout State) -> LeaseRecord {
        state.version += 1
        state.writes += 1
        var record = record
        record.resourceVersion = String(state.version)
        state.record = record
        return record
    }
}

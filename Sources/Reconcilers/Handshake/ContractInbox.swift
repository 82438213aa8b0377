internal import KubernetesAPI
internal import MCPProtocol
import Synchronization

/// Contracts that were read from servers and are not stored yet: at most one for each server, until the server's reconciler has
/// stored it. What does not fit is read again at the server's next check.
final class ContractInbox: Sendable {
    /// A contract, and its digest.
    struct Entry: Sendable {
        var digest: String
        var contract: ServerContract
        var bytes: Int
    }

    private struct State {
        var entries: [NamespacedName: Entry] = [:]
        var bytes = 0

        mutating func remove(_ server: NamespacedName) {
            if let old = entries.removeValue(forKey: server) { bytes -= old.bytes }
        }
    }

    /// How many bytes of contracts wait at most; a single one is always accepted.
    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumBytes: Int = 64 << 20) { self.maximumBytes = maximumBytes }

    /// Adds what was read from a server; it replaces what waits for the same server.
    func put(_ contract: ServerContract, digest: String, of server: NamespacedName) {
        let bytes = contract.items.reduce(0) { $0 + $1.canonical.bytes.count }
        state.withLock { state in
            state.remove(server)
            guard state.entries.isEmpty || state.bytes + bytes <= maximumBytes else { return }
            state.entries[server] = Entry(digest: digest, contract: contract, bytes: bytes)
            state.bytes += bytes
        }
    }

    /// What waits for a server, if it has this digest.
    func contract(of server: NamespacedName, digest: String) -> ServerContract? {
        state.withLock { state in
            state.entries[server].flatMap { $0.digest == digest ? $0.contract : nil }
        }
    }

    /// Whether something waits for a server.
    func hasContract(of server: NamespacedName) -> Bool { state.withLock { $0.entries[server] != nil } }

    /// Removes what waits for a server that was deleted or is not checked any more.
    func remove(_ server: NamespacedName) { state.withLock { $0.remove(server) } }

    /// Removes what waits for a server once it is stored, unless something else was read meanwhile.
    func remove(_ server: NamespacedName, digest: String) {
        state.withLock { state in
            if state.entries[server]?.digest == digest { state.remove(server) }
        }
    }
}

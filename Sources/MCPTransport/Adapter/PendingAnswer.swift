import MCPProtocol
import Synchronization

/// The answer to a request, for which one task waits.
final class PendingAnswer: Sendable {
    private let response = Mutex<JSONRPCResponse?>(nil)
    private let signal = Signal()

    /// The process has answered.
    func answer(_ response: JSONRPCResponse) {
        self.response.withLock { $0 = response }
        signal.finish()
    }

    /// There is no answer any more.
    func fail() { signal.finish() }

    /// Waits for the answer.
    ///
    /// - Returns: `nil` if there is none, or the task is cancelled.
    func wait() async -> JSONRPCResponse? {
        await signal.wait()
        return response.withLock { $0 }
    }
}

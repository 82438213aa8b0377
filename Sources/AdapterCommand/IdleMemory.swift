import MCPTransport
import ProgramPages
import ServiceLifecycle

/// Decides when the pages of the program are released, from the number of messages that clients have sent. Pure.
struct IdleDetector: Sendable {
    /// The time between two looks.
    static let interval = Duration.seconds(10)

    private var messages = 0
    /// Nothing was released since the start or the last message.
    private var isHeld = true

    /// Whether nobody has used the adapter since the last look, and its pages are still there.
    ///
    /// - Parameter messages: how many messages it has received.
    mutating func becomesIdle(messages: Int) -> Bool {
        let isIdle = messages == self.messages
        self.messages = messages
        defer { isHeld = !isIdle }
        return isIdle && isHeld
    }
}

/// Releases the pages of the program when nobody uses the adapter. Most of them were only needed at the start, and there is an adapter
/// in each pod. What probes need comes back, and stays.
struct IdleMemory: Service {
    let adapter: StdioAdapter

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var detector = IdleDetector()
            while (try? await ContinuousClock().sleep(for: IdleDetector.interval)) != nil {
                if detector.becomesIdle(messages: adapter.receivedMessages) { program_pages_release() }
            }
        }
    }
}

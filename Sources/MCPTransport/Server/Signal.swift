/// Wakes one task. A wake-up that comes while nobody waits is kept; several count as one.
package struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Wakes the task that waits, or the next one that will.
    package func fire() { continuation.yield() }

    /// Wakes all who wait, now and later.
    package func finish() { continuation.finish() }

    /// Waits until the signal fires or finishes, or the task is cancelled.
    ///
    /// - Returns: `false` if it has finished, or the task is cancelled.
    @discardableResult package func wait() async -> Bool {
        for await _ in stream { return true }
        return false
    }
}

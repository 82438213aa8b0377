public import NIOCore
internal import Synchronization

/// A connection of a server that nobody serves yet.
///
/// A server that ends while clients connect drops connections that it has accepted. SwiftNIO ends the whole process when a `NIOAsyncChannel`
/// is dropped that way. This one is closed instead.
public final class AcceptedConnection<Inbound: Sendable, Outbound: Sendable>: Sendable {
    private let connection: NIOAsyncChannel<Inbound, Outbound>
    private let isTaken = Atomic(false)

    /// - Parameter connection: nobody else may keep it.
    public init(_ connection: NIOAsyncChannel<Inbound, Outbound>) { self.connection = connection }

    /// Wraps a channel, on its event loop, before anything is read from it.
    ///
    /// - Throws: an error of SwiftNIO if the channel is closed.
    public convenience init(
        wrapping channel: any Channel,
        configuration: NIOAsyncChannel<Inbound, Outbound>.Configuration = .init()
    ) throws {
        self.init(try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: configuration))
    }

    /// The channel of the connection, for its addresses and its event loop.
    public var channel: any Channel { connection.channel }

    /// The connection. From here on the caller has to serve it, with `executeThenClose`.
    public func take() -> NIOAsyncChannel<Inbound, Outbound> {
        isTaken.store(true, ordering: .relaxed)
        return connection
    }

    deinit {
        guard !isTaken.load(ordering: .relaxed) else { return }
        // Only this asynchronous method ends both directions. It does not wait for the client.
        Task { [connection] in try? await connection.executeThenClose { _, _ in } }
    }
}

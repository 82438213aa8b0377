/// A `subscriptions/listen` stream on the server's side (M13): nothing before the acknowledgement, nothing that was not asked for,
/// nothing after the end, and the subscription's id on everything.
public struct ServerSubscription: Sendable {
    private enum Phase: Sendable, Hashable {
        case requested
        case active(SubscriptionFilter)
        case over
    }

    private let id: RequestID
    private let requested: SubscriptionFilter
    private var phase = Phase.requested

    /// - Throws: `MessageFieldError` if the filter is missing or has the wrong form.
    public init(_ request: JSONRPCRequest) throws(MessageFieldError) {
        id = request.id
        requested = try SubscriptionFilter(params: request.params)
    }

    /// The first message of the stream.
    ///
    /// - Parameter capabilities: of the server, which limit what it honors.
    public mutating func acknowledge(_ capabilities: ServerCapabilities) -> JSONRPCNotification {
        assert(phase == .requested, "a subscription is acknowledged once")
        let filter = requested.honored(by: capabilities)
        phase = .active(filter)
        return tagged(
            JSONRPCNotification(
                method: Method.subscriptionsAcknowledged.rawValue,
                params: ["notifications": filter.json]
            )
        )
    }

    /// A notification as it goes onto the stream, or `nil` if the stream does not carry it.
    public func message(for notification: JSONRPCNotification) -> JSONRPCNotification? {
        guard case .active(let filter) = phase, filter.includes(notification) else { return nil }
        return tagged(notification)
    }

    /// The server ends the subscription: the last message of the stream, or `nil` if it is over already.
    public mutating func end(serverInfo: Implementation? = nil) -> JSONRPCResponse? {
        guard phase != .over else { return nil }
        phase = .over
        let result: RawJSON = [
            "resultType": .string(ResultType.complete.rawValue), "_meta": [MetadataKey.subscriptionID: id.json],
        ]
        return JSONRPCResponse(id: id, result: result.withServerInfo(serverInfo))
    }

    /// The client has cancelled the subscription, or its stream is gone.
    public mutating func cancelled() { phase = .over }

    private func tagged(_ notification: JSONRPCNotification) -> JSONRPCNotification {
        let params = (notification.params ?? [:]).setting(path: ["_meta", MetadataKey.subscriptionID], to: id.json)
        return notification.with(params: params)
    }
}

/// A `subscriptions/listen` stream on the client's side (M13; 2026-07-28, Subscriptions).
public struct ClientSubscription: Sendable {
    /// What a message means.
    public enum Event: Sendable, Hashable {
        /// The server honors this part of the filter.
        case acknowledged(SubscriptionFilter)
        /// Something changed.
        case changed(JSONRPCNotification)
        /// The server refused the subscription.
        case refused(JSONRPCError)
        /// The server ended the subscription gracefully.
        case ended
    }

    private enum Phase: Sendable, Hashable {
        case requested
        case active(SubscriptionFilter)
        case over
    }

    private let id: RequestID
    private let requested: SubscriptionFilter
    private var phase = Phase.requested

    /// - Parameters:
    ///   - id: of the `subscriptions/listen` request.
    ///   - requested: its filter.
    public init(id: RequestID, requested: SubscriptionFilter) {
        self.id = id
        self.requested = requested
    }

    /// What the server honors, once it has said so.
    public var honored: SubscriptionFilter? {
        if case .active(let filter) = phase { filter } else { nil }
    }

    /// Whether a message of a shared channel, such as stdio, belongs to this subscription.
    public func owns(_ message: JSONRPCMessage) -> Bool {
        switch message {
        case .response(let response): response.id == id
        case .notification(let notification):
            notification.method == Method.cancelled.rawValue
                ? (try? CancelledParams(of: notification))?.requestID == id
                : subscriptionID(of: notification) == id
        case .request: false
        }
    }

    private func subscriptionID(of notification: JSONRPCNotification) -> RequestID? {
        notification.params?[path: ["_meta", MetadataKey.subscriptionID]].flatMap { try? RequestID($0) }
    }

    /// Takes a message of the stream.
    ///
    /// - Throws: `MessageFieldError` if the server must not send it: before the acknowledgement, without the subscription's id, or of a kind that
    ///   was not asked for.
    public mutating func receive(_ message: JSONRPCMessage) throws(MessageFieldError) -> Event {
        switch message {
        case .request:
            throw MessageFieldError(field: "method", problem: "belongs to a request, which a server must not send")
        case .response(let response):
            guard response.id == id || response.error != nil && response.id == nil else {
                throw MessageFieldError(field: "id", problem: "is not that of the subscription")
            }
            phase = .over
            return response.error.map(Event.refused) ?? .ended
        case .notification(let notification):
            return try receive(notification)
        }
    }

    private mutating func receive(_ notification: JSONRPCNotification) throws(MessageFieldError) -> Event {
        if notification.method == Method.cancelled.rawValue {
            guard try CancelledParams(of: notification).requestID == id else {
                throw MessageFieldError(field: "params.requestId", problem: "is not that of the subscription")
            }
            phase = .over
            return .ended
        }
        guard subscriptionID(of: notification) == id else {
            throw MessageFieldError(
                field: "params._meta.\(MetadataKey.subscriptionID)",
                problem: "is not that of the subscription"
            )
        }
        let isAcknowledgement = notification.method == Method.subscriptionsAcknowledged.rawValue
        switch phase {
        case .requested:
            guard isAcknowledgement else {
                throw MessageFieldError(
                    field: "method",
                    problem: "is \(notification.method) before the subscription is acknowledged"
                )
            }
            let granted = try SubscriptionFilter(params: notification.params).intersection(requested)
            phase = .active(granted)
            return .acknowledged(granted)
        case .active(let filter):
            guard !isAcknowledgement, filter.includes(notification) else {
                throw MessageFieldError(
                    field: "method",
                    problem: "is \(notification.method), which the subscription does not include"
                )
            }
            return .changed(notification)
        case .over:
            throw MessageFieldError(
                field: "method",
                problem: "is \(notification.method) after the end of the subscription"
            )
        }
    }

    /// The stream has ended.
    ///
    /// - Returns: whether gracefully. If not, the client can subscribe again, under another id.
    public func streamClosed() -> Bool { phase == .over }
}

extension SubscriptionFilter {
    /// What two filters have in common.
    public func intersection(_ other: SubscriptionFilter) -> SubscriptionFilter {
        SubscriptionFilter(
            toolsListChanged: toolsListChanged && other.toolsListChanged,
            promptsListChanged: promptsListChanged && other.promptsListChanged,
            resourcesListChanged: resourcesListChanged && other.resourcesListChanged,
            resourceSubscriptions: resourceSubscriptions.intersection(other.resourceSubscriptions)
        )
    }
}

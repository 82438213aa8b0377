/// A notification, which nobody answers.
public struct JSONRPCNotification: Sendable, Hashable {
    /// The whole message.
    public let json: RawJSON
    /// What is notified.
    public let method: String
    /// An object, or `nil` if the notification has no parameters.
    public let params: RawJSON?

    init(json: RawJSON, method: String, params: RawJSON?) {
        self.json = json
        self.method = method
        self.params = params
    }

    /// Makes a notification.
    ///
    /// - Parameter params: an object, or `nil` for none.
    public init(method: String, params: RawJSON? = nil) {
        let json: RawJSON = ["jsonrpc": "2.0", "method": .string(method), "params": params]
        self.init(json: json, method: method, params: params)
    }

    /// The bytes of the message.
    public var bytes: ArraySlice<UInt8> { json.bytes }

    /// This notification with other parameters. All other bytes stay.
    public func with(params: RawJSON?) -> JSONRPCNotification {
        JSONRPCNotification(json: json.setting("params", to: params), method: method, params: params)
    }
}

/// The parameters of `notifications/cancelled`: a request is to be stopped, or a subscription ends.
public struct CancelledParams: Sendable, Hashable {
    /// The whole parameters.
    public let raw: RawJSON
    /// The request that is to be stopped.
    public let requestID: RequestID
    /// Why, for logs, or `nil`.
    public let reason: String?

    /// Reads the parameters of a notification.
    ///
    /// - Throws: `MessageFieldError` if the id is missing or has the wrong form. Such a notification is to be ignored.
    public init(of notification: JSONRPCNotification) throws(MessageFieldError) {
        let reader = try ObjectReader(notification.params ?? [:], at: "params")
        raw = reader.raw
        guard let id = try reader.value("requestId") else { throw reader.error("requestId", "is missing") }
        do throws(MessageFieldError) {
            requestID = try RequestID(id)
        } catch {
            throw reader.error("requestId", error.problem)
        }
        reason = try reader.optionalString("reason")
    }

    public init(requestID: RequestID, reason: String? = nil) {
        self.requestID = requestID
        self.reason = reason
        raw = ["requestId": requestID.json, "reason": reason.map(RawJSON.string)]
    }

    /// The notification.
    public var notification: JSONRPCNotification {
        JSONRPCNotification(method: Method.cancelled.rawValue, params: raw)
    }
}

/// The parameters of `notifications/progress`.
public struct ProgressParams: Sendable, Hashable {
    /// The whole parameters.
    public let raw: RawJSON
    /// The token of the request that makes progress.
    public let token: ProgressToken
    /// How far it is; grows with each notification.
    public let progress: Double
    /// What `progress` will be at the end, or `nil` if that is not known.
    public let total: Double?
    /// For people, or `nil`.
    public let message: String?

    /// Reads the parameters of a notification.
    ///
    /// - Throws: `MessageFieldError` if the token or the progress is missing, or a field has the wrong form.
    public init(of notification: JSONRPCNotification) throws(MessageFieldError) {
        let reader = try ObjectReader(notification.params ?? [:], at: "params")
        raw = reader.raw
        guard let token = try reader.value("progressToken") else { throw reader.error("progressToken", "is missing") }
        do throws(MessageFieldError) {
            self.token = try ProgressToken(token)
        } catch {
            throw reader.error("progressToken", error.problem)
        }
        guard let progress = try reader.optionalNumber("progress") else { throw reader.error("progress", "is missing") }
        self.progress = progress
        total = try reader.optionalNumber("total")
        message = try reader.optionalString("message")
    }

    public init(token: ProgressToken, progress: Double, total: Double? = nil, message: String? = nil) {
        self.token = token
        self.progress = progress
        self.total = total
        self.message = message
        raw = [
            "progressToken": token.json, "progress": .number(progress), "total": total.map(RawJSON.number),
            "message": message.map(RawJSON.string),
        ]
    }

    /// The notification.
    public var notification: JSONRPCNotification {
        JSONRPCNotification(method: Method.progress.rawValue, params: raw)
    }
}

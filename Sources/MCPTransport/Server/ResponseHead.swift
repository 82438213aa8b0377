import MCPProtocol
import Synchronization

/// What a handler says about the head of the HTTP response to one request.
final class ResponseHead: Sendable {
    private let value = Mutex<(status: Int, headers: HeaderFields)?>(nil)
    private let event = Mutex<String?>(nil)

    /// The status and further header fields, if the handler has set any.
    var current: (status: Int, headers: HeaderFields)? { value.withLock { $0 } }

    /// The event id of the answer, if the handler has given it one.
    var answerEventID: String? {
        get { event.withLock { $0 } }
        set { event.withLock { $0 = newValue } }
    }

    func set(_ status: Int, _ headers: HeaderFields) { value.withLock { $0 = (status, headers) } }
}

/// The streams of a connection that forwards ports. Each local connection of the client has two, with one request id: the data, and
/// an error text that is empty if all is well.
struct ForwardedStreams: Sendable {
    enum Action: Sendable, Hashable {
        case send(SPDYFrame)
        /// Connect to a port of the pod.
        case open(Forward)
        /// Bytes for the pod.
        case deliver(data: UInt32, [UInt8])
        /// The client sends no more.
        case finish(data: UInt32)
        /// The client wants no more.
        case cancel(data: UInt32)
        /// The connection is to be closed.
        case close
    }

    /// One forwarded connection.
    struct Forward: Sendable, Hashable {
        /// The stream of the data.
        var data: UInt32
        /// The stream of the error.
        var error: UInt32
        var port: Int
    }

    /// The streams for errors, by request id, whose data streams have not come yet.
    private var errors: [String: UInt32] = [:]
    private var open: Set<UInt32> = []
    private var lastID: UInt32 = 0

    /// How many connections can be forwarded at the same time.
    static let limit = 1_000

    mutating func receive(_ frame: SPDYFrame) -> [Action] {
        switch frame {
        case .synStream(let id, let headers, let isLast):
            // A client's streams are odd, and ascend.
            guard id % 2 == 1, id > lastID else { return [.close] }
            lastID = id
            return start(id, headers, isLast: isLast)
        case .data(let id, let bytes, let isLast):
            guard open.contains(id) else { return [] }
            return (bytes.isEmpty ? [] : [.deliver(data: id, bytes)]) + (isLast ? [.finish(data: id)] : [])
        case .reset(let id, _):
            errors = errors.filter { $0.value != id }
            return open.remove(id) == nil ? [] : [.cancel(data: id)]
        case .ping(let id):
            // Even ones would be answers to the server's, which sends none.
            return id % 2 == 1 ? [.send(.ping(id: id))] : []
        case .goAway: return [.close]
        case .synReply, .other: return []
        }
    }

    /// A forwarded connection has ended.
    mutating func ended(_ forward: Forward) { open.remove(forward.data) }

    private mutating func start(_ id: UInt32, _ headers: [String: String], isLast: Bool) -> [Action] {
        let refused: [Action] = [.send(.reset(id: id, status: SPDYFrame.cancel))]
        guard let request = headers["requestid"], let port = headers["port"].flatMap({ Int($0) }),
            (1...65_535).contains(port)
        else { return refused }
        switch headers["streamtype"] {
        case "error":
            guard errors.count < Self.limit, errors[request] == nil else { return refused }
            errors[request] = id
            return [.send(.synReply(id: id))]
        case "data":
            guard open.count < Self.limit, let error = errors.removeValue(forKey: request) else { return refused }
            open.insert(id)
            let forward = Forward(data: id, error: error, port: port)
            return [.send(.synReply(id: id)), .open(forward)] + (isLast ? [.finish(data: id)] : [])
        default: return refused
        }
    }
}

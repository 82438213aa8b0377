import KubernetesAPI

/// A request for the output of a container, as `kubectl logs` sends it.
struct LogRequest: Sendable {
    /// A run of a container.
    enum Run: Sendable {
        /// The run of now, or the last one.
        case latest
        /// The last run that has ended. It is the latest one while the container waits to be started again.
        case lastEnded
        /// The run before the latest one, of a container that is not started again.
        case beforeLatest
    }

    var key: PodLogs.Key
    /// What is written before the output.
    var preface: PodLogs.Line?
    var run = Run.latest
    var follows = false
    var showsTimes = false
    var tail: Int?
    var since: MicroTimestamp?
    var byteLimit: Int?

    /// The lines that the client gets of those that exist.
    func selected(_ lines: [PodLogs.Line]) -> [PodLogs.Line] {
        var lines = preface.map { [$0] + lines } ?? lines
        if let since { lines = lines.filter { $0.time >= since } }
        return tail.map { lines.suffix($0) } ?? lines
    }

    /// A line as the client gets it.
    func bytes(_ line: PodLogs.Line) -> [UInt8] {
        let time = showsTimes ? Array("\(line.time) ".utf8) : []
        return time + line.bytes + [UInt8(ascii: "\n")]
    }
}

extension SandboxRequest {
    /// The pod whose log is requested.
    var logTarget: Target? {
        guard method == "GET", let target, target.group.isEmpty, target.plural == "pods", target.subresource == "log"
        else {
            return nil
        }
        return target
    }
}

extension ClusterState {
    /// The output that a request wants.
    ///
    /// - Throws: the API server's answer if there is none, or the client is not allowed to.
    mutating func logRequest(_ request: SandboxRequest, _ target: SandboxRequest.Target) throws(APIFailure)
        -> LogRequest
    {
        try passOn(request, target, verb: "get") { state throws(APIFailure) in
            try state.logRequest(request.query, of: target)
        }
    }

    private func logRequest(
        _ query: [String: String],
        of target: SandboxRequest.Target
    ) throws(APIFailure) -> LogRequest {
        let name = target.name ?? ""
        guard let definition = registry["", "v1", "pods"],
            let pod = storage[ObjectKey(resource: definition.key, namespace: target.namespace ?? "", name: name)]
        else { throw registry["", "v1", "pods"].map { .notFound($0, name) } ?? .noSuchPath }
        let container = try container(query["container"], of: pod)
        var wanted = LogRequest(key: PodLogs.Key(uid: pod.uid, container: container))
        wanted.run = try run(of: container, in: pod, isPrevious: query["previous"] == "true")
        wanted.follows = query["follow"] == "true"
        wanted.showsTimes = query["timestamps"] == "true"
        wanted.tail = try number("tailLines", query, minimum: 0)
        wanted.byteLimit = try number("limitBytes", query, minimum: 1)
        if let seconds = try number("sinceSeconds", query, minimum: 1) {
            wanted.since = MicroTimestamp(
                microsecondsSinceEpoch: nowMicro.microsecondsSinceEpoch - Int64(seconds) * 1_000_000
            )
        } else if let text = query["sinceTime"] {
            guard let time = Timestamp(text) else { throw .badRequest("sinceTime: \"\(text)\" is not a time") }
            wanted.since = MicroTimestamp(microsecondsSinceEpoch: time.secondsSinceEpoch * 1_000_000)
        }
        wanted.preface = preface(container, of: pod)
        return wanted
    }

    private func number(_ field: String, _ query: [String: String], minimum: Int) throws(APIFailure) -> Int? {
        guard let text = query[field] else { return nil }
        guard let number = Int(text), number >= minimum, number < 1 << 31 else {
            throw .badRequest("\(field): \"\(text)\" must be a number of at least \(minimum)")
        }
        return number
    }

    private func container(_ wanted: String?, of pod: StoredObject) throws(APIFailure) -> String {
        func names(_ field: String) -> [String] {
            (pod.value[path: ["spec", field]]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        }
        let name: String
        if let wanted, !wanted.isEmpty {
            guard (names("containers") + names("initContainers")).contains(wanted) else {
                throw .badRequest("container \(wanted) is not valid for pod \(pod.key.name)")
            }
            name = wanted
        } else {
            let all = names("containers")
            guard let only = all.first, all.count == 1 else {
                throw .badRequest(
                    "a container name must be specified for pod \(pod.key.name), choose one of: "
                        + "[\(all.joined(separator: " "))]"
                )
            }
            name = only
        }
        return name
    }

    /// The run that a request wants, as the kubelet finds it in the container's status.
    private func run(of container: String, in pod: StoredObject, isPrevious: Bool) throws(APIFailure) -> LogRequest.Run
    {
        let statuses = pod.value[path: ["status", "containerStatuses"]]?.arrayValue ?? []
        let status = statuses.first { $0["name"]?.stringValue == container }
        let hasRunBefore = status?[path: ["lastState", "terminated"]] != nil
        let subject = "container \"\(container)\" in pod \"\(pod.key.name)\""
        if isPrevious {
            guard hasRunBefore else { throw .badRequest("previous terminated \(subject) not found") }
            return status?[path: ["state", "terminated"]] == nil ? .lastEnded : .beforeLatest
        }
        // The sandbox says in the log why a container cannot be run.
        if let waiting = status?[path: ["state", "waiting", "reason"]]?.stringValue,
            !hasRunBefore, waiting != "RunContainerError"
        {
            throw .badRequest("\(subject) is waiting to start: \(waiting)")
        }
        return .latest
    }

    /// What the log of a container that does not run says first.
    private func preface(_ container: String, of pod: StoredObject) -> PodLogs.Line? {
        let containers = pod.value[path: ["spec", "containers"]]?.arrayValue ?? []
        let text: String
        if let value = containers.first(where: { $0["name"]?.stringValue == container }) {
            if isProcess(value, of: pod.value) { return nil }
            text = "The sandbox runs no container. A stand-in answers MCP for \(value["image"]?.stringValue ?? "it")."
        } else {
            text = "The sandbox does not run init containers."
        }
        let start = pod.value[path: ["status", "startTime"]]?.stringValue.flatMap { Timestamp($0) } ?? now
        return PodLogs.Line(
            time: MicroTimestamp(microsecondsSinceEpoch: start.secondsSinceEpoch * 1_000_000),
            bytes: Array(text.utf8)
        )
    }
}

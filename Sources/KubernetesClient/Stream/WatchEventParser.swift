internal import KubernetesAPI

/// Parses one frame of a watch: `{"type": …, "object": …}`.
struct WatchEventParser<Object: Sendable>: Sendable {
    /// What a frame contains.
    enum Outcome: Sendable {
        case event(WatchEvent<Object>)
        /// The object cannot be decoded; the watch continues.
        case failure(DecodeFailure)
        /// An event type that this client does not know, for example from a newer server; the watch continues.
        case unknown(type: String)
    }

    let type: ResourceType
    let decode: ObjectDecoder<Object>

    /// The annotation of the bookmark that follows the initial events of a streaming list.
    static var initialEventsEnd: String { "k8s.io/initial-events-end" }

    /// - Throws: `ClientError` with `undecodable` if the frame is not a watch event.
    func parse(_ frame: ArraySlice<UInt8>) throws(ClientError) -> Outcome {
        var eventType: String?
        var object: Range<Int>?
        let isWellFramed = frame.withUnsafeBufferPointer { bytes in
            JSONScan.members(bytes) { key, value in
                if JSONScan.equals(bytes, key, "type") { eventType = JSONScan.plainString(bytes, value) }
                if JSONScan.equals(bytes, key, "object") { object = value }
                return eventType == nil || object == nil
            }
        }
        guard isWellFramed, let eventType, let object else {
            // Some proxies answer 200 with a bare Status.
            if let status = ErrorBody.status(from: frame) { return .event(.error(status)) }
            throw ClientError(
                .undecodable,
                "a watch of \(type) received something that is not an event: \(excerpt(frame))"
            )
        }
        // The ranges are relative to the start of the frame.
        let bytes = frame[(frame.startIndex + object.lowerBound)..<(frame.startIndex + object.upperBound)]
        switch eventType {
        case "ADDED", "MODIFIED", "DELETED": return read(eventType, bytes)
        case "BOOKMARK": return try bookmark(bytes)
        case "ERROR":
            let status =
                ErrorBody.status(from: bytes)
                ?? Status(code: 500, reason: "InternalError", message: "the watch failed: \(excerpt(bytes))")
            return .event(.error(status))
        default: return .unknown(type: eventType)
        }
    }

    private func read(_ eventType: String, _ bytes: ArraySlice<UInt8>) -> Outcome {
        do {
            let object = try decode(bytes)
            switch eventType {
            case "ADDED": return .event(.added(object))
            case "MODIFIED": return .event(.modified(object))
            default: return .event(.deleted(object))
            }
        } catch {
            let identity = JSONScan.identity(of: bytes)
            return .failure(
                DecodeFailure(
                    type: type,
                    namespace: identity.namespace,
                    name: identity.name,
                    uid: identity.uid,
                    isDeletion: eventType == "DELETED",
                    underlying: error
                )
            )
        }
    }

    private func bookmark(_ bytes: ArraySlice<UInt8>) throws(ClientError) -> Outcome {
        do {
            let object = try KubernetesJSON.decode(BookmarkObject.self, from: bytes)
            let isEnd = object.metadata.annotations?[Self.initialEventsEnd] == "true"
            return .event(
                .bookmark(resourceVersion: object.metadata.resourceVersion ?? "", initialEventsEnd: isEnd)
            )
        } catch {
            throw ClientError(.undecodable, "a bookmark in a watch of \(type) cannot be decoded", underlying: error)
        }
    }

    private func excerpt(_ bytes: some Collection<UInt8>) -> String {
        String(decoding: bytes.prefix(200), as: UTF8.self).debugDescription
    }
}

private struct BookmarkObject: Decodable {
    struct Metadata: Decodable {
        var resourceVersion: String?
        var annotations: [String: String]?
    }
    var metadata: Metadata
}

/// An event of a watch: a change of one object, a bookmark, or an error.
public enum WatchEvent<Object: Sendable>: Sendable {
    case added(Object)
    case modified(Object)
    case deleted(Object)
    /// Nothing changed; everything up to this resourceVersion was sent. `initialEventsEnd` marks the end of a streaming
    /// list.
    case bookmark(resourceVersion: String, initialEventsEnd: Bool)
    /// The server ended the watch with an error, usually `Expired` (410).
    case error(Status)
}

extension WatchEvent: Equatable where Object: Equatable {}

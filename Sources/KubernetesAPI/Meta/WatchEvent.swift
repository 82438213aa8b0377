/// An event of a watch: a change of one object, a bookmark, or an error.
public enum WatchEvent<Object: Sendable>: Sendable {
    case added(Object)
    case modified(Object)
    case deleted(Object)
    /// Nothing changed; everything up to this resourceVersion was sent. `initialEventsEnd` closes a streaming list.
    case bookmark(resourceVersion: String, initialEventsEnd: Bool)
    /// The server ended the watch with an error, `Expired` (410) above all.
    case error(Status)
}

extension WatchEvent: Equatable where Object: Equatable {}

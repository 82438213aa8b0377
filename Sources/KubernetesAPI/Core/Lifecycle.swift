/// `core/v1.Lifecycle`: what runs after a container starts and before it ends.
public struct Lifecycle: Sendable, Hashable, Codable {
    /// Runs right after the start; a failure ends the container.
    public var postStart: LifecycleHandler?
    /// Runs before the signal that ends the container; the grace period includes it.
    public var preStop: LifecycleHandler?
    /// The signal that ends the container, such as SIGTERM; the image's own when left out.
    public var stopSignal: String?

    /// Makes one from its fields.
    public init(postStart: LifecycleHandler? = nil, preStop: LifecycleHandler? = nil, stopSignal: String? = nil) {
        self.postStart = postStart
        self.preStop = preStop
        self.stopSignal = stopSignal
    }
}

/// `core/v1.LifecycleHandler`: one thing to run.
public struct LifecycleHandler: Sendable, Hashable, Codable {
    /// Runs a command in the container.
    public var exec: ExecAction?
    /// Sends an HTTP GET request.
    public var httpGet: HTTPGetAction?
    /// Waits.
    public var sleep: SleepAction?

    /// Makes one from its fields.
    public init(exec: ExecAction? = nil, httpGet: HTTPGetAction? = nil, sleep: SleepAction? = nil) {
        self.exec = exec
        self.httpGet = httpGet
        self.sleep = sleep
    }
}

/// `core/v1.SleepAction`: a wait.
public struct SleepAction: Sendable, Hashable, Codable {
    /// How long, in seconds.
    public var seconds: Int64

    /// Makes one from its fields.
    public init(seconds: Int64) {
        self.seconds = seconds
    }
}

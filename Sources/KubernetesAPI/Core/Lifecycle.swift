/// `core/v1.Lifecycle`: what runs after a container starts and before it is terminated.
public struct Lifecycle: Sendable, Hashable, Codable {
    /// Runs right after the container starts. If it fails, the container is terminated.
    public var postStart: LifecycleHandler?
    /// Runs before the container is terminated. It is part of the grace period.
    public var preStop: LifecycleHandler?
    /// The signal that terminates the container, such as SIGTERM. Defaults to that of the image.
    public var stopSignal: String?

    /// Creates a value from its fields.
    public init(postStart: LifecycleHandler? = nil, preStop: LifecycleHandler? = nil, stopSignal: String? = nil) {
        self.postStart = postStart
        self.preStop = preStop
        self.stopSignal = stopSignal
    }
}

extension Lifecycle: SchemaProviding {
    public static let schema = Schema.object(
        Lifecycle.self,
        "What runs after the container starts and before it is terminated.",
        [
            "postStart": LifecycleHandler.schema.described(
                "Runs right after the container starts. If it fails, the container is terminated."
            ),
            "preStop": LifecycleHandler.schema.described(
                "Runs before the container is terminated. It is part of the grace period."
            ),
            "stopSignal": .string(
                "The signal that terminates the container, such as SIGTERM. Defaults to that of the image."
            )
            .length(0...32),
        ]
    )
}

/// `core/v1.LifecycleHandler`: one thing to run.
public struct LifecycleHandler: Sendable, Hashable, Codable {
    /// Runs a command in the container.
    public var exec: ExecAction?
    /// Sends an HTTP GET request.
    public var httpGet: HTTPGetAction?
    /// Waits.
    public var sleep: SleepAction?

    /// Creates a value from its fields.
    public init(exec: ExecAction? = nil, httpGet: HTTPGetAction? = nil, sleep: SleepAction? = nil) {
        self.exec = exec
        self.httpGet = httpGet
        self.sleep = sleep
    }
}

extension LifecycleHandler: SchemaProviding {
    public static let schema = Schema.object(
        LifecycleHandler.self,
        "One thing to run: exactly one of exec, httpGet and sleep.",
        [
            "exec": ExecAction.schema.described("Runs a command in the container."),
            "httpGet": HTTPGetAction.schema.described("Sends an HTTP GET request."),
            "sleep": SleepAction.schema.described("Waits."),
        ]
    )
}

/// `core/v1.SleepAction`: a wait.
public struct SleepAction: Sendable, Hashable, Codable {
    /// The number of seconds.
    public var seconds: Int64

    /// Creates a value from its fields.
    public init(seconds: Int64) {
        self.seconds = seconds
    }
}

extension SleepAction: SchemaProviding {
    public static let schema = Schema.object(
        SleepAction.self,
        "A wait.",
        [
            "seconds": .integer64("The number of seconds.").range(0...86400).required()
        ]
    )
}

/// `core/v1.Pod`, with its metadata, the images and ports of its containers, and the part of its status that shows why a pod is not ready.
public struct Pod: KubernetesResource, Hashable {
    public static let resourceType = ResourceType.pod
    /// The API version.
    public var apiVersion: String? = "v1"
    /// The kind.
    public var kind: String? = "Pod"
    /// The metadata.
    public var metadata: ObjectMeta
    /// The ports of the containers.
    public var spec: PodPorts?
    /// What the kubelet and the scheduler report.
    public var status: PodStatus?

    public init(metadata: ObjectMeta, spec: PodPorts? = nil, status: PodStatus? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

/// `core/v1.PodSpec`, with the images and ports of its containers.
public struct PodPorts: Sendable, Hashable, Codable {
    /// A container.
    public struct Container: Sendable, Hashable, Codable {
        /// The container's name.
        public var name: String
        /// The image that the spec names.
        public var image: String?
        /// The ports that it opens.
        public var ports: [Port]?

        public init(name: String, image: String? = nil, ports: [Port]? = nil) {
            self.name = name
            self.image = image
            self.ports = ports
        }
    }

    /// `core/v1.ContainerPort`.
    public struct Port: Sendable, Hashable, Codable {
        /// The name by which Services and policies refer to it.
        public var name: String?
        /// The number.
        public var containerPort: Int

        public init(name: String? = nil, containerPort: Int) {
            self.name = name
            self.containerPort = containerPort
        }
    }

    /// The containers.
    public var containers: [Container]?

    public init(containers: [Container]? = nil) {
        self.containers = containers
    }
}

/// `core/v1.PodStatus`.
public struct PodStatus: Sendable, Hashable, Codable {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    public var phase: String?
    /// Why the pod is in its phase, such as `Evicted`.
    public var reason: String?
    /// The reason in plain text.
    public var message: String?
    /// The pod's address, once it has one.
    public var podIP: String?
    /// `PodScheduled`, `Ready` and others.
    public var conditions: [PodCondition]?
    /// The states of the init containers.
    public var initContainerStatuses: [ContainerStatus]?
    /// The states of the containers.
    public var containerStatuses: [ContainerStatus]?

    public init(
        phase: String? = nil,
        reason: String? = nil,
        message: String? = nil,
        podIP: String? = nil,
        conditions: [PodCondition]? = nil,
        initContainerStatuses: [ContainerStatus]? = nil,
        containerStatuses: [ContainerStatus]? = nil
    ) {
        self.phase = phase
        self.reason = reason
        self.message = message
        self.podIP = podIP
        self.conditions = conditions
        self.initContainerStatuses = initContainerStatuses
        self.containerStatuses = containerStatuses
    }
}

/// `core/v1.PodCondition`.
public struct PodCondition: Sendable, Hashable, Codable {
    /// The type of the condition.
    public var type: String
    /// `True`, `False` or `Unknown`.
    public var status: String
    /// The reason, as one word.
    public var reason: String?
    /// The reason in plain text.
    public var message: String?

    public init(type: String, status: String, reason: String? = nil, message: String? = nil) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
    }
}

/// `core/v1.ContainerStatus`.
public struct ContainerStatus: Sendable, Hashable, Codable {
    /// The container's name.
    public var name: String
    /// The image as the kubelet resolved it.
    public var image: String?
    /// The image with the digest that the container runtime pulled, in a form that depends on the runtime.
    public var imageID: String?
    /// Whether the readiness probe succeeds.
    public var ready: Bool?
    /// How often the container was restarted.
    public var restartCount: Int?
    /// The current state.
    public var state: ContainerState?
    /// The previous state.
    @Boxed public var lastState: ContainerState?

    public init(
        name: String,
        image: String? = nil,
        imageID: String? = nil,
        ready: Bool? = nil,
        restartCount: Int? = nil,
        state: ContainerState? = nil,
        lastState: ContainerState? = nil
    ) {
        self.name = name
        self.image = image
        self.imageID = imageID
        self.ready = ready
        self.restartCount = restartCount
        self.state = state
        self.lastState = lastState
    }
}

/// `core/v1.ContainerState`: exactly one member is set, or none for a container that was never started.
public struct ContainerState: Sendable, Hashable, Codable {
    /// Set while the container waits to be started.
    public var waiting: Waiting?
    /// Set while it runs.
    public var running: Running?
    /// Set after it was terminated.
    @Boxed public var terminated: Terminated?

    /// Why a container waits.
    public struct Waiting: Sendable, Hashable, Codable {
        /// Such as `ImagePullBackOff`.
        public var reason: String?
        /// The reason in plain text.
        public var message: String?

        public init(reason: String? = nil, message: String? = nil) {
            self.reason = reason
            self.message = message
        }
    }

    /// A running container.
    public struct Running: Sendable, Hashable, Codable {
        /// When it was started.
        public var startedAt: Timestamp?

        public init(startedAt: Timestamp? = nil) {
            self.startedAt = startedAt
        }
    }

    /// How a container was terminated.
    public struct Terminated: Sendable, Hashable, Codable {
        /// The exit code.
        public var exitCode: Int?
        /// The signal that terminated it.
        public var signal: Int?
        /// Such as `OOMKilled` or `Error`.
        public var reason: String?
        /// The container's termination message.
        public var message: String?

        public init(exitCode: Int? = nil, signal: Int? = nil, reason: String? = nil, message: String? = nil) {
            self.exitCode = exitCode
            self.signal = signal
            self.reason = reason
            self.message = message
        }
    }

    public init(waiting: Waiting? = nil, running: Running? = nil, terminated: Terminated? = nil) {
        self.waiting = waiting
        self.running = running
        self.terminated = terminated
    }
}

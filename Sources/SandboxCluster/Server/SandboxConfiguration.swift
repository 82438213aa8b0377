public import KubernetesAPI

/// The configuration of a sandbox.
public struct SandboxConfiguration: Sendable {
    /// The port on the loopback address; 0 lets the kernel choose one.
    public var port: Int = 0
    /// The Swift checks of CEL rules, which validate custom resources whose definition was applied as YAML.
    public var nativeRuleChecks = NativeRuleChecks()
    /// Whether requests are authenticated, and authorized by the stored roles. The sandbox then serves TLS, because
    /// clients send no tokens without it. Its kubeconfig contains the administrator's token.
    public var enforcesRBAC = false
    /// Whether the built-in controllers and the kubelet are simulated. Otherwise objects are only stored.
    public var simulatesControllers = true
    /// How long after its creation a pod becomes Ready.
    public var podReadyDelay: Duration = .zero
    /// How containers with a command run as processes of this machine; `nil` if no container runs. Requests are then authenticated
    /// as with `enforcesRBAC`, so that neither other users of this machine nor web pages can run commands.
    public var processes: SandboxProcesses?
    /// What pods serve over MCP, by image, as JSON with `name`, `version`, `path`, `tools`, `prompts`, `resources` and
    /// `resourceTemplates`. The annotation `sandbox.moorage.dev/mcp` of a pod or of one of its owners takes precedence.
    public var contracts: [String: String] = [:]
    /// Sets `contracts` from an object of images and their contracts.
    ///
    /// - Throws: `InvalidContract` if one of them is not valid.
    public mutating func setContracts(_ value: JSONValue) throws(InvalidContract) {
        guard case .object(let contracts) = value else {
            throw InvalidContract(image: "", message: "must be an object of images and their contracts")
        }
        for (image, contract) in contracts.sorted(by: { $0.key < $1.key }) {
            let text = String(decoding: contract.serialized(), as: UTF8.self)
            do throws(StandInContract.Invalid) {
                _ = try StandInContract(parsing: text)
            } catch {
                throw InvalidContract(image: image, message: error.description)
            }
            self.contracts[image] = text
        }
    }

    /// A contract that a stand-in server cannot serve.
    public struct InvalidContract: Error, Sendable, CustomStringConvertible {
        /// The image, and empty for the whole.
        public let image: String
        /// What is wrong.
        public let message: String

        public var description: String { image.isEmpty ? message : "\(image): \(message)" }
    }

    /// How often a watch that requested bookmarks receives one.
    public var bookmarkInterval: Duration = .seconds(10)
    /// The number of changes of one resource that are kept for watches that resume.
    public var historyLimit = 20_000
    /// The maximum number of requests in `SandboxCluster.requests`.
    public var requestLimit = 100_000
    /// The clock for delays, bookmarks and timeouts.
    public var clock: any Clock<Duration> = ContinuousClock()

    /// The defaults: a port that the kernel chooses, no RBAC, simulated controllers, pods that are ready at once.
    public init() {}
}

internal import KubernetesAPI
internal import MCPProtocol

/// What a pod or a node uses, in the units that Kubernetes counts in. Pure.
struct ResourceUsage: Sendable, Hashable {
    /// Thousandths of a processor.
    var cpuMillicores: Int64 = 0
    /// Bytes of memory.
    var memoryBytes: Int64 = 0

    static let zero = ResourceUsage()

    init(cpuMillicores: Int64 = 0, memoryBytes: Int64 = 0) {
        self.cpuMillicores = cpuMillicores
        self.memoryBytes = memoryBytes
    }

    /// Reads an object with `cpu` and `memory`, such as `requests`, `allocatable` or `usage`.
    init(_ json: JSONValue?) {
        self.init(
            cpuMillicores: Self.amount(json?["cpu"], unit: 1_000_000),
            memoryBytes: Self.amount(json?["memory"], unit: 1_000_000_000)
        )
    }

    /// - Parameter unit: how many billionths one is.
    private static func amount(_ json: JSONValue?, unit: Int128) -> Int64 {
        guard let text = json?.stringValue ?? json?.integerValue.map({ String($0) }), let quantity = Quantity(text)
        else { return 0 }
        return Int64(clamping: max(0, quantity.nanos) / unit)
    }

    static func + (left: ResourceUsage, right: ResourceUsage) -> ResourceUsage {
        ResourceUsage(
            cpuMillicores: left.cpuMillicores.addingReportingOverflow(right.cpuMillicores).partialValue,
            memoryBytes: left.memoryBytes.addingReportingOverflow(right.memoryBytes).partialValue
        )
    }

    /// The larger of each.
    static func maximum(_ left: ResourceUsage, _ right: ResourceUsage) -> ResourceUsage {
        ResourceUsage(
            cpuMillicores: max(left.cpuMillicores, right.cpuMillicores),
            memoryBytes: max(left.memoryBytes, right.memoryBytes)
        )
    }

    /// Percent of another amount, rounded down; `nil` of nothing.
    static func percent(_ part: Int64, of whole: Int64) -> Int64? {
        guard whole > 0 else { return nil }
        return Int64(clamping: Int128(part) * 100 / Int128(whole))
    }

    /// What a pod requests: of its containers together, or of its largest init container if that is more.
    static func requests(ofPod pod: JSONValue) -> ResourceUsage {
        let sidecars = pod.array("spec", "initContainers").filter { $0.text("restartPolicy") == "Always" }
        let running = (pod.array("spec", "containers") + sidecars).reduce(zero) {
            $0 + ResourceUsage($1[path: ["resources", "requests"]])
        }
        let initial = pod.array("spec", "initContainers").filter { $0.text("restartPolicy") != "Always" }
            .map { ResourceUsage($0[path: ["resources", "requests"]]) }
        return initial.reduce(running, maximum) + ResourceUsage(pod[path: ["spec", "overhead"]])
    }
}

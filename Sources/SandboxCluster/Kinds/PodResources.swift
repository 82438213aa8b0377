import KubernetesAPI

/// The resources of a pod, as the scheduler, quotas and limits count them.
enum PodResources {
    /// Quantities by resource.
    typealias Amounts = [String: QuantitySum]

    static func amounts(_ value: JSONValue?) -> Amounts {
        (value?.objectValue ?? [:]).compactMapValues { $0.stringValue.flatMap { Quantity($0) }.map { QuantitySum($0) } }
    }

    /// The sum of all containers, or the needs of a single init container if they are higher. `list` is `requests` or
    /// `limits`.
    static func total(_ spec: JSONValue, _ list: String) -> Amounts {
        func amounts(_ container: JSONValue) -> Amounts { PodResources.amounts(container[path: ["resources", list]]) }
        var total: Amounts = [:]
        for container in spec["containers"]?.arrayValue ?? [] {
            total.merge(amounts(container)) { $0 + $1 }
        }
        var sidecars: Amounts = [:]
        var first: Amounts = [:]
        for container in spec["initContainers"]?.arrayValue ?? [] {
            if container["restartPolicy"] == "Always" {
                // A sidecar keeps running with the other containers.
                sidecars.merge(amounts(container)) { $0 + $1 }
                first.merge(sidecars) { max($0, $1) }
            } else {
                first.merge(amounts(container).merging(sidecars) { $0 + $1 }) { max($0, $1) }
            }
        }
        total.merge(sidecars) { $0 + $1 }
        total.merge(first) { max($0, $1) }
        return total
    }

    /// The quality of service class: whether the containers have all, none or some of the limits on CPU and memory.
    static func qualityClass(_ spec: JSONValue) -> String {
        let all = ["initContainers", "containers"].flatMap { spec[$0]?.arrayValue ?? [] }
        var isGuaranteed = true
        var isBestEffort = true
        for container in all {
            let limits = amounts(container[path: ["resources", "limits"]])
            let requests = amounts(container[path: ["resources", "requests"]])
            for name in ["cpu", "memory"] {
                let limit = limits[name]?.nanos ?? 0
                let request = requests[name]?.nanos ?? 0
                if limit != 0 || request != 0 { isBestEffort = false }
                if limit == 0 || request != limit { isGuaranteed = false }
            }
        }
        return isBestEffort ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
    }
}

/// A sum of quantities in the API server's format.
struct QuantitySum: Sendable, Hashable, Comparable, CustomStringConvertible {
    var nanos: Int128
    /// Whether the suffixes are powers of 1,024, as in the first quantity that is not zero.
    var isBinary = false

    init(_ quantity: Quantity) {
        nanos = quantity.nanos
        isBinary = quantity.text.hasSuffix("i")
    }

    init(count: Int) { nanos = Int128(count) * 1_000_000_000 }

    static let zero = QuantitySum(count: 0)

    static func + (left: QuantitySum, right: QuantitySum) -> QuantitySum {
        var result = left.nanos == 0 ? right : left
        result.nanos = left.nanos + right.nanos
        return result
    }

    static func < (left: QuantitySum, right: QuantitySum) -> Bool { left.nanos < right.nanos }

    var description: String {
        let billion: Int128 = 1_000_000_000
        if nanos == 0 { return "0" }
        if nanos % billion == 0 {
            let whole = nanos / billion
            if isBinary { return whole % 1_024 == 0 ? Quantity("\(whole / 1_024)Ki")?.canonicalText ?? "" : "\(whole)" }
            return Quantity("\(whole)")?.canonicalText ?? ""
        }
        return Quantity("\(nanos)n")?.canonicalText ?? ""
    }
}

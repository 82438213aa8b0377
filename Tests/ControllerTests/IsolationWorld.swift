import KubernetesAPI
import TestSupport

@testable import Controller

/// Random tenants, servers, pods and policies that are harmless: no pod may reach a pod of another tenant.
struct IsolationWorld {
    private var random: SeededGenerator
    private(set) var objects: [JSONValue] = []
    /// The tenants, by their namespaces.
    private(set) var namespaces: [String] = []

    static let podRange = "10.0.0.0/8"

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        for number in 0..<(2 + pick(3)) { namespaces.append(chance(50) ? "mcp-t\(number)" : "adopted-\(number)") }
        for name in ["moorage-system", "kube-system", "shared"] {
            objects.append(Self.object("v1", "Namespace", name, labels: name == "shared" ? ["env": "shared"] : [:]))
            objects.append(Self.pod("pod", in: name, labels: ["app": .string(name)]))
        }
        for (number, namespace) in namespaces.enumerated() { addTenant(number, namespace) }
    }

    /// Adds an object, such as a hole.
    mutating func add(_ object: JSONValue) { objects.append(object) }

    mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    mutating func chance(_ percent: Int) -> Bool { pick(100) < percent }

    static func tenant(_ namespace: String) -> String { "t\(namespace.split(separator: "-").last?.last ?? "0")" }

    static func policy(_ name: String, in namespace: String, _ spec: JSONValue) -> JSONValue {
        var policy = object("networking.k8s.io/v1", "NetworkPolicy", name, namespace: namespace)
        policy["spec"] = spec
        return policy
    }

    static func pod(_ name: String, in namespace: String, labels: [String: JSONValue], host: Bool = false) -> JSONValue
    {
        var pod = object("v1", "Pod", name, namespace: namespace, labels: labels)
        pod["spec"] = [
            "hostNetwork": .bool(host),
            "containers": [["name": "c", "ports": [["name": "http", "containerPort": 8080]]]],
        ]
        return pod
    }

    private static func object(
        _ version: String,
        _ kind: String,
        _ name: String,
        namespace: String? = nil,
        labels: [String: JSONValue] = [:]
    ) -> JSONValue {
        var object: JSONValue = [
            "apiVersion": .string(version), "kind": .string(kind),
            "metadata": ["name": .string(name), "labels": .object(labels)],
        ]
        if let namespace { object[path: ["metadata", "namespace"]] = .string(namespace) }
        return object
    }

    // MARK: Tenants

    private mutating func addTenant(_ number: Int, _ namespace: String) {
        var network: JSONValue = [:]
        if chance(50) { network["internet"] = .bool(chance(50)) }
        if chance(50) { network["sameNamespace"] = .bool(chance(50)) }
        if chance(40) { network["allow"] = .array((0...pick(2)).map { _ in peer() }) }
        if chance(30) { network["blockedCIDRs"] = ["203.0.113.0/24"] }
        if chance(30) {
            network["gateway"] = [
                "namespaces": .array(Set([anyNamespace(), "moorage-system"]).sorted().map { .string($0) })
            ]
        }
        if chance(20) { network["gateway"] = ["namespaceSelector": ["matchLabels": ["env": "shared"]]] }
        if chance(30) { network["monitoring"] = ["namespaces": [.string(anyNamespace())]] }
        var own: JSONValue = ["name": .string(namespace)]
        if chance(40) { own["labels"] = ["env": "shared"] }
        if namespace.hasPrefix("adopted") { own["adopt"] = true }
        var tenant = Self.object("moorage.dev/v1alpha1", "MCPTenant", Self.tenant(namespace))
        tenant["spec"] = ["namespace": own, "network": network]
        if chance(10) { tenant[path: ["spec", "airgapped"]] = true }
        objects.append(tenant)
        for server in 0..<(1 + pick(3)) { addServer("s\(server)", namespace) }
        for pod in 0..<pick(2) {
            objects.append(Self.pod("plain\(pod)", in: namespace, labels: ["app": "plain"]))
        }
        if chance(60) { addHarmlessPolicy(namespace) }
    }

    private mutating func addServer(_ name: String, _ namespace: String) {
        var spec: JSONValue = ["image": .string("ghcr.io/acme/\(name)@\(RenderTests.digest)")]
        if chance(40) { spec["port"] = 9000 }
        if chance(40) { spec["ports"] = [["name": "metrics", "port": 9090]] }
        if chance(40) { spec[path: ["network", "ingress", "sameNamespace"]] = .bool(chance(50)) }
        if chance(30) {
            spec[path: ["network", "ingress", "from"]] = [
                chance(70) ? ["podSelector": ["matchLabels": ["app": "plain"]]] : ["namespace": .string(anyNamespace())]
            ]
        }
        if chance(20) { spec[path: ["network", "egress", "internet"]] = .bool(chance(50)) }
        if chance(20) { spec[path: ["network", "egress", "allow"]] = [peer()] }
        var server = Self.object("moorage.dev/v1alpha1", "MCPServer", name, namespace: namespace)
        server["spec"] = spec
        objects.append(server)
    }

    /// A namespace, which can be the namespace of another tenant.
    private mutating func anyNamespace() -> String {
        (namespaces + ["shared", "moorage-system", "kube-system"])[pick(namespaces.count + 3)]
    }

    private mutating func peer() -> JSONValue {
        var peer: JSONValue =
            switch pick(5) {
            case 0: ["namespace": .string(anyNamespace())]
            case 1: ["namespaceSelector": [:]]
            case 2: ["namespaceSelector": ["matchLabels": ["env": "shared"]], "podSelector": [:]]
            case 3: ["cidr": .string(["10.0.0.0/8", "198.51.100.0/24", "0.0.0.0/0", "fd00::/8"][pick(4)])]
            default: ["podSelector": ["matchLabels": ["app": "plain"]]]
            }
        if chance(40) { peer["ports"] = [["port": 8080, "endPort": 9090]] }
        return peer
    }

    /// A policy that people write, and that opens nothing to another tenant.
    private mutating func addHarmlessPolicy(_ namespace: String) {
        let system: JSONValue = [
            "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "moorage-system"]]
        ]
        let spec: JSONValue =
            switch pick(5) {
            case 0: ["podSelector": [:], "ingress": [["from": [["podSelector": [:]]]]]]
            case 1:
                [
                    "podSelector": [:], "policyTypes": ["Ingress"],
                    "ingress": [["from": [system], "ports": [["port": "http"]]]],
                ]
            case 2: ["podSelector": [:], "policyTypes": ["Egress"], "egress": [["to": [system]]]]
            case 3:
                [
                    "podSelector": ["matchLabels": ["app": "plain"]], "policyTypes": ["Egress"],
                    "egress": [["to": [["podSelector": [:]]]]],
                ]
            default: ["podSelector": [:], "policyTypes": ["Ingress", "Egress"]]
            }
        objects.append(Self.policy("own", in: namespace, spec))
    }
}

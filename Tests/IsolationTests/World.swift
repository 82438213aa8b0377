import KubernetesAPI

@testable import Isolation

/// A small cluster, written as text.
///
/// Pods, one a line: `namespace/name key=value :port=80 udp:port=53 @10.0.0.1 host`.
struct World {
    var model: ClusterModel

    init(namespaces: String = "", pods: String, policies: String = "", podRanges: [String]? = nil) throws {
        model = ClusterModel()
        for line in namespaces.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard let name = words.first else { continue }
            var namespace = ClusterModel.Namespace(name: name)
            for word in words.dropFirst() {
                let (key, value) = Self.pair(word)
                if key == "tenant" { namespace.tenant = value } else { namespace.labels[key] = value }
            }
            model.namespaces.append(namespace)
        }
        for line in pods.split(separator: "\n") { model.pods.append(try Self.pod(line)) }
        model.policies = try Self.policies(policies)
        if let podRanges { model.podRanges = podRanges.compactMap { AddressRange(cidr: $0) } }
    }

    /// The position of a pod.
    func pod(_ name: String) throws -> Int {
        guard let index = model.pods.firstIndex(where: { "\($0.namespace)/\($0.name)" == name }) else {
            throw Unreadable(text: name)
        }
        return index
    }

    static func policies(_ text: String) throws -> [NetworkPolicy] {
        if text.isEmpty { return [] }
        return try YAML.documents(in: text).map { try $0.value.decode(NetworkPolicy.self) }
    }

    private static func pod(_ line: Substring) throws -> ClusterModel.Pod {
        let words = line.split(separator: " ").map(String.init)
        guard let parts = words.first?.split(separator: "/").map(String.init), parts.count == 2 else {
            throw Unreadable(text: String(line))
        }
        var pod = ClusterModel.Pod(namespace: parts[0], name: parts[1])
        for word in words.dropFirst() {
            if word == "host" {
                pod.isOnHostNetwork = true
            } else if word.hasPrefix("@"), let address = AddressRange(address: String(word.dropFirst())) {
                pod.addresses.append(address)
            } else if let colon = word.firstIndex(of: ":") {
                let (name, number) = pair(String(word[word.index(after: colon)...]))
                let transport = TransportProtocol(rawValue: word[..<colon].uppercased()) ?? .tcp
                guard let number = Int(number) else { throw Unreadable(text: word) }
                pod.ports.append(ClusterModel.NamedPort(name: name, transport: transport, number: number))
            } else {
                let (key, value) = pair(word)
                pod.labels[key] = value
            }
        }
        return pod
    }

    private static func pair(_ text: String) -> (String, String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return (parts[0], parts.count > 1 ? parts[1] : "")
    }
}

/// A text of a test that has the wrong form.
struct Unreadable: Error {
    var text: String
}

/// One line of a table: `a/x -> b/y TCP 80 yes EGRESS INGRESS`, where the last two are what opens each end: `-` if no policy
/// selects the pod, `host` for the network of a node, otherwise the policies, separated by commas. With an address in place of
/// the target, there is no ingress.
struct Expectation {
    var line: String
    var source: String
    var target: String
    var transport: TransportProtocol
    var port: Int
    var isOpen: Bool
    var openings: [String]

    init(_ line: Substring) throws {
        self.line = String(line)
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 6, words[1] == "->", let transport = TransportProtocol(rawValue: words[3]),
            let port = Int(words[4]), ["yes", "no"].contains(words[5])
        else { throw Unreadable(text: String(line)) }
        source = words[0]
        target = words[2]
        self.transport = transport
        self.port = port
        isOpen = words[5] == "yes"
        openings = Array(words.dropFirst(6))
    }

    static func text(_ opening: Reachability.Opening) -> String {
        switch opening {
        case .notSelected: "-"
        case .hostNetwork: "host"
        case .policies(let names): names.sorted().joined(separator: ",")
        }
    }
}

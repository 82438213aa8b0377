import CommandSupport
import FoundationEssentials
import Isolation
import KubernetesAPI
import KubernetesClient

/// Compares what a network does with what the policies say: pods in two namespaces try to reach each other.
struct NetworkProbe: Sendable {
    let client: KubernetesClient
    let pods: ProbePods
    let namespaces: [String]
    /// How long the pods can take to start, and to end.
    var timeout = Duration.seconds(120)

    /// Runs the probe and deletes its pods.
    ///
    /// - Parameter model: the cluster, without the probe's pods.
    /// - Throws: `CommandFailure` if a pod does not start, or `PolicyProblems`.
    func run(_ model: ClusterModel) async throws -> ProbeVerdict {
        let outcome: Result<ProbeVerdict, any Error>
        do {
            outcome = .success(try await probe(model))
        } catch {
            outcome = .failure(error)
        }
        // Also after a failure. Pods of a command that is killed end after some minutes.
        await removePods()
        return try outcome.get()
    }

    private func probe(_ model: ClusterModel) async throws -> ProbeVerdict {
        for namespace in namespaces { _ = try await client.create(.pod, pods.server(in: namespace)) }
        var addresses: [String: String] = [:]
        for namespace in namespaces { addresses[namespace] = try await serverAddress(in: namespace) }
        for namespace in namespaces {
            _ = try await client.create(.pod, pods.client(in: namespace, to: addresses.values.sorted()))
        }
        var outcomes: [String: [String: ProbeOutcome]] = [:]
        for namespace in namespaces { outcomes[namespace] = try await report(in: namespace) }
        let allowed = try expected(model, addresses: addresses)
        var results: [ProbeResult] = []
        for source in namespaces {
            for target in namespaces {
                results.append(
                    ProbeResult(
                        source: source,
                        target: target,
                        isAllowed: allowed["\(source)/\(target)"] ?? false,
                        outcome: addresses[target].flatMap { outcomes[source]?[$0] }
                    )
                )
            }
        }
        return ProbeVerdict(results: results)
    }

    /// What the policies say about the probe's pods.
    func expected(_ model: ClusterModel, addresses: [String: String]) throws -> [String: Bool] {
        var model = model
        var positions: [String: (client: Int, server: Int)] = [:]
        for namespace in namespaces {
            let position = model.pods.count
            positions[namespace] = (position, position + 1)
            model.pods.append(
                ClusterModel.Pod(namespace: namespace, name: pods.podName("client"), labels: pods.labels("client"))
            )
            model.pods.append(
                ClusterModel.Pod(
                    namespace: namespace,
                    name: pods.podName("server"),
                    labels: pods.labels("server"),
                    addresses: addresses[namespace].flatMap { AddressRange(address: $0) }.map { [$0] } ?? []
                )
            )
        }
        let reachability = try Reachability(model)
        var allowed: [String: Bool] = [:]
        for (source, from) in positions {
            for (target, to) in positions {
                let ports = reachability.connection(from: from.client, to: to.server).ports
                allowed["\(source)/\(target)"] = ports.contains(.tcp, ProbePods.port)
            }
        }
        return allowed
    }

    // MARK: Pods

    private func serverAddress(in namespace: String) async throws -> String {
        try await wait(for: "server", in: namespace, "is not ready") { pod in
            let conditions = pod[path: ["status", "conditions"]]?.arrayValue ?? []
            let isReady = conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
            return isReady ? pod[path: ["status", "podIP"]]?.stringValue : nil
        }
    }

    private func report(in namespace: String) async throws -> [String: ProbeOutcome] {
        try await wait(for: "client", in: namespace, "has not ended") { pod in
            let statuses = pod[path: ["status", "containerStatuses"]]?.arrayValue ?? []
            guard let ended = statuses.first?[path: ["state", "terminated"]] else { return nil }
            let message = ended["message"]?.stringValue ?? ""
            do {
                return try JSONValue(parsing: Array(message.utf8)).decode()
            } catch {
                let status = ended["exitCode"]?.integerValue ?? 0
                throw CommandFailure(
                    """
                    the pod \(namespace)/\(pods.podName("client")) ended with status \(status) and reported nothing that can be \
                    read: check its image with --probe-image
                    """
                )
            }
        }
    }

    private func wait<Value>(
        for role: String,
        in namespace: String,
        _ problem: String,
        _ value: (JSONValue) throws -> Value?
    ) async throws -> Value {
        let name = pods.podName(role)
        let deadline = ContinuousClock.now + timeout
        while true {
            let pod = try await client.get(.pod, name: name, namespace: namespace)
            if let value = try value(pod) { return value }
            guard ContinuousClock.now < deadline else {
                let waiting = pod[path: ["status", "containerStatuses"]]?.arrayValue?.first?[path: ["state", "waiting"]]
                let reason = waiting?["reason"]?.stringValue.map { " (\($0))" } ?? ""
                throw CommandFailure(
                    """
                    the pod \(namespace)/\(name) \(problem) after \(timeout.components.seconds) seconds\(reason): check its \
                    image with --probe-image, and the namespace's quota
                    """
                )
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func removePods() async {
        for namespace in namespaces {
            for role in ["client", "server"] {
                _ = try? await client.delete(.pod, name: pods.podName(role), namespace: namespace)
            }
        }
    }
}

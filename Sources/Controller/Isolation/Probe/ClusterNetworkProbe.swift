import CommandSupport
import Isolation
import KubernetesAPI
import KubernetesClient
import Reconcilers

/// The controller's check of the network: the pods of a probe in two namespaces that nothing else uses.
struct ClusterNetworkProbe: NetworkProbing {
    let client: KubernetesClient
    let namespaces: [String]
    let image: String

    func problems() async throws -> [String] {
        let labels = "\(ProbePods.nameLabel)=\(ProbePods.name)"
        // Those of a controller that was ended while it checked.
        for namespace in namespaces {
            try await client.deleteCollection(.pod, namespace: namespace, options: ListOptions(labelSelector: labels))
        }
        let pods = ProbePods(identifier: ProbePods.newIdentifier(), image: image)
        let probe = NetworkProbe(client: client, pods: pods, namespaces: namespaces)
        return try await probe.run(try await model()).problems
    }

    /// The two namespaces with their policies, and without pods: the probe adds its own.
    private func model() async throws -> ClusterModel {
        var model = ClusterModel()
        for namespace in namespaces {
            model.namespaces.append(ClusterModel.Namespace(name: namespace))
            let policies = try await client.listAll(.networkPolicy, namespace: namespace) {
                try NetworkPolicy.reading(JSONValue(parsing: Array($0)), namespace: namespace)
            }
            if let failure = policies.failures.first {
                throw CommandFailure("a NetworkPolicy of the namespace \(namespace) cannot be read: \(failure)")
            }
            model.policies += policies.items
        }
        return model
    }
}

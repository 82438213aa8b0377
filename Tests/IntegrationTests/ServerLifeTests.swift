import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import TestSupport
import Testing

@Suite("The life of a server")
struct ServerLifeTests {
    @Test("an MCPServer becomes a running workload, which is deleted with it")
    func becomesWorkload() async throws {
        try await withCluster { cluster in
            let namespace = try await cluster.makeNamespace()
            try await withOperator(cluster) { _ in
                try await cluster.apply(cluster.server("weather", in: namespace))
                let type = cluster.runsPods ? ConditionType.ready : ConditionType.programmed
                let server = try await cluster.wait(for: type, .true, of: "weather", in: namespace)
                let address = "http://weather.\(namespace).svc.cluster.local/mcp"
                #expect(server.status?.address == address)
                // If pods cannot run, none has ever become ready.
                #expect(server.status?.url == (cluster.runsPods ? address : nil))
                let children: [ResourceType] = [.deployment, .service, .serviceAccount, .networkPolicy]
                for type in children {
                    #expect(try await cluster.find(type, "weather", in: namespace) != nil, "\(type)")
                }
                try await cluster.client.delete(MCPServer.resourceType, name: "weather", namespace: namespace)
                for type in children {
                    try await eventually("\(type) is gone") {
                        try await cluster.find(type, "weather", in: namespace) == nil
                    }
                }
            }
            try await cluster.removeNamespace(namespace)
        }
    }
}

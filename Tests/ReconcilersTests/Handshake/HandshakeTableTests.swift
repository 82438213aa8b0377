import ControllerRuntime
import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

@Suite("What is known about the protocol of servers")
struct HandshakeTableTests {
    @Test("a server that must not be called any more is forgotten, and what listens to it ends at once")
    func stop() throws {
        let server = Sample.server {
            $0.image = nil
            $0.remote = RemoteServer(url: "https://mcp.example.com/mcp")
        }
        let remote = try #require(decide(Sample.input(server)).plan?.remote)
        let (checks, servers) = (WorkQueue<NamespacedName>(name: "checks"), WorkQueue<NamespacedName>(name: "servers"))
        let table = HandshakeTable(timing: HandshakeSchedule.Timing(), clock: .system)
        table.connect(checks: checks, servers: servers)
        let key = server.namespacedName
        _ = table.observe(key, uid: "uid", target: HandshakeTarget(remote, key: key), status: nil)
        #expect(table.begin(key) != nil && table.begin(key) == nil)
        #expect(checks.count == 1)
        table.stop(key)
        // The check that follows finds that the server is not known, and lets go of everything.
        #expect(!table.isKnown(key) && checks.count == 1)
        let other = NamespacedName(namespace: "mcp-acme", name: "unknown")
        table.stop(other)
        #expect(checks.count == 1)
    }
}

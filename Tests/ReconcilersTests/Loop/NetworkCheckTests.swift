import CRDModels
import ControllerRuntime
import KubernetesAPI
import Logging
import Policy
import Synchronization
import Testing

@testable import Reconcilers

/// A network that shows one thing after the other.
private final class ScriptedProbe: NetworkProbing {
    private let results: Mutex<[Result<[String], any Error>]>

    init(_ results: [Result<[String], any Error>]) { self.results = Mutex(results) }

    func problems() async throws -> [String] { try results.withLock { $0.removeFirst() }.get() }
}

private struct NoPod: Error, CustomStringConvertible {
    let description = "the pod check-1/probe is not ready after 120 seconds (ImagePullBackOff)"
}

@Suite("The check of the network")
struct NetworkCheckTests {
    @Test("what it shows is in the table, and tenants are queued when it is new")
    func table() async {
        let probe = ScriptedProbe([
            .success([]), .success([]), .success(["it is open", "and broken"]), .failure(NoPod()),
            .failure(CancellationError()),
        ])
        let table = NetworkTable(isChecked: true)
        let queue = WorkQueue<NamespacedName>(name: "test")
        table.connect(tenants: queue)
        let check = NetworkCheck(
            probe,
            period: .seconds(60),
            table: table,
            tenants: { ["acme", "globex"] },
            gate: nil,
            clock: .system,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        #expect(table.state == .pending)
        let steps: [(NetworkState, isTried: Bool, queued: Int)] = [
            (.enforced, true, 2), (.enforced, true, 0), (.notEnforced("it is open; and broken"), true, 2),
            (.unknown(NoPod().description), false, 2), (.unknown(NoPod().description), false, 0),
        ]
        for (state, isTried, queued) in steps {
            #expect(await check.check() == isTried)
            #expect(table.state == state)
            #expect(queue.count == queued)
            while queue.count > 0, let item = await queue.next() { queue.done(item.key) }
        }
    }

    private static let now = Timestamp(secondsSinceEpoch: 1_800_000_000)

    private func condition(
        _ network: NetworkState,
        _ change: (inout MCPTenant) -> Void = { _ in }
    ) -> Condition? {
        var tenant = Sample.tenant()
        change(&tenant)
        var input = TenantInput(tenant: tenant)
        input.network = network
        let status = tenantStatus(of: tenant, decision: decide(input), now: Self.now)
        return status.conditions?[type: ConditionType.networkPolicyEnforced]
    }

    @Test("its result is a condition of each tenant with network rules, which Ready does not depend on")
    func conditions() {
        let cases: [(NetworkState, Condition.Status?, String)] = [
            (.unchecked, nil, ""), (.pending, nil, ""),
            (.enforced, .true, "PoliciesEnforced: the network does what NetworkPolicies say"),
            (.notEnforced("it is open"), .false, "PoliciesNotEnforced: it is open"),
            (.unknown("no pod"), .unknown, "NetworkCheckFailed: no pod"),
        ]
        for (network, status, text) in cases {
            let found = condition(network)
            #expect(found?.status == status)
            #expect(found.map { "\($0.reason): \($0.message)" } ?? "" == text)
        }
        var open = TenantInput(
            tenant: Sample.tenant { $0.network = TenantNetwork(enabled: false) },
            platform: PlatformConfiguration(tenantsMayLoosen: [.networkPolicies])
        )
        open.network = .enforced
        let without = tenantStatus(of: open.tenant, decision: decide(open), now: Self.now)
        #expect(without.conditions?[type: ConditionType.networkPolicyEnforced] == nil)
        var input = TenantInput(tenant: Sample.tenant())
        input.network = .notEnforced("it is open")
        let status = tenantStatus(of: input.tenant, decision: decide(input), now: Self.now)
        #expect(status.conditions?[type: ConditionType.ready]?.status == .true)
    }

    @Test("before the first check the last result stays, and without checks it is removed")
    func restart() {
        let known = Condition(
            type: ConditionType.networkPolicyEnforced,
            status: .false,
            reason: "PoliciesNotEnforced",
            message: "it is open",
            lastTransitionTime: Self.now
        )
        func after(_ network: NetworkState) -> Condition? {
            condition(network) { $0.status = MCPTenantStatus(conditions: [known]) }
        }
        #expect(after(.pending) == known)
        #expect(after(.unchecked) == nil)
        #expect(after(.notEnforced("it is open"))?.lastTransitionTime == Self.now)
    }

    @Test("needs two namespaces and a period that is not too short")
    func settings() {
        let cases: [(PlatformNetworkCheck, String?)] = [
            (PlatformNetworkCheck(namespaces: ["a", "b"]), nil),
            (PlatformNetworkCheck(namespaces: ["a", "b"], periodSeconds: 60), nil),
            (PlatformNetworkCheck(namespaces: ["a"]), "networkCheck.namespaces"),
            (PlatformNetworkCheck(namespaces: ["a", "a"]), "networkCheck.namespaces"),
            (PlatformNetworkCheck(namespaces: ["a", "b"], periodSeconds: 59), "networkCheck.periodSeconds"),
        ]
        for (check, field) in cases {
            var failure: ConfigurationError?
            do {
                try PlatformConfiguration(networkCheck: check).validate()
            } catch {
                failure = error
            }
            #expect(failure?.field == field)
        }
    }
}

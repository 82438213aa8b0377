import CRDModels
import Foundation
import Gateway
import KubernetesAPI
import MCPProtocol
import TestSupport
import Testing

/// `TestSupport` has another one.
private typealias AccessRules = Gateway.AccessRules

/// Compares decisions with those of an evaluator that is written for simplicity, in random worlds.
@Suite("Access in random worlds") struct AccessWorldTests {
    /// The rules as they read in the documentation, evaluated on plain values.
    private enum Evaluator {
        static func allows(_ world: World, _ call: Call) -> Bool {
            let caller = call.caller
            let isMember = world.memberships[caller.subject, default: []].contains(call.tenant)
            guard isMember else { return false }
            if let rules = world.access[call.tenant] ?? nil {
                var isAllowed = false
                for rule in rules {
                    let from = rule.from.filter { source($0, caller, call.namespace) }
                    let to = (rule.to ?? [AccessTarget()]).filter { target($0, call) }
                    if from.count > 0 && to.count > 0 { isAllowed = true }
                }
                guard isAllowed else { return false }
            }
            return call.requiredScopes.allSatisfy { scope in
                world.scopes[caller.subject, default: []].contains { has($0, scope, world.implied, depth: 0) }
            }
        }

        private static func has(_ owned: String, _ wanted: String, _ implied: [String: [String]], depth: Int) -> Bool {
            if owned == wanted { return true }
            return depth < 10 && (implied[owned] ?? []).contains { has($0, wanted, implied, depth: depth + 1) }
        }

        private static func source(_ source: AccessSource, _ caller: Caller, _ namespace: String) -> Bool {
            if source.anyCaller == true { return true }
            if source.issuer != nil && source.issuer != caller.issuer { return false }
            for requirement in source.claims ?? [] {
                let claim = caller.claims[requirement.claim]
                var values = (claim?.elements ?? []).compactMap(\.stringValue)
                if let text = claim?.stringValue { values = [text] }
                if Set(values).isDisjoint(with: requirement.values) { return false }
            }
            if let clients = source.clients, !clients.contains(caller.clientID ?? "none") { return false }
            if let accounts = source.serviceAccounts {
                guard let account = caller.serviceAccount, account.namespace == namespace else { return false }
                if !accounts.contains(where: { glob($0, account.name) }) { return false }
            }
            return true
        }

        private static func target(_ target: AccessTarget, _ call: Call) -> Bool {
            if let servers = target.servers, !servers.contains(where: { glob($0, call.server.name) }) { return false }
            for (key, value) in target.serverSelector?.matchLabels ?? [:] where call.server.labels[key] != value {
                return false
            }
            guard let tools = target.tools else { return true }
            switch call.part {
            case .server: return true
            case .tool(let name): return tools.contains { glob($0, name) }
            case .promptsAndResources: return false
            }
        }

        /// By recursion.
        private static func glob(_ pattern: some StringProtocol, _ text: some StringProtocol) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return glob(pattern.dropFirst(), text) || (!text.isEmpty && glob(pattern, text.dropFirst()))
            }
            return text.first == first && glob(pattern.dropFirst(), text.dropFirst())
        }
    }

    private struct World {
        var access: [String: [AccessRule]?] = [:]
        /// The tenants of each caller.
        var memberships: [String: Set<String>] = [:]
        /// The scopes that each caller was given.
        var scopes: [String: Set<String>] = [:]
        var implied: [String: [String]] = [:]
        var callers: [Caller] = []
    }

    private struct Call {
        var caller: Caller
        var tenant: String
        var namespace: String
        var server: AccessRules.Server
        var part: AccessedPart
        var requiredScopes: Set<String>
    }

    private static let tenants = ["acme", "globex", "initech"]
    private static let issuers = ["https://a.example", "https://b.example", "cluster"]
    private static let scopes = ["read", "write", "admin", "audit"]
    private static let tools = ["find", "find_docs", "delete", "delete_docs", "f"]
    private static let servers = ["search", "search-2", "files", "mail"]
    private static let patterns = [
        "*", "find*", "*docs", "f*d*", "delete", "search", "search*", "*s*", "files", "x*", "**",
    ]
    private static let groups = ["dev", "ops", "hr"]
    private static let accounts = ["agent", "batch-1", "batch-2"]

    private func some<Element>(_ all: [Element], _ random: inout SeededGenerator, atLeast: Int = 0) -> [Element] {
        Array(all.shuffled(using: &random).prefix(Int.random(in: atLeast...all.count, using: &random)))
    }

    private func chance(_ percent: Int, _ random: inout SeededGenerator) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    private func world(_ random: inout SeededGenerator) -> World {
        var world = World()
        for scope in Self.scopes where chance(40, &random) { world.implied[scope] = some(Self.scopes, &random) }
        let hierarchy = ScopeHierarchy(world.implied)
        for index in 0..<6 {
            let subject = "caller-\(index)"
            let scopes = Set(some(Self.scopes, &random))
            let tenants = Set(chance(70, &random) ? [Self.tenants[index % 3]] : some(Self.tenants, &random))
            world.memberships[subject] = tenants
            world.scopes[subject] = scopes
            let group: RawJSON =
                chance(50, &random)
                ? .string(Self.groups[index % 3]) : .array(some(Self.groups, &random).map { .string($0) })
            var caller = Caller(
                issuer: Self.issuers[Int.random(in: 0..<3, using: &random)],
                subject: subject,
                clientID: chance(70, &random) ? "client-\(index % 2)" : nil,
                scopes: hierarchy.expand(scopes),
                tenants: tenants,
                claims: chance(80, &random) ? ["groups": group] : [:]
            )
            if chance(40, &random) {
                let tenant = Self.tenants[Int.random(in: 0..<3, using: &random)]
                caller.serviceAccount = ServiceAccountName(namespace: "mcp-\(tenant)", name: Self.accounts[index % 3])
            }
            world.callers.append(caller)
        }
        for tenant in Self.tenants {
            if chance(15, &random) {
                world.access[tenant] = .some(nil)
            } else {
                world.access[tenant] = (0..<Int.random(in: 0...4, using: &random)).map { _ in rule(&random) }
            }
        }
        return world
    }

    private func rule(_ random: inout SeededGenerator) -> AccessRule {
        let sources = (0..<Int.random(in: 1...3, using: &random)).map { _ in source(&random) }
        guard chance(75, &random) else { return AccessRule(from: sources) }
        return AccessRule(from: sources, to: (0..<Int.random(in: 0...3, using: &random)).map { _ in target(&random) })
    }

    private func source(_ random: inout SeededGenerator) -> AccessSource {
        if chance(20, &random) { return AccessSource(anyCaller: true) }
        var source = AccessSource()
        if chance(30, &random) { source.issuer = Self.issuers.randomElement(using: &random) }
        if chance(40, &random) {
            source.claims = [ClaimRequirement(claim: "groups", values: some(Self.groups, &random, atLeast: 1))]
        }
        if chance(30, &random) { source.clients = some(["client-0", "client-1", "client-2"], &random, atLeast: 1) }
        if chance(30, &random) { source.serviceAccounts = some(Self.accounts + ["batch-*", "*"], &random, atLeast: 1) }
        return source == AccessSource() ? AccessSource(anyCaller: true) : source
    }

    private func target(_ random: inout SeededGenerator) -> AccessTarget {
        AccessTarget(
            servers: chance(50, &random) ? some(Self.patterns, &random) : nil,
            serverSelector: chance(30, &random)
                ? LabelSelector(matchLabels: chance(80, &random) ? ["tier": "gold"] : [:]) : nil,
            tools: chance(50, &random) ? some(Self.patterns, &random) : nil
        )
    }

    @Test("no call is allowed that the rules forbid, and none is refused that they allow, in 1,000 worlds")
    func worlds() {
        let base = ProcessInfo.processInfo.environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 0xACCE_5500
        let count = ProcessInfo.processInfo.environment["MOORAGE_FUZZ_CASES"].flatMap { UInt64($0) } ?? 1_000
        var answers = [true: 0, false: 0]
        var missing = 0
        for seed in base..<base + count {
            var random = SeededGenerator(seed: seed)
            let world = world(&random)
            let rules = world.access.mapValues { AccessRules(TenantAccess(allow: $0)) }
            for caller in world.callers {
                for tenant in Self.tenants {
                    let call = Call(
                        caller: caller,
                        tenant: tenant,
                        namespace: "mcp-\(tenant)",
                        server: AccessRules.Server(
                            name: Self.servers.randomElement(using: &random) ?? "",
                            labels: chance(50, &random) ? ["tier": "gold"] : [:]
                        ),
                        part: chance(70, &random)
                            ? .tool(Self.tools.randomElement(using: &random) ?? "")
                            : chance(50, &random) ? .server : .promptsAndResources,
                        requiredScopes: chance(50, &random) ? [] : Set(some(Self.scopes, &random))
                    )
                    let decision = rules[tenant]?.decide(
                        caller: call.caller,
                        tenant: call.tenant,
                        namespace: call.namespace,
                        server: call.server,
                        part: call.part,
                        requiredScopes: call.requiredScopes
                    )
                    let expected = Evaluator.allows(world, call)
                    answers[expected, default: 0] += 1
                    if case .missingScopes(let scopes, let required) = decision {
                        missing += 1
                        #expect(!scopes.isEmpty && required == call.requiredScopes, "seed \(seed)")
                    }
                    #expect(decision?.isAllowed == expected, "seed \(seed): \(caller.subject) to \(tenant), \(call)")
                }
            }
        }
        // The worlds are of use only if all kinds of answers occur.
        #expect((answers[true] ?? 0) > count && (answers[false] ?? 0) > count && missing > count / 10)
    }
}

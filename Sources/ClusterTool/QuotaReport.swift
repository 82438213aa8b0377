package import CommandSupport
internal import CRDModels
package import KubernetesAPI

/// The limits of a tenant, what is used of them, and the servers that wait.
package struct QuotaReport: Sendable {
    private struct Limit: Sendable {
        var dimension: String
        var limit: Int64?
        var used: Int64?
        var remaining: Int64?
    }

    private struct Waiting: Sendable {
        var name: String
        var position: Int64?
    }

    private let name: String
    private let namespace: String?
    private let plan: String?
    private let limits: [Limit]
    private let servers: (admitted: Int64?, waiting: Int64?, limit: Int64?)
    private let calls: (calls: Int64, overLimit: Int64)?
    private let waiting: [Waiting]?

    /// - Parameters:
    ///   - tenant: the MCPTenant.
    ///   - servers: the MCPServers of its namespace; `nil` if they must not be read.
    package init(_ tenant: JSONValue, servers: [JSONValue]?) {
        name = tenant.name
        namespace = tenant.text("status", "namespace")
        plan = tenant.text("status", "plan")
        limits = tenant.list("status", "quotas").compactMap { quota in
            quota.text("dimension").map {
                Limit(
                    dimension: $0,
                    limit: quota.integer("limit"),
                    used: quota.integer("used"),
                    remaining: quota.integer("remaining")
                )
            }
        }
        self.servers = (
            tenant.integer("status", "servers", "admitted"), tenant.integer("status", "servers", "waiting"),
            tenant.integer("status", "servers", "limit")
        )
        calls = tenant.integer("status", "toolCalls", "calls").map {
            ($0, tenant.integer("status", "toolCalls", "overLimit") ?? 0)
        }
        waiting = servers?.compactMap { server in
            let position = server.integer("status", "queuePosition")
            return position.map { Waiting(name: server.name, position: $0) }
        }
        .sorted { ($0.position ?? .max, $0.name) < ($1.position ?? .max, $1.name) }
    }

    /// As a table, with the queue below it.
    package func rendered(console: Console) -> String {
        let place = [namespace.map { "namespace \($0)" }, plan.map { "plan \($0)" }].compactMap { $0 }
        let details = place.isEmpty ? "" : "  " + place.joined(separator: ", ")
        var lines = [console.styled(TerminalText.safe("MCPTenant \(name)"), .bold) + TerminalText.safe(details)]
        if limits.isEmpty {
            lines.append("The controller has not reported limits yet: see its conditions.")
        } else {
            let rows = limits.map { [$0.dimension, Self.text($0.limit), Self.text($0.used), Self.text($0.remaining)] }
            var table = TextLayout.table([["LIMIT", "MAXIMUM", "USED", "REMAINING"]] + rows)
            for (index, limit) in limits.enumerated() where limit.remaining.map({ $0 <= 0 }) ?? false {
                table[index + 1] = console.styled(table[index + 1], .yellow)
            }
            lines += table
        }
        if let calls {
            lines.append("In the last minute: \(calls.calls) tool calls, \(calls.overLimit) of them over a limit.")
        }
        if let admitted = servers.admitted {
            let limit = servers.limit.map { " of \($0)" } ?? ""
            lines.append("Servers: \(admitted)\(limit) admitted, \(servers.waiting ?? 0) waiting.")
        }
        lines += queue
        return lines.joined(separator: "\n") + "\n"
    }

    private var queue: [String] {
        guard let waiting else { return ["The queue is not shown: your account is not allowed to list the servers."] }
        guard !waiting.isEmpty else { return ["No server waits."] }
        return ["Waiting, in this order:"]
            + TextLayout.table(waiting.map { ["  \($0.position.map { "\($0)" } ?? "?").", $0.name] })
    }

    private static func text(_ number: Int64?) -> String { number.map { "\($0)" } ?? "-" }

    /// The same facts as data.
    package var json: JSONValue {
        .fields(
            ("tenant", .string(name)),
            ("namespace", JSONValue(namespace)),
            ("plan", JSONValue(plan)),
            (
                "limits",
                .array(
                    limits.map {
                        .fields(
                            ("dimension", .string($0.dimension)),
                            ("limit", JSONValue($0.limit)),
                            ("used", JSONValue($0.used)),
                            ("remaining", JSONValue($0.remaining))
                        )
                    }
                )
            ),
            (
                "servers",
                .fields(
                    ("admitted", JSONValue(servers.admitted)),
                    ("waiting", JSONValue(servers.waiting)),
                    ("limit", JSONValue(servers.limit))
                )
            ),
            (
                "toolCalls",
                calls.map { ["calls": .integer($0.calls), "overLimit": .integer($0.overLimit)] }
            ),
            (
                "queue",
                waiting.map { servers in
                    .array(servers.map { .fields(("server", .string($0.name)), ("position", JSONValue($0.position))) })
                }
            )
        )
    }
}

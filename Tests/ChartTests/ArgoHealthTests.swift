import CRDModels
import KubernetesAPI
import TestSupport
import Testing

/// Argo CD's health checks, run by real Lua, compared with kstatus on the same objects.
@Suite("Argo CD's health checks")
struct ArgoHealthTests {
    /// An object, and the health that Argo CD shows.
    private struct Case {
        var name: String
        var object: JSONValue
        var health: String
    }

    private static func condition(_ type: String, _ status: String, _ reason: String = "Because") -> JSONValue {
        ["type": .string(type), "status": .string(status), "reason": .string(reason), "message": "as it is"]
    }

    private static func object(
        observed: Int64? = 2,
        deletionTimestamp: String? = nil,
        _ conditions: [JSONValue]?
    ) -> JSONValue {
        var object: JSONValue = ["metadata": ["name": "a", "generation": 2], "status": [:]]
        object[path: ["status", "observedGeneration"]] = observed.map { .integer($0) }
        object[path: ["status", "conditions"]] = conditions.map { .array($0) }
        object[path: ["metadata", "deletionTimestamp"]] = deletionTimestamp.map { .string($0) }
        return object
    }

    private static let named: [Case] = [
        Case(name: "new", object: ["metadata": ["name": "a", "generation": 1]], health: "Progressing"),
        Case(name: "not reconciled yet", object: object(observed: -1, nil), health: "Progressing"),
        Case(name: "no conditions", object: object(nil), health: "Progressing"),
        Case(
            name: "suspended",
            object: object([
                condition("Ready", "True", "Suspended"), condition("Available", "False", "Suspended"),
                condition("Reconciling", "False"), condition("Stalled", "False"),
            ]),
            health: "Healthy"
        ),
        Case(
            name: "refused",
            object: object([
                condition("Ready", "False", "ImageLatestTag"), condition("Stalled", "True", "ImageLatestTag"),
            ]),
            health: "Degraded"
        ),
        Case(
            name: "rolls out without losing capacity",
            object: object([condition("Ready", "True", "RollingOut"), condition("Reconciling", "True", "RollingOut")]),
            health: "Progressing"
        ),
        Case(
            name: "being deleted",
            object: object(deletionTimestamp: "2026-01-01T00:00:00Z", [condition("Ready", "True")]),
            health: "Progressing"
        ),
    ]

    /// Every combination of the conditions that kstatus reads, with an observed and an unobserved generation.
    private static var combinations: [Case] {
        let values = [nil, "True", "False", "Unknown"]
        let generations: [Int64] = [2, 1]
        return generations.flatMap { observed in
            values.flatMap { ready in
                values.flatMap { reconciling in
                    values.compactMap { stalled in
                        let conditions = [("Ready", ready), ("Reconciling", reconciling), ("Stalled", stalled)]
                            .compactMap { type, status in status.map { condition(type, $0) } }
                        let object = object(observed: observed, conditions)
                        let health =
                            switch Kstatus(object) {
                            // kstatus considers an object without a condition Ready current. All of Moorage's objects
                            // get one.
                            case .current: ready == nil ? "Progressing" : "Healthy"
                            case .inProgress, .terminating: "Progressing"
                            case .failed: "Degraded"
                            }
                        let name = "\(ready ?? "-") \(reconciling ?? "-") \(stalled ?? "-") \(observed)"
                        return Case(name: name, object: object, health: health)
                    }
                }
            }
        }
    }

    @Test("agree with kstatus on every combination of conditions", arguments: ["MCPServer", "MCPTenant"])
    func health(kind: String) async throws {
        let file = try Tool.text(of: "config/argocd/argocd-cm.yaml")
        let key = "resource.customizations.health.\(MCPServer.resourceType.group)_\(kind)"
        let script = try #require(try YAML.value(of: file)[path: ["data", key]]?.stringValue)
        let cases = Self.named + Self.combinations
        let objects = cases.map { "{ \(Self.lua($0.object)) }" }.joined(separator: ",\n")
        let output = try await Tool.lua()(
            "-",
            input: """
                local function check(obj)
                \(script)
                end
                for _, case in ipairs({ \(objects) }) do
                  local health = check(case[1])
                  assert(type(health.message) == "string" and #health.message > 0)
                  print(health.status)
                end
                """
        )
        let answers = output.split(separator: "\n").map(String.init)
        #expect(answers.count == cases.count)
        for (answer, expected) in zip(answers, cases) {
            #expect(answer == expected.health, "\(expected.name)")
        }
    }

    /// A value as a Lua expression.
    private static func lua(_ value: JSONValue) -> String {
        switch value {
        case .object(let members):
            "{ \(members.sorted { $0.key < $1.key }.map { "[\"\($0.key)\"] = \(lua($0.value))" }.joined(separator: ", ")) }"
        case .array(let elements): "{ \(elements.map(lua).joined(separator: ", ")) }"
        case .null: "nil"
        // These have the same text in JSON and Lua.
        default: String(decoding: value.serialized(), as: UTF8.self)
        }
    }
}

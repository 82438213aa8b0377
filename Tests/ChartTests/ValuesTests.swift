import Foundation
import KubernetesAPI
import TestSupport
import Testing

@Suite("The chart's values")
struct ValuesTests {
    @Test(
        "a misspelled key is refused, and named",
        arguments: [
            ("replica=2", "replica"),
            ("image.tagg=1", "tagg"),
            ("leaderElection.enable=true", "enable"),
            ("config.podSecurity.enforced=restricted", "enforced"),
            ("config.images.requireDigests=true", "requireDigests"),
            ("config.quotas.plans.free.servers=3", "servers"),
            ("config.network.gateway.namespace=a", "namespace"),
            ("config.airgapped=true", "airgapped"),
            ("defaultClass.spec.resource.requests.cpu=1", "resource"),
            ("defaultClass.spec.scheduling.toleration=a", "toleration"),
            ("resources.limit.cpu=1", "limit"),
            ("securityContext.readOnlyRootFileSystem=true", "readOnlyRootFileSystem"),
            ("tolerations[0].keys=a", "keys"),
            ("env[0].name=A,env[0].values=b", "values"),
            ("volumes[0].name=a,volumes[0].configmap.name=b", "configmap"),
            ("metrics.serviceMonitor.label.a=b", "label"),
            ("metrics.podMonitor.label.a=b", "label"),
            ("metrics.prometheusRule.disable={MoorageServerSlow}", "disable"),
            ("dashboards.label.a=b", "label"),
            ("networkPolicy.apiServer.cidr=10.0.0.0/8", "cidr"),
            ("livenessProbe.period=1", "period"),
        ]
    )
    func misspelt(values: String, key: String) async throws {
        let result = try await Tool.helm().attempt(["template", "moorage", Chart.path, "--set", values])
        #expect(result.status != 0)
        #expect(result.error.contains("additional properties '\(key)' not allowed"), "\(result.error)")
    }

    @Test(
        "an invalid value is refused",
        arguments: [
            ("scope=everything", "/scope"),
            ("scope={}", "/scope"),
            ("scope={Team}", "/scope"),
            ("image.digest=sha256:abc", "/image/digest"),
            ("replicas=-1", "/replicas"),
            ("shutdownTimeout=soon", "/shutdownTimeout"),
            ("config.podSecurity.enforce=strict", "/config/podSecurity/enforce"),
            ("config.podSecurity.enforceVersion=1.30", "/config/podSecurity/enforceVersion"),
            ("config.quotas.mode=enforced", "/config/quotas/mode"),
            ("metrics.port=70000", "/metrics/port"),
            ("log.format=xml", "/log/format"),
            ("replicas=2,leaderElection.enabled=false", "leaderElection.enabled"),
            ("healthPort=8080", "metrics.port and healthPort are the same"),
            ("metrics.serviceMonitor.enabled=true,metrics.service.create=false", "needs metrics.service.create"),
            ("metrics.podMonitor.interval=soon", "/metrics/podMonitor/interval"),
            ("metrics.prometheusRule.runbookBaseURL=docs", "/metrics/prometheusRule/runbookBaseURL"),
            ("metrics.serviceMonitor.enabled=true,metrics.podMonitor.enabled=true", "enable one of them"),
        ]
    )
    func impossible(values: String, told: String) async throws {
        let result = try await Tool.helm().attempt(["template", "moorage", Chart.path, "--set", values])
        #expect(result.status != 0)
        #expect(result.error.contains(told), "\(result.error)")
    }

    @Test("a parent chart can pass its global values")
    func globals() async throws {
        let result = try await Tool.helm().attempt(["template", "moorage", Chart.path, "--set", "global.a=b"])
        #expect(result.status == 0, "\(result.error)")
    }

    @Test("values and schema have the same keys")
    func keys() throws {
        func file(_ name: String) throws -> String {
            try String(contentsOfFile: "\(Chart.path)/\(name)", encoding: .utf8)
        }
        let values = try YAML.documents(in: try file("values.yaml"))[0].value
        let schema = try JSONValue(parsing: Array(try file("values.schema.json").utf8))
        var open: [String] = []
        func compare(_ value: JSONValue, _ schema: JSONValue, _ path: String) {
            guard let properties = schema["properties"]?.objectValue else { return }
            if schema["additionalProperties"] != false { open.append(path) }
            let keys = Set(value.objectValue?.keys.map { $0 } ?? [])
            #expect(
                keys.subtracting(properties.keys) == [],
                "values.yaml has keys that the schema does not have, in \(path)"
            )
            #expect(
                Set(properties.keys).subtracting(keys).subtracting(["global"]) == [],
                "the schema has what values.yaml lacks, in \(path)"
            )
            for (key, part) in properties {
                if let next = value[key], next.objectValue != nil { compare(next, part, "\(path)/\(key)") }
            }
        }
        compare(values, schema, "")
        #expect(open == [], "unknown keys are accepted")
    }

    @Test("every value has a description")
    func described() throws {
        let text = try String(contentsOfFile: "\(Chart.path)/values.yaml", encoding: .utf8)
        var isDescribed = false
        var undescribed: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") {
                isDescribed = true
            } else if line.isEmpty {
                isDescribed = false
            } else if !line.hasPrefix(" ") {
                // A block is described by line or as a whole; names such as `enabled` need no description.
                let key = String(line.prefix { $0 != ":" })
                if !isDescribed, line.hasSuffix(":") == false { undescribed.append(key) }
            }
        }
        #expect(undescribed == [])
    }
}

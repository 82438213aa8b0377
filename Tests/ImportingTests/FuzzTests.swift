import Foundation
import KubernetesAPI
import Testing

@testable import Importing

/// Whatever is in files, an import neither crashes nor hangs, its manifests are valid, and nothing is lost silently. A failure names the
/// case and the seed; `MOORAGE_FUZZ_SEED` sets another and `MOORAGE_FUZZ_CASES` the number.
@Suite("Imports at random")
struct FuzzTests {
    static let environment = ProcessInfo.processInfo.environment
    static let seed = environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_128
    static let cases = environment["MOORAGE_FUZZ_CASES"].flatMap { Int($0) } ?? 2_000

    private static let texts = [
        """
        {apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {name: a, namespace: n, labels: {a: b}},
         spec: {image: "acme/a:1", transport: sse, proxyPort: 80, mcpPort: 81, args: [a], env: [{name: A, value: b}],
         secrets: [{name: a, key: b}], volumes: [{name: v, hostPath: /a, mountPath: /b}], serviceAccount: s, groupRef: {name: g},
         resources: {limits: {cpu: 1}}, toolConfigRef: {name: t}, externalAuthConfigRef: {name: e},
         podTemplateSpec: {metadata: {labels: {a: b}}, spec: {tolerations: [{operator: Exists}], volumes: [{name: c, emptyDir: {}}],
         containers: [{name: mcp, resources: {limits: {cpu: 1}}, volumeMounts: [{name: c, mountPath: /c}]}, {name: s, image: x}]}}}}
        """,
        """
        {apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPRemoteProxy, metadata: {name: r}, spec: {remoteUrl: "https://a.example/mcp",
         transport: sse, headerForward: {addPlaintextHeaders: {A: b}, addHeadersFromSecret: [{headerName: H, valueSecretRef: {name: a, key: b}}]}}}
        """,
        """
        {apiVersion: toolhive.stacklok.dev/v1beta1, kind: VirtualMCPServer, metadata: {name: v}, spec: {groupRef: {name: g},
         config: {aggregation: {conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, b]},
         tools: [{workload: a, filter: [x], overrides: {x: {name: y}}}]}}}}
        """,
        """
        {apiVersion: kagent.dev/v1alpha1, kind: MCPServer, metadata: {name: k}, spec: {transportType: http, httpTransport: {targetPort: 90},
         deployment: {image: "a/b:1", port: 1, cmd: x, args: [y], env: {A: b}, secretRefs: [{name: s}], configMapRefs: [{name: c}],
         volumes: [{name: c, secret: {secretName: s}}], volumeMounts: [{name: c, mountPath: /c}], sidecars: [{name: s, image: i}],
         securityContext: {runAsUser: 1}, serviceAccount: {labels: {a: b}}}}}
        """,
        """
        {apiVersion: mcp.x-k8s.io/v1beta1, kind: MCPServer, metadata: {name: l}, spec: {source: {type: ContainerImage, containerImage: {ref: "a/b:1"}},
         config: {port: 1, arguments: [a], env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], envFrom: [{configMapRef: {name: c}}],
         storage: [{path: /a, source: {type: Secret, secret: {secretName: s}}}]}, runtime: {health: {readinessProbe: {httpGet: {path: /a, port: 1, scheme: HTTPS}}}},
         network: {ingressFrom: [{podSelector: {}}], egressTo: [{ipBlock: {cidr: 10.0.0.0/8}}], egressPorts: [{port: 1}]}}}
        """,
        #"{"mcpServers": {"a": {"command": "docker", "args": ["run", "-i", "-e", "A=b", "-v", "d:/d", "-p", "1:2", "a/b:1", "c"], "env": {"A": "b"}}, "b": {"url": "https://a.example/mcp", "headers": {"A": "${B}"}}, "c": {"command": "npx", "args": ["mcp-remote", "https://b.example/mcp", "--header", "A: b"]}}, "inputs": [{"id": "x", "password": true}]}"#,
        #"{"name": "a/b", "packages": [{"registryType": "oci", "identifier": "a/b", "version": "1", "packageArguments": [{"type": "named", "name": "--a", "value": "{b}", "variables": {"b": {"default": "c"}}}], "environmentVariables": [{"name": "A", "isRequired": true}]}], "remotes": [{"type": "sse", "url": "https://a.example/{x}", "headers": [{"name": "A", "value": "{b}"}]}]}"#,
        "{name: O, runtime: containerized, env: [{key: A, required: true, sensitive: true}], containerizedConfig: {image: 'a/b:1', port: 1, path: /, args: [a, '${A}']}}",
    ]

    @Test("inputs whose values were swapped for others")
    func values() throws {
        let documents = try Self.texts.map { try YAML.value(of: $0) }
        var made = 0
        for number in 0..<Self.cases {
            var random = SplitMix64(seed: Self.seed &+ UInt64(number))
            var chosen = [documents[Int(random.next() % UInt64(documents.count))]]
            if random.next() % 4 == 0 { chosen.append(documents[Int(random.next() % UInt64(documents.count))]) }
            for _ in 0..<(1 + random.next() % 4) {
                let index = Int(random.next() % UInt64(chosen.count))
                chosen[index] = Self.mutated(chosen[index], &random)
            }
            if look(YAML.text(chosen), "case \(number) of seed \(Self.seed)", random.next() % 2 == 0) { made += 1 }
        }
        #expect((1..<Self.cases).contains(made), "\(made) of \(Self.cases) gave manifests")
    }

    @Test("texts whose bytes were changed")
    func bytes() {
        let command = #"docker run -i --name a -e "A=b c" -p 1:2 -v d:/d --memory 1g -u 1:2 'a/b:1' x $Y # z"#
        let texts = (Self.texts + [command]).map { Array($0.utf8) }
        for number in 0..<Self.cases {
            var random = SplitMix64(seed: Self.seed &+ 1_000_000 &+ UInt64(number))
            var bytes = texts[Int(random.next() % UInt64(texts.count))]
            for _ in 0..<(1 + random.next() % 6) where !bytes.isEmpty {
                let position = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: position)
                case 2: bytes.insert(Array(#"{}[]"':,$\-= /"#.utf8)[Int(random.next() % 14)], at: position)
                default: bytes.removeSubrange(position..<min(bytes.count, position + Int(random.next() % 12)))
                }
            }
            _ = look(String(decoding: bytes, as: UTF8.self), "bytes \(number) of seed \(Self.seed)", false)
        }
    }

    private func look(_ text: String, _ name: String, _ includesSecrets: Bool) -> Bool {
        let source = ImportSource(name: "fuzz", text: text)
        let options = ImportOptions(includesSecrets: includesSecrets, runnerImages: ["npx": "a/npx:1"])
        let result = Importer.run([source], options: options)
        let problems = Judge.problems(result).filter { !Self.depends($0) }
        #expect(problems == [], "\(name): \(text)")
        #expect(Accounting.problems(result, [source]) == [], "\(name): \(text)")
        #expect(!result.manifests.isEmpty || !result.findings.isEmpty, "\(name): \(text)")
        #expect(!ImportReport(result).text.isEmpty)
        return !result.manifests.isEmpty
    }

    /// What depends on the tenant, which the import does not know.
    private static func depends(_ problem: String) -> Bool {
        ["remoteNotSecure", "namespaceProtected", "remoteAddressNotAllowed"].contains { problem.contains($0) }
    }

    private static let replacements: [JSONValue] = [
        .null, true, 0, -1, 70000, 1.5, "", "a b", "A/ü", "$(X)", "${Y}", "{z}", "..", "x:y", "/a:b",
        "https://h.example/mcp", [], [:], ["a"],
        ["name": "a"], [["name": "a"], ["name": "a"]], "ghp_0123456789", .string(String(repeating: "x", count: 5000)),
        "\u{1B}[0m\n",
    ]

    private static func mutated(_ value: JSONValue, _ random: inout SplitMix64) -> JSONValue {
        switch value {
        case .object(var members) where !members.isEmpty && random.next() % 8 != 0:
            let key = members.keys.sorted()[Int(random.next() % UInt64(members.count))]
            switch random.next() % 8 {
            case 0: members[key] = nil
            case 1: members["\(key)x"] = members[key]
            default: members[key] = mutated(members[key] ?? .null, &random)
            }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && random.next() % 8 != 0:
            let index = Int(random.next() % UInt64(elements.count))
            switch random.next() % 6 {
            case 0: elements.append(elements[index])
            default: elements[index] = mutated(elements[index], &random)
            }
            return .array(elements)
        default: return replacements[Int(random.next() % UInt64(replacements.count))]
        }
    }
}

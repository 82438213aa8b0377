import KubernetesAPI
import Testing

@testable import Importing

/// Imports one text, and checks that the manifests are valid and that nothing is lost silently.
func imported(
    _ text: String,
    _ options: ImportOptions = ImportOptions(),
    file: String = "input",
    sourceLocation: SourceLocation = #_sourceLocation
) -> ImportResult {
    let source = ImportSource(name: file, text: text)
    let result = Importer.run([source], options: options)
    #expect(Judge.problems(result) == [], sourceLocation: sourceLocation)
    #expect(Accounting.problems(result, [source]) == [], sourceLocation: sourceLocation)
    return result
}

extension ImportResult {
    /// The spec of the only server.
    var spec: JSONValue {
        let servers = manifests.filter { $0["kind"] == "MCPServer" }
        return servers.count == 1 ? servers[0]["spec"] ?? .null : .null
    }

    /// A manifest; null if there are fewer.
    func manifest(_ index: Int) -> JSONValue { manifests.indices.contains(index) ? manifests[index] : .null }

    /// The findings of a kind as `FIELD: REASON`.
    func found(_ kind: ImportFinding.Kind) -> [String] {
        findings.filter { $0.kind == kind }.map { "\($0.field): \($0.reason)" }
    }
}

@Suite("Import from ToolHive")
struct ToolHiveTests {
    @Test("a server with an image is carried over field by field")
    func server() throws {
        let result = imported(
            """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServer
            metadata: {name: github, namespace: tools, labels: {team: a}}
            spec:
              image: ghcr.io/acme/github@sha256:f4d53a51cf8c47e0c85a57d1d86a8e0b38d5c4b0d0e4e1c6f1d3a96e7f6ad8b1
              transport: streamable-http
              proxyPort: 9000
              mcpPort: 8081
              args: [--verbose, --api-key=abc]
              env: [{name: LOG_LEVEL, value: info}, {name: GITHUB_TOKEN, value: plain}]
              secrets: [{name: github-token, key: token, targetEnvName: PAT}]
              permissionProfile: {type: builtin, name: none}
              backendReplicas: 2
              audit: {enabled: true}
              resources: {limits: {cpu: 200m, memory: 256Mi}}
            """
        )
        #expect(
            result.spec == [
                "image": "ghcr.io/acme/github@sha256:f4d53a51cf8c47e0c85a57d1d86a8e0b38d5c4b0d0e4e1c6f1d3a96e7f6ad8b1",
                "transport": "streamable-http", "port": 8081, "service": ["port": 9000], "replicas": 2,
                "args": ["--verbose", "--api-key=$(API_KEY)"],
                "env": [
                    ["name": "API_KEY", "valueFrom": ["secretKeyRef": ["name": "github-secrets", "key": "API_KEY"]]],
                    ["name": "LOG_LEVEL", "value": "info"],
                    [
                        "name": "GITHUB_TOKEN",
                        "valueFrom": ["secretKeyRef": ["name": "github-secrets", "key": "GITHUB_TOKEN"]],
                    ],
                    ["name": "PAT", "valueFrom": ["secretKeyRef": ["name": "github-token", "key": "token"]]],
                ],
                "network": ["egress": ["internet": false]],
                "resources": ["limits": ["cpu": "200m", "memory": "256Mi"]],
            ]
        )
        #expect(result.manifest(0)["metadata"] == ["name": "github", "namespace": "tools", "labels": ["team": "a"]])
        #expect(result.found(.notCarriedOver) == ["spec.audit: the gateway writes an audit log for all servers"])
        #expect(
            result.secrets.map { "\($0.name)/\($0.key ?? "")" } == [
                "github-secrets/API_KEY", "github-secrets/GITHUB_TOKEN", "github-token/token",
            ]
        )
        #expect(!ImportReport(result).text.contains("plain"))
        #expect(!ImportReport(result).text.contains("abc"))
    }

    @Test("of a pod template, what is hardened is carried over and the rest is named")
    func podTemplate() {
        let result = imported(
            """
            apiVersion: toolhive.stacklok.dev/v1alpha1
            kind: MCPServer
            metadata: {name: a}
            spec:
              image: acme/a:1
              transport: stdio
              port: 8080
              volumes: [{name: data, hostPath: /srv, mountPath: /data}]
              podTemplateSpec:
                metadata: {annotations: {vault.hashicorp.com/agent-inject: "true", checked: "yes"}}
                spec:
                  nodeSelector: {disk: fast}
                  hostNetwork: true
                  securityContext: {runAsUser: 0, fsGroup: 2000}
                  volumes: [{name: c, configMap: {name: settings}}, {name: h, hostPath: {path: /}}]
                  containers:
                    - name: mcp
                      securityContext: {privileged: true, readOnlyRootFilesystem: true}
                      volumeMounts: [{name: c, mountPath: /etc/a}, {name: h, mountPath: /host}]
                      stdin: true
                    - {name: side, image: "acme/side:1"}
            """
        )
        let spec = result.spec
        #expect(spec["scheduling"] == ["nodeSelector": ["disk": "fast"]])
        #expect(spec["podSecurityContext"] == ["fsGroup": 2000])
        #expect(spec["securityContext"] == ["readOnlyRootFilesystem": true])
        #expect(spec["volumes"] == [["name": "c", "configMap": ["name": "settings"]]])
        #expect(spec["volumeMounts"] == [["name": "c", "mountPath": "/etc/a"]])
        #expect(spec[path: ["podTemplate", "metadata"]] == ["annotations": ["checked": "yes"]])
        #expect(spec[path: ["podTemplate", "spec", "containers"]]?.arrayValue?.count == 1)
        let lost = result.findings.filter { $0.kind == .notCarriedOver }.map(\.field.description)
        let prefix = "spec.podTemplateSpec"
        for field in [
            "spec.volumes[0]", "\(prefix).metadata.annotations.vault.hashicorp.com/agent-inject",
            "\(prefix).spec.hostNetwork", "\(prefix).spec.securityContext.runAsUser", "\(prefix).spec.volumes[1]",
            "\(prefix).spec.containers[0].securityContext.privileged", "\(prefix).spec.containers[0].volumeMounts[1]",
            "\(prefix).spec.containers[0].stdin",
        ] { #expect(lost.contains(field), "\(field)") }
    }

    @Test("a remote server gets its header fields from Secrets, and its tools are curated")
    func remote() {
        let result = imported(
            """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPToolConfig
            metadata: {name: few}
            spec:
              toolsFilter: [read, write_new]
              toolsOverride:
                write: {name: write_new, description: Writes.}
            ---
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPExternalAuthConfig
            metadata: {name: bearer}
            spec: {type: bearerToken, bearerToken: {tokenSecretRef: {name: api, key: token}}}
            ---
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPRemoteProxy
            metadata: {name: partner}
            spec:
              remoteUrl: https://mcp.example.com/mcp
              transport: sse
              toolConfigRef: {name: few}
              externalAuthConfigRef: {name: bearer}
              headerForward:
                addPlaintextHeaders: {X-Tenant: t1, Host: evil, X-API-Key: k}
                addHeadersFromSecret: [{headerName: X-Own, valueSecretRef: {name: own, key: k}}]
              proxyPort: 8080
            """
        )
        #expect(
            result.spec == [
                "transport": "sse",
                "remote": [
                    "url": "https://mcp.example.com/mcp",
                    "headers": [
                        ["name": "X-API-Key", "secretKeyRef": ["name": "partner-secrets", "key": "X-API-Key"]],
                        ["name": "X-Tenant", "value": "t1"],
                        ["name": "X-Own", "secretKeyRef": ["name": "own", "key": "k"]],
                        [
                            "name": "Authorization",
                            "secretKeyRef": ["name": "partner-secrets", "key": "Authorization"],
                        ],
                    ],
                ],
                "toolPolicy": ["default": "Disabled"],
                "tools": [
                    ["name": "read", "enabled": true], ["name": "write", "enabled": true, "description": "Writes."],
                ],
            ]
        )
        let lost = result.findings.filter { $0.kind == .notCarriedOver }.map(\.field.description)
        #expect(
            Set(lost) == [
                "spec.headerForward.addPlaintextHeaders.Host", "spec.proxyPort", "spec.toolsOverride.write.name",
            ]
        )
        #expect(result.secrets.contains { $0.purpose == "Bearer, a space, and the value of token of Secret api" })
    }

    @Test("a virtual server joins the members of its group")
    func virtualServer() {
        let result = imported(
            """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPGroup
            metadata: {name: team}
            spec: {description: The team}
            ---
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServerEntry
            metadata: {name: docs}
            spec: {remoteUrl: "https://docs.example.com/mcp", transport: streamable-http, groupRef: {name: team}}
            ---
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: VirtualMCPServer
            metadata: {name: all}
            spec:
              groupRef: {name: team}
              incomingAuth: {type: anonymous}
              config:
                aggregation:
                  conflictResolution: priority
                  conflictResolutionConfig: {priorityOrder: [docs]}
                  tools: [{workload: docs, filter: [find], overrides: {find: {name: search}}}]
            """
        )
        #expect(
            result.manifests.last?["spec"] == [
                "prefixes": "Conflicts", "serverSelector": ["matchLabels": ["mcp-group": "team"]],
                "servers": [["name": "docs", "tools": [["name": "find", "as": "search"]]]],
            ]
        )
        #expect(result.manifest(0)[path: ["metadata", "labels"]] == ["mcp-group": "team"])
    }

    @Test("two inputs of one name are an error that names both")
    func twice() {
        let text = """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServer
            metadata: {name: a}
            spec: {image: "acme/a:1", transport: stdio}
            """
        let sources = [ImportSource(name: "one.yaml", text: text), ImportSource(name: "two.yaml", text: text)]
        let result = Importer.run(sources)
        #expect(result.manifests.count == 1)
        let refusal = result.findings.first { $0.kind == .refused }
        #expect(
            refusal?.file == "two.yaml" && refusal?.reason == "is there twice: it is also in one.yaml:1 (MCPServer a)"
        )
        // Different inputs, one name of a server.
        let other = ImportSource(
            name: "mcp.json",
            text: #"{"mcpServers": {"A": {"url": "https://a.example.com/mcp"}}}"#
        )
        let second = Importer.run([sources[0], other])
        #expect(second.manifests.count == 1 && second.hasRefusals)
        #expect(
            second.findings.contains {
                $0.reason == "is a second MCPServer a: the first is from one.yaml:1 (MCPServer a)"
            }
        )
    }

    @Test("the namespace is replaced if one is set, and Secrets are written only on demand")
    func options() {
        let text = """
            apiVersion: v1
            kind: Secret
            metadata: {name: github-token, namespace: tools}
            stringData: {token: topsecret}
            ---
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServer
            metadata: {name: a, namespace: tools}
            spec: {image: "acme/a:1", transport: stdio, secrets: [{name: github-token, key: token}], env: [{name: API_KEY, value: k1}]}
            """
        let without = imported(text, ImportOptions(namespace: "mcp-acme"))
        #expect(without.manifests.map { $0["kind"] } == ["MCPServer"])
        #expect(without.manifest(0)[path: ["metadata", "namespace"]] == "mcp-acme")
        for secret in ["topsecret", "k1"] {
            #expect(!(YAML.text(without.manifests) + ImportReport(without).text).contains(secret))
            #expect(!YAML.text(ImportReport(without).json).contains(secret))
        }
        let with = imported(text, ImportOptions(namespace: "mcp-acme", includesSecrets: true))
        #expect(with.manifests.map { $0[path: ["metadata", "name"]] } == ["a-secrets", "github-token", "a"])
        #expect(with.manifest(0)["stringData"] == ["API_KEY": "k1"])
        #expect(with.manifest(1)["stringData"] == ["token": "topsecret"])
        #expect(with.manifests.allSatisfy { $0[path: ["metadata", "namespace"]] == "mcp-acme" })
        #expect(!ImportReport(with).text.contains("topsecret"))
        #expect(with.secrets.isEmpty)
    }

    @Test("kinds without a counterpart are named with the reason")
    func kinds() {
        for kind in ["MCPRegistry", "EmbeddingServer", "MCPOIDCConfig", "MCPTelemetryConfig", "Unknown"] {
            let result = imported(
                "{apiVersion: toolhive.stacklok.dev/v1beta1, kind: \(kind), metadata: {name: a}, spec: {x: 1}}"
            )
            #expect(result.manifests.isEmpty)
            #expect(result.found(.notCarriedOver).count == 1, "\(kind)")
        }
    }
}

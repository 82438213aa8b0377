import KubernetesAPI
import Testing

@testable import Importing

@Suite("Import from kmcp and mcp-lifecycle-operator")
struct OperatorTests {
    @Test("a server of kmcp that speaks stdio")
    func stdio() {
        let result = imported(
            """
            apiVersion: kagent.dev/v1alpha1
            kind: MCPServer
            metadata: {name: files, namespace: default}
            spec:
              transportType: stdio
              stdioTransport: {}
              timeout: 30s
              deployment:
                image: acme/files:1
                port: 3000
                cmd: npx
                args: ["-y", "@acme/files", "$(ROOT)"]
                env: {ROOT: /data, PASSWORD: p, COUNT: "1"}
                secretRefs: [{name: creds}]
                configMapRefs: [{name: settings}]
                serviceAccount: {annotations: {eks.amazonaws.com/role-arn: "arn:x"}, labels: {team: a}}
                sidecars: [{name: log, image: "acme/log:1"}]
                volumes: [{name: d, emptyDir: {}}]
                volumeMounts: [{name: d, mountPath: /scratch}]
                labels: {team: a}
                initContainer: {image: "x"}
            """
        )
        let spec = result.spec
        #expect(spec["transport"] == "stdio" && spec["service"] == ["port": 3000] && spec["command"] == ["npx"])
        #expect(spec["args"] == ["-y", "@acme/files", "$(ROOT)"])
        #expect(
            spec["env"] == [
                ["name": "COUNT", "value": "1"],
                ["name": "PASSWORD", "valueFrom": ["secretKeyRef": ["name": "files-secrets", "key": "PASSWORD"]]],
                ["name": "ROOT", "value": "/data"],
            ]
        )
        #expect(spec["envFrom"] == [["secretRef": ["name": "creds"]]])
        #expect(spec["volumeMounts"]?.arrayValue?.map { $0["mountPath"] } == ["/scratch", "/configmaps/settings"])
        #expect(
            spec["serviceAccount"] == ["annotations": ["eks.amazonaws.com/role-arn": "arn:x"], "labels": ["team": "a"]]
        )
        #expect(spec[path: ["podTemplate", "metadata", "labels"]] == ["team": "a"])
        #expect(
            result.findings.filter { $0.kind == .notCarriedOver }.map(\.field.description)
                == ["spec.timeout", "spec.deployment.initContainer"]
        )
    }

    @Test("a server of kmcp that speaks HTTP keeps its port and path")
    func http() {
        let result = imported(
            """
            apiVersion: kagent.dev/v1alpha1
            kind: MCPServer
            metadata: {name: a}
            spec:
              transportType: http
              httpTransport: {targetPort: 9090, path: /v1/mcp, tls: {insecureSkipVerify: true}}
              deployment: {image: "acme/a:1", port: 3000, serviceAccountName: robot}
            """
        )
        #expect(
            result.spec == [
                "image": "acme/a:1", "transport": "streamable-http", "port": 9090, "path": "/v1/mcp",
                "service": ["port": 3000], "serviceAccount": ["name": "robot"],
            ]
        )
        #expect(result.found(.notCarriedOver) == ["spec.httpTransport.tls: the gateway speaks HTTP to pods"])
        #expect(result.found(.toDo).contains { $0.hasPrefix("spec.deployment.serviceAccountName: is an existing") })
    }

    @Test("a server of mcp-lifecycle-operator keeps storage, probes and network rules")
    func lifecycleOperator() {
        let result = imported(
            """
            apiVersion: mcp.x-k8s.io/v1beta1
            kind: MCPServer
            metadata: {name: a, namespace: tools}
            spec:
              extraLabels: {team: a}
              source:
                type: ContainerImage
                containerImage: {ref: "ghcr.io/acme/a:1", pullPolicy: Always, imagePullSecrets: [{name: pull}]}
              config:
                port: 9000
                path: /v1
                arguments: [--x]
                env:
                  - {name: A, value: b}
                  - {name: T, valueFrom: {secretKeyRef: {name: s, key: t}}}
                envFrom: [{secretRef: {name: all}}]
                storage:
                  - {path: /etc/a, source: {type: ConfigMap, configMap: {name: c}}}
                  - {path: /scratch, permissions: ReadWrite, source: {type: EmptyDir, emptyDir: {}}}
              runtime:
                replicas: 0
                security: {securityContext: {readOnlyRootFilesystem: false, runAsUser: 1001}}
                health:
                  readinessProbe: {httpGet: {path: /ready, port: 9000}, periodSeconds: 5}
                  livenessProbe: {exec: {command: [x]}}
              mcp: {stateless: true}
              network:
                ingressFrom: [{namespaceSelector: {matchLabels: {a: b}}}]
                egressTo: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
                egressPorts: [{port: 443, protocol: TCP}, {port: https}]
              transport: {tls: {enabled: true}}
              gateway: {provider: httproute}
            """
        )
        #expect(
            result.spec == [
                "image": "ghcr.io/acme/a:1", "imagePullPolicy": "Always", "imagePullSecrets": [["name": "pull"]],
                "deployment": ["labels": ["team": "a"]], "port": 9000, "path": "/v1", "args": ["--x"],
                "env": [
                    ["name": "A", "value": "b"],
                    ["name": "T", "valueFrom": ["secretKeyRef": ["name": "s", "key": "t"]]],
                ],
                "envFrom": [["secretRef": ["name": "all"]]],
                "volumes": [["name": "c", "configMap": ["name": "c"]], ["name": "scratch", "emptyDir": [:]]],
                "volumeMounts": [
                    ["name": "c", "mountPath": "/etc/a", "readOnly": true],
                    ["name": "scratch", "mountPath": "/scratch"],
                ],
                "replicas": 0, "securityContext": ["runAsUser": 1001],
                "probes": ["readiness": ["path": "/ready", "periodSeconds": 5]],
                "service": ["sessionAffinity": "None"],
                "network": [
                    "ingress": ["from": [["namespaceSelector": ["matchLabels": ["a": "b"]]]]],
                    "egress": [
                        "internet": false,
                        "allow": [["cidr": "10.0.0.0/8", "ports": [["port": 443, "protocol": "TCP"]]]],
                    ],
                ],
            ]
        )
        let lost = Set(result.findings.filter { $0.kind == .notCarriedOver }.map(\.field.description))
        for field in [
            "spec.runtime.security.securityContext.readOnlyRootFilesystem", "spec.runtime.health.livenessProbe",
            "spec.network.egressTo[0].ipBlock.except", "spec.network.egressPorts[1]", "spec.transport.tls",
            "spec.gateway",
        ] { #expect(lost.contains(field), "\(field)") }
    }
}

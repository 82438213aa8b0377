import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

private func render(_ server: MCPServer, _ change: (inout ServerInput) -> Void = { _ in }) throws -> [RenderedObject] {
    let decision = decide(Sample.input(server, change))
    return Reconcilers.render(try #require(decision.plan, "\(String(describing: decision.refusal))"))
}

@Suite("Rendering a server")
struct RenderServerTests {
    @Test("an image results in five objects, each with labels and an owner, in the order of writing")
    func minimal() throws {
        let objects = try render(Sample.server())
        #expect(objects.map(\.reference.type.kind) == ["NetworkPolicy", "ServiceAccount", "Service", "Deployment"])
        for object in objects {
            #expect(
                object.value.at("metadata.labels") == [
                    "app.kubernetes.io/name": "weather", "app.kubernetes.io/instance": "weather",
                    "app.kubernetes.io/component": "mcp-server", "app.kubernetes.io/part-of": "acme",
                    "app.kubernetes.io/managed-by": "moorage", "moorage.dev/tenant": "acme",
                    "moorage.dev/server": "weather",
                ]
            )
            #expect(
                object.value.at("metadata.ownerReferences.0") == [
                    "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServer", "name": "weather", "uid": "uid-weather",
                    "controller": true, "blockOwnerDeletion": true,
                ]
            )
        }
    }

    @Test("the Deployment is hardened like Obot's, and more")
    func hardened() throws {
        let deployment = try #require(render(Sample.server())["Deployment"])
        #expect(deployment.at("spec.replicas") == 1)
        let pod = deployment.at("spec.template.spec")
        #expect(
            pod?.at("securityContext") == [
                "runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000,
                "fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": ["type": "RuntimeDefault"],
            ]
        )
        #expect(
            pod?.at("containers.0.securityContext") == [
                "allowPrivilegeEscalation": false, "privileged": false, "readOnlyRootFilesystem": true,
                "runAsNonRoot": true,
                "runAsUser": 1000, "runAsGroup": 1000, "capabilities": ["drop": ["ALL"]],
                "seccompProfile": ["type": "RuntimeDefault"],
            ]
        )
        #expect(pod?.at("enableServiceLinks") == false)
        #expect(pod?.at("automountServiceAccountToken") == false)
        #expect(pod?.at("terminationGracePeriodSeconds") == 30)
        #expect(pod?.at("containers.0.resources") == ["requests": ["memory": "400Mi"]])
        #expect(pod?.at("containers.0.volumeMounts") == [["name": "tmp", "mountPath": "/tmp"]])
        #expect(pod?.at("volumes") == [["name": "tmp", "emptyDir": [:]]])
        #expect(pod?.at("containers.0.imagePullPolicy") == "IfNotPresent")
    }

    @Test("probes use the given path, with the document's timings, or the port if there is none")
    func probes() throws {
        let http = try #require(render(Sample.server { $0.probes = Probes(path: "/health") })["Deployment"])
        let container = http.at("spec.template.spec.containers.0")
        let request: JSONValue = ["path": "/health", "port": "http", "scheme": "HTTP"]
        #expect(
            container?.at("startupProbe") == [
                "httpGet": request, "periodSeconds": 5, "failureThreshold": 6, "timeoutSeconds": 5,
                "successThreshold": 1,
            ]
        )
        #expect(container?.at("livenessProbe.periodSeconds") == 30)
        #expect(container?.at("readinessProbe.periodSeconds") == 10)
        #expect(container?.at("readinessProbe.httpGet") == request)

        let tcp = try #require(render(Sample.server())["Deployment"]).at("spec.template.spec.containers.0")
        #expect(tcp?.at("startupProbe.tcpSocket") == ["port": "http"])
        #expect(tcp?.at("startupProbe.failureThreshold") == 60, "slow starters are not killed")

        let own = try #require(
            render(
                Sample.server {
                    $0.probes = Probes(
                        path: "/healthz",
                        startup: ProbeSettings(failureThreshold: 12),
                        liveness: ProbeSettings(disabled: true),
                        readiness: ProbeSettings(path: "/readyz")
                    )
                }
            )["Deployment"]
        ).at("spec.template.spec.containers.0")
        #expect(own?.at("startupProbe.failureThreshold") == 12)
        #expect(own?["livenessProbe"] == nil)
        #expect(own?.at("readinessProbe.httpGet.path") == "/readyz")
    }

    @Test("the Service has the named port 80 and the protocol http; all can be set")
    func service() throws {
        let service = try #require(render(Sample.server { $0.port = 9000 })["Service"])
        #expect(
            service.at("spec") == [
                "type": "ClusterIP", "selector": ["moorage.dev/server": "weather"],
                "ports": [
                    [
                        "name": "http", "port": 80, "targetPort": "http", "protocol": "TCP",
                        "appProtocol": "http",
                    ]
                ],
                "sessionAffinity": "None",
            ]
        )
        let own = try #require(
            render(
                Sample.server {
                    $0.path = "/sse"
                    $0.service = ServiceSettings(
                        port: 8080,
                        appProtocol: "agentgateway.dev/mcp",
                        annotations: ["a": "b"],
                        labels: ["c": "d"]
                    )
                }
            )["Service"]
        )
        #expect(own.at("spec.ports.0.port") == 8080)
        #expect(own.at("spec.ports.0.appProtocol") == "agentgateway.dev/mcp")
        #expect(own["metadata"]?["annotations"] == ["a": "b", "agentgateway.dev/mcp-path": "/sse"])
        #expect(own["metadata"]?["labels"]?["c"] == "d")
    }

    @Test("config is stored in Secrets: variables, files in /files, and templates as either")
    func config() throws {
        let objects = try render(
            Sample.server {
                $0.envFrom = [EnvFromSource(secretRef: SecretEnvSource(name: "bulk"))]
                $0.config = ServerConfiguration(
                    env: ["A": "1"],
                    files: ["a.json": "{}"],
                    templates: [
                        ConfigurationTemplate(
                            name: "auth",
                            content: "token ${T}",
                            variables: [
                                TemplateVariable(name: "T", secretKeyRef: SecretKeySelector(name: "s", key: "k"))
                            ],
                            file: "auth.conf"
                        ),
                        ConfigurationTemplate(name: "inline", content: "x", env: "CONFIG"),
                    ]
                )
            }
        ) {
            $0.contents = [
                ContentReference(kind: .secret, name: "bulk"): .digests([:]),
                ContentReference(kind: .secret, name: "s"): .values(["k": Array("hidden".utf8)]),
            ]
        }
        #expect(objects["Secret", "weather-env"]?["data"] == ["A": "MQ=="])
        #expect(objects["Secret", "weather-files"]?["data"] == ["a.json": "e30="])
        #expect(objects["Secret", "weather-templates"]?["data"] == ["auth": "dG9rZW4gaGlkZGVu", "inline": "eA=="])
        let pod = objects["Deployment"]?.at("spec.template.spec")
        #expect(
            pod?.at("containers.0.envFrom") == [
                ["secretRef": ["name": "bulk"]], ["secretRef": ["name": "weather-env"]],
            ]
        )
        #expect(
            pod?.at("containers.0.env") == [
                ["name": "HOME", "value": "/tmp"],
                ["name": "CONFIG", "valueFrom": ["secretKeyRef": ["name": "weather-templates", "key": "inline"]]],
            ]
        )
        #expect(
            pod?.at("volumes.1") == [
                "name": "files",
                "projected": [
                    "defaultMode": 288,
                    "sources": [
                        ["secret": ["name": "weather-files"]],
                        ["secret": ["name": "weather-templates", "items": [["key": "auth", "path": "auth.conf"]]]],
                    ],
                ],
            ]
        )
        #expect(pod?.at("containers.0.volumeMounts.1") == ["name": "files", "mountPath": "/files", "readOnly": true])
        for object in objects where object.reference.type.kind != "Secret" {
            #expect(!String(decoding: object.bytes, as: UTF8.self).contains("hidden"))
        }
    }

    @Test("storage is a claim at /data with one writer at a time")
    func storage() throws {
        let objects = try render(Sample.server { $0.storage = Storage(size: "2Gi", storageClassName: "fast") })
        #expect(
            objects["PersistentVolumeClaim", "weather-data"]?["spec"] == [
                "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "2Gi"]],
                "storageClassName": "fast",
                "volumeMode": "Filesystem",
            ]
        )
        let deployment = objects["Deployment"]
        #expect(deployment?.at("spec.strategy") == ["type": "Recreate"])
        #expect(
            deployment?.at("spec.template.spec.containers.0.volumeMounts.1") == ["name": "data", "mountPath": "/data"]
        )
        let existing = try render(
            Sample.server { $0.storage = Storage(existingClaim: "mine", accessModes: ["ReadWriteMany"]) }
        )
        #expect(existing["PersistentVolumeClaim"] == nil)
        #expect(existing["Deployment"]?.at("spec.template.spec.volumes.1.persistentVolumeClaim.claimName") == "mine")
        #expect(existing["Deployment"]?.at("spec.strategy.type") == "RollingUpdate")
    }

    @Test("a claim is kept when its server is deleted, unless the retention policy says otherwise")
    func retention() throws {
        func claim(_ policy: StorageRetentionPolicy?) throws -> RenderedObject {
            let objects = try render(Sample.server { $0.storage = Storage(size: "2Gi", retentionPolicy: policy) })
            return try #require(objects.first { $0.reference.type == .persistentVolumeClaim })
        }
        for policy in [nil, StorageRetentionPolicy(), StorageRetentionPolicy(whenDeleted: .retain)] {
            let kept = try claim(policy)
            #expect(kept.isRetained)
            #expect(kept.value["metadata"]?["ownerReferences"] == nil)
            #expect(kept.value["metadata"]?["annotations"] == nil)
            #expect(kept.value["metadata"]?["labels"]?["moorage.dev/server"] == "weather")
        }
        let deleted = try claim(StorageRetentionPolicy(whenDeleted: .delete, whenRemoved: .delete))
        #expect(!deleted.isRetained)
        #expect(deleted.value["metadata"]?["ownerReferences"]?.arrayValue?.count == 1)
        #expect(deleted.value["metadata"]?["annotations"] == ["moorage.dev/when-removed": "Delete"])
    }

    @Test("default-deny selects all pods, or only those of servers if the tenant of an adopted namespace says so")
    func defaultDeny() throws {
        func selector(adopt: Bool, _ deny: DefaultDeny?) throws -> JSONValue? {
            let tenant = Sample.tenant {
                $0.namespace = TenantNamespace(adopt: adopt)
                $0.network = TenantNetwork(defaultDeny: deny)
            }
            let plan = try #require(decide(TenantInput(tenant: tenant)).plan)
            return Reconcilers.render(plan)["NetworkPolicy", "moorage-default-deny"]?.at("spec.podSelector")
        }
        #expect(try selector(adopt: true, nil) == [:])
        #expect(try selector(adopt: true, .allPods) == [:])
        #expect(
            try selector(adopt: true, .serversOnly)
                == ["matchExpressions": [["key": "moorage.dev/server", "operator": "Exists"]]]
        )
        #expect(try selector(adopt: false, .serversOnly) == [:], "a namespace that Moorage created has no other pods")
    }

    @Test("several replicas have a disruption budget; with an autoscaler replicas are not set; suspended has neither")
    func scaling() throws {
        let two = try render(Sample.server { $0.replicas = 2 })
        #expect(two["PodDisruptionBudget"]?.at("spec.maxUnavailable") == 1)
        #expect(try render(Sample.server { $0.replicas = 0 })["Deployment"]?.at("spec.replicas") == 0)
        let scaled = try render(Sample.server { $0.scaling = Scaling(minReplicas: 2, maxReplicas: 5) })
        #expect(scaled["Deployment"]?.at("spec")?["replicas"] == nil)
        #expect(scaled["PodDisruptionBudget"] != nil)
        #expect(scaled["HorizontalPodAutoscaler"]?.at("spec.metrics.0.resource.target.averageUtilization") == 80)
        #expect(scaled["HorizontalPodAutoscaler"]?.at("spec.maxReplicas") == 5)
        let suspended = try render(
            Sample.server {
                $0.scaling = Scaling(minReplicas: 2, maxReplicas: 5)
                $0.suspend = true
            }
        )
        #expect(suspended["Deployment"]?.at("spec.replicas") == 0)
        #expect(suspended["HorizontalPodAutoscaler"] == nil)
        #expect(suspended["PodDisruptionBudget"] == nil)
        #expect(suspended["Service"] != nil)
    }

    @Test("an Ingress has TLS and annotations like the document's")
    func ingress() throws {
        let objects = try render(
            Sample.server {
                $0.exposure = Exposure(
                    ingress: IngressExposure(
                        className: "nginx",
                        host: "mcp.example.com",
                        tls: IngressTLSExposure(secretName: "mcp-tls"),
                        annotations: ["cert-manager.io/cluster-issuer": "letsencrypt-prod"]
                    )
                )
            }
        ) { $0.tenants = [Sample.exposingTenant()] }
        let ingress = try #require(objects["Ingress"])
        #expect(ingress["metadata"]?["annotations"] == ["cert-manager.io/cluster-issuer": "letsencrypt-prod"])
        #expect(
            ingress["spec"] == [
                "ingressClassName": "nginx",
                "tls": [["hosts": ["mcp.example.com"], "secretName": "mcp-tls"]],
                "rules": [
                    [
                        "host": "mcp.example.com",
                        "http": [
                            "paths": [
                                [
                                    "path": "/", "pathType": "Prefix",
                                    "backend": ["service": ["name": "weather", "port": ["name": "http"]]],
                                ]
                            ]
                        ],
                    ]
                ],
            ]
        )
    }

    @Test("an HTTPRoute leads to the Service")
    func route() throws {
        let objects = try render(
            Sample.server {
                $0.exposure = Exposure(
                    httpRoute: HTTPRouteExposure(
                        parentRefs: [RouteParentReference(name: "gw", namespace: "infra")],
                        hostnames: ["a.example"]
                    )
                )
            }
        ) { $0.tenants = [Sample.exposingTenant()] }
        #expect(
            objects["HTTPRoute"]?["spec"] == [
                "parentRefs": [
                    ["group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "gw", "namespace": "infra"]
                ],
                "hostnames": ["a.example"],
                "rules": [
                    [
                        "matches": [["path": ["type": "PathPrefix", "value": "/"]]],
                        "backendRefs": [["group": "", "kind": "Service", "name": "weather", "port": 80, "weight": 1]],
                        "timeouts": ["request": "0s"],
                    ]
                ],
            ]
        )
    }

    @Test("an HTTPRoute can strip its path and limit requests; a path that misses the endpoint causes a warning")
    func routeOptions() throws {
        func plan(_ change: (inout HTTPRouteExposure) -> Void) throws -> ServerPlan {
            var route = HTTPRouteExposure(
                parentRefs: [RouteParentReference(name: "gw", namespace: "infra")],
                hostnames: ["a.example"]
            )
            change(&route)
            let server = Sample.server { $0.exposure = Exposure(httpRoute: route) }
            return try #require(decide(Sample.input(server, tenants: [Sample.exposingTenant()])).plan)
        }
        let stripped = try plan {
            $0.path = "/weather"
            $0.stripPath = true
            $0.requestTimeout = "30s"
        }
        let rule = Reconcilers.render(stripped)["HTTPRoute"]?.at("spec.rules.0")
        #expect(
            rule?["filters"] == [
                [
                    "type": "URLRewrite",
                    "urlRewrite": ["path": ["type": "ReplacePrefixMatch", "replacePrefixMatch": "/"]],
                ]
            ]
        )
        #expect(rule?.at("timeouts.request") == "30s")
        #expect(!stripped.warnings.contains { $0.contains("is not below it") })
        let past = try plan { $0.path = "/weather" }
        #expect(
            past.warnings.contains {
                $0.contains("spec.exposure.httpRoute.path is /weather") && $0.contains("stripPath")
            }
        )
        let below = try plan { $0.path = "/mcp" }
        #expect(!below.warnings.contains { $0.contains("is not below it") })
    }

    @Test("a class sets agentgateway's protocol, which depends on the transport; a server can set its own")
    func appProtocol() throws {
        let agentgateway = Sample.serverClass(isDefault: true) {
            $0.service = ClassServiceSettings(appProtocol: "agentgateway.dev/mcp")
        }
        func service(_ change: (inout MCPServerSpec) -> Void) throws -> JSONValue {
            try #require(render(Sample.server("weather", change)) { $0.classes = [agentgateway] }["Service"])
        }
        let streamable = try service { _ in }
        #expect(streamable.at("spec.ports.0.appProtocol") == "agentgateway.dev/mcp")
        #expect(streamable["metadata"]?["annotations"] == nil)
        let sse = try service { $0.transport = .sse }
        #expect(sse.at("spec.ports.0.appProtocol") == "agentgateway.dev/mcp-sse")
        #expect(sse["metadata"]?["annotations"] == ["agentgateway.dev/mcp-path": "/sse"])
        let own = try service {
            $0.transport = .sse
            $0.service = ServiceSettings(appProtocol: "agentgateway.dev/mcp")
        }
        #expect(own.at("spec.ports.0.appProtocol") == "agentgateway.dev/mcp")
        let plain = try #require(render(Sample.server { $0.transport = .sse })["Service"])
        #expect(plain["metadata"]?["annotations"] == nil, "only agentgateway reads it")
    }

    @Test("requests of one client go to one pod if there can be several, unless the server says otherwise")
    func sessionAffinity() throws {
        func spec(_ change: (inout MCPServerSpec) -> Void) throws -> JSONValue? {
            try render(Sample.server("weather", change))["Service"]?["spec"]
        }
        let several = try spec { $0.replicas = 2 }
        #expect(several?["sessionAffinity"] == "ClientIP")
        #expect(several?["sessionAffinityConfig"] == ["clientIP": ["timeoutSeconds": 10_800]])
        let scaled = try spec { $0.scaling = Scaling(maxReplicas: 2, targetMemoryUtilizationPercentage: 50) }
        #expect(scaled?["sessionAffinity"] == "ClientIP")
        let off = try spec {
            $0.replicas = 2
            $0.service = ServiceSettings(sessionAffinity: "None")
        }
        #expect(off?["sessionAffinity"] == "None")
        #expect(off?["sessionAffinityConfig"] == nil)
    }

    @Test("an existing ServiceAccount is used and not rendered")
    func serviceAccount() throws {
        let objects = try render(Sample.server { $0.serviceAccount = ServiceAccountSettings(name: "mine") }) {
            $0.tenants = [Sample.tenant { $0.hardening = TenantHardening(serviceAccounts: ["mine"]) }]
        }
        #expect(objects["ServiceAccount"] == nil)
        #expect(objects["Deployment"]?.at("spec.template.spec.serviceAccountName") == "mine")
    }

    @Test("the same input results in the same bytes")
    func determinism() throws {
        let server = Sample.server {
            $0.config = ServerConfiguration(env: Dictionary(uniqueKeysWithValues: (0..<50).map { ("K\($0)", "\($0)") }))
            $0.replicas = 3
        }
        #expect(try render(server).map(\.bytes) == render(server).map(\.bytes))
    }

    @Test("a server from a file has no UID, and its objects have no owner")
    func fromFile() throws {
        var server = Sample.server()
        server.metadata.uid = nil
        #expect(try render(server).allSatisfy { $0.value["metadata"]?["ownerReferences"] == nil })
    }
}

@Suite("Rendering a tenant")
struct RenderTenantTests {
    private func render(_ tenant: MCPTenant) throws -> [RenderedObject] {
        Reconcilers.render(try #require(decide(TenantInput(tenant: tenant)).plan))
    }

    @Test("the namespace has Pod Security labels, each level with its version")
    func namespace() throws {
        let objects = try render(
            Sample.tenant {
                $0.namespace = TenantNamespace(labels: ["team": "a"], annotations: ["b": "c"], deletionPolicy: .delete)
                $0.podSecurity = TenantPodSecurity(warn: .baseline, warnVersion: "v1.36")
            }
        )
        let namespace = try #require(objects["Namespace", "mcp-acme"])
        #expect(
            namespace["metadata"]?["labels"] == [
                "app.kubernetes.io/managed-by": "moorage", "app.kubernetes.io/part-of": "acme",
                "moorage.dev/tenant": "acme",
                "team": "a",
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/enforce-version": "latest",
                "pod-security.kubernetes.io/audit": "restricted", "pod-security.kubernetes.io/audit-version": "latest",
                "pod-security.kubernetes.io/warn": "baseline", "pod-security.kubernetes.io/warn-version": "v1.36",
            ]
        )
        #expect(namespace["metadata"]?["annotations"] == ["b": "c"])
        #expect(namespace.at("metadata.ownerReferences.0.kind") == "MCPTenant")
    }

    @Test("Pod Security can be turned off")
    func podSecurityOff() throws {
        let tenant = Sample.tenant { $0.podSecurity = TenantPodSecurity(enabled: false) }
        let platform = PlatformConfiguration(tenantsMayLoosen: [.podSecurity])
        let plan = try #require(decide(TenantInput(tenant: tenant, platform: platform)).plan)
        let namespace = try #require(Reconcilers.render(plan)["Namespace"])
        let labels = namespace["metadata"]?["labels"]?.objectValue ?? [:]
        #expect(!labels.keys.contains { $0.hasPrefix("pod-security") })
    }

    @Test("quota, limits, a default-deny policy, and members by role")
    func rest() throws {
        let objects = try render(
            Sample.tenant {
                $0.quotas = TenantQuotas(
                    resourceQuota: ResourceQuotaSpec(hard: ["pods": "10"]),
                    limitRange: LimitRangeSpec(limits: [LimitRangeItem(type: "Container", default: ["cpu": "1"])])
                )
                $0.members = [
                    TenantMember(name: "zoe"), TenantMember(kind: .group, name: "devs", role: .editor),
                    TenantMember(kind: .serviceAccount, name: "ci", namespace: "build"), TenantMember(name: "ann"),
                ]
            }
        )
        #expect(objects["ResourceQuota", "moorage"]?.at("spec.hard.pods") == "10")
        #expect(objects["LimitRange", "moorage"]?.at("spec.limits.0.default.cpu") == "1")
        #expect(
            objects["NetworkPolicy", "moorage-default-deny"]?["spec"] == [
                "podSelector": [:], "policyTypes": ["Ingress", "Egress"],
            ]
        )
        let view = try #require(objects["RoleBinding", "moorage-viewer"])
        #expect(view.at("roleRef.name") == "moorage-viewer")
        #expect(
            view["subjects"] == [
                ["kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "ann"],
                ["kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "zoe"],
                ["kind": "ServiceAccount", "name": "ci", "namespace": "build"],
            ]
        )
        #expect(objects["RoleBinding", "moorage-editor"]?.at("subjects.0.kind") == "Group")
        #expect(objects["RoleBinding", "moorage-approver"] == nil)
    }

    @Test("an existing namespace is only adopted on request")
    func adoption() {
        var tenant = Sample.tenant()
        let foreign = Namespace(metadata: ObjectMeta(name: "mcp-acme"))
        #expect(decide(TenantInput(tenant: tenant, existingNamespace: foreign)).refusal?.reason == .namespaceNotOwned)
        tenant.spec.namespace = TenantNamespace(adopt: true)
        #expect(decide(TenantInput(tenant: tenant, existingNamespace: foreign)).plan != nil)
        let own = Namespace(
            metadata: ObjectMeta(
                name: "mcp-acme",
                labels: ["app.kubernetes.io/managed-by": "moorage", "moorage.dev/tenant": "acme"]
            )
        )
        #expect(decide(TenantInput(tenant: Sample.tenant(), existingNamespace: own)).plan != nil)
        var ending = own
        ending.metadata.deletionTimestamp = Timestamp(secondsSinceEpoch: 1)
        #expect(
            decide(TenantInput(tenant: Sample.tenant(), existingNamespace: ending)).refusal?.reason
                == .namespaceTerminating
        )
    }

    @Test("a plan has the ledger and the usage, and warns about a lowered quota")
    func quota() throws {
        let servers = (0..<3).map {
            QuotaServer(name: NamespacedName(namespace: "mcp-acme", name: "s\($0)"), isRunning: true)
        }
        let tenant = Sample.tenant { $0.quotas = TenantQuotas(overrides: QuotaOverrides(serversPerTenant: 2)) }
        let plan = try #require(decide(TenantInput(tenant: tenant, servers: servers)).plan)
        #expect(plan.ledger.admitted.count == 3)
        #expect(plan.usage[0] == QuotaUsage(dimension: "serversPerTenant", limit: 2, used: 3, remaining: 0))
        #expect(plan.usage[1] == QuotaUsage(dimension: "toolsPerServer", limit: 50))
        #expect(plan.warnings.count == 1)
        let unbounded = Sample.tenant { $0.quotas = TenantQuotas(mode: .unbounded) }
        let lenient = PlatformConfiguration(tenantsMayLoosen: [.quotaMode])
        let free = TenantInput(tenant: unbounded, servers: servers, platform: lenient)
        #expect(try #require(decide(free).plan).ledger.limit == nil)
    }
}

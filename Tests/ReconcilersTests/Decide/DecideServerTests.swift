import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers

/// A change that is refused, with the expected message and field.
private struct RefusalCase: Sendable, CustomTestStringConvertible {
    var name: String
    var reason: Reason
    var field: String?
    var change: @Sendable (inout ServerInput) -> Void
    var testDescription: String { name }

    init(_ name: String, _ reason: Reason, _ field: String?, _ change: @escaping @Sendable (inout ServerInput) -> Void)
    {
        self.name = name
        self.reason = reason
        self.field = field
        self.change = change
    }
}

private let podSpec = "pod spec."
private let firstContext = "pod spec.containers[0].securityContext"

private let refusals: [RefusalCase] = [
    RefusalCase("no image", .imageMissing, "spec.image") { $0.server.spec.image = nil },
    RefusalCase("an invalid image", .imageMalformed, "spec.image") { $0.server.spec.image = "UPPER case" },
    RefusalCase("latest", .imageLatestTag, "spec.image") { $0.server.spec.image = "ghcr.io/acme/a:latest" },
    RefusalCase("no digest", .imageDigestRequired, "spec.image") { $0.server.spec.image = "ghcr.io/acme/a:v1" },
    RefusalCase("a registry that is not listed", .imageRegistryNotAllowed, "spec.image") {
        $0.tenants[0].spec.images = TenantImages(allowedRegistries: ["ghcr.io/acme-corp"])
    },
    RefusalCase("airgapped without a mirror", .imageNotMirrored, "spec.image") { $0.tenants[0].spec.airgapped = true },
    RefusalCase("stdio", .transportUnsupported, "spec.transport") { $0.server.spec.transport = .stdio },
    RefusalCase("a class that does not exist", .classNotFound, "spec.className") { $0.server.spec.className = "gold" },
    RefusalCase("a name that no Service can have", .specInvalid, "metadata.name") { $0.server.metadata.name = "1st" },
    RefusalCase("an invalid port", .specInvalid, "spec.port") { $0.server.spec.port = 0 },
    RefusalCase("a plan that does not exist", .tenantInvalid, nil) {
        $0.tenants[0].spec.quotas = TenantQuotas(plan: "gold")
    },
    RefusalCase("an invalid range of the tenant", .tenantInvalid, nil) {
        $0.tenants[0].spec.network = TenantNetwork(blockedCIDRs: ["10.0.0.0"])
    },
    RefusalCase("an exceeded quota", .quotaExceeded, nil) {
        $0.admission = .waiting(position: 3, running: 10, limit: 10)
    },
    RefusalCase("a missing Secret", .referenceNotFound, "spec.env[TOKEN].valueFrom.secretKeyRef") {
        $0.server.spec.env = [
            EnvVar(name: "TOKEN", valueFrom: EnvVarSource(secretKeyRef: SecretKeySelector(name: "s", key: "k")))
        ]
    },
    RefusalCase("a missing key", .referenceKeyNotFound, "spec.env[TOKEN].valueFrom.secretKeyRef") {
        $0.server.spec.env = [
            EnvVar(name: "TOKEN", valueFrom: EnvVarSource(secretKeyRef: SecretKeySelector(name: "s", key: "k")))
        ]
        $0.contents = [ContentReference(kind: .secret, name: "s"): .digests(["other": "d"])]
    },
    RefusalCase("a missing ConfigMap of envFrom", .referenceNotFound, "spec.envFrom[0].configMapRef") {
        $0.server.spec.envFrom = [EnvFromSource(configMapRef: ConfigMapEnvSource(name: "c"))]
    },
    RefusalCase("a missing Secret of a volume", .referenceNotFound, "spec.volumes[v].secret") {
        $0.server.spec.volumes = [Volume(name: "v", secret: SecretVolumeSource(secretName: "s"))]
    },
    RefusalCase("an undefined template variable", .templateVariableUndefined, "spec.config.templates[0]") {
        $0.server.spec.config = ServerConfiguration(templates: [
            ConfigurationTemplate(name: "t", content: "${MISSING}", env: "CONFIG")
        ])
    },
    RefusalCase("two sources for one file", .specInvalid, "spec.config.templates[0].file") {
        $0.server.spec.config = ServerConfiguration(
            files: ["a.json": "{}"],
            templates: [ConfigurationTemplate(name: "t", content: "x", file: "a.json")]
        )
    },
    RefusalCase("two sources for one variable", .specInvalid, "spec.config.templates[0].env") {
        $0.server.spec.config = ServerConfiguration(
            env: ["CONFIG": "1"],
            templates: [ConfigurationTemplate(name: "t", content: "x", env: "CONFIG")]
        )
    },
    RefusalCase("a volume with a reserved name", .specInvalid, "spec.volumes[tmp]") {
        $0.server.spec.volumes = [Volume(name: "tmp", emptyDir: EmptyDirVolumeSource())]
    },
    RefusalCase("two mounts at one path", .specInvalid, "pod spec.containers[0].volumeMounts[2].mountPath") {
        $0.server.spec.storage = Storage(size: "1Gi")
        $0.server.spec.volumes = [Volume(name: "mine", emptyDir: EmptyDirVolumeSource())]
        $0.server.spec.volumeMounts = [VolumeMount(name: "mine", mountPath: "/data")]
    },
    RefusalCase("a mount without a volume", .specInvalid, "pod spec.containers[0].volumeMounts[1].name") {
        $0.server.spec.volumeMounts = [VolumeMount(name: "none", mountPath: "/x")]
    },
    RefusalCase("a privileged container", .hardeningWeakened, "\(firstContext).privileged") {
        $0.server.spec.securityContext = SecurityContext(privileged: true)
    },
    RefusalCase("a writable root", .hardeningWeakened, "\(firstContext).readOnlyRootFilesystem") {
        $0.server.spec.securityContext = SecurityContext(readOnlyRootFilesystem: false)
    },
    RefusalCase("root", .hardeningWeakened, "\(firstContext).runAsUser") {
        $0.server.spec.podSecurityContext = PodSecurityContext(runAsUser: 0)
    },
    RefusalCase("an added capability", .hardeningWeakened, "\(firstContext).capabilities.add") {
        $0.server.spec.securityContext = SecurityContext(capabilities: Capabilities(add: ["CHOWN"]))
    },
    RefusalCase("the node's network in an override", .hardeningWeakened, "\(podSpec)hostNetwork") {
        $0.server.spec.podTemplate = ["spec": ["hostNetwork": true]]
    },
    RefusalCase("a token in an override", .hardeningWeakened, "\(podSpec)automountServiceAccountToken") {
        $0.server.spec.podTemplate = ["spec": ["automountServiceAccountToken": true]]
    },
    RefusalCase(
        "a projected token",
        .hardeningWeakened,
        "\(podSpec)volumes[1].projected.sources[0].serviceAccountToken"
    ) {
        $0.server.spec.podTemplate = [
            "spec": [
                "volumes": [["name": "t", "projected": ["sources": [["serviceAccountToken": ["path": "t"]]]]]]
            ]
        ]
    },
    RefusalCase("a hostPath volume", .hardeningWeakened, "\(podSpec)volumes[1].hostPath") {
        $0.server.spec.podTemplate = ["spec": ["volumes": [["name": "h", "hostPath": ["path": "/"]]]]]
    },
    RefusalCase(
        "an additional container that is not hardened",
        .hardeningWeakened,
        "pod spec.containers[1].securityContext.allowPrivilegeEscalation"
    ) {
        $0.server.spec.podTemplate = ["spec": ["containers": [["name": "side", "image": .string(Sample.image)]]]]
    },
    RefusalCase(
        "an additional container with any image",
        .imageDigestRequired,
        "spec.podTemplate.spec.containers[1].image"
    ) {
        $0.server.spec.podTemplate = ["spec": ["containers": [["name": "side", "image": "docker.io/a/b:v1"]]]]
    },
    RefusalCase("the image in an override", .podTemplateInvalid, "spec.podTemplate.spec.containers[0].image") {
        $0.server.spec.podTemplate = ["spec": ["containers": [["name": "mcp", "image": "docker.io/a/b:v1"]]]]
    },
    RefusalCase("another server's label", .podTemplateInvalid, "spec.podTemplate.metadata.labels[moorage.dev/server]") {
        $0.server.spec.podTemplate = ["metadata": ["labels": ["moorage.dev/server": "other"]]]
    },
    RefusalCase(
        "a removed label of Moorage",
        .podTemplateInvalid,
        "spec.podTemplate.metadata.labels[moorage.dev/server]"
    ) {
        $0.server.spec.podTemplate = ["metadata": ["labels": ["moorage.dev/server": nil]]]
    },
    RefusalCase("the removed container of the server", .podTemplateInvalid, "spec.podTemplate.spec.containers") {
        $0.server.spec.podTemplate = ["spec": ["containers": [["name": "mcp", "$patch": "delete"]]]]
    },
    RefusalCase("an invalid patch", .podTemplateInvalid, "spec.podTemplate.spec.containers") {
        $0.server.spec.podTemplate = ["spec": ["containers": [["image": "x"]]]]
    },
    RefusalCase(
        "root, if weakening is allowed and Pod Security refuses it",
        .podSecurityViolation,
        "pod spec.securityContext.runAsUser"
    ) {
        $0.tenants[0].spec.hardening = TenantHardening(allowWeakening: true)
        $0.server.spec.podSecurityContext = PodSecurityContext(runAsUser: 0)
    },
]

@Suite("Deciding about a server")
struct DecideServerTests {
    @Test("is refused, with reason, field and solution", arguments: refusals)
    fileprivate func refused(refusalCase: RefusalCase) throws {
        var input = Sample.input()
        refusalCase.change(&input)
        let refusal = try #require(decide(input).refusal)
        #expect(refusal.reason == refusalCase.reason, "\(refusal)")
        #expect(refusal.field == refusalCase.field, "\(refusal)")
        #expect(refusal.message.count > 20)
    }

    @Test("a server only needs an image, even in a namespace without a tenant")
    func minimal() throws {
        let plan = try #require(decide(ServerInput(server: Sample.server())).plan)
        #expect(!plan.tenant.isClaimed)
        #expect(plan.settings.port == 8080)
        #expect(plan.url == "http://weather.mcp-acme.svc.cluster.local/mcp")
        #expect(plan.image.resolved == Sample.image)
        #expect(plan.className == nil)
    }

    @Test("a refusal by quota has the numbers, the position, and a breach to audit")
    func quota() throws {
        let refusal = try #require(
            decide(Sample.input { $0.admission = .waiting(position: 2, running: 10, limit: 10) }).refusal
        )
        #expect(refusal.queuePosition == 2)
        #expect(
            refusal.breach
                == QuotaBreach(
                    tenant: "acme",
                    server: "mcp-acme/weather",
                    dimension: .serversPerTenant,
                    limit: 10,
                    observed: 12
                )
        )
        #expect(refusal.message.contains("10 of 10"))
    }

    @Test("a tenant that allows weakening, and whose namespace is privileged, can weaken the hardening")
    func weakening() throws {
        let input = Sample.input(
            Sample.server { $0.securityContext = SecurityContext(allowPrivilegeEscalation: true, privileged: true) },
            tenants: [
                Sample.tenant {
                    $0.hardening = TenantHardening(allowWeakening: true)
                    $0.podSecurity = TenantPodSecurity(enforce: .privileged)
                }
            ]
        ) { $0.platform = PlatformConfiguration(tenantsMayLoosen: [.podSecurity]) }
        let plan = try #require(decide(input).plan)
        #expect(plan.podTemplate.at("spec.containers.0.securityContext.privileged") == true)
    }

    @Test("a class can weaken the hardening, and its servers cannot weaken it further")
    func classWeakening() throws {
        let writable = Sample.serverClass(isDefault: true) {
            $0.securityContext = SecurityContext(readOnlyRootFilesystem: false)
        }
        #expect(decide(Sample.input { $0.classes = [writable] }).plan != nil)
        let more = Sample.input(
            Sample.server {
                $0.securityContext = SecurityContext(capabilities: Capabilities(add: ["CHOWN"]))
            }
        ) {
            $0.classes = [writable]
        }
        #expect(decide(more).refusal?.field == "pod spec.containers[0].securityContext.capabilities.add")
    }

    @Test(
        "the class moorage runs the platform's own image, for which no rule is, and is replaced by a class of its name"
    )
    func ownImage() throws {
        let own = "registry.example/moorage/controller:0.1.0"
        func input(_ change: @escaping (inout ServerInput) -> Void = { _ in }) -> ServerInput {
            let server = Sample.server {
                $0.image = nil
                $0.className = "moorage"
            }
            let tenant = Sample.tenant {
                $0.images = TenantImages(
                    allowedRegistries: ["ghcr.io/acme"],
                    signatures: TenantSignatures(
                        mode: .enforce,
                        authorities: [ImageAuthority(name: "a", images: ["ghcr.io"], keys: [Self.key])]
                    )
                )
            }
            return Sample.input(server, tenants: [tenant]) {
                $0.platform = PlatformConfiguration(stdio: PlatformStdio(image: own, imagePullPolicy: "Always"))
                $0.signatures = SignatureStates()
                change(&$0)
            }
        }
        let plan = try #require(decide(input()).plan)
        #expect(plan.podTemplate.at("spec.containers.0.image") == .string(own))
        #expect(plan.podTemplate.at("spec.containers.0.imagePullPolicy") == "Always")
        #expect(plan.image.isOwn && !plan.image.isPinned && !plan.isBehindClass)
        #expect(SignatureRequest.all(input(), roots: [:]).isEmpty)
        // Only exactly this image.
        for image in [own + "-evil", own.replacing("controller", with: "other"), own.replacing("0.1.0", with: "0.2.0")]
        {
            let other = input { $0.server.spec.image = image }
            #expect(decide(other).refusal != nil, "\(image)")
        }
        let replaced = Sample.serverClass("moorage") {
            $0.image = "ghcr.io/acme/bridge@sha256:" + String(repeating: "b", count: 64)
        }
        #expect(decide(input { $0.classes = [replaced] }).refusal?.reason == .signaturePending)
        // Without an image of its own, the platform has no such class.
        #expect(decide(input { $0.platform = PlatformConfiguration() }).refusal?.reason == .classNotFound)
    }

    /// A public key that nobody signs with.
    private static let key = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAPn+AREHoBaZ7wgS1zBqpxmLSGnyhxXj4lFxSdWVB8o8=
        -----END PUBLIC KEY-----
        """

    @Test("a token is mounted only if the server requests it")
    func token() throws {
        let asked = try #require(
            decide(Sample.input(Sample.server { $0.serviceAccount = ServiceAccountSettings(automountToken: true) }))
                .plan
        )
        #expect(asked.podTemplate.at("spec.automountServiceAccountToken") == true)
        #expect(try #require(decide(Sample.input()).plan).podTemplate.at("spec.automountServiceAccountToken") == false)
    }

    @Test("the user can be set, for the pod and the container alike")
    func user() throws {
        let plan = try #require(
            decide(
                Sample.input(
                    Sample.server {
                        $0.podSecurityContext = PodSecurityContext(
                            fsGroup: 65_534,
                            runAsGroup: 65_534,
                            runAsUser: 65_534
                        )
                    }
                )
            ).plan
        )
        #expect(plan.podTemplate.at("spec.securityContext.runAsUser") == 65_534)
        #expect(plan.podTemplate.at("spec.containers.0.securityContext.runAsUser") == 65_534)
        #expect(plan.podTemplate.at("spec.securityContext.runAsNonRoot") == true)
    }

    @Test("a missing pull Secret is reported, but not refused, because the kubelet pulls without it")
    func pullSecret() throws {
        let input = Sample.input(Sample.server { $0.imagePullSecrets = [LocalObjectReference(name: "pull")] })
        let plan = try #require(decide(input).plan)
        #expect(plan.warnings.contains { $0.contains("pull") })
        let needs = ServerReferences.needs(of: input)
        #expect(needs[ContentReference(kind: .secret, name: "pull")]?.isPullSecret == true)
    }

    @Test("an exposed server warns that only the gateway's namespace can reach it, unless the tenant sets a gateway")
    func exposed() throws {
        let server = Sample.server { $0.exposure = Exposure(ingress: IngressExposure(host: "a.example")) }
        let plan = try #require(decide(Sample.input(server, tenants: [Sample.exposingTenant()])).plan)
        #expect(plan.warnings.count == 1)
        #expect(plan.warnings.first?.contains("spec.network.gateway.namespaces") == true)
        let tenant = Sample.exposingTenant {
            $0.network = TenantNetwork(gateway: GatewayPeers(namespaces: ["ingress-nginx"]))
        }
        #expect(try #require(decide(Sample.input(server) { $0.tenants = [tenant] }).plan).warnings.isEmpty)
    }

    @Test("a missing optional reference is not refused")
    func optional() {
        let input = Sample.input(
            Sample.server {
                $0.env = [
                    EnvVar(
                        name: "T",
                        valueFrom: EnvVarSource(secretKeyRef: SecretKeySelector(name: "s", key: "k", optional: true))
                    )
                ]
            }
        )
        #expect(decide(input).plan != nil)
    }
}

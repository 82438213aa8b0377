internal import CRDModels
internal import KubernetesAPI
internal import SupplyChain

/// How pods in the namespaces of tenants must be hardened, and which images they can run.
extension AdmissionPolicies {
    static let podResources = [
        AdmissionResource(group: "", resources: ["pods"], operations: ["CREATE", "UPDATE"]),
        AdmissionResource(group: "", resources: ["pods/ephemeralcontainers"], operations: ["UPDATE"]),
    ]

    /// A pod that exists already is judged again only when its containers change.
    static let changesPod = (
        name: "changes-pod", expression: "oldObject == null || object.spec != oldObject.spec"
    )

    static let containers = (
        name: "containers",
        expression: """
        dyn(object.spec.containers) + dyn(object.spec.?initContainers.orValue([])) + \
        dyn(object.spec.?ephemeralContainers.orValue([]))
        """
    )

    /// The tenant's rules for pods: its images, and the hardening that Moorage's own pods have.
    static let pods = AdmissionPolicy(
        name: "pods",
        suffix: "pods",
        purpose: """
            The tenant's rules for pods in its namespace, whoever creates them: its images, and the hardening of Moorage's own pods, \
            unless spec.hardening.allowWeakening of the MCPTenant is set. In an adopted namespace with network.defaultDeny \
            ServersOnly, only pods of servers are judged.
            """,
        resources: podResources,
        scope: .tenantNamespaces,
        readsTenant: true,
        matchConditions: [
            changesPod,
            (
                "isolated",
                """
                params.?spec.?network.?defaultDeny.orValue('AllPods') != 'ServersOnly' || \
                object.metadata.?labels[?'\(MoorageLabels.managedBy)'].orValue('') == '\(MoorageLabels.managedByValue)'
                """
            ),
        ],
        variables: ImageCEL.podVariables
            + [
                ImageCEL.tenantRequiresDigest,
                ImageCEL.prefixes("tenantRegistries", of: "params.?spec.?images.?allowedRegistries.orValue([])"),
                ImageCEL.prefixes(
                    "registries",
                    of: """
                        params.?spec.?images.?allowedRegistries.orValue([]) + \
                        params.?spec.?images.?mirrors.orValue([]).map(m, m.mirror) + variables.mirrors
                        """
                ),
                ("mayWeaken", "params.?spec.?hardening.?allowWeakening.orValue(false)"),
                ("pod", "object.spec.?securityContext.orValue({})"),
                (
                    "mayHaveToken",
                    """
                    object.spec.?serviceAccountName.orValue('') in params.?spec.?hardening.?serviceAccounts.orValue([]) || \
                    object.spec.?serviceAccountName.orValue('') == \
                    object.metadata.?labels[?'\(MoorageLabels.server)'].orValue('') && \
                    object.spec.?automountServiceAccountToken.orValue(false)
                    """
                ),
            ],
        rules: imageRules + hardeningRules,
        applies: { review in
            guard review.changesPod, let tenant = review.tenant else { return false }
            if tenant[path: ["spec", "network", "defaultDeny"]] != "ServersOnly" { return true }
            let labels = review.object?[path: ["metadata", "labels"]]
            return labels?[MoorageLabels.managedBy] == .string(MoorageLabels.managedByValue)
        }
    )

    private static let imageRules = [
        AdmissionRule(
            "tenant-digest",
            "!variables.tenantRequiresDigest || \(ImageCEL.allPinned)",
            message: "an image has no digest, and the tenant requires one: pin it as NAME@sha256:…",
            messageExpression: ImageCEL.unpinned("the tenant"),
            accepts: { review in !review.tenantRequiresDigest || review.podImages.allSatisfy(\.isPinned) }
        ),
        AdmissionRule(
            "tenant-registry",
            "variables.tenantRegistries.size() == 0 || \(ImageCEL.allCovered(by: "registries"))",
            message: "the tenant's list of registries does not allow an image",
            messageExpression: ImageCEL.notCovered(by: "registries", of: "the tenant"),
            accepts: { review in
                let allowed = review.tenantPrefixes(["allowedRegistries"])
                let mirrors = review.tenantPrefixes(["mirrors"]) + review.platform.images.mirrors.map(\.mirror)
                return allowed.isEmpty || review.podImages.allSatisfy { $0.isCovered(by: allowed + mirrors) }
            }
        ),
    ]

    /// Whether a rule does not apply: the tenant allows every weakening, or the platform this one, because a class has it.
    private static func mayWeaken(_ rule: String) -> String {
        "variables.mayWeaken || '\(rule)' in variables.allowedWeakenings"
    }

    /// The names of the rules about hardening, which `admission.allowedWeakenings` of the chart can list.
    package static var weakenings: [String] { hardeningRules.map(\.name) }

    /// A rule of `Hardening` for each container.
    ///
    /// - Parameters:
    ///   - condition: CEL for whether the container `c` is as hard as it must be.
    ///   - fields: the ends of the fields that `Hardening` names.
    private static func containers(
        _ name: String,
        _ condition: String,
        field: String,
        must: String,
        fields: @escaping @Sendable (String) -> Bool
    ) -> AdmissionRule {
        AdmissionRule(
            name,
            "\(mayWeaken(name)) || variables.containers.all(c, \(condition))",
            message: "\(field) of a container \(must)",
            messageExpression: """
                '\(field) of the container ' + variables.containers.filter(c, !(\(condition))).map(c, string(c.name)).join(', ') + ' \
                \(must)'
                """,
            accepts: { review in
                review.platform.allowedWeakenings.contains(name) || !review.weakenings.contains(where: fields)
            }
        )
    }

    private static func pod(
        _ name: String,
        _ expression: String,
        message: String,
        fields: @escaping @Sendable (String) -> Bool
    ) -> AdmissionRule {
        AdmissionRule(name, "\(mayWeaken(name)) || \(expression)", message: message) { review in
            review.platform.allowedWeakenings.contains(name) || !review.weakenings.contains(where: fields)
        }
    }

    /// A rule for one setting of every container.
    private static func setting(_ name: String, _ condition: String, must: String) -> AdmissionRule {
        containers(name, condition, field: "securityContext.\(name)", must: must) { field in
            field.hasSuffix("].securityContext.\(name)")
        }
    }

    private static let hardeningRules: [AdmissionRule] = [
        pod(
            "host-namespaces",
            """
            !object.spec.?hostNetwork.orValue(false) && !object.spec.?hostPID.orValue(false) && \
            !object.spec.?hostIPC.orValue(false) && !object.spec.?shareProcessNamespace.orValue(false)
            """,
            message: "hostNetwork, hostPID, hostIPC and shareProcessNamespace must not be true"
        ) { ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"].contains($0) },
        pod(
            "identity",
            """
            variables.mayHaveToken || variables.volumes.all(v, !has(v.projected) || v.projected.?sources.orValue([]).all(s, \
            !has(s.podCertificate) && (!has(s.serviceAccountToken) || \
            s.serviceAccountToken.?audience.orValue('') in \(list(cloudAudiences)))))
            """,
            message: """
                a volume gives the pod an identity in the cluster: set automountServiceAccountToken to false, use \
                spec.serviceAccount.automountToken of an MCPServer, or ask an administrator to add the ServiceAccount to \
                spec.hardening.serviceAccounts of the MCPTenant
                """
        ) { $0.hasSuffix(".serviceAccountToken") || $0.hasSuffix(".podCertificate") },
        pod(
            "service-links",
            "!object.spec.?enableServiceLinks.orValue(true)",
            message: "enableServiceLinks must be false: it exposes every Service of the namespace to the pod"
        ) { $0 == "enableServiceLinks" },
        pod(
            "volumes",
            "variables.volumes.all(v, \(unsafeVolumes.map { "!has(v.\($0))" }.joined(separator: " && ")))",
            message: "hostPath, and other volumes that Pod Security restricted does not allow, must not be used"
        ) { field in
            field.hasPrefix("volumes[") && unsafeVolumes.contains { field.hasSuffix("].\($0)") }
        },
        pod(
            "root-groups",
            """
            variables.pod.?fsGroup.orValue(1) != 0 && variables.pod.?runAsGroup.orValue(1) != 0 && \
            variables.pod.?supplementalGroups.orValue([]).all(g, g != 0)
            """,
            message: "fsGroup, runAsGroup and supplementalGroups of the pod must not be 0, the root group"
        ) { field in
            ["securityContext.fsGroup", "securityContext.runAsGroup"].contains(field)
                || field.hasPrefix("securityContext.supplementalGroups")
        },
        pod(
            "sysctls",
            "variables.pod.?sysctls.orValue([]).all(s, s.name in \(list(PodSecurity.safeSysctls.sorted())))",
            message: "sysctls must be safe ones"
        ) { $0.hasPrefix("securityContext.sysctls") },
        setting("privileged", "!c.?securityContext.?privileged.orValue(false)", must: "must not be true"),
        setting(
            "allowPrivilegeEscalation",
            "!c.?securityContext.?allowPrivilegeEscalation.orValue(true)",
            must: "must be false"
        ),
        setting(
            "readOnlyRootFilesystem",
            "c.?securityContext.?readOnlyRootFilesystem.orValue(false)",
            must: "must be true: write to a volume"
        ),
        containers(
            "runAsNonRoot",
            "c.?securityContext.?runAsNonRoot.orValue(variables.pod.?runAsNonRoot.orValue(false))",
            field: "securityContext.runAsNonRoot",
            must: "must be true"
        ) { $0.hasSuffix("].securityContext.runAsNonRoot") },
        containers(
            "runAsUser",
            "c.?securityContext.?runAsUser.orValue(variables.pod.?runAsUser.orValue(1)) != 0",
            field: "securityContext.runAsUser",
            must: "must not be 0, the root user"
        ) { $0.hasSuffix("].securityContext.runAsUser") },
        setting("runAsGroup", "c.?securityContext.?runAsGroup.orValue(1) != 0", must: "must not be 0, the root group"),
        containers(
            "seccompProfile",
            """
            c.?securityContext.?seccompProfile.?type.orValue(variables.pod.?seccompProfile.?type.orValue('')) in \
            ['RuntimeDefault', 'Localhost']
            """,
            field: "securityContext.seccompProfile.type",
            must: "must be RuntimeDefault or Localhost"
        ) { $0.hasSuffix("].securityContext.seccompProfile.type") },
        containers(
            "capabilities",
            """
            'ALL' in c.?securityContext.?capabilities.?drop.orValue([]) && \
            c.?securityContext.?capabilities.?add.orValue([]).all(a, a == 'NET_BIND_SERVICE')
            """,
            field: "securityContext.capabilities",
            must: "must drop ALL, and add nothing but NET_BIND_SERVICE"
        ) { $0.contains("].securityContext.capabilities.") },
        containers(
            "hostPort",
            "c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)",
            field: "hostPort",
            must: "must not be set"
        ) { $0.hasSuffix(".hostPort") },
        setting("procMount", "c.?securityContext.?procMount.orValue('Default') == 'Default'", must: "must be Default"),
        pod(
            "profiles",
            "(variables.containers.map(c, c.?securityContext.orValue({})) + [variables.pod]).all(x, \(safeProfiles))",
            message: """
                the options of SELinux, the profile of AppArmor and the Windows options must be those that Pod Security restricted \
                allows
                """
        ) { field in
            field.contains("seLinuxOptions") || field.contains("appArmorProfile")
                || field.hasSuffix("windowsOptions.hostProcess")
        },
        containers(
            "handlers",
            """
            [c.?livenessProbe, c.?readinessProbe, c.?startupProbe, c.?lifecycle.?postStart, c.?lifecycle.?preStop]\
            .all(h, h.?httpGet.?host.orValue('') == '' && h.?tcpSocket.?host.orValue('') == '')
            """,
            field: "the host of a probe or a hook",
            must: "must not be set"
        ) { $0.hasSuffix(".host") },
    ]

    /// The audiences of the tokens that clouds inject for their own services. The Kubernetes API does not accept these tokens.
    static let cloudAudiences = ["api://AzureADTokenExchange", "pods.eks.amazonaws.com", "sts.amazonaws.com"]

    /// The sources of volumes in the API that `restricted` does not allow.
    private static let unsafeVolumes = [
        "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker",
        "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "iscsi", "nfs", "photonPersistentDisk",
        "portworxVolume",
        "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
    ]

    /// The rules of `baseline` for the security settings `x` of a pod or of a container.
    private static let safeProfiles = """
        x.?seLinuxOptions.?type.orValue('') in \(list(PodSecurity.seLinuxTypes.sorted())) && \
        x.?seLinuxOptions.?user.orValue('') == '' && x.?seLinuxOptions.?role.orValue('') == '' && \
        x.?appArmorProfile.?type.orValue('') != 'Unconfined' && !x.?windowsOptions.?hostProcess.orValue(false)
        """
}

extension AdmissionReview {
    /// Whether a pod is new, or its spec changes.
    var changesPod: Bool { oldObject == nil || object?["spec"] != oldObject?["spec"] }

    /// The fields in which a pod is less hardened than Moorage's, as paths from its `spec`; none if the tenant allows that.
    var weakenings: [String] {
        guard tenant?[path: ["spec", "hardening", "allowWeakening"]] != true else { return [] }
        var spec = object?["spec"] ?? [:]
        let account = spec["serviceAccountName"]?.stringValue ?? ""
        let isAllowed = tenant?[path: ["spec", "hardening", "serviceAccounts"]]?.arrayValue?.contains(.string(account))
        let isServers = object?[path: ["metadata", "labels", MoorageLabels.server]] == .string(account)
        let allowsToken = isAllowed == true || isServers && spec["automountServiceAccountToken"] == true
        // The API server has already added the volume with the token, if the pod has one; the volume is what counts.
        spec["automountServiceAccountToken"] = false
        spec["volumes"] = .array((spec["volumes"]?.arrayValue ?? []).map(withoutCloudTokens))
        return Hardening.weakenings(of: spec, allowsToken: allowsToken).map(\.field)
    }

    /// A volume without the tokens that clouds inject.
    private func withoutCloudTokens(_ volume: JSONValue) -> JSONValue {
        guard let sources = volume[path: ["projected", "sources"]]?.arrayValue else { return volume }
        var volume = volume
        volume[path: ["projected", "sources"]] = .array(
            sources.filter { source in
                let audience = source[path: ["serviceAccountToken", "audience"]]?.stringValue ?? ""
                return !AdmissionPolicies.cloudAudiences.contains(audience)
            }
        )
        return volume
    }
}

extension Example {
    /// Valid and invalid MCPTenants.
    static let tenants: [Example] = [
        .tenant("a tenant of defaults", "{}"),
        .tenant(
            "everything at once",
            """
            namespace: {name: acme-servers, labels: {team: acme}, deletionPolicy: Delete, adopt: true}
            podSecurity: {enabled: true, enforce: baseline, enforceVersion: v1.36, audit: restricted, warnVersion: latest}
            quotas:
              mode: Enforced
              plan: enterprise
              overrides: {serversPerTenant: 20}
              resourceQuota: {hard: {pods: "50", requests.memory: 16Gi}}
              limitRange: {limits: [{type: Container, default: {memory: 512Mi}}]}
            network:
              gateway: {namespaces: [gateway], podSelector: {matchLabels: {app: gw}}, callbackPorts: [8080]}
              dns: {namespace: kube-system, ports: [{protocol: UDP, port: 53}]}
              internet: false
              allow: [{cidr: 10.0.0.0/8}]
              blockedCIDRs: [203.0.113.0/24, "2001:db8::/32"]
              monitoring: {namespaces: [monitoring], podSelector: {matchLabels: {app: prometheus}}}
              sameNamespace: true
              defaultDeny: ServersOnly
            airgapped: true
            images:
              allowedRegistries: [ghcr.io/acme]
              mirrors: [{source: ghcr.io, mirror: "registry.internal:5000/ghcr"}]
            imagePullSecrets: [{name: pull}]
            members:
            - {name: jane@example.com, role: Approver}
            - {kind: Group, name: acme}
            - {kind: ServiceAccount, name: ci, namespace: build, role: Editor}
            - {name: joe@example.com, clusterRole: "acme:debugger"}
            exposure:
              hosts: ["*.t1.example.com", mcp.example.com, "*"]
              ingressClasses: [nginx]
              gateways: [{name: shared, namespace: infra}, {name: "*"}]
              annotations: [cert-manager.io/cluster-issuer, "nginx.ingress.kubernetes.io/proxy-*"]
            hardening: {allowWeakening: true, serviceAccounts: [deployer]}
            access:
              allow:
              - from: [{anyCaller: true}]
                to: [{servers: [search], tools: [find_*]}]
              - from:
                - issuer: https://login.example.com
                  claims: [{claim: /realm_access/roles, values: [admin]}, {claim: https://example.com/team, values: [a, b]}]
                  clients: [agent]
                - {anyCaller: false, serviceAccounts: ["batch-*"]}
                to: [{serverSelector: {matchLabels: {tier: gold}}}, {servers: ["files-*"]}]
              - {from: [{clients: [auditor]}]}
            """
        ),
        .tenant("nobody may call anything", "access: {allow: []}"),
        .tenant("access rules that are not set", "access: {}"),
        .tenant(
            "an access rule without callers",
            "access: {allow: [{from: []}]}",
            "spec.access.allow[0].from: Invalid value: 0: spec.access.allow[0].from in body should have at least 1 items"
        ),
        .tenant(
            "callers that are not described",
            "access: {allow: [{from: [{}]}]}",
            """
            spec.access.allow[0].from[0]: Invalid value: must have issuer, claims, clients or serviceAccounts, or only \
            anyCaller: true for every caller of the tenant
            """
        ),
        .tenant(
            "any caller, and only a client",
            "access: {allow: [{from: [{anyCaller: true, clients: [agent]}]}]}",
            """
            spec.access.allow[0].from[0]: Invalid value: must have issuer, claims, clients or serviceAccounts, or only \
            anyCaller: true for every caller of the tenant
            """
        ),
        .tenant(
            "a claim that is not a JSON Pointer",
            "access: {allow: [{from: [{claims: [{claim: /a//b, values: [x]}]}]}]}",
            "spec.access.allow[0].from[0].claims[0].claim: Invalid value: \"/a//b\": "
                + "spec.access.allow[0].from[0].claims[0].claim in body should match '^([^/].*|(/([^/~]|~[01])+)+)$'"
        ),
        .tenant("the longest name", "{}").named(String(repeating: "a", count: 59)),
        .tenant(
            "too long a name",
            "{}",
            "<nil>: Invalid value: metadata.name must be at most 59 lower-case letters, digits and dashes, and begin and end "
                + "with a letter or digit, because the tenant's namespace is named mcp-NAME"
        ).named(String(repeating: "a", count: 60)),
        .tenant(
            "an invalid namespace",
            "namespace: {name: A}",
            "spec.namespace.name: Invalid value: \"A\": spec.namespace.name in body should match "
                + "'^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'"
        ),
        .tenant(
            "the namespace changes",
            "namespace: {name: other}",
            old: "{}",
            """
            spec.namespace.name: Invalid value: the namespace of a tenant cannot be changed: create another tenant \
            with the new namespace, move the servers, and delete this tenant
            """
        ),
        .tenant(
            "the namespace changes to the default",
            "{}",
            old: "namespace: {name: other}",
            """
            spec.namespace.name: Invalid value: the namespace of a tenant cannot be changed: create another tenant \
            with the new namespace, move the servers, and delete this tenant
            """
        ),
        .tenant("the default namespace is written out", "namespace: {name: mcp-example}", old: "{}"),
        .tenant(
            "an invalid level",
            "podSecurity: {enforce: strict}",
            "spec.podSecurity.enforce: Unsupported value: \"strict\": supported values: \"privileged\", \"baseline\", "
                + "\"restricted\"",
            notChecked
        ),
        .tenant(
            "an invalid version",
            "podSecurity: {enforceVersion: \"1.36\"}",
            "spec.podSecurity.enforceVersion: Invalid value: \"1.36\": spec.podSecurity.enforceVersion in body should match "
                + #"'^(latest|v1\.(0|[1-9][0-9]*))$'"#
        ),
        .tenant(
            "gateway namespaces by name and by label",
            "network: {gateway: {namespaces: [a], namespaceSelector: {}}}",
            "spec.network.gateway: Invalid value: namespaces and namespaceSelector are mutually exclusive"
        ),
        .tenant(
            "monitoring namespaces by name and by label",
            "network: {monitoring: {namespaces: [a], namespaceSelector: {}}}",
            "spec.network.monitoring: Invalid value: namespaces and namespaceSelector are mutually exclusive"
        ),
        .tenant(
            "default-deny only for servers in an adopted namespace",
            "namespace: {adopt: true}\nnetwork: {defaultDeny: ServersOnly}"
        ),
        .tenant(
            "default-deny only for servers in a created namespace",
            "network: {defaultDeny: ServersOnly}",
            """
            spec.network.defaultDeny: Invalid value: ServersOnly is only valid for adopted namespaces: set \
            namespace.adopt, or remove network.defaultDeny
            """
        ),
        .tenant(
            "a duplicate namespace",
            "network: {gateway: {namespaces: [a, a]}}",
            "spec.network.gateway.namespaces[1]: Duplicate value: \"a\""
        ),
        .tenant(
            "invalid blocked addresses",
            "network: {blockedCIDRs: [10.0.0.1]}",
            "spec.network.blockedCIDRs[0]: Invalid value: \"10.0.0.1\": must be a range of addresses such as 203.0.113.0/24 or "
                + "2001:db8::/32"
        ),
        .tenant(
            "a source with two mirrors",
            "images: {mirrors: [{source: a, mirror: b}, {source: a, mirror: c}]}",
            "spec.images.mirrors[1]: Duplicate value: {\"source\":\"a\"}"
        ),
        .tenant(
            "a ServiceAccount without a namespace",
            "members: [{kind: ServiceAccount, name: a}]",
            """
            spec.members[0].namespace: Invalid value: namespace is required for a ServiceAccount, and not allowed \
            for other kinds
            """
        ),
        .tenant(
            "a built-in role of Kubernetes",
            "members: [{name: a, role: admin}]",
            "spec.members[0].role: Unsupported value: \"admin\": supported values: \"Viewer\", \"Editor\", \"Approver\"",
            notChecked
        ),
        .tenant(
            "a role and a ClusterRole",
            "members: [{name: a, role: Viewer, clusterRole: view}]",
            """
            spec.members[0]: Invalid value: role and clusterRole are mutually exclusive: list the member twice to \
            grant both
            """
        ),
        .tenant(
            "a host with a wildcard inside",
            "exposure: {hosts: [a.*.example.com]}",
            "spec.exposure.hosts[0]: Invalid value: \"a.*.example.com\": spec.exposure.hosts[0] in body should match "
                + #"'^\*$|^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'"#
        ),
        .tenant(
            "a user with a namespace",
            "members: [{name: a, namespace: b}]",
            """
            spec.members[0].namespace: Invalid value: namespace is required for a ServiceAccount, and not allowed \
            for other kinds
            """
        ),
    ]

    /// Valid and invalid MCPServerClasses.
    static let classes: [Example] = [
        .serverClass("a class of nothing", "{}"),
        .serverClass(
            "everything at once",
            """
            image: ghcr.io/acme/base@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
            imagePullPolicy: IfNotPresent
            replicas: 2
            resources: {requests: {memory: 400Mi}}
            scheduling:
              affinity:
                nodeAffinity:
                  requiredDuringSchedulingIgnoredDuringExecution:
                    nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: In, values: [mcp]}]}]
                podAntiAffinity:
                  preferredDuringSchedulingIgnoredDuringExecution:
                  - {weight: 1, podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {}}}
              runtimeClassName: gvisor
            probes: {path: /health}
            env: [{name: A, value: b}]
            terminationGracePeriodSeconds: 45
            drainSeconds: 10
            podMetadata: {labels: {sidecar.istio.io/inject: "true"}, annotations: {a/b: c}}
            userAssignment: Platform
            rollout: {policy: Automatic}
            """
        ),
        .serverClass(
            "replicas and scaling",
            "replicas: 2\nscaling: {maxReplicas: 3, targetMemoryUtilizationPercentage: 50}",
            """
            spec: Invalid value: replicas and scaling are mutually exclusive: remove replicas to let scaling \
            choose the number of pods
            """
        ),
        .serverClass(
            "an invalid policy",
            "rollout: {policy: Sometimes}",
            "spec.rollout.policy: Unsupported value: \"Sometimes\": supported values: \"Automatic\", \"Manual\"",
            notChecked
        ),
        .serverClass(
            "a weight out of range",
            """
            scheduling:
              affinity:
                nodeAffinity:
                  preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, preference: {}}]
            """,
            "spec.scheduling.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: "
                + "101: spec.scheduling.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight in "
                + "body should be less than or equal to 100"
        ),
    ]
}

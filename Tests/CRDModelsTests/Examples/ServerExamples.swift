extension Example {
    /// Valid and invalid MCPServers.
    static let servers: [Example] = [
        .server("an image is enough", "image: ghcr.io/acme/search:1"),
        .server("an empty spec, whose class may give the image", "{}"),
        .server(
            "a remote server",
            """
            remote:
              url: https://mcp.example.com/mcp
              headers:
              - {name: Authorization, secretKeyRef: {name: partner, key: authorization}}
              - {name: X-Team, value: search}
              certificateAuthority: {configMapKeyRef: {name: ca, key: ca.crt}}
              connectTimeoutSeconds: 5
              requestTimeoutSeconds: 60
            """
        ),
        .server(
            "an image and a remote server",
            "image: a\nremote: {url: \"https://a.example/\"}",
            """
            spec: Invalid value: image and remote are mutually exclusive: remove remote to run an image, or image to \
            call a URL
            """
        ),
        .server(
            "a URL of another scheme",
            "remote: {url: \"ftp://a.example/\"}",
            """
            spec.remote.url: Invalid value: "ftp://a.example/": spec.remote.url in body should match \
            '^[hH][tT][tT][pP][sS]?://[!-~]+$'
            """
        ),
        .server(
            "a header field with two values",
            "remote: {url: \"https://a.example/\", headers: [{name: A, value: b, secretKeyRef: {name: s, key: k}}]}",
            "spec.remote.headers[0]: Invalid value: set exactly one of value and secretKeyRef"
        ),
        .server(
            "an authority without a source",
            "remote: {url: \"https://a.example/\", certificateAuthority: {}}",
            "spec.remote.certificateAuthority: Invalid value: set exactly one of configMapKeyRef and secretKeyRef"
        ),
        .server(
            "everything at once",
            """
            className: large
            image: ghcr.io/acme/search@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
            imagePullSecrets: [{name: pull}]
            transport: sse
            port: 3000
            path: /sse
            env:
            - {name: A, value: b}
            - {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}
            - {name: C, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
            envFrom: [{prefix: X_, secretRef: {name: s}}, {configMapRef: {name: c}}]
            config:
              env: {TOKEN: t, "dotted.name": v}
              files: {config.json: "{}", .hidden: x}
              templates:
              - name: servers
                configMapKeyRef: {name: c, key: servers.json}
                file: servers.json
                variables:
                - {name: TOKEN, secretKeyRef: {name: s, key: token}}
                - {name: HOST, value: example.com}
              - {name: auth, content: "${TOKEN}", env: AUTH}
            volumes:
            - {name: cache, emptyDir: {sizeLimit: 1Gi}}
            - {name: certs, secret: {secretName: certs}}
            volumeMounts:
            - {name: cache, mountPath: /cache}
            - {name: certs, mountPath: /certs, readOnly: true}
            storage: {size: 1Gi, storageClassName: fast, retentionPolicy: {whenRemoved: Delete}}
            ports: [{name: metrics, port: 9090}]
            monitoring: {path: /internal/metrics, interval: 1m30s, labels: {release: prometheus}}
            strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}
            scaling: {maxReplicas: 5, targetCPUUtilizationPercentage: 70}
            resources: {requests: {cpu: 100m, memory: 400Mi}, limits: {memory: 1Gi}}
            probes: {path: /health, scheme: HTTPS, startup: {failureThreshold: 12}, liveness: {disabled: true}}
            network:
              ingress: {from: [{namespace: monitoring, ports: [{port: 9090}]}], sameNamespace: true}
              egress:
                internet: false
                kubernetesAPI: true
                cloudCredentials: true
                allow:
                - {cidr: 10.1.2.0/24, ports: [{port: 5432}]}
                - {cidr: "fd00::/64", ports: [{protocol: UDP, port: 8000, endPort: 9000}]}
                - {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}
            exposure: {ingress: {host: mcp.example.com, tls: {}}}
            service: {appProtocol: http, annotations: {a: b}}
            serviceAccount: {annotations: {a: b}, labels: {c: d}}
            drainSeconds: 3
            deployment: {labels: {a: b}, annotations: {c: d}}
            scheduling:
              nodeSelector: {kubernetes.io/arch: amd64}
              tolerations: [{key: gpu, operator: Exists}]
              topologySpreadConstraints:
              - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway}
            podSecurityContext: {runAsUser: 65534, fsGroup: 65534}
            securityContext: {readOnlyRootFilesystem: true}
            podTemplate: {metadata: {annotations: {a: b}}, spec: {hostname: x}}
            suspend: true
            """
        ),
        .server("null counts as missing", "image: null\nport: null\nstorage: null"),
        // The name.
        .server(
            "a name that no Service can have",
            "image: a",
            "<nil>: Invalid value: metadata.name must be at most 63 lower-case letters, digits and dashes, begin with a "
                + "letter and end with a letter or digit, because the Service of the server has the same name"
        ).named("1-example"),
        .server(
            "a name with a dot",
            "image: a",
            "<nil>: Invalid value: metadata.name must be at most 63 lower-case letters, digits and dashes, begin with a "
                + "letter and end with a letter or digit, because the Service of the server has the same name"
        ).named("example.one"),
        .server("the longest name", "image: a").named(String(repeating: "a", count: 63)),
        .server(
            "too long a name",
            "image: a",
            "<nil>: Invalid value: metadata.name must be at most 63 lower-case letters, digits and dashes, begin with a "
                + "letter and end with a letter or digit, because the Service of the server has the same name"
        ).named(String(repeating: "a", count: 64)),
        // Types and bounds.
        .server(
            "a port as text",
            "port: \"8080\"",
            "spec.port: Invalid value: \"string\": spec.port in body must be of type integer: \"string\"",
            notChecked
        ),
        .server(
            "a port out of range",
            "port: 70000",
            "spec.port: Invalid value: 70000: spec.port in body should be less than or equal to 65535"
        ),
        .server(
            "an unknown transport",
            "transport: http",
            "spec.transport: Unsupported value: \"http\": supported values: \"streamable-http\", \"sse\", \"stdio\"",
            notChecked
        ),
        .server(
            "an image with a space",
            "image: \"ghcr.io/acme/search :1\"",
            "spec.image: Invalid value: \"ghcr.io/acme/search :1\": spec.image in body should match '^[^ \\t\\n\\r]+$'"
        ),
        .server(
            "a path that does not begin with a slash",
            "path: mcp",
            "spec.path: Invalid value: \"mcp\": spec.path in body should match '^/[^ ?#]*$'"
        ),
        .server(
            "a number instead of text",
            "args: [1]",
            "spec.args[0]: Invalid value: \"integer\": spec.args[0] in body must be of type string: \"integer\"",
            notChecked
        ),
        .server(
            "too many replicas",
            "replicas: 2000",
            "spec.replicas: Invalid value: 2000: spec.replicas in body should be less than or equal to 1000"
        ),
        .server(
            "an invalid quantity",
            "resources: {requests: {memory: 400MB}}",
            "spec.resources.requests.memory: Invalid value: \"400MB\": spec.resources.requests.memory in body should match "
                + #"'^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?[0-9]+))?$'"#
        ),
        .server(
            "a list instead of an object",
            "storage: []",
            "spec.storage: Invalid value: \"array\": spec.storage in body must be of type object: \"array\"",
            notChecked
        ),
        // Environment.
        .server(
            "two variables with the same name",
            "env: [{name: A, value: b}, {name: A, value: c}]",
            "spec.env[1]: Duplicate value: {\"name\":\"A\"}"
        ),
        .server(
            "a variable without a name",
            "env: [{value: b}]",
            "spec.env[0].name: Required value",
            notChecked
        ),
        .server(
            "a value and a source",
            "env: [{name: A, value: b, valueFrom: {secretKeyRef: {name: s, key: k}}}]",
            "spec.env[0]: Invalid value: value and valueFrom are mutually exclusive: remove one of the two"
        ),
        .server(
            "two sources",
            "env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}, configMapKeyRef: {name: s, key: k}}}]",
            "spec.env[0].valueFrom: Invalid value: set exactly one of fieldRef, resourceFieldRef, configMapKeyRef, "
                + "secretKeyRef and fileKeyRef"
        ),
        .server(
            "a source without a reference",
            "envFrom: [{prefix: A_}]",
            "spec.envFrom[0]: Invalid value: set exactly one of configMapRef and secretRef"
        ),
        .server(
            "a variable in env and in config.env",
            "env: [{name: A, value: b}]\nconfig: {env: {A: c}}",
            "spec: Invalid value: a variable is set in env and in config.env: remove one of the two"
        ),
        .server(
            "a name that no variable can have",
            "config: {env: {\"A=B\": c}}",
            """
            spec.config: Invalid value: each name in config.env must be a valid key of a Secret: letters, digits, -, _ \
            and ., at most 253 characters, not . and not beginning with ..
            """
        ),
        .server(
            "a name that is valid for a variable, but not for a key of a Secret",
            "config: {env: {\"A B\": c}}",
            """
            spec.config: Invalid value: each name in config.env must be a valid key of a Secret: letters, digits, -, _ \
            and ., at most 253 characters, not . and not beginning with ..
            """
        ),
        // Files and templates.
        .server(
            "a file in a directory",
            "config: {files: {a/b: c}}",
            "spec.config: Invalid value: each name in config.files must be a file name of letters, digits, -, _ and ., at "
                + "most 253 characters, not . and not beginning with .."
        ),
        .server(
            "a file that leaves its directory",
            "config: {files: {..a: c}}",
            "spec.config: Invalid value: each name in config.files must be a file name of letters, digits, -, _ and ., at "
                + "most 253 characters, not . and not beginning with .."
        ),
        .server(
            "a template without content",
            "config: {templates: [{name: a, env: A}]}",
            "spec.config.templates[0]: Invalid value: set exactly one of content and configMapKeyRef"
        ),
        .server(
            "a template without a target",
            "config: {templates: [{name: a, content: x}]}",
            "spec.config.templates[0]: Invalid value: set exactly one of env and file: where the result goes"
        ),
        .server(
            "a template with two targets",
            "config: {templates: [{name: a, content: x, env: A, file: a}]}",
            "spec.config.templates[0]: Invalid value: set exactly one of env and file: where the result goes"
        ),
        .server(
            "a variable without a value",
            "config: {templates: [{name: a, content: x, env: A, variables: [{name: V}]}]}",
            "spec.config.templates[0].variables[0]: Invalid value: set exactly one of value, secretKeyRef and "
                + "configMapKeyRef"
        ),
        .server(
            "a template and a file with the same name",
            "config: {files: {a: x}, templates: [{name: a, content: x, file: a}]}",
            """
            spec.config: Invalid value: the target of a template is also set in config.env or config.files: remove \
            one of the two
            """
        ),
        .server(
            "two templates with the same target",
            "config: {templates: [{name: a, content: x, file: a}, {name: b, content: x, file: a}]}",
            "spec.config: Invalid value: two templates have the same target: give each a different env or file"
        ),
        // Volumes and storage.
        .server(
            "a volume with two sources",
            "volumes: [{name: a, emptyDir: {}, secret: {secretName: s}}]",
            "spec.volumes[0]: Invalid value: set exactly one source for each volume, such as configMap, secret, emptyDir or "
                + "persistentVolumeClaim"
        ),
        .server(
            "an empty projected source",
            "volumes: [{name: a, projected: {sources: [{}]}}]",
            "spec.volumes[0].projected.sources[0]: Invalid value: set exactly one of configMap, secret, downwardAPI, "
                + "serviceAccountToken and clusterTrustBundle for each source"
        ),
        .server(
            "a file without a field",
            "volumes: [{name: a, downwardAPI: {items: [{path: a}]}}]",
            "spec.volumes[0].downwardAPI.items[0]: Invalid value: set exactly one of fieldRef and resourceFieldRef"
        ),
        .server(
            "a mount with two paths",
            """
            volumes: [{name: a, emptyDir: {}}]
            volumeMounts: [{name: a, mountPath: /a, subPath: x, subPathExpr: z}]
            """,
            "spec.volumeMounts[0]: Invalid value: subPath and subPathExpr are mutually exclusive"
        ),
        .server(
            "a mount without a volume",
            "volumeMounts: [{name: a, mountPath: /a}]",
            "spec: Invalid value: each of volumeMounts must name one of volumes"
        ),
        .server(
            "two mounts at one path",
            "volumes: [{name: a, emptyDir: {}}]\nvolumeMounts: [{name: a, mountPath: /a}, {name: a, mountPath: /a}]",
            "spec.volumeMounts[1]: Duplicate value: {\"mountPath\":\"/a\"}"
        ),
        .server(
            "storage without size and claim",
            "storage: {mountPath: /state}",
            "spec.storage: Invalid value: set exactly one of size and existingClaim"
        ),
        .server(
            "storage with size and claim",
            "storage: {size: 1Gi, existingClaim: c}",
            "spec.storage: Invalid value: set exactly one of size and existingClaim"
        ),
        .server(
            "a StorageClass for an existing claim",
            "storage: {existingClaim: c, storageClassName: fast}",
            """
            spec.storage.storageClassName: Invalid value: storageClassName is only valid with size: an existing \
            claim already has a StorageClass
            """
        ),
        .server(
            "an invalid access mode",
            "storage: {size: 1Gi, accessModes: [ReadWrite]}",
            "spec.storage.accessModes[0]: Unsupported value: \"ReadWrite\": supported values: \"ReadWriteOnce\", "
                + "\"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOncePod\"",
            notChecked
        ),
        .server("storage grows", "storage: {size: 2Gi}", old: "storage: {size: 1Gi}"),
        .server("storage stays, written otherwise", "storage: {size: 1024Mi}", old: "storage: {size: 1Gi}"),
        .server(
            "storage shrinks",
            "storage: {size: 500Mi}",
            old: "storage: {size: 1Gi}",
            """
            spec.storage.size: Invalid value: storage cannot shrink: set at least its current size, or use a new \
            claim with existingClaim
            """
        ),
        .server(
            "a further port with a reserved name",
            "ports: [{name: http, port: 9090}]",
            "spec.ports[0].name: Invalid value: http is reserved for the port that serves MCP: use another name"
        ),
        .server(
            "settings of a rolling update for Recreate",
            "strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}",
            """
            spec.strategy.rollingUpdate: Invalid value: rollingUpdate is only valid for the type RollingUpdate: \
            remove it, or change the type
            """
        ),
        .server(
            "the class of storage changes",
            "storage: {size: 1Gi, storageClassName: slow}",
            old: "storage: {size: 1Gi}",
            """
            spec.storage.storageClassName: Invalid value: the StorageClass of a claim cannot be changed: use a new \
            claim with existingClaim, or remove storage, delete the claim, and add storage again
            """
        ),
        .server(
            "the access modes of storage change",
            "storage: {size: 1Gi, accessModes: [ReadWriteMany]}",
            old: "storage: {size: 1Gi}",
            """
            spec.storage.accessModes: Invalid value: the access modes of a claim cannot be changed: use a new \
            claim with existingClaim, or remove storage, delete the claim, and add storage again
            """
        ),
        .server(
            "the access modes of storage are written in another order",
            "storage: {size: 1Gi, accessModes: [ReadOnlyMany, ReadWriteMany]}",
            old: "storage: {size: 1Gi, accessModes: [ReadWriteMany, ReadOnlyMany]}"
        ),
        .server("own storage gives way to a claim", "storage: {existingClaim: c}", old: "storage: {size: 1Gi}"),
        // Scaling and probes.
        .server(
            "replicas and scaling",
            "replicas: 2\nscaling: {maxReplicas: 3, targetCPUUtilizationPercentage: 50}",
            """
            spec: Invalid value: replicas and scaling are mutually exclusive: remove replicas to let scaling \
            choose the number of pods
            """
        ),
        .server(
            "a minimum above the maximum",
            "scaling: {minReplicas: 5, maxReplicas: 3, targetCPUUtilizationPercentage: 50}",
            "spec.scaling.minReplicas: Invalid value: minReplicas cannot exceed maxReplicas"
        ),
        .server(
            "scaling without a target",
            "scaling: {maxReplicas: 3}",
            "spec.scaling: Invalid value: set targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or both"
        ),
        .server("scaling without a maximum", "scaling: {}", "spec.scaling.maxReplicas: Required value", notChecked),
        .server(
            "a scheme without a path",
            "probes: {scheme: HTTPS}",
            "spec.probes.scheme: Invalid value: scheme needs a path: without one the probes open a TCP connection"
        ),
        .server("a scheme with a path of one probe", "probes: {scheme: HTTPS, readiness: {path: /ready}}"),
        .server(
            "a success threshold of a liveness probe",
            "probes: {path: /, liveness: {successThreshold: 2}}",
            "spec.probes: Invalid value: successThreshold must be 1 for startup and liveness"
        ),
        // Network.
        .server(
            "a peer without addresses and pods",
            "network: {egress: {allow: [{ports: [{port: 80}]}]}}",
            """
            spec.network.egress.allow[0]: Invalid value: set either cidr, or namespace, namespaceSelector or \
            podSelector
            """
        ),
        .server(
            "a peer with addresses and pods",
            "network: {egress: {allow: [{cidr: 10.0.0.0/8, podSelector: {}}]}}",
            """
            spec.network.egress.allow[0]: Invalid value: set either cidr, or namespace, namespaceSelector or \
            podSelector
            """
        ),
        .server(
            "a namespace by name and by label",
            "network: {ingress: {from: [{namespace: a, namespaceSelector: {}}]}}",
            "spec.network.ingress.from[0]: Invalid value: namespace and namespaceSelector are mutually exclusive"
        ),
        .server(
            "an invalid range of addresses",
            "network: {egress: {allow: [{cidr: 10.0.0.0/33}]}}",
            "spec.network.egress.allow[0].cidr: Invalid value: cidr must be a range of addresses such as 10.1.2.0/24 or "
                + "fd00::/64"
        ),
        .server(
            "a range of ports in the wrong order",
            "network: {egress: {allow: [{cidr: 10.0.0.0/8, ports: [{port: 90, endPort: 80}]}]}}",
            "spec.network.egress.allow[0].ports[0].endPort: Invalid value: endPort must not be lower than port"
        ),
        .server(
            "a label selector without values",
            "network: {egress: {allow: [{podSelector: {matchExpressions: [{key: a, operator: In}]}}]}}",
            "spec.network.egress.allow[0].podSelector.matchExpressions[0].values: Invalid value: values are required for In "
                + "and NotIn, and not allowed for other operators"
        ),
        // Exposure and accounts.
        .server(
            "empty exposure",
            "exposure: {}",
            "spec.exposure: Invalid value: set exactly one of ingress and httpRoute"
        ),
        .server(
            "two kinds of exposure",
            "exposure: {ingress: {host: a.example}, httpRoute: {parentRefs: [{name: g}]}}",
            "spec.exposure: Invalid value: set exactly one of ingress and httpRoute"
        ),
        .server(
            "a host with an upper-case letter",
            "exposure: {ingress: {host: A.example}}",
            "spec.exposure.ingress.host: Invalid value: \"A.example\": spec.exposure.ingress.host in body should match "
                + #"'^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'"#
        ),
        .server(
            "a route without parents",
            "exposure: {httpRoute: {parentRefs: []}}",
            "spec.exposure.httpRoute.parentRefs: Invalid value: 0: spec.exposure.httpRoute.parentRefs in body should have at "
                + "least 1 items"
        ),
        .server(
            "annotations of an existing ServiceAccount",
            "serviceAccount: {name: a, annotations: {a: b}}",
            """
            spec.serviceAccount: Invalid value: annotations are for the ServiceAccount that Moorage creates: \
            remove them, or name
            """
        ),
        .server(
            "labels of an existing ServiceAccount",
            "serviceAccount: {name: a, labels: {a: b}}",
            """
            spec.serviceAccount: Invalid value: labels are for the ServiceAccount that Moorage creates: remove \
            them, or name
            """
        ),
        .server(
            "plug-in bundles",
            """
            plugins:
            - name: a
              image: ghcr.io/acme/bundle@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              signature: c2ln
            - {name: b, claim: bundles, path: b/1.4, entry: .list, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, signature: "c2lnbg==", mountPath: /app/b}
            - name: c
              configMap: c
              entry: index.js
              sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              signature: c2lnbmE=
            """
        ),
        .server(
            "a bundle in two places",
            """
            plugins:
            - name: a
              claim: b
              configMap: c
              sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              signature: c2ln
            """,
            "spec.plugins[0]: Invalid value: set exactly one of image, claim and configMap: where the bundle is"
        ),
    ]
}

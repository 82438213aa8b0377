/// A Helm chart with everything that an operator's chart can contain: definitions in both places where charts keep them,
/// a custom resource, and hooks.
enum ProbeChart {
    /// The chart's files, by name.
    static let files: [String: String] = [
        "Chart.yaml": #"""
        apiVersion: v2
        name: probe
        version: 0.1.0
        appVersion: "1"
        """#,
        "values.yaml": #"""
        image: registry.example/web:1
        replicas: 2
        """#,
        "crds/monitors.yaml": #"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: servicemonitors.monitoring.example.com}
        spec:
          group: monitoring.example.com
          scope: Namespaced
          names: {kind: ServiceMonitor, plural: servicemonitors, singular: servicemonitor}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [endpoints]
                    properties:
                      endpoints:
                        type: array
                        items:
                          type: object
                          properties:
                            port: {type: string}
                            interval: {type: string, default: 30s}
                      selector:
                        type: object
                        x-kubernetes-preserve-unknown-fields: true
        """#,
        "templates/crd.yaml": #"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: gadgets.probe.example.com}
        spec:
          group: probe.example.com
          scope: Cluster
          names: {kind: Gadget, plural: gadgets}
          versions:
          - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
        """#,
        "templates/all.yaml": #"""
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: {{ .Release.Name }}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{ .Release.Name }}}
        data: {image: {{ .Values.image | quote }}}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: {{ .Release.Name }}}
        stringData: {key: value}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: {{ .Release.Name }}}
        rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: {{ .Release.Name }}}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .Release.Name }}}
        subjects: [{kind: ServiceAccount, name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: {{ .Release.Namespace }}-{{ .Release.Name }}}
        rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: {{ .Release.Namespace }}-{{ .Release.Name }}}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .Release.Namespace }}-{{ .Release.Name }}}
        subjects: [{kind: ServiceAccount, name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: {{ .Release.Name }}}
        spec:
          selector: {app: {{ .Release.Name }}}
          ports: [{name: http, port: 80, targetPort: http}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{ .Release.Name }}}
        spec:
          replicas: {{ .Values.replicas }}
          selector: {matchLabels: {app: {{ .Release.Name }}}}
          template:
            metadata: {labels: {app: {{ .Release.Name }}}}
            spec:
              serviceAccountName: {{ .Release.Name }}
              containers:
              - name: main
                image: {{ .Values.image }}
                ports: [{name: http, containerPort: 8080}]
                env: [{name: KEY, valueFrom: {secretKeyRef: {name: {{ .Release.Name }}, key: key}}}]
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: {{ .Release.Name }}}
        spec: {minAvailable: 1, selector: {matchLabels: {app: {{ .Release.Name }}}}}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: {{ .Release.Name }}}
        spec: {podSelector: {matchLabels: {app: {{ .Release.Name }}}}, policyTypes: [Ingress, Egress]}
        ---
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: {{ .Release.Name }}}
        spec:
          maxReplicas: 3
          minReplicas: {{ .Values.replicas }}
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .Release.Name }}}
        ---
        apiVersion: coordination.k8s.io/v1
        kind: Lease
        metadata: {name: {{ .Release.Name }}}
        spec: {holderIdentity: somebody}
        ---
        apiVersion: monitoring.example.com/v1
        kind: ServiceMonitor
        metadata: {name: {{ .Release.Name }}}
        spec:
          endpoints: [{port: http}]
          selector: {matchLabels: {app: x}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: {{ .Release.Name }}-hook
          annotations: {"helm.sh/hook": "pre-install,pre-upgrade", "helm.sh/hook-delete-policy": before-hook-creation}
        data: {a: b}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: {{ .Release.Name }}-hook
          annotations: {"helm.sh/hook": "post-install,post-upgrade", "helm.sh/hook-delete-policy": before-hook-creation}
        spec:
          template:
            spec: {restartPolicy: Never, containers: [{name: main, image: {{ .Values.image }}}]}
        """#,
    ]
}

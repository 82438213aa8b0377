import KubernetesAPI

/// The built-in kinds that the sandbox serves.
enum BuiltInKinds {
    static let all: [ResourceDefinition] = table.compactMap(definition) + extensions

    /// Group, version, kind, plural, `n` for namespaced or `c` for cluster-scoped, and short names. Then `s` if it has a status,
    /// `r` if it has replicas, `a` if it is in the category `all`, and `v` if it is not stored.
    private static let table: [String] = [
        "- v1 Namespace namespaces c ns s",
        "- v1 Pod pods n po s a",
        "- v1 Service services n svc s a",
        "- v1 Secret secrets n -",
        "- v1 ConfigMap configmaps n cm",
        "- v1 ServiceAccount serviceaccounts n sa",
        "- v1 Endpoints endpoints n ep",
        "- v1 Event events n ev",
        "- v1 PersistentVolumeClaim persistentvolumeclaims n pvc s",
        "- v1 PersistentVolume persistentvolumes c pv s",
        "- v1 ResourceQuota resourcequotas n quota s",
        "- v1 LimitRange limitranges n limits",
        "- v1 Node nodes c no s",
        "apps v1 Deployment deployments n deploy s a r",
        "apps v1 ReplicaSet replicasets n rs s a r",
        "apps v1 StatefulSet statefulsets n sts s a r",
        "apps v1 DaemonSet daemonsets n ds s a",
        "apps v1 ControllerRevision controllerrevisions n -",
        "batch v1 Job jobs n - s a",
        "batch v1 CronJob cronjobs n cj s a",
        "networking.k8s.io v1 Ingress ingresses n ing s",
        "networking.k8s.io v1 IngressClass ingressclasses c -",
        "networking.k8s.io v1 NetworkPolicy networkpolicies n netpol",
        "policy v1 PodDisruptionBudget poddisruptionbudgets n pdb s",
        "autoscaling v2 HorizontalPodAutoscaler horizontalpodautoscalers n hpa s a",
        "rbac.authorization.k8s.io v1 Role roles n -",
        "rbac.authorization.k8s.io v1 RoleBinding rolebindings n -",
        "rbac.authorization.k8s.io v1 ClusterRole clusterroles c -",
        "rbac.authorization.k8s.io v1 ClusterRoleBinding clusterrolebindings c -",
        "coordination.k8s.io v1 Lease leases n -",
        "discovery.k8s.io v1 EndpointSlice endpointslices n -",
        "events.k8s.io v1 Event events n ev",
        "storage.k8s.io v1 StorageClass storageclasses c sc",
        "scheduling.k8s.io v1 PriorityClass priorityclasses c pc",
        "node.k8s.io v1 RuntimeClass runtimeclasses c -",
        "apiextensions.k8s.io v1 CustomResourceDefinition customresourcedefinitions c crd,crds s",
        "admissionregistration.k8s.io v1 ValidatingAdmissionPolicy validatingadmissionpolicies c - s",
        "admissionregistration.k8s.io v1 ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings c -",
        "admissionregistration.k8s.io v1 MutatingAdmissionPolicy mutatingadmissionpolicies c -",
        "admissionregistration.k8s.io v1 MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings c -",
        "admissionregistration.k8s.io v1 ValidatingWebhookConfiguration validatingwebhookconfigurations c -",
        "admissionregistration.k8s.io v1 MutatingWebhookConfiguration mutatingwebhookconfigurations c -",
        "authorization.k8s.io v1 SelfSubjectAccessReview selfsubjectaccessreviews c - v",
        "authorization.k8s.io v1 SelfSubjectRulesReview selfsubjectrulesreviews c - v",
        "authorization.k8s.io v1 SubjectAccessReview subjectaccessreviews c - v",
        "authorization.k8s.io v1 LocalSubjectAccessReview localsubjectaccessreviews n - v",
        "authentication.k8s.io v1 TokenReview tokenreviews c - v",
        "authentication.k8s.io v1 SelfSubjectReview selfsubjectreviews c - v",
    ]

    /// The groups that contain only kinds that extend the API.
    private static let extending: Set<String> = ["admissionregistration.k8s.io", "apiextensions.k8s.io"]

    private static func definition(_ line: String) -> ResourceDefinition? {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 6 else { return nil }
        let flags = Set(words[6...])
        let group = words[0] == "-" ? "" : words[0]
        let kind = words[2]
        var shapeGroup = group.split(separator: ".").first.map(String.init) ?? "core"
        if group.isEmpty { shapeGroup = "core" }
        let typeName = "\(shapeGroup).\(words[1]).\(kind)"
        var definition = ResourceDefinition(
            type: ResourceType(
                group: group,
                version: words[1],
                kind: kind,
                plural: words[3],
                isNamespaced: words[4] == "n"
            ),
            singular: kind.lowercased(),
            listKind: "\(kind)List",
            shortNames: words[5] == "-" ? [] : words[5].split(separator: ",").map(String.init),
            categories: flags.contains("a") ? ["all"] : extending.contains(group) ? ["api-extensions"] : [],
            shape: .named(typeName),
            hasStatus: flags.contains("s"),
            scale: flags.contains("r") ? ResourceDefinition.ScalePaths() : nil,
            storageVersion: words[1],
            isVirtual: flags.contains("v")
        )
        switch kind {
        case "Pod":
            definition.selectableFields.formUnion([
                "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
                "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName",
            ])
        case "Event":
            let object = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]
            definition.selectableFields.formUnion(["reason", "type"])
            if group.isEmpty {
                definition.selectableFields.formUnion(object.map { "involvedObject.\($0)" })
                definition.selectableFields.formUnion(["reportingComponent", "source"])
            } else {
                definition.selectableFields.formUnion(object.map { "regarding.\($0)" })
                definition.selectableFields.insert("reportingController")
            }
        case "Secret": definition.selectableFields.insert("type")
        case "Namespace": definition.selectableFields.insert("status.phase")
        case "Node": definition.selectableFields.insert("spec.unschedulable")
        case "Service": definition.selectableFields.formUnion(["spec.clusterIP", "spec.type"])
        case "ReplicaSet": definition.selectableFields.insert("status.replicas")
        case "Job": definition.selectableFields.insert("status.successful")
        default: break
        }
        return definition
    }

    /// Kinds of API extensions that Moorage writes, stored without a schema: the Gateway API's HTTPRoute and the
    /// Prometheus operator's ServiceMonitor.
    private static let extensions = [
        schemaless(.httpRoute, singular: "httproute", categories: ["gateway-api"]),
        schemaless(.serviceMonitor, singular: "servicemonitor", categories: ["prometheus-operator"]),
    ]

    private static func schemaless(
        _ type: ResourceType,
        singular: String,
        categories: [String]
    ) -> ResourceDefinition {
        ResourceDefinition(
            type: type,
            singular: singular,
            listKind: "\(type.kind)List",
            categories: categories,
            shape: .object(
                ObjectType(
                    fields: [
                        "apiVersion": .init(type: .scalar(.string)), "kind": .init(type: .scalar(.string)),
                        "metadata": .init(type: .named("meta.v1.ObjectMeta"), isValueStruct: true),
                        "spec": .init(type: .any), "status": .init(type: .any),
                    ]
                )
            ),
            hasStatus: true,
            isCustom: true,
            storageVersion: "v1"
        )
    }
}

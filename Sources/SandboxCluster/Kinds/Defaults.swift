import KubernetesAPI

/// The defaults that the API server sets on built-in kinds.
enum Defaults {
    static func apply(to object: inout JSONValue, kind: String) {
        var spec = object["spec"] ?? .object([:])
        switch kind {
        case "Pod":
            pod(&spec)
            fill(&spec, ["enableServiceLinks": true])
            // Pods in the host's network use the same ports on the host.
            if spec["hostNetwork"]?.boolValue == true {
                for list in ["containers", "initContainers"] {
                    each(&spec, list) { each(&$0, "ports") { $0["hostPort"] = $0["hostPort"] ?? $0["containerPort"] } }
                }
            }
        case "Deployment":
            fill(&spec, ["replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600])
            template(&spec)
            var strategy = spec["strategy"] ?? [:]
            fill(&strategy, ["type": "RollingUpdate"])
            if strategy["type"] == "RollingUpdate" {
                var rolling = strategy["rollingUpdate"] ?? [:]
                fill(&rolling, ["maxSurge": "25%", "maxUnavailable": "25%"])
                strategy["rollingUpdate"] = rolling
            }
            spec["strategy"] = strategy
        case "ReplicaSet":
            fill(&spec, ["replicas": 1])
            template(&spec)
        case "StatefulSet":
            fill(&spec, ["replicas": 1, "revisionHistoryLimit": 10, "podManagementPolicy": "OrderedReady"])
            fill(&spec, ["persistentVolumeClaimRetentionPolicy": ["whenDeleted": "Retain", "whenScaled": "Retain"]])
            fill(&spec, ["updateStrategy": ["type": "RollingUpdate", "rollingUpdate": ["partition": 0]]])
            template(&spec)
        case "DaemonSet":
            fill(&spec, ["revisionHistoryLimit": 10])
            fill(
                &spec,
                ["updateStrategy": ["type": "RollingUpdate", "rollingUpdate": ["maxSurge": 0, "maxUnavailable": 1]]]
            )
            template(&spec)
        case "Job":
            job(&spec, &object)
        case "Service":
            fill(&spec, ["type": "ClusterIP", "sessionAffinity": "None"])
            if spec["type"] != "ExternalName" { fill(&spec, ["internalTrafficPolicy": "Cluster"]) }
            if spec["type"] == "NodePort" || spec["type"] == "LoadBalancer" {
                fill(&spec, ["externalTrafficPolicy": "Cluster"])
            }
            if spec["type"] == "LoadBalancer" { fill(&spec, ["allocateLoadBalancerNodePorts": true]) }
            each(&spec, "ports") { port in
                fill(&port, ["protocol": "TCP"])
                if port["targetPort"] == nil { port["targetPort"] = port["port"] }
            }
        case "PersistentVolumeClaim": fill(&spec, ["volumeMode": "Filesystem"])
        case "HorizontalPodAutoscaler":
            let target: JSONValue = ["type": "Utilization", "averageUtilization": 80]
            let metric: JSONValue = ["type": "Resource", "resource": ["name": "cpu", "target": target]]
            fill(&spec, ["minReplicas": 1, "metrics": [metric]])
        case "NetworkPolicy":
            if spec["policyTypes"] == nil {
                spec["policyTypes"] = spec["egress"] == nil ? ["Ingress"] : ["Ingress", "Egress"]
            }
            if spec["podSelector"] == nil { spec["podSelector"] = [:] }
            for direction in ["ingress", "egress"] {
                each(&spec, direction) { rule in each(&rule, "ports") { fill(&$0, ["protocol": "TCP"]) } }
            }
        case "Namespace":
            if object[path: ["metadata", "deletionTimestamp"]] == nil, spec["finalizers"] == nil {
                spec["finalizers"] = ["kubernetes"]
            }
            if object["status"] == nil { object["status"] = ["phase": "Active"] }
            object[path: ["metadata", "labels", "kubernetes.io/metadata.name"]] = .string(object.objectName)
        case "Secret":
            if let text = object["stringData"]?.objectValue {
                for (key, value) in text {
                    object[path: ["data", key]] = .string(Base64.encode(Array((value.stringValue ?? "").utf8)))
                }
                object["stringData"] = nil
            }
            if object["type"] == nil { object["type"] = "Opaque" }
            return
        case "CustomResourceDefinition":
            if spec["conversion"] == nil { spec["conversion"] = ["strategy": "None"] }
            var names = spec["names"] ?? [:]
            let kindName = names["kind"]?.stringValue ?? ""
            fill(&names, ["listKind": .string("\(kindName)List"), "singular": .string(kindName.lowercased())])
            spec["names"] = names
        case "EndpointSlice":
            // The server writes both even if they are empty.
            for name in ["endpoints", "ports"] where object[name] == nil { object[name] = .null }
            return
        case "RoleBinding", "ClusterRoleBinding":
            each(&object, "subjects") { subject in
                if subject["kind"] != "ServiceAccount", subject["apiGroup"] == nil {
                    subject["apiGroup"] = "rbac.authorization.k8s.io"
                }
            }
            if object[path: ["roleRef", "apiGroup"]] == nil {
                object[path: ["roleRef", "apiGroup"]] = "rbac.authorization.k8s.io"
            }
            return
        case "LimitRange": limitRange(&spec)
        case "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy": admissionPolicy(&spec)
        case "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicyBinding": admissionPolicyBinding(&spec)
        default: return
        }
        object["spec"] = spec
    }

    /// The server generates labels that identify the pods of a Job.
    private static func job(_ spec: inout JSONValue, _ object: inout JSONValue) {
        if spec["completions"] == nil, spec["parallelism"] == nil { spec["completions"] = 1 }
        fill(
            &spec,
            [
                "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": false, "parallelism": 1,
                "manualSelector": false,
                "podReplacementPolicy": spec["podFailurePolicy"] == nil ? "TerminatingOrFailed" : "Failed",
            ]
        )
        template(&spec)
        guard spec["manualSelector"]?.boolValue != true, spec["selector"] == nil else { return }
        let uid = JSONValue.string(object.objectUID)
        let name = JSONValue.string(object.objectName)
        let labels: [String: JSONValue] = [
            "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": name, "controller-uid": uid,
            "job-name": name,
        ]
        for (key, value) in labels {
            spec[path: ["template", "metadata", "labels", key]] = value
        }
        // A Job without labels gets those of its template.
        if object.metadata["labels"] == nil {
            object[path: ["metadata", "labels"]] = spec[path: ["template", "metadata", "labels"]]
        }
        spec["selector"] = ["matchLabels": ["batch.kubernetes.io/controller-uid": uid]]
    }

    static func fill(_ value: inout JSONValue, _ defaults: [String: JSONValue]) {
        for (key, standard) in defaults where value[key] == nil { value[key] = standard }
    }

    static func each(_ value: inout JSONValue, _ key: String, _ body: (inout JSONValue) -> Void) {
        guard var elements = value[key]?.arrayValue else { return }
        for index in elements.indices { body(&elements[index]) }
        value[key] = .array(elements)
    }

    private static func template(_ spec: inout JSONValue) {
        guard var template = spec["template"] else { return }
        var podSpec = template["spec"] ?? [:]
        pod(&podSpec)
        template["spec"] = podSpec
        spec["template"] = template
    }

    private static func pod(_ spec: inout JSONValue) {
        fill(
            &spec,
            [
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                "schedulerName": "default-scheduler", "securityContext": [:],
            ]
        )
        if let account = spec["serviceAccountName"] { spec["serviceAccount"] = account }
        for list in ["containers", "initContainers"] { each(&spec, list, container) }
        each(&spec, "volumes") { volume in
            for source in ["secret", "configMap", "projected", "downwardAPI"] where volume[source] != nil {
                volume[path: [source, "defaultMode"]] = volume[path: [source, "defaultMode"]] ?? 420
            }
            if volume.objectValue?.count == 1 { volume["emptyDir"] = [:] }
        }
    }

    private static func container(_ container: inout JSONValue) {
        let image = container["image"]?.stringValue ?? ""
        let last = image.split(separator: "/").last.map(String.init) ?? ""
        let isLatest = !image.contains("@") && (!last.contains(":") || last.hasSuffix(":latest"))
        fill(
            &container,
            [
                "imagePullPolicy": isLatest ? "Always" : "IfNotPresent", "resources": [:],
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            ]
        )
        each(&container, "ports") { fill(&$0, ["protocol": "TCP"]) }
        each(&container, "env") { variable in
            if let field = variable[path: ["valueFrom", "fieldRef"]], field["apiVersion"] == nil {
                variable[path: ["valueFrom", "fieldRef", "apiVersion"]] = "v1"
            }
        }
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            guard var probe = container[name] else { continue }
            fill(&probe, ["timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3])
            fillHTTP(&probe)
            container[name] = probe
        }
        for name in ["postStart", "preStop"] {
            guard var handler = container[path: ["lifecycle", name]] else { continue }
            fillHTTP(&handler)
            container[path: ["lifecycle", name]] = handler
        }
        // A limit without a request also sets the request.
        if let limits = container[path: ["resources", "limits"]]?.objectValue {
            for (name, amount) in limits where container[path: ["resources", "requests", name]] == nil {
                container[path: ["resources", "requests", name]] = amount
            }
        }
    }

    /// The defaults of the HTTP request of a probe or a hook.
    private static func fillHTTP(_ handler: inout JSONValue) {
        guard var http = handler["httpGet"] else { return }
        if http["path"] == "" { http["path"] = "/" }
        fill(&http, ["path": "/", "scheme": "HTTP"])
        handler["httpGet"] = http
    }

    private static func limitRange(_ spec: inout JSONValue) {
        each(&spec, "limits") { limit in
            guard limit["type"] == "Container" else { return }
            func fill(_ key: String, from source: String) {
                for (name, amount) in limit[source]?.objectValue ?? [:] where limit[path: [key, name]] == nil {
                    limit[path: [key, name]] = amount
                }
            }
            fill("default", from: "max")
            fill("defaultRequest", from: "default")
            fill("defaultRequest", from: "min")
        }
    }
}

/// Base64 (RFC 4648), for the `stringData` of Secrets.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        var index = 0
        while index < bytes.count {
            let rest = bytes.count - index
            let first = Int(bytes[index])
            let second = rest > 1 ? Int(bytes[index + 1]) : 0
            let third = rest > 2 ? Int(bytes[index + 2]) : 0
            let group = first << 16 | second << 8 | third
            text.append(letters[group >> 18 & 63])
            text.append(letters[group >> 12 & 63])
            text.append(rest > 1 ? letters[group >> 6 & 63] : "=")
            text.append(rest > 2 ? letters[group & 63] : "=")
            index += 3
        }
        return text
    }
}

internal import CRDModels
package import KubernetesAPI

/// What a server can set about where its pods run and about their metadata. The platform can set everything in a class;
/// a server can set only what does not affect others.
package enum PodPlacement {
    /// A setting that a server is not allowed to have.
    package struct Breach: Sendable, Hashable {
        /// The field, as a path from the pod's `spec`.
        package var field: String
        /// What is wrong, and how to fix it.
        package var message: String
    }

    /// The roles of nodes that belong to the cluster itself, as the last part of the labels and taints
    /// `node-role.kubernetes.io/…`.
    private static let controlPlaneRoles: Set<String> = ["control-plane", "controlplane", "master", "etcd"]

    /// Further taints that keep pods off nodes that are cordoned or not set up yet.
    private static let nodeSetupTaints: Set<String> = [
        "node.kubernetes.io/unschedulable", "node.kubernetes.io/network-unavailable",
        "node.cloudprovider.kubernetes.io/uninitialized",
    ]

    /// Labels that select a single node.
    private static let nodeNameLabels: Set<String> = ["kubernetes.io/hostname", "metadata.name"]

    private static func isControlPlane(_ key: String) -> Bool {
        let prefix = "node-role.kubernetes.io/"
        return key.hasPrefix(prefix) && controlPlaneRoles.contains(String(key.dropFirst(prefix.count)))
    }

    /// Everything in a pod's `spec` that a server is not allowed to set and that the class does not set.
    ///
    /// - Parameters:
    ///   - spec: the finished pod's `spec`.
    ///   - classSpec: the pod's `spec` that the class alone results in.
    package static func breaches(of spec: JSONValue, class classSpec: JSONValue) -> [Breach] {
        var check = Check()
        check.visit(spec, class: classSpec)
        return check.breaches
    }

    private struct Check {
        var breaches: [Breach] = []

        private mutating func add(_ field: String, _ message: String) {
            breaches.append(Breach(field: field, message: message))
        }

        mutating func visit(_ spec: JSONValue, class own: JSONValue) {
            if let node = spec["nodeName"]?.stringValue, !node.isEmpty {
                add(
                    "nodeName",
                    """
                    places the pod on the node "\(node)" and bypasses the scheduler and taints: remove it
                    """
                )
            }
            if let scheduler = spec["schedulerName"]?.stringValue, !["", "default-scheduler"].contains(scheduler) {
                add("schedulerName", "\"\(scheduler)\" is not the default scheduler: remove it")
            }
            for key in ["schedulingGates", "schedulingGroup"] where spec[key] != nil {
                add(
                    key,
                    """
                    blocks the scheduling of pods until a controller removes the gate, which Moorage does not do: \
                    remove it
                    """
                )
            }
            priority(spec, class: own)
            runtimeClass(spec, class: own)
            let tolerated = own["tolerations"]?.arrayValue ?? []
            for (index, toleration) in (spec["tolerations"]?.arrayValue ?? []).enumerated()
            where !tolerated.contains(toleration) {
                visit(toleration: toleration, at: "tolerations[\(index)]")
            }
            let selected = own["nodeSelector"] ?? [:]
            for (key, value) in (spec["nodeSelector"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key })
            where selected[key] != value {
                select(key, at: "nodeSelector[\(key)]")
            }
            if spec["affinity"] != own["affinity"] { visit(affinity: spec["affinity"] ?? [:]) }
        }

        private mutating func priority(_ spec: JSONValue, class own: JSONValue) {
            let name = spec["priorityClassName"]?.stringValue ?? ""
            if name.hasPrefix("system-"), spec["priorityClassName"] != own["priorityClassName"] {
                add("priorityClassName", "\"\(name)\" is reserved for system pods: use another PriorityClass")
            }
            if spec["priority"] != nil {
                add("priority", "is set by Kubernetes from the PriorityClass: use spec.scheduling.priorityClassName")
            }
        }

        /// The class sets a RuntimeClass as a security boundary, such as a sandbox, so a server cannot replace it.
        private mutating func runtimeClass(_ spec: JSONValue, class own: JSONValue) {
            guard let wanted = own["runtimeClassName"]?.stringValue, !wanted.isEmpty,
                spec["runtimeClassName"]?.stringValue != wanted
            else { return }
            add("runtimeClassName", "the class sets the RuntimeClass \"\(wanted)\": remove yours")
        }

        private mutating func visit(toleration: JSONValue, at path: String) {
            let key = toleration["key"]?.stringValue ?? ""
            if key.isEmpty {
                add("\(path).key", "without a key, every taint is tolerated: set the key of the taint")
            } else if PodPlacement.isControlPlane(key) || PodPlacement.nodeSetupTaints.contains(key) {
                add(
                    "\(path).key",
                    """
                    the taint "\(key)" is for nodes that belong to the cluster or are not ready for pods: remove \
                    the toleration
                    """
                )
            }
        }

        private mutating func select(_ key: String, at path: String) {
            if PodPlacement.isControlPlane(key) {
                add(path, "\"\(key)\" selects nodes of the control plane: select other nodes")
            } else if PodPlacement.nodeNameLabels.contains(key) {
                add(path, "\"\(key)\" selects single nodes by name: use another label")
            }
        }

        private mutating func visit(affinity: JSONValue) {
            let node = affinity["nodeAffinity"] ?? [:]
            let required = "requiredDuringSchedulingIgnoredDuringExecution"
            let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
            for (index, term) in (node[required]?["nodeSelectorTerms"]?.arrayValue ?? []).enumerated() {
                visit(term: term, at: "affinity.nodeAffinity.\(required).nodeSelectorTerms[\(index)]")
            }
            for (index, term) in (node[preferred]?.arrayValue ?? []).enumerated() {
                visit(term: term["preference"] ?? [:], at: "affinity.nodeAffinity.\(preferred)[\(index)].preference")
            }
            for kind in ["podAffinity", "podAntiAffinity"] {
                for (index, term) in (affinity[kind]?[required]?.arrayValue ?? []).enumerated() {
                    visit(podTerm: term, at: "affinity.\(kind).\(required)[\(index)]")
                }
                for (index, term) in (affinity[kind]?[preferred]?.arrayValue ?? []).enumerated() {
                    let path = "affinity.\(kind).\(preferred)[\(index)].podAffinityTerm"
                    visit(podTerm: term["podAffinityTerm"] ?? [:], at: path)
                }
            }
        }

        /// Terms that exclude nodes are always allowed.
        private mutating func visit(term: JSONValue, at path: String) {
            for list in ["matchExpressions", "matchFields"] {
                for (index, expression) in (term[list]?.arrayValue ?? []).enumerated() {
                    let verb = expression["operator"]?.stringValue ?? ""
                    guard !["NotIn", "DoesNotExist"].contains(verb) else { continue }
                    select(expression["key"]?.stringValue ?? "", at: "\(path).\(list)[\(index)].key")
                }
            }
        }

        /// Both fields affect pods of other namespaces: an anti-affinity to all pods of all namespaces would keep a
        /// whole zone free of other tenants' pods.
        private mutating func visit(podTerm term: JSONValue, at path: String) {
            for key in ["namespaces", "namespaceSelector"] where term[key] != nil {
                add("\(path).\(key)", "affects pods of other namespaces: remove it, to use only the server's namespace")
            }
        }
    }

    // MARK: Metadata

    /// Everything in a pod template's metadata that a server is not allowed to set. Fields are paths from the template.
    ///
    /// - Parameters:
    ///   - metadata: the metadata of the finished template.
    ///   - rendered: the metadata that Moorage renders.
    ///   - allowed: the keys that servers can set, in the format of `PodMetadataPatterns`.
    package static func breaches(
        ofMetadata metadata: JSONValue,
        rendered: JSONValue,
        allowed: PodMetadataPatterns
    ) -> [Breach] {
        var breaches: [Breach] = []
        for list in ["annotations", "labels"] {
            let own = rendered[list]?.objectValue ?? [:]
            let set = metadata[list]?.objectValue ?? [:]
            // A server also cannot change or remove what the class sets.
            for key in Set(set.keys).union(own.keys).sorted() where set[key] != own[key] && !allowed.contains(key) {
                breaches.append(
                    Breach(
                        field: "metadata.\(list)[\(key)]",
                        message: """
                            can attach networks, bypass proxies or configure other controllers, and the platform does \
                            not allow it: remove it, or ask an administrator to add "\(key)" to \
                            podMetadata.allowedKeys of the platform's configuration
                            """
                    )
                )
            }
        }
        for key in ["finalizers", "ownerReferences"] where metadata[key] != nil {
            breaches.append(
                Breach(field: "metadata.\(key)", message: "prevents the removal of terminated pods: remove it")
            )
        }
        return breaches
    }
}

/// Keys of labels and annotations: exact keys, `DOMAIN/*` for all keys of a domain, and `*` for all keys without a
/// domain.
package struct PodMetadataPatterns: Sendable, Hashable {
    /// The patterns.
    package var patterns: [String]

    package init(patterns: [String]) {
        self.patterns = patterns
    }

    /// What servers can set by default.
    package static let builtIn: [String] = [
        "*", "app.kubernetes.io/*", "checksum/*", "helm.sh/*", "kubectl.kubernetes.io/default-container",
        "kubectl.kubernetes.io/restartedAt", "prometheus.io/*",
    ]

    /// Whether a pattern is valid.
    static func isValid(_ pattern: String) -> Bool {
        if pattern == "*" { return true }
        guard pattern.hasSuffix("/*") else { return KubernetesNames.isQualifiedName(pattern) }
        return KubernetesNames.isSubdomain(String(pattern.dropLast(2)))
    }

    /// Whether a server can set a key.
    package func contains(_ key: String) -> Bool {
        guard let slash = key.firstIndex(of: "/") else { return patterns.contains("*") || patterns.contains(key) }
        return patterns.contains(key) || patterns.contains("\(key[..<slash])/*")
    }
}

internal import CRDModels
internal import KubernetesAPI
internal import Policy
internal import SupplyChain

/// Fields of pods and containers, which all operators take over from Kubernetes.
extension ServerDraft {
    /// Carries a security context over, without what makes the pod weaker than Moorage does.
    mutating func passSecurity(container reader: FieldReader?) {
        passSecurity(reader, to: "securityContext") { member in
            var context = Hardening.securityContext(for: Hardening.podSecurityContext)
            for (key, value) in member { context[key] = value }
            return Self.pod(["containers": [["name": "mcp", "securityContext": context]]])
        }
    }

    /// Carries the security context of a pod over, without what makes the pod weaker than Moorage does.
    mutating func passSecurity(pod reader: FieldReader?) {
        passSecurity(reader, to: "podSecurityContext") { member in
            var context = Hardening.podSecurityContext
            for (key, value) in member { context[key] = value }
            return Self.pod(["securityContext": context])
        }
    }

    private mutating func passSecurity(
        _ reader: FieldReader?,
        to field: String,
        _ pod: ([String: JSONValue]) -> JSONValue
    ) {
        for (key, reader) in reader?.members ?? [] {
            let found = Hardening.weakenings(of: pod([key: reader.value]), allowsToken: false)
            if let weakening = found.first {
                reader.lose(
                    "makes the pod weaker than Moorage does: \(weakening.message)",
                    """
                    run the server without it; otherwise set spec.\(field).\(key) and let an administrator set \
                    spec.hardening.allowWeakening in the MCPTenant
                    """
                )
                continue
            }
            pass(reader, to: field, key)
            // A member that the schema does not know.
            if self[field, key] == nil, MCPServerSpec.schema.properties[field]?.properties[key] == nil {
                reader.lose("Moorage has no such field", "set it in spec.podTemplate")
            }
        }
    }

    private static func pod(_ fields: JSONValue) -> JSONValue {
        var context = Hardening.podSecurityContext
        for (key, value) in fields["securityContext"]?.objectValue ?? [:] { context[key] = value }
        let container: JSONValue = [
            "name": "mcp", "securityContext": Hardening.securityContext(for: Hardening.podSecurityContext),
        ]
        return [
            "automountServiceAccountToken": false, "enableServiceLinks": false, "securityContext": context,
            "containers": fields["containers"] ?? [container], "volumes": fields["volumes"] ?? [],
        ]
    }

    /// Why a volume cannot be in a pod, or `nil` if it can.
    static func refusal(ofVolume volume: JSONValue) -> String? {
        let found = Hardening.weakenings(of: pod(["volumes": [volume]]), allowsToken: false)
        if let first = found.first { return first.message }
        let problems = PodChecks.problems(in: [
            "spec": ["volumes": [volume], "containers": [["name": "mcp", "image": "mcp"]]]
        ])
        return problems.first { $0.field.hasPrefix("spec.volumes") }?.message
    }

    /// Carries volumes of a pod and their mounts in the container over.
    mutating func passVolumes(_ volumes: FieldReader?, mounts: FieldReader?) {
        guard let volumeItems = MCPServerSpec.schema.properties["volumes"]?.items?.schema,
            let mountItems = MCPServerSpec.schema.properties["volumeMounts"]?.items?.schema
        else { return }
        var known: [String: JSONValue] = [:]
        for element in volumes?.elements ?? [] {
            let name = element.value["name"]?.stringValue ?? ""
            if let refusal = Self.refusal(ofVolume: element.value) {
                element.lose("cannot be used: \(refusal)", Self.volumeAdvice)
                continue
            }
            guard let volume = element.checked(volumeItems) else { continue }
            if known[name] != nil {
                element.lose("two volumes have the name \(name)", "rename one of them")
                continue
            }
            known[name] = volume
        }
        for element in mounts?.elements ?? [] {
            let name = element.value["name"]?.stringValue ?? ""
            guard let volume = known[name] else {
                element.lose("mounts the volume \"\(name)\", which is not carried over", Self.volumeAdvice)
                continue
            }
            guard let mount = element.checked(mountItems) else { continue }
            addVolume(volume, mount: mount, from: element)
        }
        let mounted = Set((mounts?.value.arrayValue ?? []).compactMap { $0["name"]?.stringValue })
        for element in volumes?.elements ?? [] where element.value["name"]?.stringValue.map(mounted.contains) != true {
            element.lose("is not mounted in the server's container")
        }
    }

    /// What to do in place of a directory of a node.
    static let volumeAdvice =
        "keep data in spec.storage, files in spec.config.files, and use volumes of the kinds configMap, secret, emptyDir and "
        + "persistentVolumeClaim for everything else"

    /// Carries labels or annotations of pods over, as far as servers can set them by default.
    mutating func passPodMetadata(_ reader: FieldReader?, _ field: String) {
        let allowed = PodMetadataPatterns(patterns: PodMetadataPatterns.builtIn)
        let own = [
            MoorageLabels.name, MoorageLabels.instance, MoorageLabels.component, MoorageLabels.managedBy,
            MoorageLabels.partOf,
        ]
        for (key, reader) in reader?.members ?? [] {
            guard let text = reader.text() else { continue }
            if field == "labels", own.contains(key) {
                reader.lose("is a label that Moorage sets itself")
            } else if !allowed.contains(key) || key.hasPrefix("\(Moorage.group)/") {
                reader.lose(
                    "can configure other controllers, so servers cannot set it on pods by default",
                    """
                    set it in spec.podTemplate.metadata.\(field), and let an administrator add it to podMetadata.allowedKeys of \
                    the platform's configuration
                    """
                )
            } else if !KubernetesNames.isQualifiedName(key) || field == "labels" && !KubernetesNames.isLabelValue(text)
            {
                reader.lose("is not valid", "correct it")
            } else {
                self["podTemplate", "metadata", field, key] = .string(text)
            }
        }
    }

    /// Carries labels or annotations of the Deployment or the Service over.
    mutating func passObjectMetadata(_ reader: FieldReader?, to object: String, _ field: String) {
        for (key, reader) in reader?.members ?? [] {
            guard let text = reader.text() else { continue }
            let isValid = KubernetesNames.isQualifiedName(field == "labels" ? key : key.lowercased())
            if !isValid || field == "labels" && !KubernetesNames.isLabelValue(text) {
                reader.lose("is not valid", "correct it")
            } else if key.hasPrefix("\(Moorage.group)/") || key.hasPrefix("app.kubernetes.io/") {
                reader.lose("is set by Moorage itself")
            } else if object == "service", field == "annotations" {
                reader.lose(
                    "can expose the Service in other ways than Moorage does",
                    "set it in spec.service.annotations if the platform allows it, or use spec.exposure"
                )
            } else {
                self[object, field, key] = .string(text)
            }
        }
    }

    /// Carries over on which nodes the pods run, as far as servers can decide that.
    mutating func passScheduling(_ reader: FieldReader?, _ field: String) {
        guard let reader else { return }
        if field == "tolerations", reader.value.arrayValue != nil {
            for element in reader.elements where isAllowed([field: .array([element.value])], element) {
                guard let items = MCPServerSpec.schema.properties["scheduling"]?.properties[field]?.items?.schema,
                    let value = element.checked(items)
                else { continue }
                append(value, to: ["scheduling", field], unique: nil, from: element)
            }
        } else if field == "nodeSelector", reader.value.objectValue != nil {
            for (key, element) in reader.members where isAllowed([field: .object([key: element.value])], element) {
                if let text = element.string() { self["scheduling", field, key] = .string(text) }
            }
        } else if isAllowed([field: reader.value], reader) {
            pass(reader, to: "scheduling", field)
        }
    }

    private func isAllowed(_ spec: JSONValue, _ reader: FieldReader) -> Bool {
        var pod = spec
        pod["containers"] = [["name": "mcp", "image": "mcp"]]
        let field = spec.objectValue?.keys.first ?? ""
        if let breach = PodPlacement.breaches(of: pod, class: [:]).first {
            reader.lose(
                "a server cannot set this: \(breach.message)",
                "let an administrator set it in an MCPServerClass"
            )
            return false
        }
        let problems = PodChecks.problems(in: ["spec": pod]).filter { $0.field.hasPrefix("spec.\(field)") }
        guard let problem = problems.first else { return true }
        reader.lose("is not valid: \(problem.message)", "correct it")
        return false
    }

    /// Sets an existing ServiceAccount.
    mutating func setServiceAccount(_ reader: FieldReader?) {
        guard let reader, !(reader.value.stringValue ?? "x").isEmpty else {
            reader?.markRead()
            return
        }
        pass(reader, to: "serviceAccount", "name")
        guard self["serviceAccount", "name"] != nil else { return }
        reader.report(
            .toDo,
            "is an existing ServiceAccount, which the tenant has to allow",
            """
            let an administrator add it to spec.hardening.serviceAccounts of the MCPTenant; if the server uses the Kubernetes \
            API, also set spec.serviceAccount.automountToken and spec.network.egress.kubernetesAPI
            """
        )
    }

    /// Carries the pull Secrets over.
    mutating func passPullSecrets(_ reader: FieldReader?) {
        passElements(reader, to: "imagePullSecrets", unique: "name")
        for secret in self["imagePullSecrets"]?.arrayValue ?? [] {
            require(secret: secret["name"]?.stringValue ?? "", key: nil, purpose: "credentials for pulling the image")
        }
    }

    /// Carries a pod template over: fields that an MCPServer has itself go there, the rest into `spec.podTemplate`.
    ///
    /// - Parameter container: the name of the server's container in the template.
    mutating func pass(podTemplate reader: FieldReader?, container: String) {
        passPodMetadata(reader?.at("metadata", "labels"), "labels")
        passPodMetadata(reader?.at("metadata", "annotations"), "annotations")
        guard let pod = reader?["spec"] else { return }
        for field in [
            "nodeSelector", "affinity", "tolerations", "topologySpreadConstraints", "priorityClassName",
            "runtimeClassName",
        ] { passScheduling(pod[field], field) }
        pass(pod["terminationGracePeriodSeconds"], to: "terminationGracePeriodSeconds")
        passSecurity(pod: pod["securityContext"])
        passPullSecrets(pod["imagePullSecrets"])
        if self["serviceAccount"] == nil { setServiceAccount(pod["serviceAccountName"]) }
        var mounts: FieldReader?
        for element in pod["containers"]?.elements ?? [] {
            guard element.value["name"]?.stringValue == container else {
                addSidecar(element)
                continue
            }
            element["name"]?.markRead()
            passSecurity(container: element["securityContext"])
            if let resources = element["resources"] {
                if self["resources"] != nil {
                    resources.report(.changed, "takes precedence over the resources of the server itself")
                    self["resources"] = nil
                }
                pass(resources, to: "resources")
            }
            passVariables(element["env"])
            passElements(element["envFrom"], to: "envFrom")
            pass(element["workingDir"], to: "workingDir")
            mounts = element["volumeMounts"]
        }
        passVolumes(pod["volumes"], mounts: mounts)
    }

    /// Carries an additional container over, hardened like the server's.
    mutating func addSidecar(_ reader: FieldReader) {
        var container = reader.value
        let defaults = Hardening.securityContext(for: Hardening.podSecurityContext)
        var context = container["securityContext"] ?? [:]
        for (key, value) in defaults.objectValue ?? [:] where context[key] == nil { context[key] = value }
        container["securityContext"] = context
        let name = container["name"]?.stringValue ?? ""
        let containers: JSONValue = [["name": "mcp", "image": "mcp"], container]
        var problems = PodSchema.current.problems(inPatch: ["spec": ["containers": [container]]]).map(\.message)
        problems += PodChecks.problems(in: ["spec": ["containers": containers]]).filter {
            $0.field.hasPrefix("spec.containers[1]") && !$0.field.contains("volumeMounts")
        }.map(\.message)
        problems += Hardening.weakenings(of: Self.pod(["containers": [container]]), allowsToken: false).map(\.message)
        if name.isEmpty || name == "mcp" { problems.append("it needs a name other than mcp") }
        if container["volumeMounts"] != nil { problems.append("it mounts volumes") }
        let own = self["podTemplate", "spec", "containers"]?.arrayValue ?? []
        if own.contains(where: { $0["name"]?.stringValue == name }) { problems.append("two containers have its name") }
        let image = container["image"]?.stringValue.flatMap { try? ImageReference($0) }
        if image == nil { problems.append("its image is not valid") }
        if let problem = problems.first {
            return reader.lose(
                "the additional container cannot be carried over: \(problem)",
                "add it to spec.podTemplate.spec.containers"
            )
        }
        reader.markRead()
        self["podTemplate", "spec", "containers"] = .array(own + [container])
        note(references: container)
        if let image, image.digest == nil {
            reader.report(
                .toDo,
                "its image has no digest, and policies of tenants usually require one",
                "add the digest: crane digest \(image) shows it"
            )
        }
        reader.report(.changed, "runs hardened like the server: a read-only root, and neither root nor capabilities")
    }
}

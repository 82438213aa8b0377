import KubernetesAPI

/// The checks of pods and of their templates.
extension FieldChecks {
    mutating func pod(_ spec: JSONValue, _ path: FieldPath) {
        let volumes = volumes(spec, path.key("volumes"))
        let containers = spec["containers"]?.arrayValue ?? []
        if containers.isEmpty { required(path.key("containers")) }
        var names: Set<String> = []
        for list in ["containers", "initContainers"] {
            for (index, container) in (spec[list]?.arrayValue ?? []).enumerated() {
                let base = path.key(list).index(index)
                self.container(container, base, spec: spec, volumes: volumes)
                let name = container["name"]?.stringValue ?? ""
                if !name.isEmpty, !names.insert(name).inserted {
                    errors.append(FieldError(.duplicate, base.key("name"), value: .string(name)))
                }
                handlers(container, base, isInit: list == "initContainers")
            }
        }
        oneOf(path.key("restartPolicy"), spec["restartPolicy"], ["Always", "OnFailure", "Never"])
        oneOf(path.key("dnsPolicy"), spec["dnsPolicy"], ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"])
        labels(path.key("nodeSelector"), spec["nodeSelector"])
        podContext(spec["securityContext"] ?? [:], path.key("securityContext"))
        for name in ["hostname", "subdomain"] {
            if let text = spec[name]?.stringValue, !text.isEmpty { texts(path.key(name), text, NameForms.label(text)) }
        }
        for (index, constraint) in (spec["topologySpreadConstraints"]?.arrayValue ?? []).enumerated() {
            let base = path.key("topologySpreadConstraints").index(index)
            if let skew = constraint["maxSkew"], (skew.integerValue ?? 0) <= 0 {
                invalid(base.key("maxSkew"), skew, "must be greater than zero")
            }
            if (constraint["topologyKey"]?.stringValue ?? "").isEmpty {
                required(base.key("topologyKey"), "can not be empty")
            }
            let actions = ["DoNotSchedule", "ScheduleAnyway"]
            oneOf(base.key("whenUnsatisfiable"), constraint["whenUnsatisfiable"], actions)
        }
        for (index, toleration) in (spec["tolerations"]?.arrayValue ?? []).enumerated() {
            tolerate(toleration, path.key("tolerations").index(index))
        }
    }

    private mutating func tolerate(_ toleration: JSONValue, _ base: FieldPath) {
        let key = toleration["key"]?.stringValue ?? ""
        if !key.isEmpty { texts(base.key("key"), key, NameForms.qualifiedName(key)) }
        let effect = toleration["effect"]
        if toleration["tolerationSeconds"] != nil, effect != "NoExecute" {
            invalid(base.key("effect"), effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set")
        }
        switch toleration["operator"]?.stringValue ?? "" {
        case "Exists":
            if let value = toleration["value"]?.stringValue, !value.isEmpty {
                invalid(base.key("operator"), .string(value), "value must be empty when `operator` is 'Exists'")
            }
        case "", "Equal", "Lt", "Gt": break
        default: unsupported(base.key("operator"), toleration["operator"] ?? "", ["Equal", "Exists"])
        }
        if let effect, effect != "" {
            oneOf(base.key("effect"), effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"])
        }
    }

    // MARK: Volumes

    /// Checks the volumes, and returns the names of those that can be mounted.
    private mutating func volumes(_ spec: JSONValue, _ path: FieldPath) -> Set<String> {
        var names: Set<String> = []
        for (index, volume) in (spec["volumes"]?.arrayValue ?? []).enumerated() {
            let base = path.index(index)
            let before = errors.count
            let sources = (volume.objectValue ?? [:]).keys.filter { $0 != "name" }.sorted {
                // Sorted like the API's fields, where the order matters.
                ($0 == "secret" ? 0 : 1, $0) < ($1 == "secret" ? 0 : 1, $1)
            }
            for (number, source) in sources.enumerated() {
                if number > 0 {
                    forbidden(base.key(source), "may not specify more than 1 volume type")
                } else {
                    self.source(source, volume[source] ?? [:], base.key(source))
                }
            }
            let name = volume["name"]?.stringValue ?? ""
            if name.isEmpty {
                required(base.key("name"))
            } else {
                texts(base.key("name"), name, NameForms.label(name))
                if names.contains(name) {
                    errors.append(FieldError(.duplicate, base.key("name"), value: .string(name)))
                }
            }
            if errors.count == before { names.insert(name) }
        }
        return names
    }

    private mutating func source(_ kind: String, _ source: JSONValue, _ path: FieldPath) {
        let names = [
            "secret": "secretName", "configMap": "name", "persistentVolumeClaim": "claimName", "hostPath": "path",
        ]
        if let field = names[kind], (source[field]?.stringValue ?? "").isEmpty { required(path.key(field)) }
        if let mode = source["defaultMode"]?.integerValue, !(0...0o777).contains(mode) {
            let detail = "must be a number between 0 and 0777 (octal), both inclusive"
            invalid(path.key("defaultMode"), .integer(mode), detail)
        }
    }

    // MARK: Containers

    private mutating func container(
        _ container: JSONValue,
        _ base: FieldPath,
        spec: JSONValue,
        volumes: Set<String>
    ) {
        let name = container["name"]?.stringValue ?? ""
        if name.isEmpty { required(base.key("name")) } else { texts(base.key("name"), name, NameForms.label(name)) }
        let image = container["image"]?.stringValue ?? ""
        if image.isEmpty {
            required(base.key("image"))
        } else if image.first?.isWhitespace == true || image.last?.isWhitespace == true {
            invalid(base.key("image"), .string(image), "must not have leading or trailing whitespace")
        }
        ports(container, base.key("ports"))
        for (index, variable) in (container["env"]?.arrayValue ?? []).enumerated() {
            environment(variable, base.key("env").index(index))
        }
        for (index, source) in (container["envFrom"]?.arrayValue ?? []).enumerated() {
            for kind in ["configMapRef", "secretRef"] {
                guard let reference = source[kind] else { continue }
                if (reference["name"]?.stringValue ?? "").isEmpty {
                    required(base.key("envFrom").index(index).key(kind).key("name"))
                }
            }
        }
        mounts(container, base.key("volumeMounts"), volumes: volumes)
        oneOf(base.key("imagePullPolicy"), container["imagePullPolicy"], ["Always", "IfNotPresent", "Never"])
        resources(container["resources"] ?? [:], base.key("resources"))
        containerContext(container["securityContext"] ?? [:], base.key("securityContext"), spec: spec)
    }

    private mutating func ports(_ container: JSONValue, _ path: FieldPath) {
        var names: Set<String> = []
        for (index, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
            let base = path.index(index)
            if let name = port["name"]?.stringValue, !name.isEmpty {
                let problems = NameForms.portName(name)
                texts(base.key("name"), name, problems)
                if problems.isEmpty, !names.insert(name).inserted {
                    errors.append(FieldError(.duplicate, base.key("name"), value: .string(name)))
                }
            }
            if (port["containerPort"]?.integerValue ?? 0) == 0 {
                required(base.key("containerPort"))
            } else {
                self.port(base.key("containerPort"), port["containerPort"])
            }
            if let hostPort = port["hostPort"], hostPort != 0 { self.port(base.key("hostPort"), hostPort) }
            oneOf(base.key("protocol"), port["protocol"], ["SCTP", "TCP", "UDP"])
        }
    }

    private mutating func environment(_ variable: JSONValue, _ base: FieldPath) {
        let name = variable["name"]?.stringValue ?? ""
        if name.isEmpty {
            required(base.key("name"))
        } else {
            texts(base.key("name"), name, NameForms.environmentName(name))
        }
        guard let source = variable["valueFrom"] else { return }
        let path = base.key("valueFrom")
        let sources = (source.objectValue ?? [:]).keys
        if sources.isEmpty {
            let all = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            invalid(path, "", "must specify one of: \(all)")
        } else if !(variable["value"]?.stringValue ?? "").isEmpty {
            invalid(path, "", "may not be specified when `value` is not empty")
        } else if sources.count > 1 {
            invalid(path, "", "may not have more than one field specified at a time")
        }
        if let field = source[path: ["fieldRef", "fieldPath"]]?.stringValue {
            self.field(field, path.key("fieldRef").key("fieldPath"))
        }
        for kind in ["configMapKeyRef", "secretKeyRef"] {
            guard let reference = source[kind] else { continue }
            let name = reference["name"]?.stringValue ?? ""
            texts(path.key(kind).key("name"), name, NameForms.subdomain(name))
            let key = reference["key"]?.stringValue ?? ""
            if key.isEmpty {
                required(path.key(kind).key("key"))
            } else {
                texts(path.key(kind).key("key"), key, NameForms.configKey(key))
            }
        }
    }

    /// The fields of a pod that environment variables can refer to.
    private mutating func field(_ field: String, _ path: FieldPath) {
        let known = [
            "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
            "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
        ]
        let isKeyed = ["metadata.labels['", "metadata.annotations['"].contains { field.hasPrefix($0) }
        if known.contains(field) || isKeyed { return }
        invalid(path, .string(field), "error converting fieldPath: field label not supported: \(field)")
    }

    private mutating func mounts(_ container: JSONValue, _ path: FieldPath, volumes: Set<String>) {
        var paths: Set<String> = []
        for (index, mount) in (container["volumeMounts"]?.arrayValue ?? []).enumerated() {
            let base = path.index(index)
            let name = mount["name"]?.stringValue ?? ""
            if name.isEmpty { required(base.key("name")) }
            let place = mount["mountPath"]?.stringValue ?? ""
            if place.isEmpty { required(base.key("mountPath")) }
            if !volumes.contains(name) {
                errors.append(FieldError(.notFound, base.key("name"), value: .string(name)))
            }
            if !paths.insert(place).inserted { invalid(base.key("mountPath"), .string(place), "must be unique") }
        }
    }

    private mutating func resources(_ resources: JSONValue, _ path: FieldPath) {
        let limits = PodResources.amounts(resources["limits"])
        for list in ["limits", "requests"] {
            let amounts = PodResources.amounts(resources[list]).sorted { $0.key < $1.key }
            for (name, amount) in amounts {
                let base = FieldPath(path.elements + [.key("\(list)[\(name)]")])
                let isStandard =
                    name.contains("/") || ["cpu", "memory", "ephemeral-storage"].contains(name)
                    || name.hasPrefix("hugepages-")
                if !isStandard {
                    invalid(base, .string(name), "must be a standard resource type or fully qualified")
                    invalid(base, .string(name), "must be a standard resource for containers")
                }
                if amount.nanos < 0 {
                    invalid(base, .string(amount.description), "must be greater than or equal to 0")
                }
                if list == "requests", let limit = limits[name], amount > limit {
                    let detail = "must be less than or equal to \(name) limit of \(limit)"
                    invalid(path.key("requests"), .string(amount.description), detail)
                }
            }
        }
    }

    // MARK: Security contexts

    private mutating func user(_ context: JSONValue, _ path: FieldPath, _ names: String...) {
        for name in names {
            guard let number = context[name]?.integerValue, !(0...2_147_483_647).contains(number) else { continue }
            invalid(path.key(name), .integer(number), "must be between 0 and 2147483647, inclusive")
        }
    }

    private mutating func seccomp(_ context: JSONValue, _ path: FieldPath) {
        guard let profile = context["seccompProfile"] else { return }
        let base = path.key("seccompProfile")
        oneOf(base.key("type"), profile["type"], ["Localhost", "RuntimeDefault", "Unconfined"])
        let hasFile = profile["localhostProfile"] != nil
        if profile["type"] == "Localhost", !hasFile {
            required(base.key("localhostProfile"), "must be set when seccomp type is Localhost")
        } else if profile["type"] != "Localhost", hasFile {
            invalid(
                base.key("localhostProfile"),
                profile["localhostProfile"],
                "can only be set when seccomp type is Localhost"
            )
        }
    }

    private mutating func podContext(_ context: JSONValue, _ path: FieldPath) {
        user(context, path, "fsGroup", "runAsUser", "runAsGroup")
        for (index, group) in (context["supplementalGroups"]?.arrayValue ?? []).enumerated() {
            guard let number = group.integerValue, !(0...2_147_483_647).contains(number) else { continue }
            let detail = "must be between 0 and 2147483647, inclusive"
            invalid(path.key("supplementalGroups").index(index), group, detail)
        }
        seccomp(context, path)
    }

    private mutating func containerContext(_ context: JSONValue, _ path: FieldPath, spec: JSONValue) {
        user(context, path, "runAsUser", "runAsGroup")
        let procMount = context["procMount"]
        oneOf(path.key("procMount"), procMount, ["Default", "Unmasked"])
        if procMount == "Unmasked", spec["hostUsers"]?.boolValue != false {
            invalid(path.key("procMount"), procMount, "`hostUsers` must be false to use `Unmasked`")
        }
        seccomp(context, path)
        guard context["allowPrivilegeEscalation"]?.boolValue == false else { return }
        if context["privileged"]?.boolValue == true {
            invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
        }
        if context[path: ["capabilities", "add"]]?.arrayValue?.contains("CAP_SYS_ADMIN") == true {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            invalid(path, context, detail)
        }
    }

    // MARK: Probes and hooks

    private mutating func handlers(_ container: JSONValue, _ base: FieldPath, isInit: Bool) {
        let isSidecar = container["restartPolicy"] == "Always"
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            guard let probe = container[name] else { continue }
            if isInit, !isSidecar {
                forbidden(base.key(name), "may not be set for init containers without restartPolicy=Always")
                continue
            }
            handler(probe, base.key(name))
            let path = base.key(name)
            atLeast(
                0,
                probe,
                path,
                "initialDelaySeconds",
                "timeoutSeconds",
                "periodSeconds",
                "successThreshold",
                "failureThreshold"
            )
            if name != "readinessProbe", let count = probe["successThreshold"], count != 1 {
                invalid(path.key("successThreshold"), count, "must be 1")
            }
        }
        for name in ["postStart", "preStop"] {
            guard let hook = container[path: ["lifecycle", name]] else { continue }
            handler(hook, base.key("lifecycle").key(name))
        }
    }

    private mutating func handler(_ handler: JSONValue, _ path: FieldPath) {
        let kinds = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"].filter { handler[$0] != nil }
        if kinds.isEmpty { return required(path, "must specify a handler type") }
        for (index, kind) in kinds.enumerated() {
            let base = path.key(kind)
            if index > 0 {
                forbidden(base, "may not specify more than 1 handler type")
                continue
            }
            switch kind {
            case "exec":
                if handler[path: ["exec", "command"]]?.arrayValue?.isEmpty ?? true { required(base.key("command")) }
            case "httpGet":
                if (handler[path: ["httpGet", "path"]]?.stringValue ?? "").isEmpty { required(base.key("path")) }
                port(base.key("port"), handler[path: ["httpGet", "port"]])
                oneOf(base.key("scheme"), handler[path: ["httpGet", "scheme"]], ["HTTP", "HTTPS"])
            case "tcpSocket", "grpc": port(base.key("port"), handler[path: [kind, "port"]])
            default: break
            }
        }
    }
}

internal import KubernetesAPI

/// What the API server would refuse about a pod's containers.
extension PodChecks {
    mutating func visitContainers() {
        var names: Set<String> = []
        for list in ["containers", "initContainers"] {
            for (index, container) in (spec[list]?.arrayValue ?? []).enumerated() {
                let field = "spec.\(list)[\(index)]"
                let name = container["name"]?.stringValue ?? ""
                if !KubernetesNames.isDNSLabel(name) {
                    add("\(field).name", "\"\(name)\" must be at most 63 lower-case letters, digits and -")
                } else if !names.insert(name).inserted {
                    add("\(field).name", "there are two containers with the name \"\(name)\": rename one")
                }
                visit(container: container, field)
                visit(handlers: container, field, isInit: list == "initContainers")
            }
        }
    }

    private mutating func visit(container: JSONValue, _ field: String) {
        let image = container["image"]?.stringValue ?? ""
        if image.isEmpty {
            add("\(field).image", "is required: set the image")
        } else if image.contains(where: \.isWhitespace) {
            add("\(field).image", "\"\(image)\" must not contain spaces")
        }
        choice(container["imagePullPolicy"], "\(field).imagePullPolicy", "Always", "IfNotPresent", "Never")
        choice(container["restartPolicy"], "\(field).restartPolicy", "Always", "OnFailure", "Never")
        choice(
            container["terminationMessagePolicy"],
            "\(field).terminationMessagePolicy",
            "File",
            "FallbackToLogsOnError"
        )
        visit(ports: container["ports"]?.arrayValue ?? [], "\(field).ports")
        visit(environment: container, field)
        visit(mounts: container, field)
        visit(resources: container["resources"] ?? [:], "\(field).resources")
        visit(containerContext: container["securityContext"] ?? [:], "\(field).securityContext")
    }

    private mutating func visit(ports: [JSONValue], _ field: String) {
        unique(ports, by: "containerPort", "protocol", at: field, what: "ports")
        var names: Set<String> = []
        for (index, port) in ports.enumerated() {
            let path = "\(field)[\(index)]"
            range(port["containerPort"], "\(path).containerPort", 1...65_535)
            range(port["hostPort"], "\(path).hostPort", 0...65_535)
            choice(port["protocol"], "\(path).protocol", "TCP", "UDP", "SCTP")
            guard let name = port["name"]?.stringValue, !name.isEmpty else { continue }
            if !KubernetesNames.isPortName(name) {
                add(
                    "\(path).name",
                    "\"\(name)\" must be at most 15 lower-case letters, digits and single -, with at least one letter"
                )
            } else if !names.insert(name).inserted {
                add("\(path).name", "there are two ports with the name \"\(name)\": rename one")
            }
        }
    }

    // MARK: Variables

    private mutating func visit(environment container: JSONValue, _ field: String) {
        let variables = container["env"]?.arrayValue ?? []
        unique(variables, by: "name", at: "\(field).env", what: "variables")
        for (index, variable) in variables.enumerated() { visit(variable: variable, "\(field).env[\(index)]") }
        for (index, source) in (container["envFrom"]?.arrayValue ?? []).enumerated() {
            let path = "\(field).envFrom[\(index)]"
            let kinds = present(["configMapRef", "secretRef"], in: source)
            if kinds.count != 1 { add(path, "must have exactly one of configMapRef and secretRef") }
            for kind in kinds { objectName(source[kind]?["name"], "\(path).\(kind).name") }
            if let prefix = source["prefix"]?.stringValue, !prefix.isEmpty, !EnvVar.isValidName(prefix) {
                add("\(path).prefix", "\"\(prefix)\" must be printable ASCII characters without =")
            }
        }
    }

    private mutating func visit(variable: JSONValue, _ field: String) {
        let name = variable["name"]?.stringValue ?? ""
        if !EnvVar.isValidName(name) {
            add("\(field).name", "\"\(name)\" must be 1 to 253 printable ASCII characters without =")
        }
        guard let source = variable["valueFrom"] else { return }
        let kinds = (source.objectValue ?? [:]).keys.sorted()
        if kinds.count != 1 {
            add("\(field).valueFrom", "must have exactly one source, such as secretKeyRef")
        } else if !(variable["value"]?.stringValue ?? "").isEmpty {
            add("\(field).valueFrom", "must not be set together with value: remove one")
        }
        for kind in ["configMapKeyRef", "secretKeyRef"] {
            guard let reference = source[kind] else { continue }
            objectName(reference["name"], "\(field).valueFrom.\(kind).name")
            let key = reference["key"]?.stringValue ?? ""
            if !KubernetesNames.isDataKey(key) {
                add("\(field).valueFrom.\(kind).key", "\"\(key)\" must consist of letters, digits, -, _ and .")
            }
        }
        if let reference = source["fieldRef"] {
            visit(field: reference["fieldPath"], "\(field).valueFrom.fieldRef.fieldPath", of: PodChecks.variableFields)
        }
        if let reference = source["resourceFieldRef"] {
            let name = reference["resource"]?.stringValue ?? ""
            let isKnown = ["limits.", "requests."].contains { prefix in
                let resource = name.dropFirst(prefix.count)
                return name.hasPrefix(prefix)
                    && (["cpu", "memory", "ephemeral-storage"].contains(resource) || resource.hasPrefix("hugepages-"))
            }
            if !isKnown {
                add(
                    "\(field).valueFrom.resourceFieldRef.resource",
                    "\"\(name)\" must be a resource such as limits.memory or requests.cpu"
                )
            }
        }
    }

    // MARK: Mounts

    private mutating func visit(mounts container: JSONValue, _ field: String) {
        var paths: Set<String> = []
        for (index, mount) in (container["volumeMounts"]?.arrayValue ?? []).enumerated() {
            let path = "\(field).volumeMounts[\(index)]"
            let name = mount["name"]?.stringValue ?? ""
            if !volumes.contains(name) { add("\(path).name", "volume \"\(name)\" does not exist: add it") }
            let mountPath = mount["mountPath"]?.stringValue ?? ""
            if mountPath.isEmpty {
                add("\(path).mountPath", "is required: set the path in the container")
            } else if mountPath.contains(":") {
                add("\(path).mountPath", "\"\(mountPath)\" must not contain a colon")
            } else if !paths.insert(mountPath).inserted {
                add("\(path).mountPath", "another volume is already mounted at \(mountPath): use another path")
            }
            for key in ["subPath", "subPathExpr"] { inside(mount[key], "\(path).\(key)", isRequired: false) }
            if present(["subPath", "subPathExpr"], in: mount).count > 1 {
                add("\(path).subPathExpr", "must not be set together with subPath: remove one")
            }
            choice(
                mount["mountPropagation"],
                "\(path).mountPropagation",
                "None",
                "HostToContainer",
                "Bidirectional"
            )
            if mount["mountPropagation"] == "Bidirectional", container["securityContext"]?["privileged"] != true {
                add("\(path).mountPropagation", "Bidirectional requires a privileged container")
            }
            choice(mount["recursiveReadOnly"], "\(path).recursiveReadOnly", "Disabled", "IfPossible", "Enabled")
            if let recursive = mount["recursiveReadOnly"], recursive != "Disabled", mount["readOnly"] != true {
                add("\(path).recursiveReadOnly", "requires readOnly: true")
            }
        }
        for (index, device) in (container["volumeDevices"]?.arrayValue ?? []).enumerated() {
            let path = "\(field).volumeDevices[\(index)]"
            let name = device["name"]?.stringValue ?? ""
            if !volumes.contains(name) { add("\(path).name", "volume \"\(name)\" does not exist: add it") }
            let devicePath = device["devicePath"]?.stringValue ?? ""
            if devicePath.isEmpty {
                add("\(path).devicePath", "is required: set the path in the container")
            } else if !paths.insert(devicePath).inserted {
                add("\(path).devicePath", "another volume is already mounted at \(devicePath): use another path")
            }
        }
    }

    // MARK: Resources

    private func amounts(_ list: JSONValue?) -> [String: Quantity] {
        (list?.objectValue ?? [:]).compactMapValues { try? $0.decode(Quantity.self) }
    }

    private mutating func visit(resources: JSONValue, _ field: String) {
        let limits = amounts(resources["limits"])
        for list in ["limits", "requests"] {
            for (name, amount) in amounts(resources[list]).sorted(by: { $0.key < $1.key }) {
                let path = "\(field).\(list)[\(name)]"
                let isPlain = ["cpu", "memory", "ephemeral-storage"].contains(name)
                let isExclusive = name.contains("/") || name.hasPrefix("hugepages-")
                if !isPlain, !isExclusive {
                    add(path, "\"\(name)\" is not a valid resource: use cpu, memory, ephemeral-storage or DOMAIN/NAME")
                }
                if amount < Quantity(0) { add(path, "\(amount) must not be negative") }
                guard list == "requests" else { continue }
                if let limit = limits[name] {
                    if amount > limit {
                        add(path, "\(amount) is above the limit of \(limit): lower it, or raise the limit")
                    }
                    if isExclusive, amount != limit { add(path, "\(amount) must equal the limit of \(limit)") }
                } else if isExclusive {
                    add(path, "requires an equal limit: this resource cannot be overcommitted")
                }
            }
        }
        for (index, claim) in (resources["claims"]?.arrayValue ?? []).enumerated() {
            let name = claim["name"]?.stringValue ?? ""
            if !resourceClaims.contains(name) {
                add(
                    "\(field).claims[\(index)].name",
                    "resource claim \"\(name)\" does not exist in spec.resourceClaims: add it"
                )
            }
        }
    }

    // MARK: Probes and hooks

    private static let probeActions = ["exec", "httpGet", "tcpSocket", "grpc"]
    private static let hookActions = ["exec", "httpGet", "tcpSocket", "sleep"]

    private mutating func visit(handlers container: JSONValue, _ field: String, isInit: Bool) {
        let isSidecar = container["restartPolicy"] == "Always"
        for kind in ["livenessProbe", "readinessProbe", "startupProbe"] {
            guard let probe = container[kind] else { continue }
            let path = "\(field).\(kind)"
            guard !isInit || isSidecar else {
                add(path, "an init container can have probes only with restartPolicy: Always")
                continue
            }
            visit(actions: probe, PodChecks.probeActions, path)
            for key in [
                "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
            ] {
                atLeast(0, probe[key], "\(path).\(key)")
            }
            if kind != "readinessProbe", let count = probe["successThreshold"]?.integerValue, count > 1 {
                add("\(path).successThreshold", "\(count) must be 1 for this probe")
            }
            if kind == "readinessProbe", probe["terminationGracePeriodSeconds"] != nil {
                add(
                    "\(path).terminationGracePeriodSeconds",
                    """
                    a readiness probe does not terminate the container: remove it
                    """
                )
            }
            atLeast(1, probe["terminationGracePeriodSeconds"], "\(path).terminationGracePeriodSeconds")
        }
        guard let lifecycle = container["lifecycle"] else { return }
        guard !isInit || isSidecar else {
            add("\(field).lifecycle", "an init container can have hooks only with restartPolicy: Always")
            return
        }
        for hook in ["postStart", "preStop"] {
            guard let handler = lifecycle[hook] else { continue }
            let path = "\(field).lifecycle.\(hook)"
            visit(actions: handler, PodChecks.hookActions, path)
            let period = spec["terminationGracePeriodSeconds"]?.integerValue ?? 30
            range(handler["sleep"]?["seconds"], "\(path).sleep.seconds", 0...max(0, period))
        }
        if lifecycle["stopSignal"] != nil, spec["os"]?["name"] == nil {
            add("\(field).lifecycle.stopSignal", "requires spec.os.name: linux in the pod template")
        }
    }

    private mutating func visit(actions handler: JSONValue, _ known: [String], _ field: String) {
        let actions = present(known, in: handler)
        guard actions.count == 1 else {
            add(
                field,
                actions.isEmpty
                    ? "has no action: add one of \(known.joined(separator: ", "))"
                    : """
                    has two actions, \(actions.joined(separator: " and ")): keep one; an override removes the rendered one \
                    with $retainKeys
                    """
            )
            return
        }
        if let action = handler["exec"], (action["command"]?.arrayValue ?? []).isEmpty {
            add("\(field).exec.command", "is required: set the command")
        }
        if let action = handler["httpGet"] {
            required(action["path"], "\(field).httpGet.path")
            visit(port: action["port"], "\(field).httpGet.port")
            choice(action["scheme"], "\(field).httpGet.scheme", "HTTP", "HTTPS")
        }
        if let action = handler["tcpSocket"] { visit(port: action["port"], "\(field).tcpSocket.port") }
        if let action = handler["grpc"] { range(action["port"], "\(field).grpc.port", 1...65_535) }
    }

    private mutating func visit(port: JSONValue?, _ field: String) {
        if let name = port?.stringValue {
            if !KubernetesNames.isPortName(name) { add(field, "\"\(name)\" is not a valid name of a port") }
        } else {
            range(port, field, 1...65_535)
        }
    }
}

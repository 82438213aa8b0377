package import KubernetesAPI

/// What the API server would refuse about a finished pod template, reported before anything is written.
///
/// The formats and ranges are those of `ValidatePodTemplateSpec` of Kubernetes 1.36, and of server-side apply, which
/// refuses two elements with the same key. `PodSchema` checks that fields exist and have the right type.
///
/// Two things are refused that the API server accepts: a volume without a source, which it makes an emptyDir, and a
/// mount path with a colon, which the API documentation forbids.
package struct PodChecks {
    private(set) var problems: [PodSchema.Problem] = []
    /// The volumes' names.
    var volumes: Set<String> = []
    /// The names of the pod's resource claims.
    var resourceClaims: Set<String> = []
    /// The pod's `spec`.
    let spec: JSONValue

    /// Everything that is wrong with a template. Fields are paths from the template.
    package static func problems(in template: JSONValue) -> [PodSchema.Problem] {
        var checks = PodChecks(spec: template["spec"] ?? [:])
        checks.visit(metadata: template["metadata"] ?? [:])
        checks.visitPod()
        return checks.problems
    }

    private init(spec: JSONValue) {
        self.spec = spec
    }

    // MARK: Helpers

    mutating func add(_ field: String, _ message: String) {
        problems.append(PodSchema.Problem(field: field, message: message))
    }

    /// Refuses a value that is not one of the allowed ones. An absent or empty value has a default.
    mutating func choice(_ value: JSONValue?, _ field: String, _ allowed: String...) {
        guard let text = value?.stringValue, !text.isEmpty, !allowed.contains(text) else { return }
        add(field, "\"\(text)\" must be one of \(allowed.joined(separator: ", "))")
    }

    mutating func range(_ value: JSONValue?, _ field: String, _ range: ClosedRange<Int64>) {
        guard let number = value?.integerValue, !range.contains(number) else { return }
        add(field, "\(number) must be from \(range.lowerBound) to \(range.upperBound)")
    }

    mutating func atLeast(_ minimum: Int64, _ value: JSONValue?, _ field: String) {
        guard let number = value?.integerValue, number < minimum else { return }
        add(field, "\(number) must be at least \(minimum)")
    }

    /// Refuses a missing or empty text.
    mutating func required(_ value: JSONValue?, _ field: String) {
        if (value?.stringValue ?? "").isEmpty { add(field, "is required: add it") }
    }

    /// Refuses a name that is not a DNS subdomain, the format of most object names.
    mutating func objectName(_ value: JSONValue?, _ field: String, isRequired: Bool = true) {
        let name = value?.stringValue ?? ""
        if name.isEmpty {
            if isRequired { add(field, "is required: set the name of the object") }
        } else if !KubernetesNames.isSubdomain(name) {
            add(field, "\"\(name)\" must be lower-case letters, digits, - and ., such as my-name")
        }
    }

    /// Refuses the second of two equal keys in a list.
    mutating func unique(_ elements: [JSONValue], by keys: String..., at field: String, what: String) {
        var seen: Set<[JSONValue]> = []
        for (index, element) in elements.enumerated() {
            // The API server sets these defaults before it compares.
            let key = keys.map { element[$0] ?? ($0 == "protocol" ? "TCP" : .null) }
            if !seen.insert(key).inserted {
                add("\(field)[\(index)].\(keys[0])", "there are two \(what) with the same \(keys[0]): change one")
            }
        }
    }

    /// The given members of an object that have a value.
    func present(_ names: [String], in value: JSONValue) -> [String] { names.filter { value[$0] != nil } }

    // MARK: The pod

    private mutating func visit(metadata: JSONValue) {
        labels(metadata["labels"], "metadata.labels")
        var size = 0
        for (key, value) in (metadata["annotations"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            size += key.utf8.count + (value.stringValue ?? "").utf8.count
            if !KubernetesNames.isQualifiedName(key.lowercased()) {
                add("metadata.annotations[\(key)]", "\"\(key)\" is not a valid annotation key: use NAME or DOMAIN/NAME")
            }
        }
        if size > 262_144 { add("metadata.annotations", "all annotations together must be at most 262144 bytes") }
    }

    private mutating func labels(_ labels: JSONValue?, _ field: String) {
        for (key, value) in (labels?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            if !KubernetesNames.isQualifiedName(key) {
                add("\(field)[\(key)]", "\"\(key)\" is not a valid label key: use NAME or DOMAIN/NAME")
            }
            if let text = value.stringValue, !KubernetesNames.isLabelValue(text) {
                add(
                    "\(field)[\(key)]",
                    """
                    "\(text)" is not a valid label value: use at most 63 letters, digits, -, _ and ., with a \
                    letter or digit at both ends
                    """
                )
            }
        }
    }

    private mutating func visitPod() {
        visitVolumes()
        let claims = spec["resourceClaims"]?.arrayValue ?? []
        resourceClaims = Set(claims.compactMap { $0["name"]?.stringValue })
        unique(claims, by: "name", at: "spec.resourceClaims", what: "resource claims")
        visitContainers()
        choice(spec["restartPolicy"], "spec.restartPolicy", "Always")
        if spec["activeDeadlineSeconds"] != nil {
            add("spec.activeDeadlineSeconds", "is not allowed for the pods of a Deployment: remove it")
        }
        if !(spec["ephemeralContainers"]?.arrayValue ?? []).isEmpty {
            add(
                "spec.ephemeralContainers",
                """
                are only for running pods, with kubectl debug: remove them from the template
                """
            )
        }
        atLeast(0, spec["terminationGracePeriodSeconds"], "spec.terminationGracePeriodSeconds")
        for key in ["hostname", "subdomain"] {
            if let name = spec[key]?.stringValue, !name.isEmpty, !KubernetesNames.isDNSLabel(name) {
                add("spec.\(key)", "\"\(name)\" must be at most 63 lower-case letters, digits and -")
            }
        }
        for key in ["priorityClassName", "runtimeClassName", "serviceAccountName", "schedulerName"] {
            objectName(spec[key], "spec.\(key)", isRequired: false)
        }
        let account = spec["serviceAccount"]?.stringValue ?? ""
        if !account.isEmpty, account != spec["serviceAccountName"]?.stringValue {
            add(
                "spec.serviceAccount",
                """
                is the deprecated name of serviceAccountName and has a different value: remove it
                """
            )
        }
        choice(spec["preemptionPolicy"], "spec.preemptionPolicy", "Never", "PreemptLowerPriority")
        if let system = spec["os"]?["name"]?.stringValue, system != "linux" {
            add("spec.os.name", "\"\(system)\" must be linux: Moorage supports only Linux pods")
        }
        let secrets = spec["imagePullSecrets"]?.arrayValue ?? []
        unique(secrets, by: "name", at: "spec.imagePullSecrets", what: "pull Secrets")
        for (index, gate) in (spec["readinessGates"]?.arrayValue ?? []).enumerated() {
            let name = gate["conditionType"]?.stringValue ?? ""
            if !KubernetesNames.isQualifiedName(name) {
                add("spec.readinessGates[\(index)].conditionType", "\"\(name)\" must be NAME or DOMAIN/NAME")
            }
        }
        if spec["shareProcessNamespace"] == true, spec["hostPID"] == true {
            add("spec.shareProcessNamespace", "must not be true together with hostPID: remove one")
        }
        if spec["hostUsers"] == false {
            for key in ["hostNetwork", "hostPID", "hostIPC"] where spec[key] == true {
                add("spec.\(key)", "must not be true if hostUsers is false: remove one")
            }
        }
        visitNames()
        visitScheduling()
        visit(podContext: spec["securityContext"] ?? [:], "spec.securityContext")
    }

    /// Checks DNS settings and host aliases.
    private mutating func visitNames() {
        choice(spec["dnsPolicy"], "spec.dnsPolicy", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
        let servers = spec["dnsConfig"]?["nameservers"]?.arrayValue ?? []
        if spec["dnsPolicy"] == "None", servers.isEmpty {
            add("spec.dnsConfig.nameservers", "must contain a server if dnsPolicy is None")
        }
        if servers.count > 3 { add("spec.dnsConfig.nameservers", "must be at most 3") }
        for (index, server) in servers.enumerated() where !KubernetesNames.isAddress(server.stringValue ?? "") {
            add("spec.dnsConfig.nameservers[\(index)]", "\(server.stringValue ?? "") is not an IP address")
        }
        let searches = spec["dnsConfig"]?["searches"]?.arrayValue ?? []
        if searches.count > 32 { add("spec.dnsConfig.searches", "must be at most 32") }
        for (index, option) in (spec["dnsConfig"]?["options"]?.arrayValue ?? []).enumerated() {
            required(option["name"], "spec.dnsConfig.options[\(index)].name")
        }
        let aliases = spec["hostAliases"]?.arrayValue ?? []
        unique(aliases, by: "ip", at: "spec.hostAliases", what: "host aliases")
        for (index, alias) in aliases.enumerated() {
            let address = alias["ip"]?.stringValue ?? ""
            if !KubernetesNames.isAddress(address) {
                add("spec.hostAliases[\(index)].ip", "\"\(address)\" is not an IP address")
            }
            for (position, name) in (alias["hostnames"]?.arrayValue ?? []).enumerated()
            where !KubernetesNames.isSubdomain(name.stringValue ?? "") {
                add(
                    "spec.hostAliases[\(index)].hostnames[\(position)]",
                    "\"\(name.stringValue ?? "")\" is not a host name"
                )
            }
        }
    }

    // MARK: Scheduling

    private mutating func visitScheduling() {
        labels(spec["nodeSelector"], "spec.nodeSelector")
        for (index, toleration) in (spec["tolerations"]?.arrayValue ?? []).enumerated() {
            visit(toleration: toleration, "spec.tolerations[\(index)]")
        }
        let constraints = spec["topologySpreadConstraints"]?.arrayValue ?? []
        unique(
            constraints,
            by: "topologyKey",
            "whenUnsatisfiable",
            at: "spec.topologySpreadConstraints",
            what: "constraints"
        )
        for (index, constraint) in constraints.enumerated() {
            let field = "spec.topologySpreadConstraints[\(index)]"
            atLeast(1, constraint["maxSkew"], "\(field).maxSkew")
            required(constraint["topologyKey"], "\(field).topologyKey")
            choice(
                constraint["whenUnsatisfiable"],
                "\(field).whenUnsatisfiable",
                "DoNotSchedule",
                "ScheduleAnyway"
            )
            atLeast(1, constraint["minDomains"], "\(field).minDomains")
            if constraint["minDomains"] != nil, constraint["whenUnsatisfiable"] != "DoNotSchedule" {
                add("\(field).minDomains", "requires whenUnsatisfiable: DoNotSchedule")
            }
            for key in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
                choice(constraint[key], "\(field).\(key)", "Honor", "Ignore")
            }
            visit(selector: constraint["labelSelector"], "\(field).labelSelector")
        }
        visit(affinity: spec["affinity"] ?? [:], "spec.affinity")
    }

    private mutating func visit(toleration: JSONValue, _ field: String) {
        let key = toleration["key"]?.stringValue ?? ""
        let verb = toleration["operator"]?.stringValue ?? ""
        choice(toleration["operator"], "\(field).operator", "Exists", "Equal", "Lt", "Gt")
        choice(toleration["effect"], "\(field).effect", "NoSchedule", "PreferNoSchedule", "NoExecute")
        if key.isEmpty {
            if verb != "Exists" { add("\(field).operator", "must be Exists if there is no key") }
        } else if !KubernetesNames.isQualifiedName(key) {
            add("\(field).key", "\"\(key)\" is not a valid taint key: use NAME or DOMAIN/NAME")
        }
        if verb == "Exists", !(toleration["value"]?.stringValue ?? "").isEmpty {
            add("\(field).value", "must not be set if operator is Exists")
        }
        if toleration["tolerationSeconds"] != nil, toleration["effect"] != "NoExecute" {
            add("\(field).tolerationSeconds", "requires effect: NoExecute")
        }
    }

    private mutating func visit(selector: JSONValue?, _ field: String) {
        labels(selector?["matchLabels"], "\(field).matchLabels")
        for (index, expression) in (selector?["matchExpressions"]?.arrayValue ?? []).enumerated() {
            visit(
                expression: expression,
                "\(field).matchExpressions[\(index)]",
                ["In", "NotIn", "Exists", "DoesNotExist"]
            )
        }
    }

    private mutating func visit(expression: JSONValue, _ field: String, _ verbs: [String]) {
        let verb = expression["operator"]?.stringValue ?? ""
        let values = expression["values"]?.arrayValue ?? []
        if !verbs.contains(verb) {
            add("\(field).operator", "\"\(verb)\" must be one of \(verbs.joined(separator: ", "))")
        }
        switch verb {
        case "In", "NotIn":
            if values.isEmpty { add("\(field).values", "\(verb) requires at least one value") }
        case "Exists", "DoesNotExist":
            if !values.isEmpty { add("\(field).values", "\(verb) must not have values") }
        case "Gt", "Lt":
            if values.count != 1 || Int64(values[0].stringValue ?? "") == nil {
                add("\(field).values", "\(verb) requires exactly one integer")
            }
        default: break
        }
        let key = expression["key"]?.stringValue ?? ""
        if !KubernetesNames.isQualifiedName(key) {
            add("\(field).key", "\"\(key)\" is not a valid label key: use NAME or DOMAIN/NAME")
        }
    }

    private mutating func visit(affinity: JSONValue, _ field: String) {
        let required = "requiredDuringSchedulingIgnoredDuringExecution"
        let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
        let node = affinity["nodeAffinity"] ?? [:]
        if let selector = node[required] {
            let terms = selector["nodeSelectorTerms"]?.arrayValue ?? []
            let path = "\(field).nodeAffinity.\(required).nodeSelectorTerms"
            if terms.isEmpty { add(path, "must contain at least one term") }
            for (index, term) in terms.enumerated() { visit(nodeTerm: term, "\(path)[\(index)]") }
        }
        for (index, term) in (node[preferred]?.arrayValue ?? []).enumerated() {
            let path = "\(field).nodeAffinity.\(preferred)[\(index)]"
            range(term["weight"], "\(path).weight", 1...100)
            visit(nodeTerm: term["preference"] ?? [:], "\(path).preference")
        }
        for kind in ["podAffinity", "podAntiAffinity"] {
            for (index, term) in (affinity[kind]?[required]?.arrayValue ?? []).enumerated() {
                visit(podTerm: term, "\(field).\(kind).\(required)[\(index)]")
            }
            for (index, term) in (affinity[kind]?[preferred]?.arrayValue ?? []).enumerated() {
                let path = "\(field).\(kind).\(preferred)[\(index)]"
                range(term["weight"], "\(path).weight", 1...100)
                visit(podTerm: term["podAffinityTerm"] ?? [:], "\(path).podAffinityTerm")
            }
        }
    }

    private mutating func visit(nodeTerm term: JSONValue, _ field: String) {
        for list in ["matchExpressions", "matchFields"] {
            for (index, expression) in (term[list]?.arrayValue ?? []).enumerated() {
                visit(
                    expression: expression,
                    "\(field).\(list)[\(index)]",
                    list == "matchFields" ? ["In", "NotIn"] : ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
                )
            }
        }
    }

    private mutating func visit(podTerm term: JSONValue, _ field: String) {
        required(term["topologyKey"], "\(field).topologyKey")
        visit(selector: term["labelSelector"], "\(field).labelSelector")
        visit(selector: term["namespaceSelector"], "\(field).namespaceSelector")
    }

    // MARK: Security

    private mutating func visit(podContext context: JSONValue, _ field: String) {
        identities(context, field)
        range(context["fsGroup"], "\(field).fsGroup", 0...2_147_483_647)
        for (index, group) in (context["supplementalGroups"]?.arrayValue ?? []).enumerated() {
            range(group, "\(field).supplementalGroups[\(index)]", 0...2_147_483_647)
        }
        choice(context["fsGroupChangePolicy"], "\(field).fsGroupChangePolicy", "Always", "OnRootMismatch")
        choice(context["supplementalGroupsPolicy"], "\(field).supplementalGroupsPolicy", "Merge", "Strict")
        choice(context["seLinuxChangePolicy"], "\(field).seLinuxChangePolicy", "MountOption", "Recursive")
        let sysctls = context["sysctls"]?.arrayValue ?? []
        unique(sysctls, by: "name", at: "\(field).sysctls", what: "sysctls")
        profiles(context, field)
    }

    mutating func visit(containerContext context: JSONValue, _ field: String) {
        identities(context, field)
        profiles(context, field)
        choice(context["procMount"], "\(field).procMount", "Default", "Unmasked")
        if context["procMount"] == "Unmasked", spec["hostUsers"] != false {
            add("\(field).procMount", "Unmasked requires hostUsers: false")
        }
        guard context["allowPrivilegeEscalation"] == false else { return }
        if context["privileged"] == true {
            add("\(field).allowPrivilegeEscalation", "must not be false if privileged is true: change one")
        }
        let added = context["capabilities"]?["add"]?.arrayValue ?? []
        if added.contains("CAP_SYS_ADMIN") {
            add("\(field).capabilities.add", "must not contain CAP_SYS_ADMIN if allowPrivilegeEscalation is false")
        }
    }

    private mutating func identities(_ context: JSONValue, _ field: String) {
        for key in ["runAsUser", "runAsGroup"] { range(context[key], "\(field).\(key)", 0...2_147_483_647) }
    }

    private mutating func profiles(_ context: JSONValue, _ field: String) {
        for key in ["seccompProfile", "appArmorProfile"] {
            guard let profile = context[key] else { continue }
            choice(profile["type"], "\(field).\(key).type", "RuntimeDefault", "Localhost", "Unconfined")
            let isLocal = profile["type"] == "Localhost"
            let file = profile["localhostProfile"]
            if isLocal != (file != nil) {
                add(
                    "\(field).\(key).localhostProfile",
                    isLocal ? "is required if type is Localhost" : "is only valid with type: Localhost"
                )
            }
        }
    }
}

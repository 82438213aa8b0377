internal import KubernetesAPI

/// What the API server would refuse about a pod's volumes.
extension PodChecks {
    mutating func visitVolumes() {
        let list = spec["volumes"]?.arrayValue ?? []
        volumes = Set(list.compactMap { $0["name"]?.stringValue })
        unique(list, by: "name", at: "spec.volumes", what: "volumes")
        for (index, volume) in list.enumerated() {
            let field = "spec.volumes[\(index)]"
            let name = volume["name"]?.stringValue ?? ""
            if !KubernetesNames.isDNSLabel(name) {
                add("\(field).name", "\"\(name)\" must be at most 63 lower-case letters, digits and -")
            }
            let sources = (volume.objectValue ?? [:]).keys.filter { $0 != "name" }.sorted()
            guard let source = sources.first, sources.count == 1 else {
                add(
                    field,
                    sources.isEmpty
                        ? "volume \"\(name)\" has no source: add one, such as emptyDir or configMap"
                        : "volume \"\(name)\" has two sources, \(sources.joined(separator: " and ")): keep one"
                )
                continue
            }
            visit(source: volume[source] ?? [:], kind: source, "\(field).\(source)")
        }
    }

    private mutating func visit(source: JSONValue, kind: String, _ field: String) {
        range(source["defaultMode"], "\(field).defaultMode", 0...0o777)
        switch kind {
        case "emptyDir":
            if let medium = source["medium"]?.stringValue, !["", "Memory", "HugePages"].contains(medium),
                !medium.hasPrefix("HugePages-")
            {
                add("\(field).medium", "\"\(medium)\" must be Memory or HugePages, or not set")
            }
            notNegative(source["sizeLimit"], "\(field).sizeLimit")
        case "secret":
            objectName(source["secretName"], "\(field).secretName")
            visit(items: source["items"], "\(field).items")
        case "configMap":
            objectName(source["name"], "\(field).name")
            visit(items: source["items"], "\(field).items")
        case "persistentVolumeClaim": objectName(source["claimName"], "\(field).claimName")
        case "projected": visit(projected: source, field)
        case "downwardAPI": visit(downward: source["items"], "\(field).items")
        case "ephemeral":
            let claim = source["volumeClaimTemplate"]?["spec"] ?? [:]
            let path = "\(field).volumeClaimTemplate.spec"
            if (claim["accessModes"]?.arrayValue ?? []).isEmpty {
                add("\(path).accessModes", "must contain at least one mode, such as ReadWriteOnce")
            }
            if claim["resources"]?["requests"]?["storage"] == nil {
                add("\(path).resources.requests.storage", "is required: set the requested storage")
            }
        case "csi": required(source["driver"], "\(field).driver")
        case "image":
            required(source["reference"], "\(field).reference")
            choice(source["pullPolicy"], "\(field).pullPolicy", "Always", "IfNotPresent", "Never")
        case "hostPath":
            required(source["path"], "\(field).path")
            choice(
                source["type"],
                "\(field).type",
                "DirectoryOrCreate",
                "Directory",
                "FileOrCreate",
                "File",
                "Socket",
                "CharDevice",
                "BlockDevice"
            )
        case "nfs":
            required(source["server"], "\(field).server")
            if source["path"]?.stringValue?.hasPrefix("/") != true { add("\(field).path", "must start with /") }
        case "iscsi":
            required(source["targetPortal"], "\(field).targetPortal")
            required(source["iqn"], "\(field).iqn")
            range(source["lun"], "\(field).lun", 0...255)
        default: break
        }
    }

    func isNegative(_ value: JSONValue) -> Bool {
        guard let quantity: Quantity = try? value.decode() else { return false }
        return quantity < Quantity(0)
    }

    mutating func notNegative(_ value: JSONValue?, _ field: String) {
        if let value, isNegative(value) { add(field, "must not be negative") }
    }

    /// Refuses a path that is absolute or contains `..`.
    mutating func inside(_ value: JSONValue?, _ field: String, isRequired: Bool = true) {
        let path = value?.stringValue ?? ""
        if path.isEmpty {
            if isRequired { add(field, "is required: set the path of the file") }
        } else if path.hasPrefix("/") || path.split(separator: "/").contains("..") {
            add(field, "\"\(path)\" must be a relative path without ..")
        }
    }

    private mutating func visit(items: JSONValue?, _ field: String) {
        for (index, item) in (items?.arrayValue ?? []).enumerated() {
            required(item["key"], "\(field)[\(index)].key")
            inside(item["path"], "\(field)[\(index)].path")
            range(item["mode"], "\(field)[\(index)].mode", 0...0o777)
        }
    }

    private mutating func visit(downward items: JSONValue?, _ field: String) {
        for (index, item) in (items?.arrayValue ?? []).enumerated() {
            let path = "\(field)[\(index)]"
            inside(item["path"], "\(path).path")
            range(item["mode"], "\(path).mode", 0...0o777)
            guard present(["fieldRef", "resourceFieldRef"], in: item).count == 1 else {
                add(path, "must have exactly one of fieldRef and resourceFieldRef")
                continue
            }
            if let reference = item["fieldRef"] {
                visit(field: reference["fieldPath"], "\(path).fieldRef.fieldPath", of: PodChecks.fileFields)
            }
        }
    }

    private mutating func visit(projected: JSONValue, _ field: String) {
        var paths: Set<String> = []
        for (index, source) in (projected["sources"]?.arrayValue ?? []).enumerated() {
            let path = "\(field).sources[\(index)]"
            let kinds = (source.objectValue ?? [:]).keys.sorted()
            if kinds.count > 1 {
                add(path, "has two sources, \(kinds.joined(separator: " and ")): use a separate element for each")
            }
            var files: [String] = []
            for kind in ["secret", "configMap"] {
                guard let named = source[kind] else { continue }
                objectName(named["name"], "\(path).\(kind).name")
                visit(items: named["items"], "\(path).\(kind).items")
                files += (named["items"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
            }
            visit(downward: source["downwardAPI"]?["items"], "\(path).downwardAPI.items")
            files += (source["downwardAPI"]?["items"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
            if let token = source["serviceAccountToken"] {
                inside(token["path"], "\(path).serviceAccountToken.path")
                range(token["expirationSeconds"], "\(path).serviceAccountToken.expirationSeconds", 600...4_294_967_296)
            }
            if let bundle = source["clusterTrustBundle"] { inside(bundle["path"], "\(path).clusterTrustBundle.path") }
            for kind in ["serviceAccountToken", "clusterTrustBundle"] {
                if let file = source[kind]?["path"]?.stringValue { files.append(file) }
            }
            for file in files where !paths.insert(file).inserted {
                add(path, "writes the file \"\(file)\", which another source also writes: rename one")
            }
        }
    }

    /// The pod fields that files can contain.
    static let fileFields = [
        "metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations",
    ]
    /// The pod fields that variables can contain.
    static let variableFields = [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ]

    mutating func visit(field value: JSONValue?, _ path: String, of known: [String]) {
        let name = value?.stringValue ?? ""
        let isKeyed =
            ["metadata.labels['", "metadata.annotations['"].contains { name.hasPrefix($0) } && name.hasSuffix("']")
        if known.contains(name) || isKeyed { return }
        add(
            path,
            "\"\(name)\" is not a supported field: use \(known.joined(separator: ", ")), metadata.labels['KEY'] or "
                + "metadata.annotations['KEY']"
        )
    }
}

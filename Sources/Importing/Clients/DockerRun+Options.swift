internal import KubernetesAPI

/// What the options of `docker run` mean for a server.
extension DockerRun {
    static func apply(
        _ name: String,
        _ word: Word,
        _ value: Word?,
        isPublished: Bool,
        to draft: inout ServerDraft
    ) {
        let place = value?.reader ?? word.reader
        let parts = value?.parts ?? []
        let text = parts.resolved(draft.options.values).written
        // The flag itself is carried over with its value, or reported with it.
        word.reader.markRead()
        switch name {
        case "e", "env":
            addVariable(parts, from: place, to: &draft)
        case "env-file":
            let secret = "\(draft.name)-env-file"
            draft.append(["secretRef": ["name": .string(secret)]], to: ["envFrom"], unique: nil, from: place)
            draft.require(secret: secret, key: nil, purpose: "the variables of \(text)")
            place.report(
                .toDo,
                "the file is not read; its variables are read from the Secret \(secret), which has to be created",
                "kubectl create secret generic \(secret) --from-env-file=\(text)"
            )
        case "name", "rm", "i", "interactive", "init", "d", "detach", "pull", "restart":
            place.markRead()
            if name == "init" || name == "restart" {
                word.reader.report(
                    .note,
                    "has no effect in Kubernetes, which restarts containers and reaps processes itself"
                )
            }
        case "t", "tty": word.reader.report(.note, "has no effect: servers have no terminal")
        case "entrypoint":
            draft["command"] = .array(draft.words([(parts, place)]))
        case "w", "workdir": draft["workingDir"] = .string(text); place.markRead()
        case "read-only":
            place.markRead()
            if value != nil, text == "false" {
                lose(word, value, "the root of pods is always read-only", "use /tmp or spec.storage")
            }
        case "u", "user": setUser(text, from: place, in: &draft)
        case "m", "memory": setLimit("memory", memory(text), text, place, in: &draft)
        case "memory-reservation":
            if let memory = memory(text) {
                draft["resources", "requests", "memory"] = .string(memory)
            } else {
                place.lose("is not an amount of memory")
            }
        case "cpus": setLimit("cpu", Quantity(text) == nil ? nil : text, text, place, in: &draft)
        case "p", "publish", "expose": setPort(text, name, from: place, in: &draft)
        case "v", "volume": addVolume(text, from: place, in: &draft)
        case "mount": addMount(text, from: place, in: &draft)
        case "tmpfs":
            let path = text.split(separator: ":").first.map(String.init) ?? text
            if path == "/tmp" { return place.markRead() }
            draft.addVolume(
                ["name": "tmpfs", "emptyDir": ["medium": "Memory"]],
                mount: ["mountPath": .string(path)],
                from: place
            )
        case "cap-drop": place.markRead()
        case "network", "net":
            if text == "none" {
                draft["network", "egress", "internet"] = false
            } else if !["bridge", "default"].contains(text) {
                lose(word, value, "pods have a network of their own, with the rules of the tenant", "set spec.network")
            }
        case "security-opt" where text.hasPrefix("no-new-privileges"): place.markRead()
        default:
            lose(word, value, reason(for: name), "remove it, or look for another way in docs/api.md")
        }
    }

    private static func reason(for name: String) -> String {
        switch name {
        case "privileged", "cap-add", "device", "pid", "ipc", "userns", "security-opt":
            "gives the container more rights than a server can have"
        case "gpus": "devices are limits of the container: set spec.resources.limits, such as nvidia.com/gpu: 1"
        case "platform":
            "the node decides about the platform: set spec.scheduling.nodeSelector, such as kubernetes.io/arch: amd64"
        case "label", "l": "labels of a container have no meaning in Kubernetes"
        default: "has no counterpart in Moorage"
        }
    }

    private static func lose(_ word: Word, _ value: Word?, _ reason: String, _ solution: String) {
        word.reader.lose("\(word.parts.written.prefix { $0 != "=" }): \(reason)", solution)
        if let value, value.reader.path != word.reader.path {
            value.reader.lose("is the value of \(word.parts.written)")
        }
    }

    private static func addVariable(_ parts: [TextPart], from reader: FieldReader, to draft: inout ServerDraft) {
        if let split = parts.split(at: "=") {
            draft.addVariable(split.before, split.after, from: reader)
            return
        }
        // The value of the user's own environment.
        let name = parts.written
        let open = Placeholder(
            text: name,
            name: name,
            isSecret: SecretNames.contains(name),
            defaultValue: nil,
            purpose: "the value of \(name)"
        )
        draft.addVariable(name, [.placeholder(open)], from: reader)
    }

    private static func setUser(_ text: String, from reader: FieldReader, in draft: inout ServerDraft) {
        let ids = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard let user = ids.first, let user, (1...2_147_483_647).contains(user), ids.count <= 2 else {
            return reader.lose(
                "users are numbers other than 0 in Moorage",
                "set spec.podSecurityContext.runAsUser to the number of the user; by default it is 1000"
            )
        }
        draft["podSecurityContext", "runAsUser"] = .integer(user)
        reader.markRead()
        guard ids.count == 2 else { return }
        if let group = ids[1], (0...2_147_483_647).contains(group) {
            draft["podSecurityContext", "runAsGroup"] = .integer(group)
        } else {
            reader.lose("groups are numbers in Moorage", "set spec.podSecurityContext.runAsGroup")
        }
    }

    private static func setLimit(
        _ resource: String,
        _ value: String?,
        _ text: String,
        _ reader: FieldReader,
        in draft: inout ServerDraft
    ) {
        guard let value, let quantity = Quantity(value), quantity > Quantity(0) else {
            return reader.lose("\"\(text)\" is not an amount", "set spec.resources.limits.\(resource)")
        }
        draft["resources", "limits", resource] = .string(value)
        reader.markRead()
    }

    /// An amount of memory of Docker, such as `512m`, as one of Kubernetes.
    static func memory(_ text: String) -> String? {
        let units: [String: String] = [
            "": "", "b": "", "k": "Ki", "kb": "Ki", "m": "Mi", "mb": "Mi", "g": "Gi", "gb": "Gi",
        ]
        let number = text.prefix { $0.isASCII && $0.isNumber }
        guard !number.isEmpty, number.count <= 15, let unit = units[text.dropFirst(number.count).lowercased()] else {
            return nil
        }
        return "\(number)\(unit)"
    }

    private static func setPort(_ text: String, _ name: String, from reader: FieldReader, in draft: inout ServerDraft) {
        var port = text.split(separator: ":").last.map(String.init) ?? text
        if port.hasSuffix("/tcp") { port = String(port.dropLast(4)) }
        guard let number = Int64(port), (1...65535).contains(number) else {
            return reader.lose("is not the number of a TCP port", "set spec.port")
        }
        if let before = draft["port"], before != .integer(number) {
            return reader.lose(
                "an MCPServer has one port for MCP",
                "set spec.ports for others, such as one for metrics"
            )
        }
        draft["port"] = .integer(number)
        reader.markRead()
        if name != "expose", text.contains(":") {
            reader.report(
                .changed,
                "only the port of the container counts: clients reach the server through its Service or the gateway"
            )
        }
    }

    private static func addVolume(_ text: String, from reader: FieldReader, in draft: inout ServerDraft) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { return addStorage(at: text, named: "", from: reader, in: &draft) }
        let isDirectory =
            parts[0].hasPrefix("/") || parts[0].hasPrefix(".") || parts[0].hasPrefix("~") || parts[0].hasPrefix("$")
        if isDirectory || parts[0].count == 1 {
            return reader.lose(
                "\(parts[0]) is a directory of the user's machine",
                "put files into spec.config.files or a ConfigMap, and data into spec.storage"
            )
        }
        addStorage(at: parts[1], named: parts[0], from: reader, in: &draft)
    }

    private static func addMount(_ text: String, from reader: FieldReader, in draft: inout ServerDraft) {
        var fields: [String: String] = [:]
        for pair in text.split(separator: ",") {
            let halves = pair.split(separator: "=", maxSplits: 1).map(String.init)
            fields[halves[0]] = halves.count > 1 ? halves[1] : ""
        }
        let target = fields["target"] ?? fields["destination"] ?? fields["dst"] ?? ""
        let source = fields["source"] ?? fields["src"] ?? ""
        switch fields["type"] ?? "volume" {
        case "volume": addStorage(at: target, named: source, from: reader, in: &draft)
        case "tmpfs":
            draft.addVolume(
                ["name": "tmpfs", "emptyDir": ["medium": "Memory"]],
                mount: ["mountPath": .string(target)],
                from: reader
            )
        default:
            reader.lose(
                "\(source) is a directory of the user's machine",
                "put files into spec.config.files or a ConfigMap, and data into spec.storage"
            )
        }
    }

    private static func addStorage(
        at path: String,
        named name: String,
        from reader: FieldReader,
        in draft: inout ServerDraft
    ) {
        guard path.hasPrefix("/"), !path.contains(":"), path.utf8.count <= 4096 else {
            return reader.lose("\"\(path)\" is not an absolute path", "set spec.storage.mountPath")
        }
        guard draft["storage"] == nil else {
            return reader.lose(
                "an MCPServer has one storage",
                "add a volume with a PersistentVolumeClaim to spec.volumes"
            )
        }
        draft["storage"] = ["size": "1Gi", "mountPath": .string(path)]
        reader.markRead()
        reader.report(
            .changed,
            "\(name.isEmpty ? "the volume" : "the volume \(name)") is a new PersistentVolumeClaim of 1Gi, without the data",
            "set spec.storage.size, and copy the data"
        )
    }
}

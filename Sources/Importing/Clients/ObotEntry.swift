internal import KubernetesAPI

/// Converts catalogue entries of Obot.
enum ObotEntry {
    static let losses: [FieldLoss] = {
        let fields: [FieldLoss] = [
            FieldLoss("entryKey", "is the key of Obot's catalogue"),
            FieldLoss(
                "serverUserType",
                "Moorage runs one server for all of its callers",
                "use spec.upstreamAuth.tokenExchange if each user has credentials of their own"
            ),
            FieldLoss("shortDescription", "there is a longer description"),
            FieldLoss("metadata", "is for Obot's catalogue"),
            FieldLoss("icon", "is for people"),
            FieldLoss("repoURL", "is about the source code"),
            FieldLoss("toolPreview", "is documentation: Moorage reads the tools from the server itself"),
            FieldLoss("remoteConfig.hostname", "Moorage calls a server at one URL", "set spec.remote.url"),
            FieldLoss(
                "remoteConfig.staticOAuthRequired",
                "callers sign in at the gateway",
                "see docs/authentication.md"
            ),
        ]
        return fields
            + fields.map { FieldLoss("manifest." + $0.pattern.joined(separator: "."), $0.reason, $0.solution) }
    }()

    /// Whether a value has this form.
    static func matches(_ value: JSONValue) -> Bool {
        let entry = value["manifest"]?.objectValue != nil ? value["manifest"] ?? .null : value
        return entry["runtime"]?.stringValue != nil && entry["name"]?.stringValue != nil && entry["apiVersion"] == nil
    }

    static func convert(_ ledger: FieldLedger, in context: inout ImportContext) {
        let root = ledger.root["manifest"] ?? ledger.root
        guard let name = root["name"], let text = name.string() else {
            return ledger.add(.refused, .root, "has no name", "correct the input")
        }
        var draft = ServerDraft(name: text, namespace: nil, ledger: ledger, options: context.options)
        if draft.name != text {
            name.report(.changed, "is the MCPServer \(draft.name), because a Service has the same name")
        }
        if let description = root["description"]?.string() {
            draft.describe(description)
        } else if let short = root["shortDescription"]?.string() {
            draft.describe(short)
        }
        let variables = self.variables(root["env"])
        var used: Set<String> = []
        let runtime = root["runtime"]
        switch runtime?.string() {
        case "containerized":
            convert(container: root["containerizedConfig"], variables, &used, into: &draft)
        case "npx":
            convert(package: root["npxConfig"], program: "npx", variables, &used, into: &draft)
        case "uvx":
            convert(package: root["uvxConfig"], program: "uvx", variables, &used, into: &draft)
        case "remote":
            convert(remote: root["remoteConfig"], variables, into: &draft)
        default:
            runtime?.report(.refused, "is not a runtime that can be imported", "use containerized, remote, npx or uvx")
        }
        if draft["remote"] == nil {
            addVariables(root["env"], variables, to: &draft)
        } else {
            for reader in root["env"]?.elements ?? [] where reader.value["key"]?.stringValue.map(used.contains) != true
            {
                reader.lose(
                    "a remote server has no environment",
                    "send the value in spec.remote.headers if the server needs it"
                )
            }
        }
        context.drafts.append((draft, .obot))
    }

    private static func variables(_ list: FieldReader?) -> [String: Placeholder] {
        var result: [String: Placeholder] = [:]
        guard let list, list.value.arrayValue != nil else { return [:] }
        for reader in list.elements {
            guard let key = reader.value["key"]?.stringValue else { continue }
            let isSecret = reader.value["sensitive"]?.boolValue ?? false || SecretNames.contains(key)
            let purpose = reader.value["description"]?.stringValue ?? reader.value["name"]?.stringValue
            result[key] = Placeholder(
                text: "${\(key)}",
                name: key,
                isSecret: isSecret,
                defaultValue: isSecret ? nil : reader.value["value"]?.stringValue,
                purpose: purpose ?? "the value of \(key)"
            )
        }
        return result
    }

    private static func addVariables(
        _ list: FieldReader?,
        _ variables: [String: Placeholder],
        to draft: inout ServerDraft
    ) {
        guard let list else { return }
        for reader in list.elements {
            guard let key = reader.value["key"]?.stringValue, var placeholder = variables[key] else {
                reader.lose("has no key", "correct the input")
                continue
            }
            if reader.value["file"] == true {
                reader.lose(
                    "\(key) is the path of a file with a value of the user",
                    "mount a Secret with spec.volumes, and set \(key) in spec.env to the path"
                )
                continue
            }
            let isRequired = reader.value["required"]?.boolValue ?? false
            let value = reader.value["value"]?.stringValue
            guard isRequired || value != nil || draft.options.values[key] != nil else {
                reader.lose(
                    "\(key) is optional and has no value",
                    "add it to spec.env if the server needs it: \(placeholder.purpose)"
                )
                continue
            }
            for field in ["key", "name", "description", "required", "sensitive", "value", "file", "prefix"] {
                reader[field]?.markRead()
            }
            placeholder.purpose = String(placeholder.purpose.prefix(200))
            let parts: [TextPart] = value.map { [.literal($0)] } ?? [.placeholder(placeholder)]
            draft.addVariable(key, parts, isSecret: placeholder.isSecret, purpose: placeholder.purpose, from: reader)
        }
    }

    private static func words(
        _ list: FieldReader?,
        _ variables: [String: Placeholder],
        _ used: inout Set<String>
    ) -> [DockerRun.Word] {
        (list?.elements ?? []).compactMap { reader in
            guard let text = reader.text() else { return nil }
            return (parts(text, variables), reader)
        }
    }

    /// The parts of a text. Variables of the entry are variables of the pod, which the kubelet inserts.
    private static func parts(_ text: String, _ variables: [String: Placeholder]) -> [TextPart] {
        [TextPart](dollarText: text).map { part in
            if case .placeholder(let placeholder) = part, let known = variables[placeholder.name] {
                .placeholder(known)
            } else {
                part
            }
        }
    }

    private static func convert(
        container config: FieldReader?,
        _ variables: [String: Placeholder],
        _ used: inout Set<String>,
        into draft: inout ServerDraft
    ) {
        guard let config else {
            return draft.ledger.add(.refused, .root, "has no containerizedConfig", "correct the input")
        }
        draft["transport"] = "streamable-http"
        draft.setImage(config["image"])
        draft.pass(config["port"], to: "port")
        draft.pass(config["path"], to: "path")
        if let command = config["command"], let text = command.string(), !text.isEmpty {
            draft["command"] = [.string(ServerDraft.escaped(text))]
        }
        let arguments = draft.words(words(config["args"], variables, &used))
        if !arguments.isEmpty { draft["args"] = .array(arguments) }
    }

    private static func convert(
        package config: FieldReader?,
        program: String,
        _ variables: [String: Placeholder],
        _ used: inout Set<String>,
        into draft: inout ServerDraft
    ) {
        guard let config, let package = config["package"], let name = package.string() else {
            return draft.ledger.add(.refused, .root, "has no package", "set package in \(program)Config")
        }
        draft["transport"] = "stdio"
        guard Runner.setImage(for: program, from: package, in: &draft) else { return }
        let command = config["command"]?.string() ?? ""
        if draft.options.images[draft.name] == nil {
            draft["command"] = [.string(program)]
            let words = program == "npx" ? ["-y", name] : command.isEmpty ? [name] : ["--from", name, command]
            draft["args"] = .array(words.map { .string($0) })
        }
        let arguments = draft.words(words(config["args"], variables, &used))
        if !arguments.isEmpty { draft["args"] = .array((draft["args"]?.arrayValue ?? []) + arguments) }
    }

    private static func convert(
        remote config: FieldReader?,
        _ variables: [String: Placeholder],
        into draft: inout ServerDraft
    ) {
        guard let config else {
            return draft.ledger.add(.refused, .root, "has no remoteConfig", "correct the input")
        }
        guard let url = config.first(of: "fixedURL", "URLTemplate", "urlTemplate") else {
            return config.report(
                .refused,
                "names no URL, but only what the user's URL has to look like",
                "write an MCPServer with spec.remote.url"
            )
        }
        guard let text = url.string() else { return }
        Remote.setURL(parts(text, variables), from: url, in: &draft)
        if text.hasSuffix("/sse") { draft["transport"] = "sse" }
        for header in config["headers"]?.elements ?? [] {
            guard let key = header.value["key"]?.stringValue else {
                header.lose("has no key", "correct the input")
                continue
            }
            for field in ["key", "name", "description", "required", "sensitive", "prefix", "value"] {
                header[field]?.markRead()
            }
            let prefix = header.value["prefix"]?.stringValue ?? ""
            if let value = header.value["value"]?.stringValue {
                Remote.addHeader(
                    key,
                    [.literal(prefix + value)],
                    isSecret: header.value["sensitive"]?.boolValue ?? false,
                    from: header,
                    in: &draft
                )
                continue
            }
            let what = header.value["description"]?.stringValue ?? header.value["name"]?.stringValue ?? "the value"
            Remote.addHeader(
                key,
                purpose: prefix.isEmpty ? what : "\"\(prefix)\" followed by: \(what)",
                from: header,
                in: &draft
            )
        }
    }
}

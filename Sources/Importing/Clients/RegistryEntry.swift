internal import KubernetesAPI

/// Converts entries of the MCP Registry: `server.json`, in the current spelling and in that of 2025, and answers of the registry's API.
enum RegistryEntry {
    static let losses: [FieldLoss] = [
        FieldLoss("$schema", "says which version of the format the file has", kind: .note),
        FieldLoss("repository", "is about the source code"),
        FieldLoss("_meta", "is about the publication"),
        FieldLoss("websiteUrl", "is for people"),
        FieldLoss("icons", "is for people"),
        FieldLoss("version", "is the version of the entry", "the image or the package says which version runs"),
        FieldLoss("version_detail", "is the version of the entry", "the image or the package says which version runs"),
        FieldLoss("status", "is about the publication"),
    ]

    /// Whether a value has this form.
    static func matches(_ value: JSONValue) -> Bool {
        if value["server"]?["name"]?.stringValue != nil, matches(value["server"] ?? .null) { return true }
        return value["name"]?.stringValue != nil
            && (value["packages"]?.arrayValue != nil || value["remotes"]?.arrayValue != nil)
            && value["apiVersion"] == nil
    }

    static func convert(_ ledger: FieldLedger, in context: inout ImportContext) {
        // The registry's API wraps entries.
        let root = ledger.root["server"] ?? ledger.root
        guard let name = root["name"], let text = name.string() else {
            return ledger.add(.refused, .root, "has no name", "correct the input")
        }
        let short = text.split(separator: "/").last.map(String.init) ?? text
        var draft = ServerDraft(name: short, namespace: nil, ledger: ledger, options: context.options)
        name.report(.changed, "is the MCPServer \(draft.name)")
        for field in ["description", "title"] {
            if let text = root[field]?.string() { draft.describe(text) }
        }
        let packages = root["packages"].map { $0.value.arrayValue == nil ? [] : $0.elements } ?? []
        let remotes = root["remotes"].map { $0.value.arrayValue == nil ? [] : $0.elements } ?? []
        // An image runs as it is; a remote server needs nothing; a package needs an image that runs it.
        if let image = packages.first(where: isImage) {
            convert(package: image, into: &draft)
            loseOthers(packages, but: image, remotes)
        } else if let remote = remotes.first, context.options.images[draft.name] == nil {
            convert(remote: remote, into: &draft)
            loseOthers(packages, but: remote, remotes)
        } else if let package = packages.first(where: { runner(of: $0, draft) != nil }) ?? packages.first {
            convert(package: package, into: &draft)
            loseOthers(packages, but: package, remotes)
        } else {
            ledger.add(.refused, .root, "lists neither packages nor remotes", "correct the input")
        }
        context.drafts.append((draft, .registry))
    }

    private static func loseOthers(_ packages: [FieldReader], but chosen: FieldReader, _ remotes: [FieldReader]) {
        for other in packages + remotes where other.path != chosen.path {
            other.lose(
                "is another way to run the server than \(chosen.path), which was imported",
                "to import this one, remove the other from the file"
            )
        }
    }

    // MARK: Packages

    private static func type(of package: FieldReader) -> String {
        for field in ["registryType", "registry_type", "registry_name"] {
            if let text = package.value[field]?.stringValue { return text.lowercased() }
        }
        return ""
    }

    private static func isImage(_ package: FieldReader) -> Bool { ["oci", "docker"].contains(type(of: package)) }

    private static func runner(of package: FieldReader, _ draft: ServerDraft) -> String? {
        guard let program = Runner.programs[type(of: package)] else { return nil }
        if let image = draft.options.images[draft.name] { return image }
        return draft.options.runnerImages[program] ?? draft.options.runnerImages[type(of: package)]
    }

    private static func convert(package: FieldReader, into draft: inout ServerDraft) {
        let type = package.first(of: "registryType", "registry_type", "registry_name")
        let identifier = package.first(of: "identifier", "name")
        let version = package["version"]
        draft["transport"] = "stdio"
        convert(transport: package["transport"], into: &draft)
        guard let identifier, let name = identifier.string(), !name.isEmpty else {
            return package.report(.refused, "has no identifier", "correct the input")
        }
        type?.markRead()
        let kind = self.type(of: package)
        if isImage(package) {
            var image = name
            if let version, let text = version.string(), !hasTag(name) { image += ":\(text)" }
            if let registry = package.first(of: "registryBaseUrl", "registry_base_url"), let text = registry.string() {
                let host = text.split(separator: "/").last.map(String.init) ?? ""
                let first = name.split(separator: "/").first ?? ""
                if !host.isEmpty, !["docker.io", "registry-1.docker.io"].contains(host), !first.contains(".") {
                    image = "\(host)/\(image)"
                }
            }
            draft.setImage(text: [.literal(image)], from: identifier)
            if let arguments = package.first(of: "runtimeArguments", "runtime_arguments") {
                arguments.lose("are arguments of docker", "set what they mean in the spec, such as volumes and network")
            }
            package.first(of: "runtimeHint", "runtime_hint")?.markRead()
        } else {
            guard let program = Runner.programs[kind] else {
                return package.report(
                    .refused,
                    "packages of the kind \(kind.isEmpty ? "unknown" : kind) have no image, and no program runs them in one",
                    "build an image, and choose it with --image \(draft.name)=IMAGE"
                )
            }
            guard Runner.setImage(for: program, from: identifier, in: &draft) else { return }
            let hint = package.first(of: "runtimeHint", "runtime_hint")
            hint?.markRead()
            package.first(of: "registryBaseUrl", "registry_base_url").map { reader in
                reader.lose(
                    "the program uses its own registry",
                    "set the variable with which \(program) knows the registry in spec.env"
                )
            }
            if draft.options.images[draft.name] == nil {
                draft["command"] = [.string(program)]
                var words = program == "npx" ? ["-y"] : []
                let text = version?.string() ?? ""
                words.append(text.isEmpty || text == "latest" ? name : "\(name)@\(text)")
                let runtime = package.first(of: "runtimeArguments", "runtime_arguments")
                let own = draft.words(self.words(of: runtime, in: draft))
                draft["args"] = .array(own.filter { $0 != "-y" || program != "npx" } + words.map { .string($0) })
            } else {
                version?.report(.note, "the image decides about the version")
                version?.markRead()
                package.first(of: "runtimeArguments", "runtime_arguments")?.lose(
                    "are arguments of \(program), which does not run"
                )
            }
        }
        for field in ["fileSha256", "file_sha256"] {
            package[field]?.lose("is about the package, and images have digests of their own")
        }
        let arguments = draft.words(
            words(of: package.first(of: "packageArguments", "package_arguments"), in: draft)
        )
        if !arguments.isEmpty { draft["args"] = .array((draft["args"]?.arrayValue ?? []) + arguments) }
        for variable in package.first(of: "environmentVariables", "environment_variables")?.elements ?? [] {
            addVariable(variable, to: &draft)
        }
    }

    private static func hasTag(_ image: String) -> Bool {
        image.contains("@") || (image.split(separator: "/").last?.contains(":") ?? false)
    }

    private static func convert(transport: FieldReader?, into draft: inout ServerDraft) {
        guard let transport, let type = transport["type"] else { return }
        switch type.string() {
        case "stdio": break
        case "streamable-http", "streamable", "sse":
            draft["transport"] = type.value == "sse" ? "sse" : "streamable-http"
            guard let url = transport["url"], let text = url.string() else { return }
            // The address at which the package listens on the user's machine.
            guard let scheme = text.firstRange(of: "://") else { return url.lose("is not a URL") }
            let rest = text[scheme.upperBound...]
            let authority = rest.prefix { $0 != "/" }
            let path = String(rest.dropFirst(authority.count))
            if let port = authority.split(separator: ":").dropFirst().last.flatMap({ Int64($0) }),
                (1...65535).contains(port)
            {
                draft["port"] = .integer(port)
            }
            if path.hasPrefix("/"), path != "/", !path.contains(where: { " ?#".contains($0) }) {
                draft["path"] = .string(path)
            }
        default: type.lose("is not a transport that Moorage knows", "set spec.transport")
        }
    }

    /// The placeholders of an input's `variables`.
    private static func variables(of reader: FieldReader) -> [String: Placeholder] {
        var result: [String: Placeholder] = [:]
        for (name, variable) in reader["variables"]?.members ?? [] {
            result[name] = placeholder(name, variable)
        }
        return result
    }

    /// An input of the format, as something that is left open.
    private static func placeholder(_ name: String, _ reader: FieldReader) -> Placeholder {
        let isSecret =
            [reader.value["isSecret"], reader.value["is_secret"]].contains(.bool(true)) || SecretNames.contains(name)
        let value = reader.value["value"]?.stringValue ?? reader.value["default"]?.stringValue
        for field in [
            "name", "description", "isRequired", "is_required", "isSecret", "is_secret", "format", "placeholder",
            "choices",
            "default", "value", "isRepeated", "is_repeated", "valueHint", "value_hint", "type",
        ] { reader[field]?.markRead() }
        return Placeholder(
            text: "{\(name)}",
            name: name,
            isSecret: isSecret,
            defaultValue: isSecret ? nil : value,
            purpose: reader.value["description"]?.stringValue ?? "the value of \(name)"
        )
    }

    private static func isRequired(_ reader: FieldReader) -> Bool {
        [reader.value["isRequired"], reader.value["is_required"]].contains(.bool(true))
    }

    private static func words(of arguments: FieldReader?, in draft: ServerDraft) -> [DockerRun.Word] {
        var words: [DockerRun.Word] = []
        for reader in arguments?.elements ?? [] {
            guard reader.value.objectValue != nil else {
                reader.lose("must be an object", "correct the input")
                continue
            }
            let variables = self.variables(of: reader)
            let isNamed = reader.value["type"] == "named"
            let flag = reader.value["name"]?.stringValue ?? ""
            let hint = reader.value["valueHint"]?.stringValue ?? reader.value["value_hint"]?.stringValue
            let name = hint ?? (flag.isEmpty ? "argument" : flag)
            let text = reader.value["value"]?.stringValue
            let open = placeholder(ObjectName.variable(name), reader)
            var value: [TextPart]?
            if let text {
                value = [TextPart](braceText: text, variables: variables)
            } else if open.defaultValue != nil || isRequired(reader) || draft.options.values[open.name] != nil {
                value = [.placeholder(open)]
            }
            if isNamed {
                guard
                    value != nil || isRequired(reader)
                        || reader.value["value"] == nil && reader.value["format"] == "boolean"
                else {
                    reader.lose("is optional and has no value", "add it to spec.args if the server needs it")
                    continue
                }
                if !flag.isEmpty { words.append(([.literal(flag)], reader)) }
                if let value { words.append((value, reader)) }
            } else if let value {
                words.append((value, reader))
            } else {
                reader.lose("is optional and has no value", "add it to spec.args if the server needs it")
            }
        }
        return words
    }

    private static func addVariable(_ reader: FieldReader, to draft: inout ServerDraft) {
        guard let name = reader.value["name"]?.stringValue else {
            return reader.lose("has no name", "correct the input")
        }
        let variables = self.variables(of: reader)
        let open = placeholder(name, reader)
        if let text = reader.value["value"]?.stringValue {
            draft.addVariable(
                name,
                [TextPart](braceText: text, variables: variables),
                isSecret: open.isSecret,
                purpose: open.purpose,
                from: reader
            )
        } else if isRequired(reader) || open.defaultValue != nil || draft.options.values[name] != nil {
            draft.addVariable(name, [.placeholder(open)], isSecret: open.isSecret, purpose: open.purpose, from: reader)
        } else {
            reader.lose(
                "\(name) is optional and has no value",
                "add it to spec.env if the server needs it: \(open.purpose)"
            )
        }
    }

    // MARK: Remote servers

    private static func convert(remote: FieldReader, into draft: inout ServerDraft) {
        let variables = self.variables(of: remote)
        guard let url = remote["url"], let text = url.string() else {
            return remote.report(.refused, "has no url", "correct the input")
        }
        Remote.setURL([TextPart](braceText: text, variables: variables), from: url, in: &draft)
        if let type = remote.first(of: "type", "transport_type", "transportType") {
            Remote.setTransport(type, in: &draft)
        }
        for header in remote["headers"].map({ $0.elements }) ?? [] {
            guard let name = header.value["name"]?.stringValue else {
                header.lose("has no name", "correct the input")
                continue
            }
            let inner = self.variables(of: header)
            let open = placeholder(name, header)
            if let text = header.value["value"]?.stringValue {
                Remote.addHeader(
                    name,
                    [TextPart](braceText: text, variables: inner),
                    isSecret: open.isSecret,
                    from: header,
                    in: &draft
                )
            } else if isRequired(header) || open.defaultValue != nil {
                Remote.addHeader(name, [.placeholder(open)], isSecret: open.isSecret, from: header, in: &draft)
            } else {
                header.lose(
                    "\(name) is optional and has no value",
                    "add it to spec.remote.headers if the server needs it"
                )
            }
        }
    }
}

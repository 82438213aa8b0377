internal import KubernetesAPI

/// Converts the files in which clients of MCP list their servers: `mcpServers` of Claude Desktop, Cursor and others, and `servers` with
/// `inputs` of Visual Studio Code.
enum ClientFile {
    static let losses: [FieldLoss] = [
        FieldLoss("*.*.autoApprove", "which calls are confirmed is a setting of the client", kind: .notCarriedOver),
        FieldLoss("*.*.alwaysAllow", "which calls are confirmed is a setting of the client"),
        FieldLoss("*.*.trust", "which calls are confirmed is a setting of the client"),
        FieldLoss("*.*.dev", "is a setting of the client for developers of servers"),
        FieldLoss("*.*.sandbox", "Moorage isolates servers itself", "see docs/isolation.md"),
        FieldLoss("*.*.sandboxEnabled", "Moorage isolates servers itself", "see docs/isolation.md"),
        FieldLoss("*.*.oauth", "clients sign in at the gateway", "see docs/authentication.md"),
        FieldLoss("*.*.auth", "clients sign in at the gateway", "see docs/authentication.md"),
        FieldLoss("*.*.gallery", "says where the client found the server"),
        FieldLoss("*.*.version", "says where the client found the server"),
        FieldLoss(
            "*.*.headersHelper",
            "is a program on the user's machine",
            "put the header field into a Secret, or use spec.upstreamAuth"
        ),
        FieldLoss("inputs", "describes what the client asks the user for; no imported server uses it"),
        FieldLoss("globalShortcut", "is a setting of the client"),
        FieldLoss("preferences", "is a setting of the client"),
    ]

    /// The member that lists the servers.
    static func listName(_ value: JSONValue) -> String? {
        ["mcpServers", "servers", "mcp"].first { name in
            guard let list = value[name]?.objectValue else { return false }
            return name != "mcp" || list["servers"]?.objectValue != nil || list["mcpServers"]?.objectValue != nil
        }
    }

    static func convert(_ ledger: FieldLedger, in context: inout ImportContext) {
        var root = ledger.root
        if let name = listName(ledger.value), name == "mcp", let inner = root["mcp"] { root = inner }
        guard let list = root["mcpServers"] ?? root["servers"] else {
            return ledger.add(.refused, .root, "lists no servers in mcpServers or servers", "correct the input")
        }
        let inputs = self.inputs(root)
        if list.value.objectValue?.isEmpty == true { ledger.add(.note, list.path, "lists no servers") }
        for (name, entry) in list.members {
            guard entry.value.objectValue != nil else {
                entry.report(.refused, "must be an object", "correct the input")
                continue
            }
            var draft = ServerDraft(name: name, namespace: nil, ledger: ledger, options: context.options)
            draft.entry = entry.path
            if draft.name != name {
                entry.report(.changed, "is the MCPServer \(draft.name), because a Service has the same name")
            }
            convert(entry, inputs: inputs, into: &draft)
            context.drafts.append((draft, .mcpJSON))
        }
    }

    /// What the client asks the user for, by id.
    private static func inputs(_ root: FieldReader) -> [String: Placeholder] {
        var inputs: [String: Placeholder] = [:]
        guard let list = root["inputs"], list.value.arrayValue != nil else { return [:] }
        for reader in list.elements {
            guard let id = reader.value["id"]?.stringValue else { continue }
            let isSecret = reader.value["password"]?.boolValue ?? false || SecretNames.contains(id)
            for field in ["id", "type", "description", "password", "default"] { reader[field]?.markRead() }
            inputs[id] = Placeholder(
                text: "${input:\(id)}",
                name: id,
                isSecret: isSecret,
                defaultValue: isSecret ? nil : reader.value["default"]?.stringValue,
                purpose: reader.value["description"]?.stringValue ?? "the value of \(id)"
            )
        }
        return inputs
    }

    private static func convert(_ entry: FieldReader, inputs: [String: Placeholder], into draft: inout ServerDraft) {
        for field in ["disabled", "enabled"] {
            guard let flag = entry[field]?.bool() else { continue }
            if flag == (field == "disabled") { draft["suspend"] = true }
        }
        for field in ["description", "name"] {
            if let text = entry[field]?.string() { draft.describe(text) }
        }
        convert(tools: entry, into: &draft)
        if let timeout = entry["timeout"] {
            timeout.lose("time limits are set for the whole gateway", "set --request-timeout of the gateway")
        }
        let url = entry.first(of: "url", "serverUrl", "httpUrl")
        let command = entry["command"]
        switch (url, command) {
        case (let url?, let command):
            command?.report(.refused, "has both a URL and a command", "keep one of the two")
            convert(remote: url, entry, inputs, into: &draft)
        case (nil, let command?):
            convert(command: command, entry, inputs, into: &draft)
        case (nil, nil):
            entry.report(.refused, "has neither url nor command", "add one of the two")
        }
    }

    private static func convert(tools entry: FieldReader, into draft: inout ServerDraft) {
        // Some clients list the tools that they offer, others those that they do not.
        for (field, isEnabled) in [
            ("includeTools", true), ("allowedTools", true), ("excludeTools", false), ("disabledTools", false),
        ] {
            guard let reader = entry[field], reader.value.arrayValue != nil else { continue }
            for element in reader.elements {
                guard let name = element.string(), !name.isEmpty, name != "*" else { continue }
                draft.append(
                    ["name": .string(name), "enabled": .bool(isEnabled)],
                    to: ["tools"],
                    unique: "name",
                    from: element
                )
                if isEnabled { draft["toolPolicy", "default"] = "Disabled" }
            }
        }
    }

    private static func convert(
        remote url: FieldReader,
        _ entry: FieldReader,
        _ inputs: [String: Placeholder],
        into draft: inout ServerDraft
    ) {
        guard let text = url.string() else { return }
        Remote.setURL([TextPart](dollarText: text, inputs: inputs), from: url, in: &draft)
        if let type = entry.first(of: "type", "transport") {
            Remote.setTransport(type, in: &draft)
        } else if text.hasSuffix("/sse") {
            draft["transport"] = "sse"
            url.report(
                .changed,
                "ends with /sse, so it is taken for a server with the transport sse",
                "set spec.transport otherwise"
            )
        }
        for (name, reader) in entry["headers"]?.members ?? [] {
            guard let text = reader.text() else { continue }
            Remote.addHeader(name, [TextPart](dollarText: text, inputs: inputs), from: reader, in: &draft)
        }
    }

    private static func convert(
        command: FieldReader,
        _ entry: FieldReader,
        _ inputs: [String: Placeholder],
        into draft: inout ServerDraft
    ) {
        guard let program = command.string() else { return }
        for field in ["type", "transport"] {
            guard let type = entry[field] else { continue }
            if type.value == "stdio" {
                type.markRead()
            } else {
                type.report(.refused, "needs a URL", "set url in place of command")
            }
        }
        var words: [DockerRun.Word] = []
        for element in entry["args"]?.elements ?? [] {
            guard let text = element.text() else { continue }
            words.append(([TextPart](dollarText: text, inputs: inputs), element))
        }
        // On Windows, programs that are scripts are started by cmd.
        var start = program
        if ["cmd", "cmd.exe"].contains(Runner.name(of: start)), words.count > 1,
            words[0].parts.written.lowercased() == "/c"
        {
            words[0].reader.markRead()
            start = words[1].parts.written
            words[1].reader.markRead()
            words.removeFirst(2)
        }
        let name = Runner.name(of: start)
        if DockerRun.programs.contains(name) {
            convert(docker: words, entry, inputs, into: &draft)
            return
        }
        if name == "npx", convert(bridge: words, into: &draft) { return }
        draft["transport"] = "stdio"
        if let chosen = draft.options.images[draft.name] {
            draft.setImage(chosen, from: command)
        } else if !Runner.setImage(for: start, from: command, in: &draft) {
            return
        }
        draft["command"] = .array(draft.words([([TextPart](dollarText: start, inputs: inputs), command)]))
        let arguments = draft.words(words)
        if !arguments.isEmpty { draft["args"] = .array(arguments) }
        addVariables(entry["env"], inputs, to: &draft)
        entry["envFile"]?.lose("is a file of the user's machine", "create a Secret of it, and name it in spec.envFrom")
        if let directory = entry["cwd"], let text = directory.string() {
            guard [TextPart](dollarText: text, inputs: inputs).placeholders.isEmpty, text.hasPrefix("/") else {
                return directory.lose("is a directory of the user's machine", "set spec.workingDir to one of the image")
            }
            draft["workingDir"] = .string(text)
        }
    }

    private static func addVariables(
        _ variables: FieldReader?,
        _ inputs: [String: Placeholder],
        to draft: inout ServerDraft
    ) {
        for (name, reader) in variables?.members ?? [] {
            if reader.value.isNull {
                reader.markRead()
                continue
            }
            guard let text = reader.text() else { continue }
            let parts = [TextPart](dollarText: text, inputs: inputs)
            let isSecret = parts.placeholders.contains(where: \.isSecret) ? true : nil
            draft.addVariable(name, parts, isSecret: isSecret, from: reader)
        }
    }

    /// A container that the client starts: variables of the client's own environment that `-e NAME` passes on have the values of `env`.
    private static func convert(
        docker words: [DockerRun.Word],
        _ entry: FieldReader,
        _ inputs: [String: Placeholder],
        into draft: inout ServerDraft
    ) {
        var given: [String: FieldReader] = [:]
        for (name, reader) in entry["env"]?.members ?? [] { given[name] = reader }
        var used: Set<String> = []
        var replaced: [DockerRun.Word] = []
        var followsFlag = false
        for word in words {
            let text = word.parts.written
            var own = word
            if followsFlag, let reader = given[text], let value = reader.text() {
                used.insert(text)
                own.parts = [.literal("\(text)=")] + [TextPart](dollarText: value, inputs: inputs)
                word.reader.markRead()
                own.reader = reader
            }
            followsFlag = ["-e", "--env"].contains(text)
            replaced.append(own)
        }
        DockerRun.convert(replaced, into: &draft)
        for (name, reader) in entry["env"]?.members ?? [] where !used.contains(name) {
            reader.lose(
                "is a variable of docker itself, which no -e \(name) passes on",
                "add it to spec.env if the server reads it"
            )
        }
        entry["cwd"]?.lose("is a directory of the user's machine")
        entry["envFile"]?.lose("is a file of the user's machine")
    }

    /// `npx mcp-remote URL` is a bridge from stdio to a remote server, which Moorage does not need.
    private static func convert(bridge words: [DockerRun.Word], into draft: inout ServerDraft) -> Bool {
        guard let index = words.firstIndex(where: { $0.parts.written.hasPrefix("mcp-remote") }),
            ["mcp-remote"].contains(words[index].parts.written.split(separator: "@").first.map(String.init)),
            words.indices.contains(index + 1)
        else { return false }
        for word in words[...index] { word.reader.markRead() }
        let url = words[index + 1]
        Remote.setURL(url.parts, from: url.reader, in: &draft)
        url.reader.report(.changed, "the bridge mcp-remote is not needed: the gateway calls the server itself")
        var position = index + 2
        while words.indices.contains(position) {
            let word = words[position]
            position += 1
            switch word.parts.written {
            case "--header" where words.indices.contains(position):
                let value = words[position]
                position += 1
                word.reader.markRead()
                guard let split = value.parts.split(at: ":") else {
                    value.reader.lose("is not a header field", "write it as NAME: VALUE")
                    continue
                }
                var parts = split.after
                if case .literal(let text)? = parts.first { parts[0] = .literal(String(text.drop { $0 == " " })) }
                Remote.addHeader(split.before, parts, from: value.reader, in: &draft)
            case "--transport" where words.indices.contains(position):
                let value = words[position]
                position += 1
                word.reader.markRead()
                draft["transport"] = value.parts.written.hasPrefix("sse") ? "sse" : "streamable-http"
                value.reader.markRead()
            default: word.reader.lose("is an option of mcp-remote")
            }
        }
        return true
    }
}

extension ServerDraft {
    /// Keeps what people read about the server.
    mutating func describe(_ text: String) {
        guard !text.isEmpty, annotations[KubernetesAnnotations.description] == nil else { return }
        annotate(KubernetesAnnotations.description, text)
    }
}

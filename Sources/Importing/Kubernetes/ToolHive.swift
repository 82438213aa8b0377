internal import KubernetesAPI
internal import Policy

/// Converts the kinds of the ToolHive operator.
enum ToolHive {
    static let group = "toolhive.stacklok.dev"
    /// The label that members of a group get.
    static let groupLabel = "mcp-group"

    /// Converts an object that becomes a server.
    static func convert(_ ledger: FieldLedger, in context: inout ImportContext) {
        var draft = context.draft(of: ledger)
        guard let spec = ledger.root["spec"] else {
            ledger.add(.refused, .root, "has no spec", "correct the input")
            return
        }
        if ledger.value["kind"] == "MCPServer" {
            convert(server: spec, into: &draft)
        } else {
            convert(remote: spec, into: &draft)
        }
        convert(group: spec["groupRef"], into: &draft, of: ledger, in: context)
        convert(tools: spec["toolConfigRef"], into: &draft, of: ledger, in: context)
        convert(authentication: spec["externalAuthConfigRef"], into: &draft, of: ledger, in: context)
        context.drafts.append((draft, .toolhive))
    }

    // MARK: Servers with an image

    private static func convert(server spec: FieldReader, into draft: inout ServerDraft) {
        draft.setImage(spec["image"])
        let transport = spec["transport"]
        draft.pass(transport, to: "transport")
        // ToolHive's own default.
        if transport == nil { draft["transport"] = "stdio" }
        let isStdio = draft["transport"] == "stdio"
        let port = spec.first(of: "mcpPort", "targetPort")
        if isStdio, let port {
            port.lose("a server that speaks stdio has no port")
        } else {
            draft.pass(port, to: "port")
        }
        draft.pass(spec.first(of: "proxyPort", "port"), to: "service", "port")
        draft.pass(spec["sessionAffinity"], to: "service", "sessionAffinity")
        draft.pass(spec["backendReplicas"], to: "replicas")
        draft.pass(spec["resources"], to: "resources")
        if let arguments = spec["args"] {
            draft["args"] = .array(
                draft.words(arguments.elements.map { ([.literal($0.text() ?? "")], $0) }, expands: true)
            )
        }
        draft.passVariables(spec["env"])
        for secret in spec["secrets"]?.elements ?? [] {
            guard let name = secret["name"]?.string(), let key = secret["key"]?.string() else {
                secret.lose("has no name or no key", "correct the input")
                continue
            }
            draft.addVariable(secret["targetEnvName"]?.string() ?? key, secret: name, key: key, from: secret)
        }
        for volume in spec["volumes"]?.elements ?? [] {
            volume.lose("is a directory of the node, which pods must not use", ServerDraft.volumeAdvice)
        }
        draft.setServiceAccount(spec["serviceAccount"])
        convert(profile: spec["permissionProfile"], into: &draft)
        draft.pass(podTemplate: spec["podTemplateSpec"], container: "mcp")
        guard let overrides = spec["resourceOverrides"] else { return }
        let deployment = overrides["proxyDeployment"]
        draft.passObjectMetadata(deployment?["labels"], to: "deployment", "labels")
        draft.passObjectMetadata(deployment?["annotations"], to: "deployment", "annotations")
        draft.passPodMetadata(deployment?.at("podTemplateMetadataOverrides", "labels"), "labels")
        draft.passPodMetadata(deployment?.at("podTemplateMetadataOverrides", "annotations"), "annotations")
        draft.passPullSecrets(deployment?["imagePullSecrets"])
        draft.passObjectMetadata(overrides.at("proxyService", "labels"), to: "service", "labels")
        draft.passObjectMetadata(overrides.at("proxyService", "annotations"), to: "service", "annotations")
    }

    private static func convert(profile: FieldReader?, into draft: inout ServerDraft) {
        guard let profile, profile.value["type"] == "builtin" else { return }
        switch profile.value["name"] {
        case "none": draft["network", "egress", "internet"] = false
        case "network": draft["network", "egress", "internet"] = true
        default: return
        }
        profile["type"]?.markRead()
        profile["name"]?.markRead()
    }

    // MARK: Remote servers

    private static func convert(remote spec: FieldReader, into draft: inout ServerDraft) {
        guard let url = spec.first(of: "remoteUrl", "remoteURL") else {
            draft.ledger.add(.refused, .root, "has no remoteUrl", "correct the input")
            return
        }
        Remote.setURL(url.string() ?? "", from: url, in: &draft)
        if let transport = spec["transport"] { Remote.setTransport(transport, in: &draft) }
        let headers = spec["headerForward"]
        for (name, reader) in headers?["addPlaintextHeaders"]?.members ?? [] {
            guard let text = reader.text() else { continue }
            Remote.addHeader(name, [.literal(text)], from: reader, in: &draft)
        }
        for reader in headers?["addHeadersFromSecret"]?.elements ?? [] {
            guard let name = reader["headerName"]?.string(), let reference = reader["valueSecretRef"],
                let secret = reference["name"]?.string(), let key = reference["key"]?.string()
            else {
                reader.lose("has no headerName or no valueSecretRef", "correct the input")
                continue
            }
            Remote.addHeader(name, secret: secret, key: key, from: reader, in: &draft)
        }
        if let bundle = spec["caBundleRef"]?["configMapRef"] {
            draft.pass(bundle, to: "remote", "certificateAuthority", "configMapKeyRef")
        }
    }

    // MARK: What servers name

    private static func convert(
        group: FieldReader?,
        into draft: inout ServerDraft,
        of ledger: FieldLedger,
        in context: ImportContext
    ) {
        guard let name = group?["name"], let text = name.string() else { return }
        guard KubernetesNames.isLabelValue(text) else {
            return name.lose("is not a valid label value", "name the members in the MCPVirtualServer")
        }
        draft.label(groupLabel, text)
    }

    private static func convert(
        tools reference: FieldReader?,
        into draft: inout ServerDraft,
        of ledger: FieldLedger,
        in context: ImportContext
    ) {
        guard let name = reference?["name"] else { return }
        guard let config = context.object("MCPToolConfig", name, of: ledger) else {
            return name.lose("the MCPToolConfig is not among the inputs", "import it together with the server")
        }
        name.markRead()
        markHeader(of: config)
        var tools: [String: JSONValue] = [:]
        var order: [String] = []
        func tool(_ name: String) {
            if tools[name] == nil {
                order.append(name)
                tools[name] = ["name": .string(name)]
            }
        }
        let overrides = config.at("spec", "toolsOverride")?.members ?? []
        let renamed = Dictionary(
            overrides.compactMap { original, reader in reader.value["name"]?.stringValue.map { ($0, original) } },
            uniquingKeysWith: { first, _ in first }
        )
        if let filter = config.at("spec", "toolsFilter"), !filter.elements.isEmpty {
            draft["toolPolicy", "default"] = "Disabled"
            for element in filter.elements {
                guard let listed = element.string() else { continue }
                let name = renamed[listed] ?? listed
                tool(name)
                tools[name]?["enabled"] = true
            }
        }
        for (original, override) in overrides {
            tool(original)
            for (field, reader) in [
                ("description", override["description"]), ("title", override.at("annotations", "title")),
            ] {
                if let text = reader?.string() { tools[original]?[field] = .string(text) }
            }
            if let name = override["name"] {
                if name.value.stringValue == original {
                    name.markRead()
                } else {
                    name.lose(
                        "a server publishes its tools under their own names",
                        "rename the tool in an MCPVirtualServer: tools: [{name: \(original), as: …}]"
                    )
                }
            }
        }
        guard !order.isEmpty else { return }
        draft["tools"] = .array(order.compactMap { tools[$0] })
    }

    /// Records that the kind and the name of an object are known from what names it.
    static func markHeader(of object: FieldReader) {
        for field in ["apiVersion", "kind"] { object[field]?.markRead() }
        for field in ["name", "namespace"] { object["metadata"]?[field]?.markRead() }
    }

    private static func convert(
        authentication reference: FieldReader?,
        into draft: inout ServerDraft,
        of ledger: FieldLedger,
        in context: ImportContext
    ) {
        guard let name = reference?["name"], let text = name.value.stringValue else { return }
        guard let config = context.object("MCPExternalAuthConfig", name, of: ledger) else {
            return name.lose("the MCPExternalAuthConfig is not among the inputs", "import it together with the server")
        }
        name.markRead()
        markHeader(of: config)
        guard let spec = config["spec"] else { return }
        let isRemote = draft["remote"] != nil
        switch spec.value["type"]?.stringValue {
        case "headerInjection" where isRemote:
            guard let injection = spec["headerInjection"], let header = injection["headerName"]?.string(),
                let reference = injection.first(of: "valueSecretRef", "secretRef"),
                let secret = reference["name"]?.string(),
                let key = reference["key"]?.string()
            else { return }
            spec["type"]?.markRead()
            Remote.addHeader(header, secret: secret, key: key, from: injection, in: &draft)
        case "bearerToken" where isRemote:
            guard let reference = spec.at("bearerToken", "tokenSecretRef") else { return }
            spec["type"]?.markRead()
            Remote.addHeader(
                "Authorization",
                purpose: """
                    Bearer, a space, and the value of \(reference.value["key"]?.stringValue ?? "the token") of Secret \
                    \(reference.value["name"]?.stringValue ?? "")
                    """,
                from: reference,
                in: &draft
            )
        case "tokenExchange":
            spec["type"]?.markRead()
            let target = ObjectName.server(text)
            draft["upstreamAuth", "tokenExchange", "target"] = .string(target)
            name.report(
                .toDo,
                "the platform's settings need a target \(target) for the exchange of tokens",
                "define it in tokenExchange.targets, with what the MCPExternalAuthConfig says (docs/authentication.md)"
            )
            for (_, reader) in spec["tokenExchange"]?.members ?? [] {
                reader.lose(
                    "how tokens are exchanged is a setting of the platform",
                    "set it in the target \(target) of tokenExchange.targets of the platform's settings (docs/authentication.md)"
                )
            }
        default:
            spec.lose(
                isRemote
                    ? "Moorage has no such authentication at servers"
                    : "the gateway sends credentials of its own to remote servers only",
                "use spec.upstreamAuth.tokenExchange (docs/authentication.md)"
            )
        }
    }
}

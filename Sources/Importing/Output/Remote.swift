internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// Servers that somebody else runs.
enum Remote {
    /// Sets the URL. It must be complete, since Moorage puts nothing into URLs.
    static func setURL(_ text: String, from reader: FieldReader, in draft: inout ServerDraft) {
        setURL([TextPart](dollarText: text), from: reader, in: &draft)
    }

    static func setURL(_ parts: [TextPart], from reader: FieldReader, in draft: inout ServerDraft) {
        guard let url = parts.resolved(draft.options.values).literal else {
            let names = parts.placeholders.map(\.name)
            reader.report(
                .refused,
                "leaves \(names.joined(separator: " and ")) open, and Moorage puts no values into URLs",
                "set it with \(names.map { "--value \($0)=…" }.joined(separator: " "))"
            )
            return
        }
        guard !SecretNames.isSecret(value: url) else {
            reader.report(.refused, "the URL contains a password", "send it in a header field, from a Secret")
            return
        }
        draft["remote", "url"] = .string(url)
        reader.markRead()
        if let query = url.firstIndex(of: "?"), CommandSecrets.containsSecret(query: url[url.index(after: query)...]) {
            draft["remote", "url"] = nil
            reader.report(
                .refused,
                "the query of the URL contains what looks like a secret, which everyone could read who can read the server",
                "send it in a header field, from a Secret"
            )
        }
        switch problem(of: ["url": .string(url)]) {
        case nil: break
        case (let text, true)?:
            draft["remote", "url"] = nil
            reader.report(.refused, text, "correct it")
        case (let text, false)?: reader.report(.toDo, "the tenant has to allow it: \(text)")
        }
    }

    /// What Moorage refuses about a remote server, and whether it does so for every tenant.
    private static func problem(of value: JSONValue) -> (text: String, isFinal: Bool)? {
        guard let remote = try? value.decode(RemoteServer.self) else { return nil }
        do throws(Refusal) {
            _ = try RemoteServerRules.check(remote, of: MCPServerSpec(remote: remote), addresses: .publicOnly)
            return nil
        } catch {
            return (error.text, error.reason == .remoteURLInvalid || error.reason == .specInvalid)
        }
    }

    /// Sets the transport.
    static func setTransport(_ reader: FieldReader, in draft: inout ServerDraft) {
        switch reader.string() {
        case "sse": draft["transport"] = "sse"
        case "streamable-http", "streamable", "streamableHttp", "http", "streamable_http":
            draft["transport"] = "streamable-http"
        default: reader.lose("is not a transport of remote servers", "set spec.transport to streamable-http or sse")
        }
    }

    /// Adds a header field. A value that looks like a secret is read from the server's Secret.
    static func addHeader(
        _ name: String,
        _ parts: [TextPart],
        isSecret: Bool = false,
        from reader: FieldReader,
        in draft: inout ServerDraft
    ) {
        let parts = parts.resolved(draft.options.values)
        let key = ObjectName.key(name)
        guard let text = parts.literal else {
            guard add(["name": .string(name), "value": ""], from: reader, in: &draft, replacing: secret(key, draft))
            else { return }
            let purpose = "the value of the header field \(name): \(parts.written)"
            draft.demand(
                key,
                purpose: purpose,
                written: parts.placeholders.map(\.text).joined(separator: " and "),
                from: reader
            )
            return
        }
        if isSecret || SecretNames.contains(name) || SecretNames.isSecret(value: text) {
            guard add(["name": .string(name), "value": ""], from: reader, in: &draft, replacing: secret(key, draft))
            else { return }
            draft.keep(text, as: key, purpose: "the value of the header field \(name)", from: reader)
            return
        }
        add(["name": .string(name), "value": .string(text)], from: reader, in: &draft)
    }

    /// Adds a header field whose value the user has to put into the server's Secret.
    static func addHeader(_ name: String, purpose: String, from reader: FieldReader, in draft: inout ServerDraft) {
        let key = ObjectName.key(name)
        guard add(["name": .string(name), "value": ""], from: reader, in: &draft, replacing: secret(key, draft)) else {
            return
        }
        draft.demand(key, purpose: purpose, from: reader)
    }

    /// Adds a header field from an existing Secret.
    static func addHeader(
        _ name: String,
        secret: String,
        key: String,
        from reader: FieldReader,
        in draft: inout ServerDraft
    ) {
        let header: JSONValue = [
            "name": .string(name), "secretKeyRef": ["name": .string(secret), "key": .string(key)],
        ]
        if add(header, from: reader, in: &draft) {
            draft.require(secret: secret, key: key, purpose: "the value of the header field \(name)")
        }
    }

    private static func secret(_ key: String, _ draft: ServerDraft) -> JSONValue? {
        draft.secretReference(key)["secretKeyRef"]
    }

    @discardableResult
    private static func add(
        _ header: JSONValue,
        from reader: FieldReader,
        in draft: inout ServerDraft,
        replacing reference: JSONValue? = nil
    ) -> Bool {
        var header = header
        if let reference {
            header["value"] = nil
            header["secretKeyRef"] = reference
        }
        let name = header["name"]?.stringValue?.lowercased()
        let headers = draft["remote", "headers"]?.arrayValue ?? []
        if headers.contains(where: { $0["name"]?.stringValue?.lowercased() == name }) {
            reader.lose("the header field is there twice", "remove one of the two")
            return false
        }
        let problem =
            RemoteHeader.schema.validate(header).first.map(Redaction.message)
            ?? Self.problem(of: ["url": "https://example.com/mcp", "headers": [header]])?.text
        if let problem {
            reader.lose("cannot be sent: \(problem)", "remove it")
            return false
        }
        draft["remote", "headers"] = .array(headers + [header])
        reader.markRead()
        return true
    }
}

extension CommandSecrets {
    /// Whether the query of a URL has a parameter that looks like a secret.
    static func containsSecret(query: Substring) -> Bool {
        query.split(separator: "&").contains { parameter in flagWithSecret(String(parameter)) != nil }
    }
}

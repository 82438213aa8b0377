internal import KubernetesAPI

/// The Secrets that a server reads.
extension ServerDraft {
    func keyReference(_ key: String) -> JSONValue {
        ["name": .string(secretName), "key": .string(ObjectName.key(key))]
    }

    /// A reference to a key of the server's Secret.
    func secretReference(_ key: String) -> JSONValue { ["secretKeyRef": keyReference(key)] }

    /// Keeps a secret of the input in the server's Secret.
    mutating func keep(_ text: String, as key: String, purpose: String, from reader: FieldReader) {
        let key = ObjectName.key(key)
        reader.markRead()
        if options.includesSecrets {
            secretValues[key] = text
            reader.report(
                .changed,
                "looks like a secret, and is now the key \(key) of the Secret \(secretName)",
                "do not commit the Secret to Git in plain text"
            )
        } else {
            secretValues[key] = .some(nil)
            require(secret: secretName, key: key, purpose: purpose)
            reader.report(
                .toDo,
                "looks like a secret, and is read from the key \(key) of the Secret \(secretName), which has to be created",
                "create the Secret, or import with --include-secrets"
            )
        }
    }

    /// Demands a key of the server's Secret that the user has to fill.
    mutating func need(_ key: String, _ placeholder: Placeholder, purpose: String?, from reader: FieldReader) {
        reader.markRead()
        if placeholder.isSecret, options.includesSecrets, let value = options.values[placeholder.name] {
            secretValues[ObjectName.key(key)] = value
            return
        }
        demand(key, purpose: purpose ?? placeholder.purpose, written: placeholder.text, from: reader)
    }

    /// Demands a key of the server's Secret.
    mutating func demand(_ key: String, purpose: String, written: String? = nil, from reader: FieldReader) {
        let key = ObjectName.key(key)
        if secretValues[key] == nil { secretValues[key] = .some(nil) }
        require(secret: secretName, key: key, purpose: purpose)
        let subject = written.map { "\($0) is left open, and" } ?? "the value"
        reader.report(
            .toDo,
            "\(subject) is read from the key \(key) of the Secret \(secretName), which has to be created",
            "create the Secret with \(purpose)"
        )
    }

    /// Records that the server reads a Secret.
    mutating func require(secret: String, key: String?, purpose: String) {
        let entry = NeededSecret(namespace: namespace, name: secret, key: key, purpose: purpose)
        if !needed.contains(where: { $0.name == secret && $0.key == key }) { needed.append(entry) }
    }

    /// Records the Secrets that a value names.
    mutating func note(references value: JSONValue) {
        for (path, reference) in value.references where path != "configMap" {
            if reference["optional"] == true { continue }
            let name = reference["name"]?.stringValue ?? reference["secretName"]?.stringValue ?? ""
            if !name.isEmpty {
                require(secret: name, key: reference["key"]?.stringValue, purpose: "as before the import")
            }
        }
    }
}

internal import CRDModels
internal import KubernetesAPI

/// Environment variables and arguments. Those that look like secrets are read from a Secret.
extension ServerDraft {
    /// Adds an environment variable. A value that looks like a secret goes into the server's Secret.
    ///
    /// - Parameter isSecret: whether the input says that it is one; `nil` if it says nothing.
    mutating func addVariable(
        _ variable: String,
        _ parts: [TextPart],
        isSecret: Bool? = nil,
        purpose: String? = nil,
        from reader: FieldReader
    ) {
        guard Self.isVariableName(variable) else {
            return reader.lose("\"\(variable)\" is not the name of a variable", "rename it")
        }
        guard variables.insert(variable).inserted else {
            return reader.lose("the variable \(variable) is there twice", "remove one of the two")
        }
        reader.markRead()
        let parts = parts.resolved(options.values)
        if let text = parts.literal {
            let looksSecret = SecretNames.contains(variable) || SecretNames.isSecret(value: text)
            guard !text.isEmpty, isSecret ?? looksSecret || looksSecret, !ServerDraft.isReference(text) else {
                return appendVariable(variable, ["value": .string(Self.escaped(text))], from: reader)
            }
            keep(text, as: variable, purpose: purpose ?? "the value of the variable \(variable)", from: reader)
            return appendVariable(variable, ["valueFrom": secretReference(variable)], from: reader)
        }
        if parts.count == 1, let placeholder = parts.placeholders.first {
            need(variable, placeholder, purpose: purpose, from: reader)
            return appendVariable(variable, ["valueFrom": secretReference(variable)], from: reader)
        }
        addTemplate(for: variable, parts, from: reader)
    }

    /// A value that is composed of others needs a template.
    private mutating func addTemplate(for variable: String, _ parts: [TextPart], from reader: FieldReader) {
        var content = ""
        var values: [JSONValue] = []
        for part in parts {
            switch part {
            case .literal(let text):
                content += text.split(separator: "${", omittingEmptySubsequences: false).joined(separator: "$${")
            case .placeholder(let placeholder):
                let own = ObjectName.variable(placeholder.name)
                content += "${\(own)}"
                if !values.contains(where: { $0["name"]?.stringValue == own }) {
                    need(own, placeholder, purpose: nil, from: reader)
                    values.append(["name": .string(own), "secretKeyRef": keyReference(own)])
                }
            }
        }
        var templates = spec[path: ["config", "templates"]]?.arrayValue ?? []
        templates.append([
            "name": .string(templateName(variable, templates)), "env": .string(variable), "content": .string(content),
            "variables": .array(values),
        ])
        spec[path: ["config", "templates"]] = .array(templates)
    }

    private func templateName(_ variable: String, _ templates: [JSONValue]) -> String {
        let label = String(ObjectName.label(variable).prefix(50))
        let base = label.isEmpty ? "value" : label.hasSuffix("-") ? String(label.dropLast()) : label
        var name = base
        var number = 2
        while templates.contains(where: { $0["name"]?.stringValue == name }) {
            name = "\(base)-\(number)"
            number += 1
        }
        return name
    }

    /// A variable whose value is taken from a key of an existing Secret.
    mutating func addVariable(_ variable: String, secret: String, key: String, from reader: FieldReader) {
        guard Self.isVariableName(variable) else {
            return reader.lose("\"\(variable)\" is not the name of a variable", "rename it")
        }
        guard variables.insert(variable).inserted else {
            return reader.lose("the variable \(variable) is there twice", "remove one of the two")
        }
        let reference: JSONValue = ["secretKeyRef": ["name": .string(secret), "key": .string(key)]]
        appendVariable(variable, ["valueFrom": reference], from: reader)
        require(secret: secret, key: key, purpose: "the value of the variable \(variable)")
    }

    /// Carries variables of a container over.
    mutating func passVariables(_ reader: FieldReader?) {
        guard let items = MCPServerSpec.schema.properties["env"]?.items?.schema else { return }
        for element in reader?.elements ?? [] {
            guard let name = element["name"]?.string() else {
                element.lose("has no name", "add one")
                continue
            }
            if element.value["valueFrom"] == nil || element.value["valueFrom"]?.isNull == true {
                guard let value = element["value"] else {
                    addVariable(name, [.literal("")], from: element)
                    continue
                }
                guard let text = value.text() else { continue }
                addKubernetesVariable(name, text, from: value)
                continue
            }
            guard let value = element.checked(items) else { continue }
            guard variables.insert(name).inserted else {
                element.lose("the variable \(name) is there twice", "remove one of the two")
                continue
            }
            appendVariable(name, value, from: element)
            note(references: value)
        }
    }

    /// A variable whose value can refer to others with `$(NAME)`, as in a container.
    mutating func addKubernetesVariable(_ variable: String, _ text: String, from reader: FieldReader) {
        if SecretNames.contains(variable) || SecretNames.isSecret(value: text) || !Self.isVariableName(variable) {
            addVariable(variable, [.literal(text)], from: reader)
        } else if variables.insert(variable).inserted {
            appendVariable(variable, ["value": .string(text)], from: reader)
        } else {
            reader.lose("the variable \(variable) is there twice", "remove one of the two")
        }
    }

    private mutating func appendVariable(_ variable: String, _ value: JSONValue, from reader: FieldReader) {
        var value = value
        value["name"] = .string(variable)
        if let problem = Self.podProblem([value], at: ["env"]) {
            return reader.lose("is not valid: \(problem)", "correct it")
        }
        spec["env"] = .array((spec["env"]?.arrayValue ?? []) + [value])
    }

    /// A name of printable ASCII characters without `=`.
    static func isVariableName(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    }

    /// Text that a kubelet does not expand.
    static func escaped(_ text: String) -> String {
        text.split(separator: "$(", omittingEmptySubsequences: false).joined(separator: "$$(")
    }

    /// Whether a text only names where a secret is, such as `$(TOKEN)`.
    static func isReference(_ text: String) -> Bool { text.hasPrefix("$(") && text.hasSuffix(")") }

    // MARK: Arguments

    /// The words of a command line. Secrets and placeholders become variables, which the kubelet inserts.
    ///
    /// - Parameter expands: whether a kubelet already expanded `$(NAME)` in these words.
    mutating func words(_ words: [(parts: [TextPart], reader: FieldReader)], expands: Bool = false) -> [JSONValue] {
        func escaped(_ text: String) -> String { expands ? text : Self.escaped(text) }
        var result: [JSONValue] = []
        var flag: String?
        for (parts, reader) in words {
            reader.markRead()
            let parts = parts.resolved(options.values)
            var own: String?
            defer { flag = own }
            if let text = parts.literal {
                if Self.isReference(text) {
                    result.append(.string(escaped(text)))
                } else if let flag, !text.hasPrefix("-") {
                    result.append(.string("$(\(keepArgument(text, named: flag, from: reader)))"))
                } else if let name = CommandSecrets.flagWithSecret(text), let split = parts.split(at: "=") {
                    let variable = keepArgument(split.after.written, named: name, from: reader)
                    result.append(.string("\(name)=$(\(variable))"))
                } else if SecretNames.isSecret(value: text) {
                    result.append(.string("$(\(keepArgument(text, named: "argument", from: reader)))"))
                } else {
                    if CommandSecrets.isSecretFlag(text) { own = text }
                    result.append(.string(escaped(text)))
                }
                continue
            }
            var text = ""
            for part in parts {
                switch part {
                case .literal(let literal): text += escaped(literal)
                case .placeholder(let placeholder):
                    let variable = ObjectName.variable(placeholder.name)
                    if variables.insert(variable).inserted {
                        need(variable, placeholder, purpose: nil, from: reader)
                        appendVariable(variable, ["valueFrom": secretReference(variable)], from: reader)
                    }
                    text += "$(\(variable))"
                }
            }
            result.append(.string(text))
        }
        return result
    }

    private mutating func keepArgument(_ text: String, named flag: String, from reader: FieldReader) -> String {
        let base = ObjectName.variable(flag)
        var variable = base
        var number = 2
        while !variables.insert(variable).inserted {
            variable = "\(base)_\(number)"
            number += 1
        }
        keep(text, as: variable, purpose: "the value of the argument \(flag)", from: reader)
        appendVariable(variable, ["valueFrom": secretReference(variable)], from: reader)
        return variable
    }
}

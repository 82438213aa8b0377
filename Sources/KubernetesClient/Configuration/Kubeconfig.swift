internal import FoundationEssentials
public import KubernetesAPI

/// A kubeconfig, read from one file or merged from several, by the rules of client-go's `clientcmd`.
public struct Kubeconfig: Sendable, Hashable {
    /// The clusters by name. Each is the `cluster` object, its relative paths made absolute.
    public var clusters: [String: JSONValue] = [:]
    /// The users by name.
    public var users: [String: JSONValue] = [:]
    /// The contexts by name.
    public var contexts: [String: JSONValue] = [:]
    /// The context that is used if none is named.
    public var currentContext: String?

    /// An empty kubeconfig.
    public init() {}

    /// Reads the text of one file.
    ///
    /// - Parameters:
    ///   - text: YAML or JSON.
    ///   - directory: the directory of the file, which its relative paths start from.
    ///   - file: the file's name, for messages.
    /// - Throws: `ClientError` with `configuration`.
    public init(text: String, directory: String?, file: String) throws(ClientError) {
        let value: JSONValue
        do {
            value = try YAML.value(of: text)
        } catch {
            throw ClientError(.configuration, "kubeconfig \(file) is not valid YAML", underlying: error)
        }
        try self.init(value: value, directory: directory, file: file)
    }

    /// Reads the decoded content of one file.
    ///
    /// - Throws: `ClientError` with `configuration`.
    public init(value: JSONValue, directory: String?, file: String) throws(ClientError) {
        if value.isNull { return }
        guard value.objectValue != nil else {
            throw ClientError(.configuration, "kubeconfig \(file) must be an object, not \(value.typeName)")
        }
        if let kind = value["kind"]?.stringValue, kind != "Config" {
            throw ClientError(.configuration, "\(file) is not a kubeconfig: its kind is \(kind), not Config")
        }
        clusters = try Self.entries(value, "clusters", "cluster", file)
        users = try Self.entries(value, "users", "user", file)
        contexts = try Self.entries(value, "contexts", "context", file)
        currentContext = try Fields(value, "kubeconfig \(file)").string("current-context")
        guard let directory else { return }
        for name in clusters.keys { clusters[name]?.makeAbsolute("certificate-authority", in: directory) }
        for name in users.keys {
            for key in ["client-certificate", "client-key", "tokenFile"] {
                users[name]?.makeAbsolute(key, in: directory)
            }
            // A command with a slash is a path; a command without one is looked up in PATH.
            if let command = users[name]?[path: ["exec", "command"]]?.stringValue, command.contains("/"),
                !command.hasPrefix("/")
            {
                users[name]?[path: ["exec", "command"]] = .string("\(directory)/\(command)")
            }
        }
    }

    private static func entries(
        _ value: JSONValue,
        _ key: String,
        _ member: String,
        _ file: String
    ) throws(ClientError) -> [String: JSONValue] {
        guard let list = value[key], !list.isNull else { return [:] }
        guard let elements = list.arrayValue else {
            throw ClientError(.configuration, "kubeconfig \(file): `\(key)` must be a list, not \(list.typeName)")
        }
        var entries: [String: JSONValue] = [:]
        for (index, element) in elements.enumerated() {
            guard let name = element["name"]?.stringValue else {
                throw ClientError(.configuration, "kubeconfig \(file): `\(key)[\(index)]` needs a `name`")
            }
            guard entries[name] == nil else {
                throw ClientError(
                    .configuration,
                    "kubeconfig \(file): `\(key)` contains \(name.debugDescription) twice"
                )
            }
            let content = element[member] ?? .null
            guard content.isNull || content.objectValue != nil else {
                throw ClientError(
                    .configuration,
                    "kubeconfig \(file): `\(key)[\(index)].\(member)` must be an object, not \(content.typeName)"
                )
            }
            entries[name] = content.isNull ? .object([:]) : content
        }
        return entries
    }

    /// Adds the entries of another file whose names do not exist in this one: the first file takes precedence.
    public mutating func merge(_ other: Kubeconfig) {
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
        if currentContext?.isEmpty ?? true { currentContext = other.currentContext }
    }
}

extension JSONValue {
    fileprivate mutating func makeAbsolute(_ key: String, in directory: String) {
        guard let path = self[key]?.stringValue, !path.isEmpty, !path.hasPrefix("/") else { return }
        self[key] = .string("\(directory)/\(path)")
    }
}

/// Reads the members of an object, with errors that name them.
struct Fields {
    let value: JSONValue
    let name: String

    init(_ value: JSONValue, _ name: String) {
        self.value = value
        self.name = name
    }

    func string(_ key: String) throws(ClientError) -> String? {
        guard let member = value[key], !member.isNull else { return nil }
        guard let text = member.stringValue else {
            throw ClientError(.configuration, "\(name): `\(key)` must be a string, not \(member.typeName)")
        }
        return text.isEmpty ? nil : text
    }

    func bool(_ key: String) throws(ClientError) -> Bool {
        guard let member = value[key], !member.isNull else { return false }
        guard let flag = member.boolValue else {
            throw ClientError(.configuration, "\(name): `\(key)` must be true or false, not \(member.typeName)")
        }
        return flag
    }

    func strings(_ key: String) throws(ClientError) -> [String] {
        guard let member = value[key], !member.isNull else { return [] }
        guard let elements = member.arrayValue else {
            throw ClientError(.configuration, "\(name): `\(key)` must be a list of strings, not \(member.typeName)")
        }
        var texts: [String] = []
        for element in elements {
            guard let text = element.stringValue else {
                throw ClientError(
                    .configuration,
                    "\(name): `\(key)` must contain strings, not \(element.typeName)"
                )
            }
            texts.append(text)
        }
        return texts
    }

    /// Inline data takes precedence over a file, as in client-go.
    func material(data: String, file: String) throws(ClientError) -> KubernetesClientConfiguration.Material? {
        if let text = try string(data) {
            let compact = text.filter { !$0.isWhitespace }
            guard let decoded = Data(base64Encoded: compact) else {
                throw ClientError(.configuration, "\(name): `\(data)` is not base64")
            }
            return .data([UInt8](decoded))
        }
        return try string(file).map { .file($0) }
    }
}

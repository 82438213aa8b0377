import KubernetesAPI

/// One object of a file, and its location.
struct Manifest: Sendable {
    /// The object.
    var value: JSONValue
    /// Its API version, such as `moorage.dev/v1alpha1`.
    var apiVersion: String
    /// Its kind.
    var kind: String
    /// Its namespace, or that of the command line if the object sets none. Empty for cluster-scoped kinds.
    var namespace: String
    /// Its name.
    var name: String
    /// The file, or `<stdin>`.
    var file: String
    private var document: YAMLDocument
    private var root: FieldPath

    init(
        value: JSONValue,
        apiVersion: String,
        kind: String,
        namespace: String,
        name: String,
        file: String,
        document: YAMLDocument,
        root: FieldPath
    ) {
        self.value = value
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.file = file
        self.document = document
        self.root = root
    }

    /// The object as messages show it, such as `MCPServer default/hello`.
    var subject: String { namespace.isEmpty ? "\(kind) \(name)" : "\(kind) \(namespace)/\(name)" }

    /// The line of a field, or of its closest parent that is in the file.
    func line(of path: FieldPath = .root) -> Int {
        document.line(of: FieldPath(root.elements + path.elements))
    }

    /// A diagnostic about this object, at the line of a field.
    func diagnostic(
        _ severity: Diagnostic.Severity,
        at path: FieldPath = .root,
        reason: String? = nil,
        _ message: String
    ) -> Diagnostic {
        Diagnostic(severity, file: file, line: line(of: path), subject: subject, reason: reason, message)
    }
}

extension Manifest {
    /// The kinds that Moorage reads from files; others are skipped.
    enum Kind: String, Sendable, CaseIterable {
        case server = "MCPServer"
        case serverClass = "MCPServerClass"
        case revision = "MCPServerRevision"
        case virtualServer = "MCPVirtualServer"
        case tenant = "MCPTenant"
        case configuration = "MoorageConfiguration"
        case secret = "Secret"
        case configMap = "ConfigMap"

        /// The API group; empty only for `v1`.
        var apiGroup: String {
            switch self {
            case .server, .serverClass, .revision, .virtualServer, .tenant, .configuration: "moorage.dev"
            case .secret, .configMap: ""
            }
        }

        /// The version that is read.
        var apiVersion: String { apiGroup.isEmpty ? "v1" : "\(apiGroup)/v1alpha1" }

        /// Whether objects of this kind are namespaced.
        var isNamespaced: Bool {
            switch self {
            case .server, .revision, .virtualServer, .secret, .configMap: true
            case .serverClass, .tenant, .configuration: false
            }
        }
    }
}

/// Names that all parts of Moorage use.
public enum Moorage {
    /// The API group of Moorage's kinds.
    public static let group = "moorage.dev"
    /// The version of Moorage's kinds.
    public static let version = "v1alpha1"
    /// The `apiVersion` of Moorage's kinds.
    public static let apiVersion = "\(group)/\(version)"
    /// The field manager of Moorage for server-side apply.
    public static let fieldManager = "moorage"
    /// The field manager that owns the replicas of a server while an autoscaler takes over.
    public static let handOverFieldManager = "moorage-hand-over"
    /// The name of the server's own container in its pods.
    public static let containerName = "mcp"
    /// The name of the port that the container and the Service give to the server's port.
    public static let portName = "http"
    /// The namespace of a tenant that does not name one.
    public static func defaultNamespace(ofTenant name: String) -> String { "mcp-\(name)" }
}

/// The keys of labels that Moorage sets or reads.
public enum MoorageLabels {
    /// `app.kubernetes.io/name`: the application, `mcp-server`.
    public static let name = "app.kubernetes.io/name"
    /// `app.kubernetes.io/instance`: the server's name.
    public static let instance = "app.kubernetes.io/instance"
    /// `app.kubernetes.io/component`: `mcp-server`.
    public static let component = "app.kubernetes.io/component"
    /// `app.kubernetes.io/part-of`: what the object belongs to.
    public static let partOf = "app.kubernetes.io/part-of"
    /// `app.kubernetes.io/managed-by`: `moorage`.
    public static let managedBy = "app.kubernetes.io/managed-by"
    /// The tenant that an object belongs to.
    public static let tenant = "moorage.dev/tenant"
    /// The server that an object belongs to.
    public static let server = "moorage.dev/server"
    /// The server that the objects of a candidate belong to. They do not have the label `server`, so that nothing that selects
    /// a server's pods selects them.
    public static let candidate = "moorage.dev/candidate"
    /// On a candidate's pods: the beginning of the digest of the part of the spec that they run.
    public static let template = "moorage.dev/template"
    /// In the selector of a Service that is out of service: no pod has it.
    public static let quarantine = "moorage.dev/quarantine"
    /// Set by Kubernetes on every namespace: its name.
    public static let namespaceName = "kubernetes.io/metadata.name"
    /// The prefix of the Pod Security labels of a namespace, such as `enforce` and `enforce-version`.
    public static let podSecurityPrefix = "pod-security.kubernetes.io/"

    /// The value of `component`.
    public static let componentValue = "mcp-server"
    /// The value of `component` of candidates.
    public static let candidateComponentValue = "mcp-server-candidate"
    /// The value of `managedBy`.
    public static let managedByValue = "moorage"
    /// Selects the objects that Moorage manages.
    public static let managedSelector = "\(managedBy)=\(managedByValue)"
}

/// The keys of annotations that Moorage sets or reads.
public enum MoorageAnnotations {
    /// `"true"` marks the MCPServerClass that applies to servers that do not name a class.
    public static let isDefaultClass = "moorage.dev/is-default-class"
    /// On an MCPServer: the user who last changed its spec, as the admission policies record it.
    public static let changedBy = "moorage.dev/changed-by"
    /// On an MCPServer: a new value restarts its pods, with the current revision of the class.
    public static let restart = "moorage.dev/restart"
    /// On a pod template: the digest of all configuration that the pods read, so that they are restarted when it
    /// changes.
    public static let configHash = "moorage.dev/config-hash"
    /// On a Deployment: the digest of the revision of the class that it was last rendered with.
    public static let classHash = "moorage.dev/class-hash"
}

extension Moorage {
    /// Whether a text is a DNS label of any length: lower-case letters, digits and dashes, with a letter or digit at both
    /// ends.
    static func isDNSLabel(_ text: String) -> Bool {
        let dash = UInt8(ascii: "-")
        return !text.isEmpty && text.utf8.first != dash && text.utf8.last != dash
            && text.utf8.allSatisfy {
                ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || $0.isASCIIDigit || $0 == dash
            }
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}

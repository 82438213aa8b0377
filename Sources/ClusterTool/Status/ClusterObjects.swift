package import KubernetesAPI

/// What was read from a cluster about a server or a tenant.
package struct ClusterObjects: Sendable {
    /// The MCPServer or the MCPTenant.
    package var subject: JSONValue
    /// What belongs to it, each object with its `kind`. Of Secrets, only the metadata.
    package var objects: [JSONValue]
    /// Its Events, and those of its pods.
    package var events: [JSONValue]
    /// The kinds that the account is not allowed to read, such as `Secret`.
    package var unread: [String]

    package init(subject: JSONValue, objects: [JSONValue] = [], events: [JSONValue] = [], unread: [String] = []) {
        self.subject = subject
        self.objects = objects
        self.events = events
        self.unread = unread
    }
}

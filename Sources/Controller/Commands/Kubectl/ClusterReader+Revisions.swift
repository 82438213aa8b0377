import CommandSupport
import CRDModels
import KubernetesAPI
import KubernetesClient

extension ClusterReader {
    /// The revisions of a server.
    ///
    /// - Throws: `CommandFailure` if they must not be read, and the client's errors.
    func revisions(ofServer server: String) async throws -> [JSONValue] {
        let type = MCPServerRevision.resourceType
        guard let found = try await list(type, namespace: namespace, fields: "spec.server=\(server)") else {
            throw CommandFailure(
                "your account is not allowed to list the MCPServerRevisions of the namespace \(namespace): "
                    + "the roles Viewer, Editor and Approver of the tenant allow it"
            )
        }
        return found
    }

    /// A revision.
    ///
    /// - Throws: `CommandFailure` if it does not exist, and the client's errors.
    func revision(_ name: String) async throws -> JSONValue {
        guard let found = try await find(MCPServerRevision.resourceType, name, namespace: namespace) else {
            throw CommandFailure("MCPServerRevision \(namespace)/\(name) does not exist any more")
        }
        return found
    }

    /// The pods of a server that serve.
    ///
    /// - Throws: `CommandFailure` if they must not be read, and the client's errors.
    func pods(ofServer server: String) async throws -> [JSONValue] {
        guard let found = try await list(.pod, namespace: namespace, labels: "\(MoorageLabels.server)=\(server)") else {
            throw CommandFailure(
                "your account is not allowed to list the pods of the namespace \(namespace), so it is not known whether they "
                    + "have followed: leave it with --no-wait"
            )
        }
        return found
    }

    /// `authentication.k8s.io/v1.SelfSubjectReview`, of Kubernetes 1.28 and later.
    private static let selfSubjectReview = ResourceType(
        group: "authentication.k8s.io",
        version: "v1",
        kind: "SelfSubjectReview",
        plural: "selfsubjectreviews",
        isNamespaced: false
    )

    /// The name by which the API server knows the user; `nil` if it does not say.
    func userName() async throws -> String? {
        do {
            let review = try await client.create(Self.selfSubjectReview, [:])
            return review[path: ["status", "userInfo", "username"]]?.stringValue
        } catch let error as APIError where error.isForbidden || error.isNotFound || error.isMethodNotSupported {
            return nil
        }
    }
}

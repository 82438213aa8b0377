internal import KubernetesAPI
internal import KubernetesClient
internal import MCPTransport

/// Explains why the cluster could not be read, and what to change. Pure.
enum ClusterFailure {
    /// - Parameter what: what was read, such as `pods`.
    static func explain(_ error: any Error, reading what: String) -> String {
        switch error {
        case let error as KindCatalog.Problem: return error.description
        case let error as APIError: return explain(error, what)
        case let error as ClientError:
            switch error.code {
            case .bodyTooLarge:
                return "\(what): the answer is too large; narrow it with namespace, labelSelector or name"
            case .invalidRequest: return "\(what): \(error.message)"
            default: return "the API server cannot be reached: \(error.message.printable(maximumLength: 500))"
            }
        default: return "\(what): \("\(error)".printable(maximumLength: 500))"
        }
    }

    private static func explain(_ error: APIError, _ what: String) -> String {
        let message = (error.status.message ?? "").printable(maximumLength: 500)
        if error.isForbidden || error.isUnauthorized {
            return
                "\(what): the bridge has no permission (\(message)); an administrator can grant get and list in a ClusterRole "
                + "with the label moorage.dev/aggregate-to-telemetry: \"true\""
        }
        if error.isNotFound { return "\(what): not found (\(message)); list the objects to see which names there are" }
        if error.isBadRequest || error.isInvalid { return "\(what): \(message)" }
        if error.isTooManyRequests || error.isTimeout || error.isServiceUnavailable {
            return "\(what): the API server is busy or not available (\(message)); try again, or ask for less"
        }
        return "\(what): the API server answers \(error.code): \(message)"
    }
}

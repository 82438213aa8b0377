internal import KubernetesAPI

/// What a credential plug-in prints: `ExecCredential` of `client.authentication.k8s.io`.
struct ExecCredential: Sendable, Hashable {
    static let v1 = "client.authentication.k8s.io/v1"
    static let versions = [v1, "client.authentication.k8s.io/v1beta1"]

    var token: SensitiveString?
    /// PEM.
    var clientCertificate: SensitiveString?
    /// PEM.
    var clientKey: SensitiveString?
    /// Until when it holds; for ever, as far as is known, where there is none.
    var expiration: Timestamp?

    /// - Throws: `ClientError` with `credentials`. No part of the output is in the message: it may hold the token.
    init(parsing output: [UInt8], configuration: ExecConfiguration) throws(ClientError) {
        let name = "the credential plug-in \(configuration.command)"
        guard let value = try? JSONValue(parsing: output) else {
            throw ClientError(.credentials, "\(name) printed something that is not JSON (\(output.count) bytes)")
        }
        guard value["kind"]?.stringValue == "ExecCredential" else {
            throw ClientError(.credentials, "\(name) printed something that is no ExecCredential")
        }
        let version = value["apiVersion"]?.stringValue ?? ""
        guard version == configuration.apiVersion else {
            throw ClientError(
                .credentials,
                "\(name) answered with apiVersion \(version.debugDescription), "
                    + "but the kubeconfig asks for \(configuration.apiVersion)"
            )
        }
        guard let status = value["status"], status.objectValue != nil else {
            throw ClientError(.credentials, "\(name) printed no `status`")
        }
        token = status["token"]?.stringValue.flatMap { $0.isEmpty ? nil : SensitiveString($0) }
        clientCertificate = status["clientCertificateData"]?.stringValue.flatMap {
            $0.isEmpty ? nil : SensitiveString($0)
        }
        clientKey = status["clientKeyData"]?.stringValue.flatMap { $0.isEmpty ? nil : SensitiveString($0) }
        guard (clientCertificate == nil) == (clientKey == nil) else {
            throw ClientError(.credentials, "\(name) gave a client certificate without its key, or a key alone")
        }
        guard token != nil || clientCertificate != nil else {
            throw ClientError(.credentials, "\(name) gave neither a token nor a client certificate")
        }
        if let text = status["expirationTimestamp"]?.stringValue {
            guard let moment = Timestamp(text) else {
                throw ClientError(.credentials, "\(name) gave an expirationTimestamp that is no RFC 3339 time")
            }
            expiration = moment
        }
    }
}

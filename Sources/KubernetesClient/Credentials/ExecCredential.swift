internal import KubernetesAPI

/// The output of a credential plug-in: `ExecCredential` of `client.authentication.k8s.io`.
struct ExecCredential: Sendable, Hashable {
    static let v1 = "client.authentication.k8s.io/v1"
    static let versions = [v1, "client.authentication.k8s.io/v1beta1"]

    var token: SensitiveString?
    /// The client certificate as PEM.
    var clientCertificate: SensitiveString?
    /// The key as PEM.
    var clientKey: SensitiveString?
    /// When the credentials expire; `nil` if the plug-in does not set it.
    var expiration: Timestamp?

    /// - Throws: `ClientError` with `credentials`. The message does not contain the output, which can contain the
    ///   token.
    init(parsing output: [UInt8], configuration: ExecConfiguration) throws(ClientError) {
        let name = "the credential plug-in \(configuration.command)"
        guard let value = try? JSONValue(parsing: output) else {
            throw ClientError(.credentials, "the output of \(name) (\(output.count) bytes) is not valid JSON")
        }
        guard value["kind"]?.stringValue == "ExecCredential" else {
            throw ClientError(.credentials, "the output of \(name) is not an ExecCredential")
        }
        let version = value["apiVersion"]?.stringValue ?? ""
        guard version == configuration.apiVersion else {
            throw ClientError(
                .credentials,
                "the output of \(name) has apiVersion \(version.debugDescription), "
                    + "but the kubeconfig requests \(configuration.apiVersion)"
            )
        }
        guard let status = value["status"], status.objectValue != nil else {
            throw ClientError(.credentials, "the output of \(name) has no `status`")
        }
        token = status["token"]?.stringValue.flatMap { $0.isEmpty ? nil : SensitiveString($0) }
        clientCertificate = status["clientCertificateData"]?.stringValue.flatMap {
            $0.isEmpty ? nil : SensitiveString($0)
        }
        clientKey = status["clientKeyData"]?.stringValue.flatMap { $0.isEmpty ? nil : SensitiveString($0) }
        guard (clientCertificate == nil) == (clientKey == nil) else {
            throw ClientError(
                .credentials,
                "\(name) returned a client certificate without a key, or a key without a certificate"
            )
        }
        guard token != nil || clientCertificate != nil else {
            throw ClientError(.credentials, "\(name) returned neither a token nor a client certificate")
        }
        if let text = status["expirationTimestamp"]?.stringValue {
            guard let moment = Timestamp(text) else {
                throw ClientError(.credentials, "\(name) returned an expirationTimestamp that is not an RFC 3339 time")
            }
            expiration = moment
        }
    }
}

internal import FoundationEssentials
internal import KubernetesAPI
internal import Registry

/// Reads the pull Secrets of pods.
struct PullSecretReader: Sendable {
    let cluster: any ClusterAccess

    /// The credentials of the Secrets that the pods would pull with. Those that the kubelet cannot use are left out; the server's
    /// condition names them.
    ///
    /// - Parameters:
    ///   - names: the Secrets that the pods name; if there are none, those of their ServiceAccount.
    ///   - serviceAccount: the ServiceAccount of the pods.
    /// - Throws: `APIError` if a Secret cannot be read.
    func keyring(_ names: [String], serviceAccount: String, namespace: String) async throws -> Keyring {
        var names = names
        if names.isEmpty {
            let reference = ObjectReference(type: .serviceAccount, namespace: namespace, name: serviceAccount)
            let account = try await cluster.get(reference)
            names = (account?["imagePullSecrets"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        }
        var keyring = Keyring()
        for name in names {
            let reference = ObjectReference(type: .secret, namespace: namespace, name: name)
            guard let secret = try await cluster.get(reference) else { continue }
            func value(_ key: String) -> [UInt8]? {
                secret["data"]?[key]?.stringValue.flatMap { Data(base64Encoded: $0) }.map(Array.init)
            }
            switch secret["type"]?.stringValue {
            case "kubernetes.io/dockerconfigjson":
                if let value = value(".dockerconfigjson") { try? keyring.add(dockerConfigJSON: value) }
            case "kubernetes.io/dockercfg":
                if let value = value(".dockercfg") { try? keyring.add(dockerConfig: value) }
            default: continue
            }
        }
        return keyring
    }
}

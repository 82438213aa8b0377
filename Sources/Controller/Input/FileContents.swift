import FoundationEssentials
import KubernetesAPI

/// The contents of the Secrets and ConfigMaps in files, by namespace, kind and name. Its description shows no values.
struct FileContents: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    private var secrets: [NamespacedName: [String: [UInt8]]] = [:]
    private var secretTypes: [NamespacedName: String] = [:]
    private var configMaps: [NamespacedName: [String: [UInt8]]] = [:]

    /// Adds a Secret as the API server would store it: `stringData` takes precedence over `data`.
    ///
    /// - Returns: the errors in it.
    mutating func add(secret manifest: Manifest) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        var values: [String: [UInt8]] = [:]
        for (key, value) in FileContents.members(of: manifest, "data", &diagnostics) {
            // Values that are not base64 are not shown, because they can be the secret itself.
            guard let data = Data(base64Encoded: value) else {
                let path = FieldPath("data").key(key)
                diagnostics.append(
                    manifest.diagnostic(
                        .error,
                        at: path,
                        "data.\(key) is not base64; put plain text under stringData"
                    )
                )
                continue
            }
            values[key] = [UInt8](data)
        }
        for (key, value) in FileContents.members(of: manifest, "stringData", &diagnostics) {
            values[key] = Array(value.utf8)
        }
        let name = NamespacedName(namespace: manifest.namespace, name: manifest.name)
        secrets[name] = values
        secretTypes[name] = manifest.value["type"]?.stringValue
        return diagnostics
    }

    /// Adds a ConfigMap.
    ///
    /// - Returns: what is wrong with it.
    mutating func add(configMap manifest: Manifest) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        var values: [String: [UInt8]] = [:]
        for (key, value) in FileContents.members(of: manifest, "data", &diagnostics) {
            values[key] = Array(value.utf8)
        }
        for (key, value) in FileContents.members(of: manifest, "binaryData", &diagnostics) {
            guard let data = Data(base64Encoded: value) else {
                let path = FieldPath("binaryData").key(key)
                diagnostics.append(manifest.diagnostic(.error, at: path, "binaryData.\(key) is not base64"))
                continue
            }
            values[key] = [UInt8](data)
        }
        configMaps[NamespacedName(namespace: manifest.namespace, name: manifest.name)] = values
        return diagnostics
    }

    private static func members(
        of manifest: Manifest,
        _ field: String,
        _ diagnostics: inout [Diagnostic]
    ) -> [(String, String)] {
        guard let value = manifest.value[field], !value.isNull else { return [] }
        guard let members = value.objectValue else {
            diagnostics.append(
                manifest.diagnostic(.error, at: FieldPath(field), "\(field) must be an object, not \(value.typeName)")
            )
            return []
        }
        return members.sorted { $0.key < $1.key }.compactMap { key, value in
            guard let text = value.stringValue else {
                let message = "\(field).\(key) must be a string, not \(value.typeName); put it in quotes"
                diagnostics.append(manifest.diagnostic(.error, at: FieldPath(field).key(key), message))
                return nil
            }
            return (key, text)
        }
    }

    /// The values of a Secret, or `nil` if no file contains it.
    func secret(_ name: NamespacedName) -> [String: [UInt8]]? { secrets[name] }

    /// The type of a Secret, or `nil` if it does not set one.
    func secretType(_ name: NamespacedName) -> String? { secretTypes[name] }

    /// The values of a ConfigMap, or `nil` if no file contains it.
    func configMap(_ name: NamespacedName) -> [String: [UInt8]]? { configMaps[name] }

    var description: String { "\(secrets.count) Secrets and \(configMaps.count) ConfigMaps" }
    var debugDescription: String { description }
}

package import CRDModels
internal import struct FoundationEssentials.Data
package import KubernetesAPI

/// What is sent to a remote server and how its certificate is checked, from the Secrets and ConfigMaps that it names. Its description
/// shows no values. Pure.
package struct RemoteCredentials: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// A header field.
    package struct Header: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
        package var name: String
        package var value: String

        package var description: String { "\(name): [redacted]" }
        package var debugDescription: String { description }
    }

    /// The header fields of each request.
    package var headers: [Header]
    /// The authorities of the server's certificate in PEM; `nil` for those of the system.
    package var authorities: String?

    package var description: String { "\(headers)" }
    package var debugDescription: String { description }

    /// A Secret or a ConfigMap that a remote server names.
    package struct Source: Sendable, Hashable, Comparable {
        package var isSecret: Bool
        package var name: String

        /// Its kind.
        package var type: ResourceType { isSecret ? .secret : .configMap }

        package static func < (left: Source, right: Source) -> Bool {
            (left.isSecret ? 1 : 0, left.name) < (right.isSecret ? 1 : 0, right.name)
        }

        fileprivate var text: String { "\(isSecret ? "Secret" : "ConfigMap") \"\(name)\"" }
    }

    /// Why they cannot be used, with the field and the way out, and without any value.
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// The Secrets and ConfigMaps that a remote server names, sorted.
    package static func sources(of remote: RemoteServer) -> [Source] {
        let secrets =
            (remote.headers ?? []).compactMap(\.secretKeyRef?.name)
            + [remote.certificateAuthority?.secretKeyRef?.name].compactMap { $0 }
        let configMaps = [remote.certificateAuthority?.configMapKeyRef?.name].compactMap { $0 }
        let all =
            secrets.map { Source(isSecret: true, name: $0) } + configMaps.map { Source(isSecret: false, name: $0) }
        return Set(all).sorted()
    }

    /// - Parameter objects: the objects that ``sources(of:)`` names, as the API server returns them; those that do not exist are missing.
    /// - Throws: `Problem`
    package init(_ remote: RemoteServer, objects: [Source: JSONValue]) throws(Problem) {
        headers = []
        for (index, header) in (remote.headers ?? []).enumerated() {
            let field = "spec.remote.headers[\(index)]"
            var value = header.value
            if let key = header.secretKeyRef {
                value = try Self.text(
                    key.key,
                    of: Source(isSecret: true, name: key.name),
                    isOptional: key.optional ?? false,
                    objects,
                    field: "\(field).secretKeyRef"
                )
            }
            guard let value else { continue }
            // RFC 9110, 5.5: visible characters, spaces and tabs.
            guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x09 }) else {
                throw Problem(
                    description:
                        "\(field): the value for \(header.name) contains a line break or another character that a header field cannot have"
                )
            }
            headers.append(Header(name: header.name, value: value))
        }
        guard let authority = remote.certificateAuthority else { return }
        let field = "spec.remote.certificateAuthority"
        if let key = authority.configMapKeyRef {
            authorities = try Self.text(
                key.key,
                of: Source(isSecret: false, name: key.name),
                isOptional: false,
                objects,
                field: "\(field).configMapKeyRef"
            )
        } else if let key = authority.secretKeyRef {
            authorities = try Self.text(
                key.key,
                of: Source(isSecret: true, name: key.name),
                isOptional: false,
                objects,
                field: "\(field).secretKeyRef"
            )
        }
        guard authorities?.contains("-----BEGIN CERTIFICATE-----") == true else {
            throw Problem(description: "\(field): the value contains no certificate in PEM")
        }
    }

    /// The value of a key, without line breaks at its end.
    private static func text(
        _ key: String,
        of source: Source,
        isOptional: Bool,
        _ objects: [Source: JSONValue],
        field: String
    ) throws(Problem) -> String? {
        let object = objects[source]
        let stored = object?[path: ["data", key]]?.stringValue
        let encoded = source.isSecret ? stored : object?[path: ["binaryData", key]]?.stringValue
        let plain = source.isSecret ? nil : stored
        guard
            var text = plain
                ?? encoded.flatMap({ Data(base64Encoded: $0) }).map({ String(decoding: $0, as: UTF8.self) })
        else {
            if isOptional { return nil }
            throw Problem(
                description: object == nil
                    ? "\(field): \(source.text) does not exist: create it in this namespace"
                    : "\(field): \(source.text) has no key \"\(key)\": add the key, or use another one"
            )
        }
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}

import CRDModels
import KubernetesAPI
import Policy
import Reconcilers
import Testing

@testable import Importing

/// What `moorage validate --allow-missing-secrets --allow-missing-entry-points` says about manifests, once their images have digests, for
/// a tenant that allows the ServiceAccounts that they name.
enum Judge {
    /// The refusals: first those of the API server, then those of the controller.
    ///
    /// What depends on the tenant is accepted if a finding says that the tenant has to allow it.
    static func problems(_ result: ImportResult) -> [String] {
        let isAnnounced = result.findings.contains { $0.kind == .toDo && $0.reason.contains("the tenant") }
        return refusals(result.manifests).filter { _, reason in
            !(isAnnounced && [.networkNotPermitted, .remoteNotSecure, .remoteAddressNotAllowed].contains(reason))
        }.map(\.text)
    }

    private static func refusals(_ manifests: [JSONValue]) -> [(text: String, reason: Reason?)] {
        var problems: [String] = []
        var refusals: [(text: String, reason: Reason?)] = []
        for manifest in manifests.map(pinned) {
            let name = manifest[path: ["metadata", "name"]]?.stringValue ?? ""
            switch manifest["kind"]?.stringValue {
            case "MCPServer":
                guard let server = decode(manifest, MCPServer.self, &problems) else { continue }
                if case .refused(let refusal) = decide(input(server, among: manifests)) {
                    refusals.append(
                        (
                            "MCPServer \(name): \(refusal.field ?? ""): \(refusal.reason): \(refusal.text)",
                            refusal.reason
                        )
                    )
                }
            case "MCPVirtualServer":
                _ = decode(manifest, MCPVirtualServer.self, &problems)
            case "Secret", "ConfigMap": break
            default: problems.append("\(name): unexpected kind: \(manifest)")
            }
        }
        return refusals + problems.map { ($0, nil) }
    }

    /// A manifest whose images have digests, which an import cannot know.
    private static func pinned(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(pinned))
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { key, member in
                        guard key == "image", let text = member.stringValue, !text.contains("@") else {
                            return (key, pinned(member))
                        }
                        let name = text.hasSuffix(":latest") ? String(text.dropLast(7)) : text
                        return (key, .string("\(name)@sha256:\(String(repeating: "a", count: 64))"))
                    }
                )
            )
        default: value
        }
    }

    private static func decode<Object: MoorageKind>(
        _ manifest: JSONValue,
        _ type: Object.Type,
        _ problems: inout [String]
    )
        -> Object?
    {
        var value = manifest
        var found = type.schema.prune(&value).map { "unknown field \($0)" }
        type.schema.applyDefaults(to: &value)
        found += type.schema.validate(value).map { "\($0)" }
        problems += found.map {
            "\(manifest["kind"]?.stringValue ?? "") \(manifest[path: ["metadata", "name"]] ?? .null): \($0)"
        }
        guard found.isEmpty else { return nil }
        do {
            return try value.decode(type)
        } catch {
            problems.append("\(error)")
            return nil
        }
    }

    private static func input(_ server: MCPServer, among manifests: [JSONValue]) -> ServerInput {
        var server = server
        let namespace = server.metadata.namespace ?? "default"
        server.metadata.namespace = namespace
        let accounts = Set(manifests.compactMap { $0[path: ["spec", "serviceAccount", "name"]]?.stringValue })
        let tenant: JSONValue = [
            "apiVersion": .string(Moorage.apiVersion), "kind": "MCPTenant", "metadata": ["name": "test"],
            "spec": [
                "namespace": ["name": .string(namespace), "adopt": true],
                "hardening": ["serviceAccounts": .array(accounts.sorted().map { .string($0) })],
            ],
        ]
        var platform = PlatformConfiguration()
        platform.stdio = PlatformStdio(image: "ghcr.io/acme/moorage@sha256:\(String(repeating: "b", count: 64))")
        var input = ServerInput(server: server, entryPoint: .assumed, platform: platform)
        if let tenant = try? tenant.decode(MCPTenant.self) {
            input.claims = NamespaceClaims(tenants: [tenant], protected: ProtectedNamespaces(platform: input.platform))
        }
        for (reference, need) in ServerReferences.needs(of: input) {
            let keys = need.requiredKeys.keys.map { ($0, Array("value".utf8)) }
            input.contents[reference] = .values(Dictionary(keys, uniquingKeysWith: { first, _ in first }))
        }
        return input
    }
}

/// Whether nothing is lost silently.
enum Accounting {
    /// What is wrong: a field of an input that is neither carried over nor covered by a finding, or that is both or neither.
    static func problems(_ result: ImportResult, _ sources: [ImportSource]) -> [String] {
        var problems: [String] = []
        for input in result.inputs {
            let findings = result.findings.filter { $0.file == input.file && $0.subject == input.subject }
            for path in input.reported
            where !findings.contains(where: { $0.kind != .changed && $0.kind != .toDo && path.isAtOrBelow($0.field) }) {
                problems.append("\(input.file): \(input.subject): \(path) is lost silently")
            }
            let both = Set(input.carriedOver).intersection(input.reported)
            problems += both.map { "\(input.file): \(input.subject): \($0) is counted twice" }
        }
        return problems
    }

    /// The number of fields of a value.
    static func leaves(_ value: JSONValue) -> Int {
        let children = FieldLedger.children(of: value, at: .root)
        return children.isEmpty ? 1 : children.reduce(0) { $0 + leaves($1.1) }
    }
}

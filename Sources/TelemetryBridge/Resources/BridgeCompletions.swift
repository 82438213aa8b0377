internal import KubernetesAPI
internal import MCPProtocol
internal import MCPTransport

/// Completes arguments of prompts and templates by what the cluster has.
struct BridgeCompletions: Sendable {
    let context: BridgeContext

    /// The values that fit; none if they cannot be read.
    func values(for completion: ServiceCompletion) async -> [String] {
        let context = context
        let argument = completion.argument
        let known = completion.context
        let all = try? await TimeLimit.run(.seconds(5)) { () -> [String] in
            switch argument {
            case "namespace": return try await context.cluster.names(.namespace)
            case "kind": return try await context.cluster.kinds().names
            case "metric": return try await context.prometheus?.metricNames(now: context.now()) ?? []
            case "node": return try await context.cluster.names(.node)
            case "pod": return try await Self.names(.pod, in: known, context)
            case "name":
                guard let kind = known?["kind"]?.stringValue else { return [] }
                return try await Self.names(try await context.cluster.kinds().kind(kind).type, in: known, context)
            case "range": return ["5m", "15m", "1h", "6h", "1d"]
            default: return []
            }
        }
        return Self.matching(all ?? [], completion.value)
    }

    private static func names(_ type: ResourceType, in known: RawJSON?, _ context: BridgeContext) async throws
        -> [String]
    {
        let namespace = known?["namespace"]?.stringValue.flatMap { Parameter.isName($0) && $0 != "-" ? $0 : nil }
        return try await context.cluster.names(type, namespace: type.isNamespaced ? namespace : nil)
    }

    /// The values that begin with a text, and then those that contain it; without regard to case. Pure.
    static func matching(_ values: [String], _ text: String) -> [String] {
        let wanted = text.lowercased()
        let sorted = values.uniqued().sorted()
        guard !wanted.isEmpty else { return sorted }
        let beginning = sorted.filter { $0.lowercased().hasPrefix(wanted) }
        return beginning + sorted.filter { !$0.lowercased().hasPrefix(wanted) && $0.lowercased().contains(wanted) }
    }
}

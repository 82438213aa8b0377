internal import KubernetesAPI
internal import KubernetesClient
internal import MCPProtocol
internal import MCPTransport
internal import Synchronization

/// The resources of the bridge: saved queries, the inventory, and templates for objects and metrics.
final class BridgeResources: Sendable {
    static let inventoryURI = "res://snapshots/cluster-inventory.json"
    static let objectTemplate = "res://objects/{kind}/{namespace}/{name}"
    static let metricTemplate = "res://metrics/{metric}"

    private let context: BridgeContext
    private let folder = Mutex<QueryFolder.Content?>(nil)

    init(context: BridgeContext) { self.context = context }

    /// Keeps the content of the folder of saved queries.
    ///
    /// - Returns: the URIs of queries with a new text, or `nil` if nothing has changed; and the problems that are new.
    func replace(_ content: QueryFolder.Content) -> (changed: [String]?, problems: [String]) {
        folder.withLock { folder in
            let old = folder
            folder = content
            let problems = content.problems.filter { old?.problems.contains($0) != true }
            guard old?.queries != content.queries else { return (nil, problems) }
            let before = SavedQuery.merged(files: old?.queries ?? [])
            let changed = SavedQuery.merged(files: content.queries)
                .filter { query in before.contains { $0.name == query.name && $0 != query } && query.parameters.isEmpty
                }
            return (changed.map(\.uri), problems)
        }
    }

    func resources(_ queries: [SavedQuery]) -> [ServiceResource] {
        let inventory = ServiceResource(
            Resource(
                uri: Self.inventoryURI,
                name: "cluster-inventory.json",
                title: "Inventory of the cluster",
                description:
                    "The result of inventory.snapshot for the whole cluster, as JSON. It can be subscribed to.",
                mimeType: "application/json"
            )
        ) { [context] call in
            let output = try await Self.read(call, context) {
                try await InventorySnapshot.take(context, namespace: nil).checked(context)
            }
            return .contents(uri: call.name, mimeType: "application/json", text: output.json.text)
        }
        return [inventory]
            + queries.filter(\.parameters.isEmpty).map { query in
                ServiceResource(
                    Resource(
                        uri: query.uri,
                        name: query.name,
                        description: query.fullDescription,
                        mimeType: "text/plain"
                    )
                ) { call in .contents(uri: call.name, mimeType: "text/plain", text: try Self.filled(query, call)) }
            }
    }

    func templates(_ queries: [SavedQuery]) -> [ServiceResourceTemplate] {
        let saved = queries.filter { !$0.parameters.isEmpty }.map { query in
            ServiceResourceTemplate(
                ResourceTemplate(
                    uriTemplate: query.uri,
                    name: query.name,
                    description: query.fullDescription,
                    mimeType: "text/plain"
                )
            ) { call in .contents(uri: call.name, mimeType: "text/plain", text: try Self.filled(query, call)) }
        }
        return saved + [objects, metrics]
    }

    private var objects: ServiceResourceTemplate {
        ServiceResourceTemplate(
            ResourceTemplate(
                uriTemplate: Self.objectTemplate,
                name: "object",
                title: "A Kubernetes object",
                description:
                    "One object, redacted as by k8s.get. The namespace of kinds without namespaces is -. It can be subscribed to.",
                mimeType: "application/json"
            )
        ) { [context] call in
            let json = try await Self.read(call, context) { try await Self.object(call.name, context) }
            return .contents(uri: call.name, mimeType: "application/json", text: json.text)
        }
    }

    private var metrics: ServiceResourceTemplate {
        ServiceResourceTemplate(
            ResourceTemplate(
                uriTemplate: Self.metricTemplate,
                name: "metric",
                title: "A metric of Prometheus",
                description: "What a metric means: its type, unit and help, and how many series it has.",
                mimeType: "application/json"
            )
        ) { [context] call in
            let metric = Self.decoded(call.string("metric") ?? "")
            let json = try await Self.read(call, context) { () -> RawJSON in
                let prometheus = try context.requirePrometheus("there are no metrics")
                let metadata = try await prometheus.metadata(of: metric).arrayValue?.first
                let count = try await prometheus.query("count({__name__=\(QueryLiteral.quoted(metric))})", time: nil)
                guard metadata != nil || !count.series.isEmpty else { throw ResourceNotFound(uri: call.name) }
                return [
                    "metric": .string(metric), "type": metadata?.text("type").map(RawJSON.string),
                    "unit": metadata?.text("unit").map(RawJSON.string),
                    "help": metadata?.text("help").map { .string($0.printable(maximumLength: 1_000)) },
                    "series": .integer(Int64(clampingNumber: count.vector.first?.value ?? 0)),
                ]
            }
            return .contents(uri: call.name, mimeType: "application/json", text: json.text)
        }
    }

    /// What a subscribed resource is like now; `nil` if it does not change by itself, or cannot be read.
    func state(of uri: String) async -> [UInt8]? {
        do {
            if uri == Self.inventoryURI {
                let context = context
                let output = try await TimeLimit.run(context.limits.callTime) {
                    try await InventorySnapshot.take(context, namespace: nil).checked(context, includesTime: false)
                }
                return Array(output.json.bytes)
            }
            guard uri.hasPrefix("res://objects/") else { return nil }
            let context = context
            return Array(try await TimeLimit.run(context.limits.callTime) { try await Self.object(uri, context) }.bytes)
        } catch let error as APIError where error.isNotFound {
            // That it has been deleted is a change.
            return []
        } catch {
            return nil
        }
    }

    private static func object(_ uri: String, _ context: BridgeContext) async throws -> RawJSON {
        let parts = uri.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3).map { decoded(String($0)) }
        guard parts.count == 3, Parameter.isName(parts[1]), Parameter.isName(parts[2]) else {
            throw ResourceNotFound(uri: uri)
        }
        let kind = try await context.cluster.kinds().kind(parts[0])
        guard kind.type.isNamespaced != (parts[1] == "-") else { throw ResourceNotFound(uri: uri) }
        let object = try await context.cluster.object(
            kind.type,
            name: parts[2],
            namespace: kind.type.isNamespaced ? parts[1] : nil
        )
        return RawJSON(Redaction.apply(to: object).object)
    }

    private static func filled(_ query: SavedQuery, _ call: ServiceCall) throws -> String {
        let values = Dictionary(
            query.parameters.map { ($0, decoded(call.string($0) ?? "")) },
            uniquingKeysWith: { first, _ in first }
        )
        do throws(QueryTemplate.Problem) {
            return try query.template.filled(with: values)
        } catch {
            throw ProtocolError(.invalidParams, "\(query.name): \(error.description)", id: call.request.id)
        }
    }

    private static func decoded(_ text: String) -> String { PercentEncoding.decoded(text) }

    /// Reads something for a resource, and turns errors into those of the protocol.
    private static func read<Value: Sendable>(
        _ call: ServiceCall,
        _ context: BridgeContext,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await context.perform(call.name) {
                do {
                    return try await work()
                } catch let error as APIError where error.isNotFound {
                    throw ResourceNotFound(uri: call.name)
                }
            }
        } catch let failure as ToolFailure {
            throw ProtocolError(.internalError, failure.message, id: call.request.id)
        }
    }
}

extension InventorySnapshot {
    /// The output, unless nothing at all could be read.
    ///
    /// - Throws: `ToolFailure` with the reason.
    func checked(_ context: BridgeContext, includesTime: Bool = true) throws -> ToolOutput {
        guard facts.unavailable.count < ClusterFacts.Part.allCases.count else {
            throw ToolFailure(facts.unavailable[.nodes] ?? "the cluster cannot be read")
        }
        return output(maximumBytes: context.limits.maximumResultBytes, includesTime: includesTime)
    }
}

extension Int64 {
    /// The whole part of a number, within the range of the type.
    init(clampingNumber number: Double) {
        self = number.isFinite ? Int64(Swift.max(-9e15, Swift.min(9e15, number))) : 0
    }
}

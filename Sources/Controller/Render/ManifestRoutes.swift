import CRDModels
import FoundationEssentials
import Gateway
import KubernetesAPI
import Policy
import Reconcilers

/// The routes that files of manifests describe: the decisions of the controller and of the gateway, with files in place of a cluster.
///
/// - Servers must be remote: nothing is run here.
/// - A server with revisions in the files publishes what the newest of them that may serve publishes, and is not called without one. A
///   server without any publishes what it offers, unless it or its tenant sets a review policy: then it is not called.
/// - Access rules and limits do not apply, since callers are not authenticated.
struct ManifestRoutes: Sendable {
    /// The routes.
    private(set) var table = RouteTable()
    /// What is wrong with the files. If there is an error, the routes are not complete.
    private(set) var diagnostics: [Diagnostic]
    /// Why servers cannot be called.
    private(set) var problems: [RouteProblem] = []

    /// - Parameters:
    ///   - sources: the files.
    ///   - platform: the settings of `--config`; `nil` if it is not set.
    init(_ sources: [ManifestSource], platform: PlatformConfiguration?) {
        let gather = FileGather(
            ManifestReader(sources: sources),
            platform: platform,
            assumesSecrets: false,
            reachesLoopback: true
        )
        diagnostics = gather.diagnostics
        var input = RouteInput(
            tenants: gather.tenants.map(\.object),
            platform: gather.platform
        )
        input.reachesLoopback = true
        for server in gather.servers { add(server, gather, to: &input) }
        input.virtualServers = gather.virtualServers.map { VirtualServerFacts($0.object) }
        let (decided, problems) = RouteTable.decide(input)
        self.problems = problems
        table = RouteTable(
            decided.all.map { route in
                var route = route
                route.rules = nil
                return route
            }
        )
        if gather.servers.isEmpty {
            diagnostics.append(Diagnostic(.error, "there is no MCPServer in the files"))
        }
    }

    private mutating func add(_ server: FileGather.Located<MCPServer>, _ gather: FileGather, to input: inout RouteInput)
    {
        guard server.object.spec.remote != nil else {
            let path = FieldPath(server.object.spec.image == nil ? "spec" : "spec.image")
            diagnostics.append(
                server.manifest.diagnostic(
                    .error,
                    at: path,
                    """
                    \(path): images are not run here: use spec.remote with the URL of the server, or run it with moorage sandbox or in \
                    a cluster
                    """
                )
            )
            return
        }
        let plan: ServerPlan
        switch decide(gather.input(for: server.object)) {
        case .run(let decided): plan = decided
        case .refused(let refusal):
            diagnostics.append(
                server.manifest.diagnostic(
                    .error,
                    at: refusal.field.map { FieldPath($0) } ?? .root,
                    reason: refusal.reason.rawValue,
                    refusal.text
                )
            )
            return
        }
        guard let remote = plan.remote else { return }
        let key = NamespacedName(namespace: server.manifest.namespace, name: server.manifest.name)
        let accepted = AcceptedRemoteServer(server: remote.server, transport: remote.transport)
        let revision = revision(of: key, gather)
        var object = server.object
        // As the controller would report it.
        object.status = MCPServerStatus(
            conditions: [
                Self.condition(ConditionType.accepted, .accepted),
                // Without revisions nobody has read it, and only policies that are written down demand a review.
                revision == nil
                    ? Self.condition(ConditionType.protocolVerified, .handshakeDisabled)
                    : Self.condition(ConditionType.protocolVerified, .protocolVerified),
            ],
            remote: accepted,
            revision: revision.map { revision in
                ServingRevision(
                    name: revision.metadata.name ?? "",
                    contractDigest: revision.spec.contractDigest,
                    image: revision.spec.image.reference,
                    tools: revision.spec.counts.tools,
                    publishedTools: revision.spec.counts.publishedTools
                )
            }
        )
        let facts = ServerFacts(object)
        if revision == nil, facts.hasCuration {
            let field = object.spec.tools == nil ? "spec.toolPolicy" : "spec.tools"
            diagnostics.append(
                server.manifest.diagnostic(
                    .error,
                    at: FieldPath(field),
                    "\(field): needs an MCPServerRevision of the server in the files, which says what it offers: add one, or remove the field"
                )
            )
        }
        if let revision {
            var known = RevisionFacts(revision, contract: contract(of: revision, key, gather))
            // Objects in files have no identity.
            known.serverUID = facts.uid
            input.revisions[NamespacedName(namespace: key.namespace, name: revision.metadata.name ?? "")] = known
        }
        input.remotes[key] = RemoteFacts(accepted: accepted, objects: Self.objects(of: remote.server, key, gather))
        input.servers.append(facts)
    }

    private static func condition(_ type: String, _ reason: Reason) -> Condition {
        Condition(
            type: type,
            status: .true,
            reason: reason.rawValue,
            message: "",
            lastTransitionTime: Timestamp(secondsSinceEpoch: 0)
        )
    }

    /// The newest revision that may serve, or the newest if none may.
    private func revision(of server: NamespacedName, _ gather: FileGather) -> MCPServerRevision? {
        let own = gather.revisions.filter {
            $0.manifest.namespace == server.namespace && $0.object.spec.server == server.name
        }.map(\.object).sorted { left, right in
            let times = (
                left.metadata.creationTimestamp?.secondsSinceEpoch ?? 0,
                right.metadata.creationTimestamp?.secondsSinceEpoch ?? 0
            )
            return times.0 == times.1
                ? (left.metadata.name ?? "") > (right.metadata.name ?? "") : times.0 > times.1
        }
        return own.first { ReviewedRevision($0).standing.admits } ?? own.first
    }

    /// The contract of a revision, from itself or from the ConfigMaps with its parts; `nil` if one is missing or was changed.
    private func contract(
        of revision: MCPServerRevision,
        _ server: NamespacedName,
        _ gather: FileGather
    ) -> RevisionContract? {
        guard let parts = revision.spec.parts else { return revision.spec.contract }
        var texts: [String] = []
        for part in parts {
            let name = NamespacedName(namespace: server.namespace, name: part.name)
            guard let bytes = gather.contents.configMap(name)?[RevisionPart.dataKey] else { return nil }
            let text = String(decoding: bytes, as: UTF8.self)
            guard part.isIntact(text) else { return nil }
            texts.append(text)
        }
        return try? RevisionContract(parts: texts)
    }

    /// What a server names, as an API server returns it.
    private static func objects(
        of remote: RemoteServer,
        _ server: NamespacedName,
        _ gather: FileGather
    ) -> [RemoteCredentials.Source: JSONValue] {
        var objects: [RemoteCredentials.Source: JSONValue] = [:]
        for source in RemoteCredentials.sources(of: remote) {
            let name = NamespacedName(namespace: server.namespace, name: source.name)
            let values = source.isSecret ? gather.contents.secret(name) : gather.contents.configMap(name)
            guard let values else { continue }
            let encoded = values.mapValues { JSONValue.string(Data($0).base64EncodedString()) }
            objects[source] = [source.isSecret ? "data" : "binaryData": .object(encoded)]
        }
        return objects
    }
}

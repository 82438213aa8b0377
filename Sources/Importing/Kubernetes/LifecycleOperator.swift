internal import CRDModels
internal import KubernetesAPI

/// Converts the MCPServer of mcp-lifecycle-operator.
enum LifecycleOperator {
    static let group = "mcp.x-k8s.io"

    static let losses: [FieldLoss] =
        [
            FieldLoss(
                "spec.gateway",
                "Moorage has a gateway of its own",
                "see docs/gateway.md; for an HTTPRoute of the server alone, set spec.exposure.httpRoute"
            ),
            FieldLoss(
                "spec.transport.tls",
                "the gateway speaks HTTP to pods",
                "let the server listen without TLS: NetworkPolicies keep others away from it"
            ),
            FieldLoss(
                "spec.network.dnsEgressPeer",
                "where DNS is belongs to the tenant",
                "set spec.network.dns of the MCPTenant"
            ),
        ] + [FieldLoss].metadata

    static func convert(_ ledger: FieldLedger, in context: inout ImportContext) {
        var draft = context.draft(of: ledger)
        guard let spec = ledger.root["spec"] else {
            ledger.add(.refused, .root, "has no spec", "correct the input")
            return
        }
        for field in ["labels", "annotations"] {
            let reader = spec[field == "labels" ? "extraLabels" : "extraAnnotations"]
            draft.passObjectMetadata(reader, to: "deployment", field)
            for (key, _) in reader?.members ?? [] where draft["deployment", field, key] != nil {
                reader?[key]?.report(.changed, "is on the Deployment, and no longer on the pods and the Service")
            }
        }
        if let type = spec.at("source", "type") {
            if type.value == "ContainerImage" {
                type.markRead()
            } else {
                type.lose("is not a source that Moorage knows")
            }
        }
        let image = spec.at("source", "containerImage")
        draft.setImage(image?["ref"])
        draft.pass(image?["pullPolicy"], to: "imagePullPolicy")
        draft.passPullSecrets(image?["imagePullSecrets"])
        convert(config: spec["config"], into: &draft)
        convert(runtime: spec["runtime"], into: &draft)
        if let stateless = spec.at("mcp", "stateless"), let flag = stateless.bool() {
            draft["service", "sessionAffinity"] = flag ? "None" : "ClientIP"
        }
        convert(network: spec["network"], into: &draft)
        context.drafts.append((draft, .mcpLifecycleOperator))
    }

    private static func convert(config: FieldReader?, into draft: inout ServerDraft) {
        draft.pass(config?["port"], to: "port")
        draft.pass(config?["path"], to: "path")
        if let arguments = config?["arguments"] {
            draft["args"] = .array(
                draft.words(arguments.elements.map { ([.literal($0.text() ?? "")], $0) }, expands: true)
            )
        }
        draft.passVariables(config?["env"])
        draft.passElements(config?["envFrom"], to: "envFrom")
        for source in draft["envFrom"]?.arrayValue ?? [] { draft.note(references: source) }
        for mount in config?["storage"]?.elements ?? [] { convert(storage: mount, into: &draft) }
    }

    private static func convert(storage reader: FieldReader, into draft: inout ServerDraft) {
        guard let path = reader["path"]?.string(), let source = reader["source"] else {
            reader.lose("has no path or no source", "correct the input")
            return
        }
        var mount: JSONValue = ["mountPath": .string(path)]
        switch reader["permissions"]?.string() ?? "ReadOnly" {
        case "ReadWrite": break
        case "RecursiveReadOnly":
            mount["readOnly"] = true
            mount["recursiveReadOnly"] = "Enabled"
        default: mount["readOnly"] = true
        }
        let fields = ["ConfigMap": "configMap", "Secret": "secret", "EmptyDir": "emptyDir"]
        let type = source["type"]?.string() ?? ""
        guard let field = fields[type], let content = source[field],
            let schema = MCPServerSpec.schema.properties["volumes"]?.items?.schema.properties[field],
            let value = content.checked(schema)
        else {
            reader.lose("is not a ConfigMap, a Secret or an EmptyDir", ServerDraft.volumeAdvice)
            return
        }
        let name = value["name"]?.stringValue ?? value["secretName"]?.stringValue ?? "scratch"
        draft.addVolume(["name": .string(name), field: value], mount: mount, from: reader)
    }

    private static func convert(runtime: FieldReader?, into draft: inout ServerDraft) {
        draft.pass(runtime?["replicas"], to: "replicas")
        draft.pass(runtime?["resources"], to: "resources")
        let security = runtime?["security"]
        draft.setServiceAccount(security?["serviceAccountName"])
        draft.passSecurity(pod: security?["podSecurityContext"])
        draft.passSecurity(container: security?["securityContext"])
        for (field, probe) in [("readiness", "readinessProbe"), ("liveness", "livenessProbe")] {
            convert(probe: runtime?.at("health", probe), to: field, in: &draft)
        }
    }

    private static func convert(probe reader: FieldReader?, to field: String, in draft: inout ServerDraft) {
        guard let reader else { return }
        if let get = reader["httpGet"] {
            draft.pass(get["path"], to: "probes", field, "path")
            for name in ["port", "scheme"] {
                guard let value = get[name] else { continue }
                if name == "port", value.value.stringValue != nil {
                    value.lose("ports have no names in Moorage", "set spec.probes.port")
                } else if let before = draft["probes", name], before != value.value {
                    value.lose("both probes use the same \(name) in Moorage", "change spec.probes.\(name)")
                } else if name != "port" || value.value != draft["port"] {
                    draft.pass(value, to: "probes", name)
                } else {
                    value.markRead()
                }
            }
        } else if let socket = reader["tcpSocket"] {
            if let port = socket["port"], port.value == draft["port"] { port.markRead() }
        }
        for name in ["initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"] {
            draft.pass(reader[name], to: "probes", field, name)
        }
        // Without a path on the probes, Moorage cannot set a scheme.
        let hasPath = ["readiness", "liveness"].contains { draft["probes", $0, "path"] != nil }
        if hasPath, draft["probes", "path"] == nil, draft["probes", "scheme"] != nil {
            draft["probes", "path"] = draft["probes", field, "path"]
        }
    }

    // MARK: The network

    private static func convert(network: FieldReader?, into draft: inout ServerDraft) {
        guard let network else { return }
        if let from = network["ingressFrom"] {
            let peers = from.elements.compactMap { peer(of: $0, ports: nil) }
            if !peers.isEmpty {
                draft["network", "ingress", "from"] = .array(peers)
                from.report(
                    .toDo,
                    "other namespaces reach a server only if the tenant allows it",
                    "let an administrator add them to spec.network.gateway.namespaces of the MCPTenant"
                )
            }
        }
        guard network["egressTo"] != nil || network["egressPorts"] != nil else { return }
        let ports = network["egressPorts"].map { reader in reader.elements.compactMap(port) } ?? []
        if let to = network["egressTo"] {
            let peers = to.elements.compactMap { peer(of: $0, ports: ports.isEmpty ? nil : ports) }
            if !peers.isEmpty {
                draft["network", "egress", "allow"] = .array(peers)
                draft["network", "egress", "internet"] = false
                to.report(
                    .toDo,
                    "a server reaches private addresses and other namespaces only if the tenant allows it",
                    "let an administrator add them to spec.network.allow of the MCPTenant"
                )
            }
        } else if let reader = network["egressPorts"] {
            reader.report(
                .changed,
                "Moorage limits ports for each destination only, so nothing is limited to these ports",
                "list the destinations in spec.network.egress.allow, with ports, and set spec.network.egress.internet to false"
            )
            reader.lose("no destinations are listed", "list them in spec.network.egress.allow")
        }
    }

    private static func port(_ reader: FieldReader) -> JSONValue? {
        guard reader.value["port"]?.integerValue != nil else {
            reader.lose("a port must be a number", "list the number in spec.network.egress.allow[].ports")
            return nil
        }
        return reader.checked(NetworkPort.schema)
    }

    private static func peer(of reader: FieldReader, ports: [JSONValue]?) -> JSONValue? {
        var peer: JSONValue = [:]
        if let block = reader["ipBlock"] {
            if let range = block["cidr"]?.string() { peer["cidr"] = .string(range) }
            if let except = block["except"], !(except.value.arrayValue ?? []).isEmpty {
                except.lose("Moorage has no exceptions from a range", "list the ranges without the exceptions")
            }
        }
        for field in ["namespaceSelector", "podSelector"] {
            guard let selector = reader[field], let value = selector.checked(LabelSelector.schema) else { continue }
            peer[field] = value
        }
        if let ports { peer["ports"] = .array(ports) }
        var complete = peer
        NetworkPeer.schema.applyDefaults(to: &complete)
        if let error = NetworkPeer.schema.validate(complete).first(where: { $0 != .rulesNotChecked }) {
            reader.lose("is not a valid peer: \(Redaction.message(of: error))", "correct it")
            return nil
        }
        return peer
    }
}

internal import KubernetesAPI

/// Converts the MCPServer of kmcp.
enum KMCP {
    static let group = "kagent.dev"

    static let losses: [FieldLoss] =
        [
            FieldLoss(
                "spec.deployment.initContainer",
                "the adapter of Moorage comes with the platform's settings",
                "see docs/stdio.md"
            ),
            FieldLoss(
                "spec.httpTransport.tls",
                "the gateway speaks HTTP to pods",
                "let the server listen without TLS: NetworkPolicies keep others away from it"
            ),
            FieldLoss(
                "spec.timeout",
                "time limits are set for the whole gateway",
                "set --request-timeout of the gateway"
            ),
            FieldLoss(
                "spec.mcpServer",
                "kmcp has no such field, so it had no effect before either",
                "put arguments into spec.args"
            ),
        ] + [FieldLoss].metadata

    static func convert(_ ledger: FieldLedger, in context: inout ImportContext) {
        var draft = context.draft(of: ledger)
        guard let spec = ledger.root["spec"], let deployment = spec["deployment"] else {
            ledger.add(.refused, .root, "has no spec.deployment", "correct the input")
            return
        }
        convert(transport: spec, deployment: deployment, into: &draft)
        convert(program: deployment, into: &draft)
        draft.pass(deployment["imagePullPolicy"], to: "imagePullPolicy")
        draft.passPullSecrets(deployment["imagePullSecrets"])
        draft.pass(deployment["replicas"], to: "replicas")
        draft.pass(deployment["resources"], to: "resources")
        draft.passSecurity(container: deployment["securityContext"])
        draft.passSecurity(pod: deployment["podSecurityContext"])
        for field in ["nodeSelector", "affinity", "tolerations"] { draft.passScheduling(deployment[field], field) }
        draft.passPodMetadata(deployment["labels"], "labels")
        draft.passPodMetadata(deployment["annotations"], "annotations")
        draft.setServiceAccount(deployment["serviceAccountName"])
        if deployment["serviceAccountName"] == nil, let account = deployment["serviceAccount"] {
            draft.passObjectMetadata(account["labels"], to: "serviceAccount", "labels")
            draft.passObjectMetadata(account["annotations"], to: "serviceAccount", "annotations")
        }
        draft.passVolumes(deployment["volumes"], mounts: deployment["volumeMounts"])
        mount(deployment["secretRefs"], isSecret: true, into: &draft)
        mount(deployment["configMapRefs"], isSecret: false, into: &draft)
        for sidecar in deployment["sidecars"]?.elements ?? [] { draft.addSidecar(sidecar) }
        context.drafts.append((draft, .kmcp))
    }

    private static func convert(transport spec: FieldReader, deployment: FieldReader, into draft: inout ServerDraft) {
        let type = spec["transportType"]
        let isHTTP = type?.value == "http"
        if let type, isHTTP || type.value == "stdio" {
            type.markRead()
        } else if let type {
            type.lose("is not a transport of kmcp", "set spec.transport")
        }
        draft["transport"] = isHTTP ? "streamable-http" : "stdio"
        spec["stdioTransport"]?.markRead()
        let http = spec["httpTransport"]
        if isHTTP {
            let target = http?["targetPort"]
            draft.pass(target, to: "port")
            draft.pass(http?["path"], to: "path")
            if let port = deployment["port"] {
                if target == nil {
                    draft.pass(port, to: "port")
                } else if port.value != target?.value {
                    draft.pass(port, to: "service", "port")
                } else {
                    port.markRead()
                }
            } else if target == nil {
                // kmcp's own default.
                draft["port"] = 3000
            }
        } else {
            // The port of kmcp's adapter, at which clients reach the server.
            draft.pass(deployment["port"], to: "service", "port")
            http?.lose("has no effect on a server that speaks stdio")
        }
    }

    private static func convert(program deployment: FieldReader, into draft: inout ServerDraft) {
        let command = deployment["cmd"]
        if deployment["image"] == nil, let command, ["npx", "uvx"].contains(command.value.stringValue) {
            Runner.setImage(for: command.value.stringValue ?? "", from: command, in: &draft)
        } else {
            draft.setImage(deployment["image"])
        }
        if let command, let text = command.string(), !text.isEmpty {
            draft["command"] = [.string(text)]
        }
        if let arguments = deployment["args"] {
            draft["args"] = .array(
                draft.words(arguments.elements.map { ([.literal($0.text() ?? "")], $0) }, expands: true)
            )
        }
        guard let variables = deployment["env"] else { return }
        if variables.value.arrayValue != nil {
            // A list was never valid, but it is in kmcp's own samples.
            draft.passVariables(variables)
            return
        }
        for (name, reader) in variables.members {
            guard let text = reader.text() else { continue }
            draft.addKubernetesVariable(name, text, from: reader)
        }
    }

    /// Whole Secrets are variables in kmcp, and whole ConfigMaps are mounted below `/configmaps`.
    private static func mount(_ references: FieldReader?, isSecret: Bool, into draft: inout ServerDraft) {
        for reference in references?.elements ?? [] {
            guard let name = reference["name"]?.string(), !name.isEmpty else {
                reference.lose("has no name", "correct the input")
                continue
            }
            if isSecret, let key = reference["key"]?.string() {
                // kmcp's samples have this form, with a variable for one key.
                draft.addVariable(reference["envName"]?.string() ?? key, secret: name, key: key, from: reference)
            } else if isSecret {
                draft.append(["secretRef": ["name": .string(name)]], to: ["envFrom"], unique: nil, from: reference)
                draft.require(secret: name, key: nil, purpose: "as before the import")
            } else {
                draft.addVolume(
                    ["name": .string("cm-\(name)"), "configMap": ["name": .string(name)]],
                    mount: ["mountPath": .string("/configmaps/\(name)"), "readOnly": true],
                    from: reference
                )
            }
        }
    }
}

import CRDModels
import Isolation
import KubernetesAPI
import Policy

/// Reads from files what is evaluated: what Moorage renders, and objects as they are.
enum FileIsolation {
    /// Policies of other kinds that change what NetworkPolicies allow, by their API group.
    private static let otherPolicies = [
        "policy.networking.k8s.io", "cilium.io", "crd.projectcalico.org", "projectcalico.org",
    ]

    static func input(
        _ reader: ManifestReader,
        namespace defaultNamespace: String,
        platform: PlatformConfiguration?
    ) -> IsolationInput {
        var reader = reader
        let plain = reader.takeOthers()
        // Secrets and entry points decide nothing about the network.
        let gather = FileGather(reader, platform: platform, assumesSecrets: true, assumesEntryPoints: true)
        let session = RenderSession(gather)
        var input = IsolationInput()
        input.diagnostics = session.diagnostics
        var rendered: [String: JSONValue] = [:]
        for object in session.objects {
            let namespace = object[path: ["metadata", "namespace"]]?.stringValue ?? ""
            rendered[key(object, namespace: namespace)] = object
            input.add(object, namespace: namespace)
        }
        var seen: [String: Manifest] = [:]
        for manifest in plain {
            if manifest.kind.hasSuffix("Policy"),
                otherPolicies.contains(where: { manifest.apiVersion.hasPrefix("\($0)/") })
            {
                input.diagnostics.append(
                    manifest.diagnostic(.warning, "\(manifest.apiVersion) is not evaluated: only NetworkPolicies are")
                )
            }
            let namespace = manifest.namespace.isEmpty ? defaultNamespace : manifest.namespace
            let identity = key(manifest.value, namespace: namespace)
            let isNamespace = manifest.kind == "Namespace" && manifest.apiVersion == "v1"
            if isNamespace {
                input.add(manifest.value, namespace: "", manifest: manifest)
            } else if rendered[identity] == nil, seen[identity] == nil {
                seen[identity] = manifest
                input.add(manifest.value, namespace: namespace, manifest: manifest)
            } else if isEvaluated(manifest), rendered[identity] != nil || seen[identity]?.value != manifest.value {
                let place = seen[identity].map { "first at \($0.file):\($0.line())" } ?? "Moorage renders it as well"
                input.diagnostics.append(
                    manifest.diagnostic(.error, "defined twice; \(place). Remove one of them")
                )
            }
        }
        var claims: [String: MCPTenant] = [:]
        for tenant in gather.tenants {
            let namespace = EffectiveTenant.namespace(of: tenant.object)
            if let holder = gather.claims[namespace]?.tenant { claims[namespace] = holder }
        }
        let known = Set(input.model.namespaces.map(\.name)).union(claims.keys)
        for name in Set(input.model.pods.map(\.namespace)).subtracting(known).sorted() {
            let message = """
                the namespace is not in the files and no MCPTenant claims it: it counts as a namespace of the platform without \
                labels. Add it
                """
            input.diagnostics.append(Diagnostic(.warning, subject: "Namespace \(name)", message))
        }
        input.assignTenants(claims, platform: gather.platform)
        input.warn()
        return input
    }

    private static func isEvaluated(_ manifest: Manifest) -> Bool {
        manifest.kind == "NetworkPolicy" || WorkloadPods.kinds[manifest.kind] != nil
    }

    private static func key(_ object: JSONValue, namespace: String) -> String {
        let version = object["apiVersion"]?.stringValue ?? ""
        let group = version.contains("/") ? String(version.prefix { $0 != "/" }) : ""
        let name = object[path: ["metadata", "name"]]?.stringValue ?? ""
        return "\(group)/\(object["kind"]?.stringValue ?? "")/\(namespace)/\(name)"
    }
}

import CRDModels
import Isolation
import KubernetesAPI
import Policy

/// What is evaluated, and what was noticed while it was read.
struct IsolationInput: Sendable {
    /// The namespaces, pods and policies.
    var model = ClusterModel()
    /// The addresses that pods of tenants must not reach.
    var blocked: [BlockedRange] = []
    /// The errors, and what was skipped.
    var diagnostics: [Diagnostic] = []
    /// Where each policy is, by `namespace/name`.
    var locations: [String: Manifest] = [:]

    /// Reads one of the objects that are evaluated; others are ignored.
    mutating func add(_ object: JSONValue, namespace: String, manifest: Manifest? = nil) {
        let kind = object["kind"]?.stringValue ?? ""
        let group = object["apiVersion"]?.stringValue.map { $0.split(separator: "/") } ?? []
        let name = object[path: ["metadata", "name"]]?.stringValue ?? ""
        switch (group.count > 1 ? String(group[0]) : "", kind) {
        case ("", "Namespace"):
            var labels: [String: String] = [:]
            for (key, value) in object[path: ["metadata", "labels"]]?.objectValue ?? [:] {
                guard let text = value.stringValue else {
                    refuse(
                        manifest,
                        "Namespace \(name)",
                        "metadata.labels.\(key)",
                        "must be a string, not \(value.typeName); put it in quotes"
                    )
                    continue
                }
                labels[key] = text
            }
            add(namespace: name, labels: labels)
        case ("networking.k8s.io", "NetworkPolicy"):
            do {
                model.policies.append(try NetworkPolicy.reading(object, namespace: namespace))
                if let manifest { locations["\(namespace)/\(name)"] = manifest }
            } catch {
                refuse(manifest, "NetworkPolicy \(namespace)/\(name)", error.field, error.message)
            }
        case (let group, _) where WorkloadPods.kinds[kind] == group:
            do {
                let pods = try WorkloadPods(object, namespace: namespace)
                model.pods += pods.pods
                model.unknownLabels.formUnion(pods.unknownLabels)
            } catch {
                refuse(manifest, "\(kind) \(namespace)/\(name)", error.field, error.message)
            }
        default: break
        }
    }

    /// A namespace is often described twice: by a manifest, and by its tenant. The labels are merged, as they are in a cluster.
    private mutating func add(namespace: String, labels: [String: String]) {
        if let index = model.namespaces.firstIndex(where: { $0.name == namespace }) {
            model.namespaces[index].labels.merge(labels) { _, new in new }
        } else {
            model.namespaces.append(ClusterModel.Namespace(name: namespace, labels: labels))
        }
    }

    private mutating func refuse(_ manifest: Manifest?, _ subject: String, _ field: String, _ message: String) {
        diagnostics.append(
            manifest?.diagnostic(.error, at: FieldPath(field), "\(field): \(message)")
                ?? Diagnostic(.error, subject: subject, "\(field): \(message)")
        )
    }

    /// Decides which tenant each namespace belongs to, and which addresses are blocked.
    ///
    /// - Parameters:
    ///   - claims: the tenants by the namespaces that they claim.
    ///   - platform: the platform's settings.
    mutating func assignTenants(_ claims: [String: MCPTenant], platform: PlatformConfiguration) {
        for name in Set(claims.keys).union(model.pods.map(\.namespace)).sorted() { add(namespace: name, labels: [:]) }
        for index in model.namespaces.indices {
            let namespace = model.namespaces[index]
            model.namespaces[index].tenant =
                claims[namespace.name]?.metadata.name ?? namespace.labels[MoorageLabels.tenant]
        }
        for range in AddressRanges.neverAllowed {
            block("\(range)", "loopback, link-local or metadata addresses", of: nil)
        }
        for text in platform.network?.blockedCIDRs ?? [] {
            block(text, "network.blockedCIDRs of the platform", of: nil)
        }
        for tenant in claims.values.sorted(by: { $0.metadata.name ?? "" < $1.metadata.name ?? "" }) {
            for text in tenant.spec.network?.blockedCIDRs ?? [] {
                block(text, "spec.network.blockedCIDRs of the tenant", of: tenant.metadata.name)
            }
        }
    }

    private mutating func block(_ text: String, _ reason: String, of tenant: String?) {
        if let range = BlockedRange(text, reason: reason, tenant: tenant) {
            blocked.append(range)
        } else if (try? CIDR(text)) == nil {
            // An IPv4-mapped range is one that Moorage accepts; all of them are in ::/80, which is always blocked.
            let subject = tenant.map { "MCPTenant \($0)" }
            diagnostics.append(
                Diagnostic(
                    .error,
                    subject: subject,
                    "\(reason): \"\(text)\" is not a range of addresses: use a range such as 203.0.113.0/24"
                )
            )
        }
    }

    /// Adds warnings about what NetworkPolicies do not cover, and about what is missing.
    mutating func warn() {
        if !model.namespaces.contains(where: { $0.tenant != nil }) {
            let message = """
                no namespace belongs to a tenant, so no path is an error: add the MCPTenants, or namespaces with the label \
                \(MoorageLabels.tenant)
                """
            diagnostics.append(Diagnostic(.warning, message))
        }
        for pod in model.pods where pod.isOnHostNetwork {
            diagnostics.append(
                Diagnostic(
                    .warning,
                    subject: "\(pod.namespace)/\(pod.name)",
                    "hostNetwork is true: NetworkPolicies do not apply, so the pod reaches everything and is reached by all"
                )
            )
        }
    }

    /// Adds a warning for each tenant that is allowed something and does not exist.
    mutating func warn(about allowances: [Allowance]) {
        let known = Set(model.namespaces.compactMap(\.tenant))
        for name in Set(allowances.flatMap(\.tenants)).subtracting(known).sorted() {
            diagnostics.append(Diagnostic(.warning, "--allow: there is no tenant \"\(name)\""))
        }
    }

    /// A problem with its file and line, if it is in a file.
    func message(of problem: PolicyProblem) -> String {
        guard let manifest = locations[problem.policy] else { return problem.description }
        return manifest.diagnostic(.error, at: FieldPath(problem.field), "\(problem.field): \(problem.message)")
            .description.replacing("error: ", with: "", maxReplacements: 1)
    }
}

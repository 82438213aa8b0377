import CRDModels
import KubernetesAPI
import Policy
import Reconcilers

/// Decides and renders all objects in files: the decisions and the rendering of the controller, in one pass, without a
/// cluster.
struct RenderSession: Sendable {
    /// The objects: those of tenants before those of servers, each sorted by name.
    private(set) var objects: [JSONValue] = []
    /// All diagnostics.
    private(set) var diagnostics: [Diagnostic]
    /// The number of tenants and servers.
    private(set) var inputs: Int

    init(_ gather: FileGather) {
        diagnostics = gather.diagnostics
        inputs = gather.tenants.count + gather.servers.count
        for revision in gather.revisions {
            diagnostics.append(
                revision.manifest.diagnostic(.note, "revisions are written by the controller; this one is not rendered")
            )
        }
        for tenant in gather.tenants {
            switch decide(gather.input(for: tenant.object)) {
            case .run(let plan):
                warn(plan.warnings, about: tenant.manifest)
                objects += render(plan).map(\.value)
            case .refused(let refusal):
                refuse(refusal, of: tenant.manifest)
            }
        }
        for server in gather.servers {
            switch decide(gather.input(for: server.object)) {
            case .run(let plan):
                warn(plan.warnings, about: server.manifest)
                if !plan.tenant.isClaimed {
                    let message = """
                        no MCPTenant in the files claims namespace \(server.manifest.namespace), so the platform's \
                        defaults apply; add the tenant if the cluster has one
                        """
                    diagnostics.append(server.manifest.diagnostic(.note, message))
                }
                if let revision = server.object.spec.rollbackTo {
                    let message = """
                        the revision "\(revision)" is in the cluster: what is rendered is the spec of the file, and not \
                        what the revision runs
                        """
                    diagnostics.append(
                        server.manifest.diagnostic(.warning, at: FieldPath("spec.rollbackTo"), message)
                    )
                }
                objects += render(plan).map(\.value)
            case .refused(let refusal):
                refuse(refusal, of: server.manifest)
            }
        }
    }

    private mutating func warn(_ warnings: [String], about manifest: Manifest) {
        diagnostics += warnings.map { manifest.diagnostic(.warning, $0) }
    }

    private mutating func refuse(_ refusal: Refusal, of manifest: Manifest) {
        var message = refusal.text
        if [.referenceNotFound, .referenceKeyNotFound].contains(refusal.reason), message.contains("Secret ") {
            message += ". For Secrets that are not in files, use --allow-missing-secrets"
        }
        if refusal.reason == .commandMissing {
            message += ". To assume an entry point, use --allow-missing-entry-points"
        }
        let path = refusal.field.map { FieldPath($0) } ?? .root
        diagnostics.append(manifest.diagnostic(.error, at: path, reason: refusal.reason.rawValue, message))
    }
}

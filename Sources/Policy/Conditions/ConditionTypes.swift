internal import KubernetesAPI

/// The types of the conditions that Moorage sets. `Reconciling` and `Stalled` are those of kstatus
/// (sigs.k8s.io/cli-utils), which Flux, Helm and others use to read health.
public enum ConditionType {
    /// Whether the object satisfies the rules.
    public static let accepted = "Accepted"
    /// Whether everything that a virtual server names exists, with names that do not collide. The type is that of the Gateway API.
    public static let resolvedRefs = "ResolvedRefs"
    /// Whether the image satisfies the rules for images.
    public static let imagePolicySatisfied = "ImagePolicySatisfied"
    /// Whether the image has the signatures and attestations that the platform and the tenant require. Not set if they require none.
    public static let imageVerified = "ImageVerified"
    /// Whether the rendered objects are in the cluster.
    public static let programmed = "Programmed"
    /// Whether the server speaks MCP, as its pods answer the controller.
    public static let protocolVerified = "ProtocolVerified"
    /// Whether what the server offers is stored in a revision.
    public static let contractRecorded = "ContractRecorded"
    /// Whether the server offers something else than when its pods were first checked.
    public static let contractDrifted = "ContractDrifted"
    /// Whether a new version waits for an approval. Only set while a new version does not serve yet.
    public static let reviewRequired = "ReviewRequired"
    /// Whether the network enforces the NetworkPolicies of a tenant. Only set if the controller checks it.
    public static let networkPolicyEnforced = "NetworkPolicyEnforced"
    /// Whether the curation of the spec is enforced. Only set if there is one.
    public static let curationEnforced = "CurationEnforced"
    /// Whether it is in its desired state: it serves requests, or is suspended.
    public static let ready = "Ready"
    /// Whether it has ready pods.
    public static let available = "Available"
    /// Whether a server is rendered with the current values of its class.
    public static let classCurrent = "ClassCurrent"
    /// Whether work is in progress that continues automatically.
    public static let reconciling = "Reconciling"
    /// Whether work is blocked until someone acts.
    public static let stalled = "Stalled"

    /// All of them, in their display order.
    package static let order = [
        accepted, resolvedRefs, imagePolicySatisfied, imageVerified, programmed, protocolVerified, contractRecorded,
        contractDrifted,
        reviewRequired, curationEnforced, networkPolicyEnforced, ready, available, classCurrent, reconciling, stalled,
    ]
}

extension [Condition] {
    /// Sorts Moorage's own conditions first, in their display order. Conditions that others set follow in their
    /// existing order.
    package mutating func putInOrder() {
        let own = ConditionType.order.compactMap { self[type: $0] }
        self = own + filter { !ConditionType.order.contains($0.type) }
    }
}

internal import KubernetesAPI

/// The types of the conditions that Moorage sets. `Reconciling` and `Stalled` are those of kstatus
/// (sigs.k8s.io/cli-utils), by which Flux, Helm and others read health.
public enum ConditionType {
    /// Whether the rules let the object be.
    public static let accepted = "Accepted"
    /// Whether the image satisfies the rules for images.
    public static let imagePolicySatisfied = "ImagePolicySatisfied"
    /// Whether the cluster holds what was rendered.
    public static let programmed = "Programmed"
    /// Whether it is as it is asked to be: it serves, or rests on purpose.
    public static let ready = "Ready"
    /// Whether it answers now.
    public static let available = "Available"
    /// Whether a server is rendered with the values that its class has now.
    public static let classCurrent = "ClassCurrent"
    /// Whether work goes on that needs nobody.
    public static let reconciling = "Reconciling"
    /// Whether nothing goes on until somebody acts.
    public static let stalled = "Stalled"

    /// All of them, in the order in which they are read.
    static let order = [
        accepted, imagePolicySatisfied, programmed, ready, available, classCurrent, reconciling, stalled,
    ]

    /// Types that earlier versions set and that mean nothing any more. They are removed from a status that still has them.
    static let retired: Set<String> = ["ImageVerified"]
}

extension [Condition] {
    /// Puts Moorage's own conditions first, in the order in which they are read, whatever was set when. Conditions that others
    /// set follow, in the order in which they are.
    mutating func putInOrder() {
        let own = ConditionType.order.compactMap { self[type: $0] }
        self = own + filter { !ConditionType.order.contains($0.type) }
    }
}

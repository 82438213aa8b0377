internal import CRDModels

/// What the labels of an object that Moorage manages say about it.
///
/// Labels are no proof: everyone who can create an object can label it as Moorage's.
package struct ManagedLabels: Sendable, Hashable {
    /// The value of `moorage.dev/tenant`: the tenant whose rules apply to the object.
    package var tenant: String?
    /// The value of `moorage.dev/server`: the server that the object was rendered for.
    package var server: String?

    /// Reads labels. Returns `nil` if Moorage does not manage the object.
    ///
    /// - Parameter value: the value of a label.
    package init?(_ value: (_ label: String) -> String?) {
        guard value(MoorageLabels.managedBy) == MoorageLabels.managedByValue else { return nil }
        tenant = value(MoorageLabels.tenant)
        server = value(MoorageLabels.server)
    }
}

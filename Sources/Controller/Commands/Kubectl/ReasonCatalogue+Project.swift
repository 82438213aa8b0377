import ClusterTool
import Policy
import Reconcilers

extension ReasonCatalogue {
    /// The documentation that `docs/conditions.md` is generated from.
    static let project = ReasonCatalogue(
        Reason.allCases.map { reason in
            let documentation = reason.documentation
            return Entry(
                reason,
                place: documentation.place,
                cause: documentation.cause,
                wayOut: documentation.wayOut
            )
        }
    )
}

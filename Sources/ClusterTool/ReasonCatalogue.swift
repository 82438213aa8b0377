internal import KubernetesAPI
package import Policy

/// The documentation of all reasons, as the commands use it.
package struct ReasonCatalogue: Sendable {
    /// A reason.
    package struct Entry: Sendable, Hashable {
        /// The reason.
        package var reason: Reason
        /// The conditions and objects that have it, as text.
        package var place: String
        /// What it means and what causes it.
        package var cause: String
        /// What to do.
        package var wayOut: String

        package init(_ reason: Reason, place: String, cause: String, wayOut: String) {
            self.reason = reason
            self.place = place
            self.cause = cause
            self.wayOut = wayOut
        }

        /// Whether nobody has to do anything.
        var needsNothing: Bool { wayOut.hasPrefix("No action is required") }
    }

    /// The reasons, by name.
    package let entries: [Entry]
    private let byName: [String: Entry]

    package init(_ entries: [Entry]) {
        self.entries = entries.sorted { $0.reason.rawValue < $1.reason.rawValue }
        byName = Dictionary(entries.map { ($0.reason.rawValue, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The reason with exactly this name.
    package subscript(_ name: String) -> Entry? { byName[name] }

    /// The reasons that a condition can have.
    package func entries(ofCondition type: String) -> [Entry] {
        entries.filter { entry in
            entry.place.split(separator: ",").contains { part in
                part.split(separator: " ").first.map(String.init) == type
            }
        }
    }
}

/// What a condition says.
enum ConditionMeaning {
    /// A sentence for each condition that Moorage sets.
    static let sentences: [String: String] = [
        ConditionType.accepted: "Whether the object satisfies the rules.",
        ConditionType.resolvedRefs:
            "Whether everything that a virtual server names exists, with names that do not collide.",
        ConditionType.imagePolicySatisfied: "Whether the image satisfies the rules for images.",
        ConditionType.imageVerified:
            "Whether the image has the signatures and attestations that are required. Not set if none are.",
        ConditionType.programmed: "Whether the rendered objects are in the cluster.",
        ConditionType.protocolVerified: "Whether the server speaks MCP, as its pods answer the controller.",
        ConditionType.contractRecorded: "Whether what the server offers is stored in a revision.",
        ConditionType.contractDrifted:
            "Whether the server offers something else than when its pods were first checked. False is good.",
        ConditionType.reviewRequired:
            "Whether a new version waits for an approval. Only set while a new version does not serve yet.",
        ConditionType.networkPolicyEnforced:
            "Whether the network enforces the NetworkPolicies of a tenant. Only set if the controller checks it.",
        ConditionType.curationEnforced: "Whether the curation of the spec is enforced. Only set if there is one.",
        ConditionType.ready: "Whether the object is in its desired state: it serves requests, or is suspended.",
        ConditionType.available: "Whether it has ready pods.",
        ConditionType.classCurrent: "Whether a server is rendered with the current values of its class.",
        ConditionType.reconciling: "Whether work is in progress that continues automatically. False is good.",
        ConditionType.stalled: "Whether work is blocked until someone acts. False is good.",
    ]
}

package import KubernetesAPI
package import SupplyChain

/// A ValidatingAdmissionPolicy of the chart (kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy):
/// which requests it judges, and by which rules. The API server evaluates it, also while the controller is stopped.
package struct AdmissionPolicy: Sendable {
    /// Which namespaces' objects a policy judges.
    package enum Scope: Sendable {
        /// Objects in namespaces that belong to a tenant, or belonged to one that retained them.
        case tenantNamespaces
        /// Objects in the whole cluster.
        case cluster
    }

    /// The end of its name, and its name in the chart's values: `admission.actions.NAME`.
    package var name: String
    /// The end of the names of its objects.
    package var suffix: String
    /// What it is for, as a comment in the chart.
    package var purpose: String
    /// The requests that it judges.
    package var resources: [AdmissionResource]
    /// Whose objects it judges.
    package var scope: Scope
    /// Whether it is evaluated with the tenant that the namespace belongs to, as `params`.
    package var readsTenant = false
    /// Conditions that a request must meet to be judged.
    package var matchConditions: [(name: String, expression: String)] = []
    /// Expressions that rules use by name.
    package var variables: [(name: String, expression: String)] = []
    /// What a request must satisfy.
    package var rules: [AdmissionRule]

    /// Whether a request is one that the policy judges; the same as `matchConditions`.
    package var applies: @Sendable (AdmissionReview) -> Bool = { _ in true }

    /// The names of the rules that a request breaks, in order. The Swift form of the policy.
    package func broken(by review: AdmissionReview) -> [String] {
        guard applies(review) else { return [] }
        return rules.filter { !$0.accepts(review) }.map(\.name)
    }
}

/// Requests that a policy judges.
package struct AdmissionResource: Sendable {
    /// The API group; empty for the core group.
    package var group: String
    /// The resources by their plural names, with subresources such as `pods/ephemeralcontainers`.
    package var resources: [String]
    /// `CREATE`, `UPDATE` or `DELETE`.
    package var operations: [String]
}

/// One rule in two forms: CEL for the API server, and Swift. A table of requests compares them on a real API server.
package struct AdmissionRule: Sendable {
    /// A short name for tests.
    package var name: String
    /// The CEL expression, true for what is allowed.
    package var expression: String
    /// What is wrong and how to fix it; the refusal contains it.
    package var message: String
    /// A CEL expression of the message, with the values that are wrong.
    package var messageExpression: String?
    /// The same rule in Swift.
    package var accepts: @Sendable (AdmissionReview) -> Bool

    package init(
        _ name: String,
        _ expression: String,
        message: String,
        messageExpression: String? = nil,
        accepts: @escaping @Sendable (AdmissionReview) -> Bool
    ) {
        self.name = name
        self.expression = expression
        self.message = message
        self.messageExpression = messageExpression
        self.accepts = accepts
    }
}

/// A request as a policy sees it.
package struct AdmissionReview: Sendable {
    /// `CREATE`, `UPDATE` or `DELETE`.
    package var operation: String
    /// The new object; `nil` if it is deleted.
    package var object: JSONValue?
    /// The object before; `nil` if it is created.
    package var oldObject: JSONValue?
    /// The user of the request, such as `system:serviceaccount:moorage-system:moorage-controller`.
    package var user: String
    /// Whether the user has the verb `administer` for MCPTenants.
    package var isAdministrator: Bool
    /// The tenant of the object's namespace; `nil` if there is none.
    package var tenant: JSONValue?
    /// What the chart fills in.
    package var platform: AdmissionSettings

    package init(
        operation: String,
        object: JSONValue?,
        oldObject: JSONValue? = nil,
        user: String,
        isAdministrator: Bool = false,
        tenant: JSONValue? = nil,
        platform: AdmissionSettings
    ) {
        self.operation = operation
        self.object = object
        self.oldObject = oldObject
        self.user = user
        self.isAdministrator = isAdministrator
        self.tenant = tenant
        self.platform = platform
    }
}

/// The settings of an installation that its policies contain.
package struct AdmissionSettings: Sendable {
    /// The users whose requests are those of Moorage: the controller's ServiceAccount, and others that the values name.
    package var controllers: [String]
    /// The platform's rules for images.
    package var images: ImagePolicy
    /// Whether a tenant can do without digests.
    package var tenantsMayOmitDigests: Bool
    /// References of images to which no rule applies: the adapter for stdio.
    package var ownImages: [String]
    /// Images, by registry or path, to which no rule applies.
    package var exemptImages: [RegistryPrefix]
    /// The names of rules about hardening that do not apply.
    package var allowedWeakenings: Set<String>

    package init(
        controllers: [String],
        images: ImagePolicy,
        tenantsMayOmitDigests: Bool = false,
        ownImages: [String] = [],
        exemptImages: [RegistryPrefix] = [],
        allowedWeakenings: Set<String> = []
    ) {
        self.controllers = controllers
        self.images = images
        self.tenantsMayOmitDigests = tenantsMayOmitDigests
        self.ownImages = ownImages
        self.exemptImages = exemptImages
        self.allowedWeakenings = allowedWeakenings
    }
}

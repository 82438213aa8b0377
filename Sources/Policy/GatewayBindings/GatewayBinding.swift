package import KubernetesAPI

/// An MCPGatewayBinding of mcp-lifecycle-operator, as far as Moorage reads it: that operator creates one for each of its servers whose
/// `spec.gateway` names a gateway.
package struct GatewayBinding: Sendable, Hashable, Codable {
    /// The kind. This is its only version.
    package static let resourceType = ResourceType(
        group: LifecycleServer.group,
        version: "v1alpha1",
        kind: "MCPGatewayBinding",
        plural: "mcpgatewaybindings",
        isNamespaced: true
    )

    /// What the binding asks for. Its `configRef` is not read: Moorage has nothing that it could configure.
    package struct Spec: Sendable, Hashable, Codable {
        /// The name of the operator's MCPServer, in the same namespace.
        package var mcpServerRef: String
        /// Whose binding it is.
        package var provider: String

        package init(mcpServerRef: String, provider: String) {
            self.mcpServerRef = mcpServerRef
            self.provider = provider
        }
    }

    /// What the gateway says. The operator copies it to its MCPServer.
    package struct Status: Sendable, Hashable, Codable {
        /// One condition: `Registered`.
        package var conditions: [Condition]?
        /// Where clients call the server.
        package var url: String?

        package init(conditions: [Condition]? = nil, url: String? = nil) {
            self.conditions = conditions
            self.url = url
        }
    }

    /// The name, the namespace and the rest of the standard metadata.
    package var metadata: ObjectMeta
    /// What it asks for.
    package var spec: Spec
    /// What the gateway says.
    package var status: Status?

    package init(metadata: ObjectMeta, spec: Spec, status: Status? = nil) {
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// The type of the condition.
    package static let registered = "Registered"
    /// The reasons that mcp-lifecycle-operator uses for its own copy of the condition.
    package enum Reason {
        /// The gateway serves the server.
        package static let registered = "GatewayRegistered"
        /// It does not.
        package static let notRegistered = "GatewayNotRegistered"
    }

    /// The server that it is about: the name of the operator's MCPServer, and of Moorage's.
    package var server: NamespacedName {
        NamespacedName(namespace: metadata.namespace ?? "", name: spec.mcpServerRef)
    }

    /// The part of the status that Moorage writes.
    package var ownStatus: Status {
        Status(conditions: status?.conditions?.filter { $0.type == Self.registered }, url: status?.url)
    }

    /// The status after a registration.
    ///
    /// - Parameters:
    ///   - registration: the result.
    ///   - known: the status before, for the time of the last transition.
    ///   - now: the time of a transition.
    package func status(after registration: GatewayRegistration, known: Status, now: Timestamp) -> Status {
        var conditions = known.conditions ?? []
        conditions.merge([
            Condition(
                type: Self.registered,
                status: registration.isRegistered ? .true : .false,
                reason: registration.isRegistered ? Reason.registered : Reason.notRegistered,
                message: registration.message,
                observedGeneration: metadata.generation,
                lastTransitionTime: now
            )
        ])
        return Status(conditions: conditions, url: registration.url)
    }
}

/// Whether the gateway serves the server of a binding.
package struct GatewayRegistration: Sendable, Hashable {
    /// Whether it does.
    package var isRegistered: Bool
    /// What is served where, or why nothing is and what to do.
    package var message: String
    /// Where clients call the server.
    package var url: String?

    /// It is served.
    package static func registered(_ message: String, url: String) -> GatewayRegistration {
        GatewayRegistration(isRegistered: true, message: message, url: url)
    }

    /// It is not.
    package static func refused(_ message: String) -> GatewayRegistration {
        GatewayRegistration(isRegistered: false, message: message, url: nil)
    }
}

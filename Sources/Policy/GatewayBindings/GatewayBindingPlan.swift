package import CRDModels
package import KubernetesAPI

/// What is done for an MCPGatewayBinding: a remote MCPServer of Moorage whose URL is that of the operator's Service, and the binding's
/// status. Pure.
package struct GatewayBindingPlan: Sendable, Hashable {
    /// A write of the MCPServer.
    package enum Change: Sendable, Hashable {
        /// It is as it should be, or cannot be written.
        case none
        /// It is created. If another object has the name by then, that is an error.
        case create(MCPServer)
        /// It is changed by these operations of a JSON patch, of which the first compares the UID.
        case patch([JSONValue])
    }

    /// The write.
    package var change: Change
    /// The binding's status; `nil` while nothing new is known, so that it stays as it is.
    package var registration: GatewayRegistration?

    /// - Parameters:
    ///   - binding: the binding, whose provider is Moorage.
    ///   - target: the operator's MCPServer that it names; `nil` if it does not exist.
    ///   - server: Moorage's MCPServer of that name; `nil` if it does not exist.
    ///   - settings: the platform's settings.
    ///   - clusterDomain: the cluster's DNS domain.
    package init(
        _ binding: GatewayBinding,
        target: LifecycleServer?,
        server: MCPServer?,
        settings: PlatformGatewayBindings,
        clusterDomain: String
    ) {
        let name = binding.spec.mcpServerRef
        let quoted = Words.quoted(name)
        guard Self.isServerName(name) else {
            self = .refused(
                """
                spec.mcpServerRef: \(quoted) cannot be the name of an \(Self.own): use at most 63 lower-case letters, digits and \
                dashes, and begin with a letter
                """
            )
            return
        }
        guard let target else {
            self = .refused(
                """
                spec.mcpServerRef: the \(Self.theirs) \(quoted) does not exist in this namespace: create it, or delete this binding
                """
            )
            return
        }
        let endpoint: RemoteServer
        do {
            endpoint = try target.endpoint(clusterDomain: clusterDomain)
        } catch {
            self = .refused("the \(Self.theirs) \(quoted) cannot be called: \(error.text)")
            return
        }
        guard let server else {
            change = .create(Self.server(of: binding, endpoint))
            registration = .refused("waiting for the \(Self.own) \(quoted), which is created for this binding")
            return
        }
        guard server.metadata.controllerReference?.uid == binding.metadata.uid, binding.metadata.uid != nil else {
            let holder = server.metadata.controllerReference.map { "; it belongs to \($0.kind) \($0.name)" } ?? ""
            self = .refused(
                """
                an \(Self.own) \(quoted) exists that was not created for this binding\(holder): delete it or give it another name, \
                or rename the \(Self.theirs)
                """
            )
            return
        }
        guard server.metadata.deletionTimestamp == nil else {
            self = .refused("the \(Self.own) \(quoted) is being deleted: it is created again after that")
            return
        }
        let operations = Self.operations(on: server, endpoint)
        change = operations.isEmpty ? .none : .patch(operations)
        registration = Self.registration(binding, server, endpoint, settings, isChanging: !operations.isEmpty)
    }

    private init(change: Change, registration: GatewayRegistration?) {
        self.change = change
        self.registration = registration
    }

    private static func refused(_ message: String) -> GatewayBindingPlan {
        GatewayBindingPlan(change: .none, registration: .refused(message))
    }

    private static let own = MCPServer.resourceType.groupKind
    private static let theirs = "MCPServer.\(LifecycleServer.group)"

    /// Whether Moorage's MCPServer can have a name: the rule of its definition.
    private static func isServerName(_ name: String) -> Bool {
        KubernetesNames.isDNSLabel(name) && name.utf8.first.map { (0x61...0x7A).contains($0) } == true
    }

    /// The MCPServer of a binding.
    private static func server(of binding: GatewayBinding, _ endpoint: RemoteServer) -> MCPServer {
        let type = GatewayBinding.resourceType
        // It does not block the deletion of the binding, so that no permission for its finalizers is needed.
        let owner = OwnerReference(
            apiVersion: type.apiVersion,
            kind: type.kind,
            name: binding.metadata.name ?? "",
            uid: binding.metadata.uid ?? "",
            controller: true
        )
        var spec = MCPServerSpec()
        spec.remote = endpoint
        return MCPServer(
            metadata: ObjectMeta(
                name: binding.spec.mcpServerRef,
                namespace: binding.metadata.namespace,
                labels: [MoorageLabels.managedBy: MoorageLabels.managedByValue],
                ownerReferences: [owner]
            ),
            spec: spec
        )
    }

    /// How the URL, the authorities and the label of an MCPServer become those of the binding. All other fields are the tenant's.
    private static func operations(on server: MCPServer, _ endpoint: RemoteServer) -> [JSONValue] {
        var operations: [JSONValue] = []
        func add(_ path: String, _ value: JSONValue) {
            operations.append(["op": "add", "path": .string(path), "value": value])
        }
        if let remote = server.spec.remote {
            if remote.url != endpoint.url { add("/spec/remote/url", .string(endpoint.url)) }
            if remote.certificateAuthority != endpoint.certificateAuthority {
                if let authority = endpoint.certificateAuthority {
                    add("/spec/remote/certificateAuthority", .encoding(authority))
                } else {
                    operations.append(["op": "remove", "path": "/spec/remote/certificateAuthority"])
                }
            }
        } else {
            add("/spec/remote", .encoding(endpoint))
        }
        if let labels = server.metadata.labels {
            if labels[MoorageLabels.managedBy] != MoorageLabels.managedByValue {
                let key = MoorageLabels.managedBy.split(separator: "/", omittingEmptySubsequences: false)
                    .joined(separator: "~1")
                add("/metadata/labels/\(key)", .string(MoorageLabels.managedByValue))
            }
        } else {
            add("/metadata/labels", .labels([MoorageLabels.managedBy: MoorageLabels.managedByValue]))
        }
        guard !operations.isEmpty else { return [] }
        let test: JSONValue = ["op": "test", "path": "/metadata/uid", "value": .string(server.metadata.uid ?? "")]
        return [test] + operations
    }

    private static func registration(
        _ binding: GatewayBinding,
        _ server: MCPServer,
        _ endpoint: RemoteServer,
        _ settings: PlatformGatewayBindings,
        isChanging: Bool
    ) -> GatewayRegistration? {
        let quoted = Words.quoted(binding.spec.mcpServerRef)
        let accepted = server.status?.conditions?[type: ConditionType.accepted]
        guard let accepted, !isChanging, accepted.observedGeneration == server.metadata.generation else {
            // The decision about the spec before says nothing about this one; it comes within a moment.
            let isKnown = binding.ownStatus.conditions?.isEmpty == false
            return isKnown ? nil : .refused("waiting until it is decided whether the \(own) \(quoted) is accepted")
        }
        guard accepted.status == .true else {
            return .refused(
                "the \(own) \(quoted) is not accepted (\(accepted.reason)): \(accepted.message)"
                    + hint(after: accepted.reason, endpoint)
            )
        }
        let path = GatewayPath.server(binding.spec.mcpServerRef, in: binding.metadata.namespace ?? "")
        // Without a URL, the operator would show clients the address of the Service, which leads past the gateway.
        guard let url = settings.url(path: path) else {
            return .refused(
                """
                the gateway serves it at \(path), but the address of the gateway is not known: set gatewayBindings.gatewayURL in the \
                platform's settings
                """
            )
        }
        var message = "the gateway serves it at \(path)"
        if let ready = server.status?.conditions?[type: ConditionType.ready], ready.status == .false {
            message +=
                "; the \(own) \(quoted) is not ready (\(ready.reason)): \(ready.message)"
                + hint(after: ready.reason, endpoint)
        }
        return .registered(message, url: url)
    }

    /// What an administrator has to do so that a Service can be called.
    private static func hint(after reason: String, _ endpoint: RemoteServer) -> String {
        switch Reason(rawValue: reason) {
        case .remoteNotSecure, .remoteAddressNotAllowed:
            """
            . \(endpoint.url) is the address of a Service: an administrator has to name the cluster's range of Services, with this \
            port, in spec.network.allow of the MCPTenant
            """
        case .handshakeConnectionFailed, .handshakeTimedOut:
            """
            . Check that the NetworkPolicies of the server, of the controller and of the gateway let them reach \(endpoint.url): \
            networkPolicy.extraEgress and gateway.networkPolicy.extraEgress of the chart
            """
        default: ""
        }
    }
}

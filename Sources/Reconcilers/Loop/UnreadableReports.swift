internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import Policy

extension OperatorCaches {
    /// Records an Event on a server, virtual server, tenant or class that cannot be read. Call it before the informers run.
    func reportUnreadable(to recorder: EventRecorder) {
        servers.onUnreadable { recorder.report(unreadable: $0, of: MCPServer.resourceType) }
        virtualServers.onUnreadable { recorder.report(unreadable: $0, of: MCPVirtualServer.resourceType) }
        tenants.onUnreadable { recorder.report(unreadable: $0, of: MCPTenant.resourceType) }
        classes.onUnreadable { recorder.report(unreadable: $0, of: MCPServerClass.resourceType) }
    }
}

extension EventRecorder {
    fileprivate func report(unreadable object: UnreadableObject, of type: ResourceType) {
        record(
            .warning,
            reason: Reason.unreadable.rawValue,
            action: "Read",
            note: "it cannot be read, and the last version that could be read stays in effect: \(object.reason)",
            regarding: EventObject.Reference(
                apiVersion: type.apiVersion,
                kind: type.kind,
                namespace: object.key.namespace.isEmpty ? nil : object.key.namespace,
                name: object.key.name,
                uid: object.uid
            )
        )
    }
}

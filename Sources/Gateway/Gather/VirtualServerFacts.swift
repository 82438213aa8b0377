internal import ControllerRuntime
package import CRDModels
package import KubernetesAPI

/// What is kept of an `MCPVirtualServer`: what its route depends on.
package struct VirtualServerFacts: CachedObject, Hashable {
    package var namespace: String
    package var name: String
    package var resourceVersion: String
    /// Whether it is being deleted.
    package var isDeleting: Bool
    package var spec: MCPVirtualServerSpec
    /// What people read about the virtual server in the registry.
    package var summary: String?

    package init(_ virtualServer: MCPVirtualServer) {
        namespace = virtualServer.metadata.namespace ?? ""
        name = virtualServer.metadata.name ?? ""
        resourceVersion = virtualServer.metadata.resourceVersion ?? ""
        isDeleting = virtualServer.metadata.deletionTimestamp != nil
        spec = virtualServer.spec
        summary = virtualServer.metadata.annotations?[KubernetesAnnotations.description]
    }

    package var metadata: ObjectMeta {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.resourceVersion = resourceVersion
        return metadata
    }
}

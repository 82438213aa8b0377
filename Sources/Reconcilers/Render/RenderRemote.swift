internal import CRDModels
internal import KubernetesAPI
internal import Policy

extension ServerRenderer {
    /// The objects of a remote server: what lets the gateway read exactly the Secrets that it names. There are none if it names none.
    func render(_ remote: RemotePlan) -> [RenderedObject] {
        let secrets = RemoteCredentials.sources(of: remote.server).filter(\.isSecret).map(\.name)
        guard plan.role == .serving, let gateway = remote.gateway, !secrets.isEmpty else { return [] }
        let name = ObjectNames.gateway(plan.server.metadata.name ?? "")
        let group = ResourceType.role.group
        return [
            RenderedObject(
                .role,
                metadata(name),
                [
                    "rules": [
                        [
                            "apiGroups": [""], "resources": ["secrets"], "resourceNames": .strings(secrets),
                            "verbs": ["get"],
                        ]
                    ]
                ]
            ),
            RenderedObject(
                .roleBinding,
                metadata(name),
                [
                    "roleRef": ["apiGroup": .string(group), "kind": "Role", "name": .string(name)],
                    "subjects": [
                        [
                            "kind": "ServiceAccount", "name": .string(gateway.name),
                            "namespace": .string(gateway.namespace),
                        ]
                    ],
                ]
            ),
        ]
    }
}

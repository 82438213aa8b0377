package import CRDModels
internal import KubernetesAPI

extension NetworkRules {
    /// The namespaces that the platform's network settings name. What these settings open depends on which tenants the
    /// namespaces belong to.
    package static func namespaces(of platform: PlatformConfiguration) -> [String] {
        let gateway = platform.network?.gateway
        let isSet = gateway?.namespaces != nil || gateway?.namespaceSelector != nil
        let gateways = isSet ? gateway?.namespaces ?? [] : [PlatformNetwork.builtInGatewayNamespace]
        return distinct(gateways + (platform.network?.monitoring?.namespaces ?? []))
    }

    /// The namespaces that a tenant's network settings name.
    package static func namespaces(of network: TenantNetwork?) -> [String] {
        distinct(
            (network?.gateway?.namespaces ?? []) + (network?.monitoring?.namespaces ?? [])
                + (network?.allow ?? []).compactMap(\.namespace)
        )
    }

    /// The namespaces that a server's network settings name.
    package static func namespaces(of network: ServerNetwork?) -> [String] {
        distinct(((network?.ingress?.from ?? []) + (network?.egress?.allow ?? [])).compactMap(\.namespace))
    }

    private static func distinct(_ names: [String]) -> [String] { Set(names).sorted() }
}

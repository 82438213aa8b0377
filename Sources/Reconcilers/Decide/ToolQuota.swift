internal import CRDModels
internal import KubernetesAPI
internal import Policy

extension ServerPlan {
    /// The breach of a server that offers more tools than its tenant may offer with one server.
    ///
    /// All offered tools count, also those that the curation does not publish: nothing keeps clients from calling them.
    ///
    /// - Parameter tools: how many the server offers; `nil` if that is not known.
    func toolQuotaBreach(_ tools: Int?) -> QuotaBreach? {
        guard let tools, let limit = tenant.toolLimit, tools > limit else { return nil }
        return QuotaBreach(
            tenant: tenant.name,
            server: "\(server.metadata.namespace ?? "")/\(server.metadata.name ?? "")",
            dimension: .toolsPerServer,
            limit: limit,
            observed: tools
        )
    }

    /// The breach in words.
    func toolQuotaMessage(_ breach: QuotaBreach) -> String {
        """
        it offers \(breach.observed) tools, and tenant "\(breach.tenant)" may offer \(breach.limit) with one server \
        (toolsPerServer, plan \(tenant.plan)): use a version of the server with fewer tools, split it into several \
        servers, or raise the quota in spec.quotas of the MCPTenant
        """
    }
}

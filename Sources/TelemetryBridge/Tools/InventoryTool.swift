internal import KubernetesAPI
internal import MCPProtocol

extension BridgeTool {
    static let inventorySnapshot = BridgeTool(
        name: "inventory.snapshot",
        title: "Snapshot of the cluster",
        description: """
            Summarizes the cluster, or one namespace: nodes with their problems, workloads with missing pods, pods that do not run as they \
            should, and the newest warnings. A good first call.
            """,
        parameters: [.namespace("Only this namespace; nodes are always of the cluster.")],
        outputSchema: OutputSchema.result(
            InventorySnapshot.members,
            optional: ["takenAt", "namespace", "serverVersion"]
        )
    ) { arguments, context in
        try await InventorySnapshot.take(context, namespace: arguments.text("namespace")).checked(context)
    }
}

extension InventorySnapshot {
    /// Reads the cluster and summarizes it.
    static func take(_ context: BridgeContext, namespace: String?) async -> InventorySnapshot {
        let facts = await ClusterFacts.gather(context, namespace: namespace)
        return InventorySnapshot(
            facts: facts,
            now: Timestamp(secondsSinceEpoch: context.now().microsecondsSinceEpoch / 1_000_000),
            namespace: namespace
        )
    }
}

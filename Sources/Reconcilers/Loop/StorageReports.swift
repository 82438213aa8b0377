internal import CRDModels
internal import ControllerRuntime
internal import KubernetesAPI
internal import Policy

extension OperatorContext {
    /// What is known about the claims that a server names.
    func volumeClaims(of server: MCPServer) -> [String: ClaimState] {
        var claims: [String: ClaimState] = [:]
        for name in VolumeRules.claimNames(of: server.spec) {
            let reference = ObjectReference(
                type: .persistentVolumeClaim,
                namespace: server.metadata.namespace,
                name: name
            )
            guard let record = children[reference] else {
                claims[name] = .missing
                continue
            }
            guard let value = try? JSONValue(parsing: record.content) else { continue }
            claims[name] = .present(ClaimFacts(value, isDeleting: record.isDeleting))
        }
        return claims
    }

    /// Reports once what happened to a claim that a server no longer uses.
    ///
    /// - Parameter previouslyUsed: the claims that the last pass wrote or found unchanged.
    func reportStorage(_ outcome: CarriedOut, previouslyUsed: [ObjectReference], server: ObjectMeta) {
        for claim in outcome.kept where previouslyUsed.contains(claim) {
            event(
                .normal,
                .storageKept,
                action: "RemoveStorage",
                note: StorageReports.kept(claim.name),
                regarding: server,
                of: MCPServer.resourceType
            )
        }
        for claim in outcome.deleted where claim.type == .persistentVolumeClaim {
            event(
                .normal,
                .storageDeleted,
                action: "RemoveStorage",
                note: StorageReports.deleted(claim.name, because: "spec.storage was removed"),
                regarding: server,
                of: MCPServer.resourceType
            )
        }
    }

    /// Reports what happens to the claim of a deleted server.
    ///
    /// - Parameter ownedClaims: the claims that the server owned. The garbage collector may already have deleted them.
    func reportStorage(ofDeleted server: NamespacedName, uid: String, ownedClaims: Set<ObjectReference>) {
        for reference in ServerRenderer.retainable(server: server) {
            let claim = children[reference]
            var metadata = ObjectMeta(name: server.name, namespace: server.namespace)
            metadata.uid = uid
            if let claim, !claim.isDeleting, claim.origin == .server(server.name) {
                event(
                    .normal,
                    .storageKept,
                    action: "Delete",
                    note: StorageReports.kept(reference.name),
                    regarding: metadata,
                    of: MCPServer.resourceType
                )
            } else if claim?.owner?.uid == uid || ownedClaims.contains(reference) {
                event(
                    .normal,
                    .storageDeleted,
                    action: "Delete",
                    note: StorageReports.deleted(reference.name, because: "the server was deleted"),
                    regarding: metadata,
                    of: MCPServer.resourceType
                )
            }
        }
    }
}

/// The texts of Events about storage.
enum StorageReports {
    static func kept(_ claim: String) -> String {
        """
        PersistentVolumeClaim "\(claim)" is kept with its data: a server with the same name uses it again; delete \
        the claim if the data is no longer needed
        """
    }

    static func deleted(_ claim: String, because cause: String) -> String {
        """
        PersistentVolumeClaim "\(claim)" and its data are deleted, because \(cause) and \
        spec.storage.retentionPolicy is Delete
        """
    }
}

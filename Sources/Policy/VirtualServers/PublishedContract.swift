package import CRDModels
internal import KubernetesAPI

/// Which of the revisions of a server says what the gateway publishes of it. Pure.
package enum PublishedContract {
    /// Whether only what was approved is published.
    ///
    /// - Parameters:
    ///   - server: what the server's spec says about its review.
    ///   - isUnread: whether the controller does not read what the server offers.
    ///   - tenant: how the tenant's servers are reviewed; `nil` if that is not known, and they are considered to be.
    package static func isReviewed(_ server: ServerReview?, isUnread: Bool, tenant: TenantReview?) -> Bool {
        guard let tenant else { return true }
        var spec = MCPServerSpec()
        spec.review = server
        let setting = isUnread ? HandshakeSetting.disabled(by: "handshake") : .enabled
        // A server that must be reviewed and is not read was refused; pods of it may be left.
        guard let effective = try? EffectiveReview(spec: spec, tenant: tenant, handshake: setting) else { return true }
        return effective.isEnforced
    }

    /// Whether the controller does not read what the server offers.
    package static func isUnread(_ status: MCPServerStatus?) -> Bool {
        status?.conditions?[type: ConditionType.protocolVerified]?.reason == Reason.handshakeDisabled.rawValue
    }

    /// The revisions that may say it, the one that the server offers now first.
    package static func candidates(_ status: MCPServerStatus?) -> [String] {
        [status?.revision?.name, status?.revision?.drift?.from].compactMap { $0 }
    }

    /// The revision that says it: of a reviewed server the first that was approved, of any other the one that it offers now.
    package static func choose<Revision>(
        from candidates: [Revision],
        isReviewed: Bool,
        isAdmitted: (Revision) -> Bool
    ) -> Revision? {
        isReviewed ? candidates.first(where: isAdmitted) : candidates.first
    }

    /// Why nothing is recorded of a server that has no revision.
    package static func absence(isUnread: Bool, isReady: Bool) -> String {
        if isUnread { return "the controller does not read what it offers: enable its handshake" }
        return isReady
            ? "the controller could not read what it offers, for example because it requires credentials"
            : "what it offers was not read yet"
    }
}

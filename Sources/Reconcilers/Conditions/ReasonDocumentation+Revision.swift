internal import Policy

extension Reason {
    /// The documentation of the reasons about revisions, curation and the quota of tools.
    var revisionDocumentation: Documentation? {
        switch self {
        case .contractRecorded:
            return Documentation(
                "ContractRecorded",
                "What the server offers is stored in the MCPServerRevision that the message names.",
                "No action is required. `kubectl get mcprevisions` lists the revisions."
            )
        case .contractPending:
            return Documentation(
                "ContractRecorded",
                "What the server offers is not stored, for example because a revision was deleted.",
                "Wait: it is read again at the next check of the server."
            )
        case .contractTooLarge:
            return Documentation(
                "ContractRecorded",
                "What the server offers is larger than the limit of 8 MiB. It is not stored, and nothing of it is cut.",
                "Use a version of the server with shorter descriptions and schemas, or split it into several servers."
            )
        case .contractStable:
            return Documentation(
                "ContractDrifted",
                "The server offers what it offered when its pods were first checked.",
                "No action is required."
            )
        case .contractDrifted:
            return Documentation(
                "ContractDrifted, Event",
                """
                The server offers something else than before, although neither its image nor its spec has changed. The \
                message has the differences; `status.revision.drift` has more of them.
                """,
                """
                Compare the two revisions, and find out why: a server that loads its tools from elsewhere can be made to \
                offer anything. To accept what it offers now, give the annotation `moorage.dev/restart` a new value; to \
                stop the server, set `spec.suspend`.
                """
            )
        case .contractChanged:
            return Documentation(
                "Event",
                "The server offers something else than before, with another image or another spec.",
                "Check the differences in the status of the new MCPServerRevision."
            )
        case .curationNotEnforced:
            return Documentation(
                "CurationEnforced",
                """
                `spec.tools` or `spec.toolPolicy` is enforced by Moorage's gateway, and by nothing else: clients that reach \
                the server another way can call all of its tools. The message also names what is wrong with it.
                """,
                "Let clients reach the server through the gateway alone. Correct the names that the message lists."
            )
        case .toolQuotaExceeded:
            return Documentation(
                "Ready",
                """
                The server offers more tools than `toolsPerServer` of its tenant's quota. All offered tools count, also \
                those that the curation does not publish. The server keeps running, and is not Ready.
                """,
                """
                Use a version of the server with fewer tools, split it into several servers, or raise the quota in \
                `spec.quotas` of the MCPTenant.
                """
            )
        default: return reviewDocumentation
        }
    }

    /// The documentation of the reasons about reviews.
    private var reviewDocumentation: Documentation? {
        switch self {
        case .reviewTooLax:
            return Documentation(
                "Accepted",
                "`spec.review` of the server is less strict than the review policy of its tenant.",
                "Remove the field, or ask an administrator to change `spec.review` of the MCPTenant."
            )
        case .reviewNeedsHandshake:
            return Documentation(
                "Accepted",
                """
                A review policy is set, and nothing can be compared, because the handshake with the server is disabled.
                """,
                "Enable the handshake in the field that the message names, or set the review policy to Never."
            )
        case .rollbackNotPossible:
            return Documentation(
                "Accepted",
                "`spec.rollbackTo` names a revision that does not exist, or must not serve. What serves is not changed.",
                "Name a revision that has served or was approved: `kubectl get mcprevisions` lists them."
            )
        case .quarantined:
            return Documentation(
                "Ready",
                """
                The server is out of service: what it offers was rejected, or is not what was approved and the tenant's \
                policy is Quarantine. Its Service has no endpoints, and only the controller reaches its pods.
                """,
                """
                Compare the revision with the one before. Approve it, set `spec.rollbackTo` to a revision that was \
                approved, or change the spec.
                """
            )
        case .reviewRequired:
            return Documentation(
                "ReviewRequired, Event",
                """
                A new version offers something else than the one that serves, or the policy requires an approval of every \
                version. It runs beside the one that serves, behind no Service.
                """,
                """
                Compare the revisions (`moorage contract diff`), and set `spec.approval` of the new one. Changing the spec \
                again replaces it.
                """
            )
        case .candidateStarting:
            return Documentation(
                "ReviewRequired, Reconciling",
                "A new version is started beside the one that serves, to read what it offers.",
                "Wait. The message says what its pod does."
            )
        case .candidateTakingOver:
            return Documentation(
                "ReviewRequired, Reconciling",
                "A new version may serve, and its pods replace those of the version before.",
                "Wait."
            )
        case .candidateRejected:
            return Documentation(
                "ReviewRequired, Stalled, Event",
                "A person has rejected the new version. The version before continues to serve.",
                "Change the spec. If the decision was wrong, change `spec.approval` of the revision."
            )
        case .candidateRefused:
            return Documentation(
                "ReviewRequired, Stalled, Event",
                """
                The new version breaks a rule, such as the quota of tools, and was removed. The version before continues to \
                serve.
                """,
                "The message has the numbers. Change the spec, or the quota and then the annotation `moorage.dev/restart`."
            )
        case .candidateTimedOut:
            return Documentation(
                "ReviewRequired, Stalled, Event",
                """
                The new version could not be read within `review.startTimeoutSeconds` of the tenant, and was removed. The \
                version before continues to serve.
                """,
                """
                The message says what its pod did. Change the spec, or give the annotation `moorage.dev/restart` a new value \
                to try it again.
                """
            )
        case .revisionAccepted:
            return Documentation(
                "Event",
                "A new version may serve: it was approved, or offers the same as the version before.",
                "No action is required."
            )
        default: return nil
        }
    }
}

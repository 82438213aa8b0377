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
                `spec.tools` or `spec.toolPolicy` is recorded in the server's revisions, and nothing enforces it yet: \
                clients that reach the server can call all of its tools. The message also names what is wrong with it.
                """,
                "Do not rely on it to keep a tool from being called. Correct the names that the message lists."
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
        default: return nil
        }
    }
}

internal import Policy

extension Reason {
    /// The documentation of the reasons about virtual servers.
    var virtualServerDocumentation: Documentation? {
        switch self {
        case .serverNameTaken:
            Documentation(
                "Accepted",
                "An MCPServer in the namespace has the name of the MCPVirtualServer. Both would be served at the same path.",
                "Delete the MCPVirtualServer, and create it with another name. Until then the MCPServer is served."
            )
        case .resolvedRefs:
            Documentation(
                "ResolvedRefs",
                "All servers and tools that the spec names exist, and have names of their own.",
                "No action is required."
            )
        case .serverNotFound:
            Documentation(
                "ResolvedRefs",
                "`spec.servers` names an MCPServer that does not exist in the namespace. The others are published.",
                "Create it, or correct the name. It is published as soon as it exists."
            )
        case .offerUnknown:
            Documentation(
                "ResolvedRefs",
                """
                It is not known what a server offers, so that nothing of it is published. The message names the server and \
                the cause, for example that it was not ready yet, or that no revision of it is approved.
                """,
                "See the conditions of that MCPServer. The others are published."
            )
        case .toolNotFound:
            Documentation(
                "ResolvedRefs",
                """
                `spec.servers[].tools` names a tool that its server does not publish: it does not offer it, or its curation \
                hides it. The others are published.
                """,
                "Correct the name: `moorage contract read` lists the tools of a server."
            )
        case .nameConflict:
            Documentation(
                "ResolvedRefs",
                """
                Two tools or prompts would have the same name, with the prefix of their server too. Neither is published, or \
                only the one to which the spec gives the name.
                """,
                "Give one of them another name in `spec.servers[].tools[].as`."
            )
        case .published:
            Documentation("Ready", "The virtual server is served, and publishes something.", "No action is required.")
        case .nothingPublished:
            Documentation(
                "Ready",
                "No server belongs to the virtual server, or none of them publishes anything.",
                "See the condition `ResolvedRefs` and `status.members`, and check `spec.serverSelector`."
            )
        default: nil
        }
    }
}

extension Example {
    private static let hex = String(repeating: "0", count: 64)
    private static let digest = "sha256:" + hex

    private static func spec(_ content: String, server: String = "weather") -> String {
        """
        server: \(server)
        image: {reference: "ghcr.io/acme/weather@\(digest)", digest: "\(digest)"}
        digest: "\(digest)"
        contractDigest: "\(digest)"
        counts: {tools: 1, publishedTools: 1, prompts: 0, resources: 0, resourceTemplates: 0}
        provenance: {time: "2026-01-02T03:04:05Z", pod: weather-1}
        \(content)
        """
    }

    private static let contract =
        "contract: {tools: [{name: a, definition: \"{}\", digest: \"\(digest)\", published: true, scope: a:read}]}"
    private static let parts = "parts: [{name: weather-1-0, digest: \"\(digest)\"}]"

    /// Valid and invalid MCPServerRevisions.
    static let revisions: [Example] = [
        .revision("a revision with its contract", spec(contract)),
        .revision("a revision in parts", spec(parts)),
        .revision("a revision that is written again", spec(contract), old: spec(contract)),
        .revision(
            "a revision cannot be changed",
            spec(contract, server: "other"),
            old: spec(contract),
            """
            spec: Invalid value: only the approval of a revision can be changed: the rest says what a pod has offered
            """
        ),
        .revision(
            "a revision can be approved",
            spec(contract + "\napproval: {decision: Approved, approver: alice, reason: fine}"),
            old: spec(contract)
        ),
        .revision(
            "a decision can be changed",
            spec(contract + "\napproval: {decision: Rejected, approver: bob}"),
            old: spec(contract + "\napproval: {decision: Approved, approver: alice}")
        ),
        .revision(
            "an acceptance cannot be added with an approval",
            spec(contract + "\nacceptance: ContractUnchanged\napproval: {decision: Approved, approver: alice}"),
            old: spec(contract),
            """
            spec: Invalid value: only the approval of a revision can be changed: the rest says what a pod has offered
            """
        ),
        .revision(
            "what a revision runs cannot be changed",
            spec(contract + "\ntemplate: {digest: \"\(hex)\", spec: {image: other}}"),
            old: spec(contract + "\ntemplate: {digest: \"\(hex)\", spec: {image: one}}"),
            """
            spec: Invalid value: only the approval of a revision can be changed: the rest says what a pod has offered
            """
        ),
        .revision(
            "a revision has its contract or parts",
            spec(contract + "\n" + parts),
            """
            spec: Invalid value: a revision has either its contract or the parts that contain it
            """
        ),
    ]
}

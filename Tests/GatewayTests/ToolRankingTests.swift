import MCPProtocol
import Testing

@testable import Gateway

/// How tools are found by words.
@Suite("Searching for tools")
struct ToolRankingTests {
    private static func tool(_ name: String, _ description: String, arguments: [String] = []) -> RawJSON {
        [
            "name": .string(name), "description": .string(description),
            "inputSchema": [
                "type": "object", "properties": .object(arguments.map { ($0, ["type": "string"]) }),
            ],
        ]
    }

    /// 1,000 tools of 40 products: what can be done, with what.
    private static let catalogue: [RawJSON] = {
        let products = [
            "jira", "github", "slack", "gmail", "calendar", "salesforce", "stripe", "zendesk", "notion", "confluence",
            "pagerduty", "datadog", "grafana", "postgres", "mysql", "bigquery", "snowflake", "s3", "drive", "dropbox",
            "kubernetes", "terraform", "jenkins", "gitlab", "sentry", "linear", "asana", "trello", "hubspot",
            "mailchimp",
            "twilio", "zoom", "figma", "shopify", "paypal", "quickbooks", "xero", "weather", "maps", "translate",
        ]
        let actions = [
            ("create", "Creates a new"), ("get", "Returns one"), ("list", "Lists every"),
            ("update", "Changes an existing"),
            ("delete", "Removes an existing"),
        ]
        let objects = ["record", "comment", "attachment", "user", "report"]
        return products.flatMap { product in
            objects.flatMap { object in
                actions.map { action, text in
                    tool(
                        "\(product)_\(action)_\(object)",
                        "\(text) \(object) in \(product).",
                        arguments: ["\(object)_id", "fields"]
                    )
                }
            }
        }
    }()

    private func names(_ query: String, _ count: Int = 5) -> [String] {
        let ranking = ToolRanking(Self.catalogue.map(ToolTerms.init))
        return ranking.best(count, for: query).compactMap { Self.catalogue[$0]["name"]?.stringValue }
    }

    @Test(
        "of 1,000 tools, the right one is among the first five",
        arguments: [
            ("create a comment in jira", "jira_create_comment"),
            ("delete slack attachments", "slack_delete_attachment"),
            ("list all users of GitHub", "github_list_user"), ("get a postgres report", "postgres_get_report"),
            ("which reports are in Snowflake", "snowflake_list_report"), ("zoomCreateUser", "zoom_create_user"),
            ("updates a record, salesforce", "salesforce_update_record"),
            ("remove trello comment", "trello_delete_comment"),
        ]
    )
    func found(query: String, tool: String) {
        #expect(Self.catalogue.count == 1_000)
        #expect(names(query).contains(tool), "\(names(query))")
    }

    @Test("every tool is found first by its own name")
    func own() {
        let ranking = ToolRanking(Self.catalogue.map(ToolTerms.init))
        for index in Self.catalogue.indices.striding(by: 7) {
            let name = Self.catalogue[index]["name"]?.stringValue ?? ""
            #expect(ranking.best(1, for: name) == [index], "\(name)")
        }
    }

    @Test("a query without a known word finds nothing, and the number is a limit")
    func limits() {
        #expect(names("quantum chromodynamics") == [])
        #expect(names("") == [] && names("---") == [])
        #expect(names("create", 3).count == 3)
        #expect(ToolRanking([]).best(5, for: "create") == [])
    }

    @Test(
        "words are split as names are written",
        arguments: [
            ("listOpenIssues", ["list", "open", "issue"]), ("get_HTTP-status", ["get", "http", "status"]),
            ("cities, classes; s3", ["city", "classe", "s3"]), ("Größe", ["größe"]), ("日本 語", ["日本", "語"]),
        ]
    )
    func words(text: String, words: [String]) {
        #expect(ToolTerms.words(of: text) == words)
    }
}

extension Range<Int> {
    fileprivate func striding(by step: Int) -> StrideTo<Int> { stride(from: lowerBound, to: upperBound, by: step) }
}

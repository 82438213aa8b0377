import ClusterTool
import CommandSupport
import KubernetesAPI
import Policy
import Testing

extension Console {
    static let plain = Console(write: { _, _ in }, hasColours: false)
    static let coloured = Console(write: { _, _ in }, hasColours: true)
}

@Suite("Reasons and conditions are explained")
struct ExplanationTests {
    @Test("every reason has a cause and a way out", arguments: Reason.allCases)
    func everyReason(reason: Reason) throws {
        let entry = try #require(Objects.catalogue[reason.rawValue])
        #expect(!entry.place.isEmpty && !entry.cause.isEmpty && !entry.wayOut.isEmpty)
        let explanation = Explanation(of: reason.rawValue.uppercased(), in: Objects.catalogue)
        #expect(explanation.problem == nil)
        let text = explanation.rendered(console: .plain)
        #expect(text.contains("What to do:"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    @Test("every condition that Moorage sets is explained, and has a reason", arguments: ConditionType.order)
    func everyCondition(type: String) throws {
        guard
            case .condition(type, let meaning, let reasons, _) = Explanation(
                of: type.lowercased(),
                in: Objects.catalogue
            )
        else {
            Issue.record("\(type) is not explained as a condition")
            return
        }
        #expect(!meaning.isEmpty)
        #expect(!reasons.isEmpty)
    }

    @Test("a reason is shown with its cause and what to do")
    func golden() {
        let text = Explanation(of: "referencenotfound", in: Objects.catalogue).rendered(console: .plain)
        #expect(
            text == """
                ReferenceNotFound  in Accepted

                Cause:
                  A Secret or ConfigMap that the server reads does not exist in its namespace. The message names it
                  and the field.

                What to do:
                  Create it. The server is then accepted automatically, within a second.

                """
        )
    }

    @Test(
        "similar names are suggested",
        arguments: [
            ("ImageNotPined", "ImageNotPinned"), ("quarantine", "Quarantined"), ("crashing", "ContainerCrashing"),
            ("Redy", "Ready"), ("ErrorQuotaExceeded", "QuotaExceeded"),
        ]
    )
    func similar(word: String, expected: String) throws {
        let problem = try #require(Explanation(of: word, in: Objects.catalogue).problem)
        #expect(problem.contains("did you mean") && problem.contains(expected))
    }

    @Test("a word without a similar name says where all of them are, and cannot act on the terminal")
    func unknown() throws {
        let problem = try #require(Explanation(of: "zzzzzzzz\u{1B}[31m", in: Objects.catalogue).problem)
        #expect(
            problem
                == "zzzzzzzz\\u{1B}[31m is neither a reason nor a condition of Moorage: all of them are in docs/conditions.md"
        )
    }
}

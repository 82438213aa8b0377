import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import Testing

@Suite("Decisions, rollbacks and restarts")
struct ChangeTests {
    static let all = [Objects.serving, Objects.waiting, Objects.rejected].map(RevisionFact.init)
    static let choice = RevisionChoice(server: Objects.held, revisions: all)

    private static func failure(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no failure"
        } catch {
            return "\(error)"
        }
    }

    @Test("the revision that waits is decided about, if none is named")
    func waiting() throws {
        #expect(try Self.choice.toDecide(nil).name == "weather-7d20e4a1b8")
        #expect(try Self.choice.toDecide("weather-0000000000").name == "weather-0000000000")
    }

    @Test("without a revision that waits, the error lists those that exist")
    func nothingWaits() {
        let choice = RevisionChoice(server: Objects.held, revisions: [RevisionFact(Objects.serving)])
        #expect(
            Self.failure { _ = try choice.toDecide(nil) } == """
                no revision of MCPServer mcp-acme/weather waits for a decision: to change one, name the revision; its revisions \
                are weather-1c9b0f6e52 (Serving, accepted (FirstVersion))
                """
        )
        #expect(
            Self.failure { _ = try choice.toDecide("other") }.hasPrefix(
                "MCPServer mcp-acme/weather has no revision other"
            )
        )
    }

    @Test("a server goes back to the newest revision that may serve, and never to one that must not")
    func rollBack() throws {
        let older = Objects.revision(
            "weather-2222222222",
            state: "Superseded",
            image: "dddd",
            created: "2026-02-25T12:00:00Z",
            extra: ["acceptance": "ContractUnchanged"]
        )
        let choice = RevisionChoice(server: Objects.held, revisions: Self.all + [RevisionFact(older)])
        #expect(try choice.toRollBack(nil).name == "weather-2222222222")
        #expect(try choice.toRollBack("weather-1c9b0f6e52").name == "weather-1c9b0f6e52")
        #expect(
            Self.failure { _ = try choice.toRollBack("weather-0000000000") }
                .hasPrefix("revision weather-0000000000 must not serve, it is rejected by joe: it writes: name one")
        )
        #expect(Self.failure { _ = try choice.toRollBack("weather-7d20e4a1b8") }.contains("it is not approved"))
        #expect(Self.failure { _ = try Self.choice.toRollBack(nil) }.contains("has no other revision that may serve"))
    }

    @Test("the new version is compared with the one that serves")
    func compare() throws {
        let (old, new) = try Self.choice.toCompare(nil, nil)
        #expect([old.name, new.name] == ["weather-1c9b0f6e52", "weather-7d20e4a1b8"])
        let alone = RevisionChoice(server: Objects.held, revisions: [RevisionFact(Objects.serving)])
        #expect(
            Self.failure { _ = try alone.toCompare(nil, nil) }.contains(
                "no revision to compare weather-1c9b0f6e52 with"
            )
        )
    }

    @Test("an approval is one change of one field, and is refused if the revision has changed")
    func approve() throws {
        let change = try ProposedChange.decision(.approved, about: Objects.waiting, approver: "joe", reason: "it reads")
        #expect(
            change.patch == [
                "metadata": ["resourceVersion": "31", "uid": "uid-weather-7d20e4a1b8"],
                "spec": ["approval": ["decision": "Approved", "approver": "joe", "reason": "it reads"]],
            ]
        )
        #expect(
            change.rendered(console: .plain) == """
                MCPServerRevision mcp-acme/weather-7d20e4a1b8
                  of the server weather, Held
                  image ghcr.io/acme/weather@sha256:bbbb
                  deployed by jane@example.com
                  tool "add_station" was added
                  spec.approval.decision:
                    + Approved
                  spec.approval.approver:
                    + joe
                  spec.approval.reason:
                    + it reads
                  It may serve: if the server's spec asks for it, it takes over as a rolling update.

                """
        )
    }

    @Test("a decision replaces the one before with its reason, and the same decision is not made again")
    func again() throws {
        let change = try ProposedChange.decision(.approved, about: Objects.rejected, approver: nil, reason: nil)
        #expect(change.patch[path: ["spec", "approval", "reason"]] == .null)
        #expect(change.patch[path: ["spec", "approval", "approver"]] == .null)
        #expect(change.isNeeded)
        let same = try ProposedChange.decision(.rejected, about: Objects.rejected, approver: "jane", reason: nil)
        #expect(!same.isNeeded)
    }

    @Test("who has deployed a revision cannot approve it where the tenant says so, and can reject it")
    func separate() throws {
        var revision = Objects.waiting
        revision[path: ["spec", "separateApprover"]] = true
        let own = Self.failure {
            _ = try ProposedChange.decision(.approved, about: revision, approver: "jane@example.com", reason: nil)
        }
        #expect(
            own.hasPrefix(
                "jane@example.com has deployed revision weather-7d20e4a1b8, so somebody else has to approve it"
            )
        )
        #expect(try ProposedChange.decision(.approved, about: revision, approver: "joe", reason: nil).isNeeded)
        #expect(
            try ProposedChange.decision(.rejected, about: revision, approver: "jane@example.com", reason: nil).isNeeded
        )
        revision[path: ["spec", "author"]] = nil
        let unknown = Self.failure {
            _ = try ProposedChange.decision(.approved, about: revision, approver: "joe", reason: nil)
        }
        #expect(unknown.hasPrefix("it is not known who has deployed revision"))
    }

    @Test("a reason that is too long is refused before it is sent")
    func longReason() {
        let text = Self.failure {
            _ = try ProposedChange.decision(
                .approved,
                about: Objects.waiting,
                approver: "joe",
                reason: String(repeating: "x", count: 1_025)
            )
        }
        #expect(text == "--reason has 1025 characters, and at most 1024 are stored: shorten it")
    }

    @Test("only what a decision was made from decides whether it still holds")
    func basis() throws {
        func change(_ revision: JSONValue) throws -> ProposedChange {
            try .decision(.approved, about: revision, approver: "joe", reason: nil)
        }
        var other = Objects.waiting
        other[path: ["metadata", "resourceVersion"]] = "32"
        other[path: ["status", "state"]] = "Accepted"
        #expect(try change(other).basis == change(Objects.waiting).basis)
        other[path: ["spec", "approval"]] = ["decision": "Rejected"]
        #expect(try change(other).basis != change(Objects.waiting).basis)
        var server = Objects.held
        server[path: ["metadata", "generation"]] = 5
        #expect(
            ProposedChange.restart(of: server, now: Objects.now).basis
                != ProposedChange.restart(of: Objects.held, now: Objects.now).basis
        )
    }

    @Test("a rollback sets one field, and its end removes it")
    func rollbackPatch() throws {
        let change = ProposedChange.rollback(of: Objects.held, to: RevisionFact(Objects.serving))
        #expect(
            change.patch == [
                "metadata": ["resourceVersion": "900", "uid": "1f4c"], "spec": ["rollbackTo": "weather-1c9b0f6e52"],
            ]
        )
        #expect(!ProposedChange.endOfRollback(of: Objects.held).isNeeded)
        var server = Objects.held
        server[path: ["spec", "rollbackTo"]] = "weather-1c9b0f6e52"
        let end = ProposedChange.endOfRollback(of: server)
        #expect(end.isNeeded)
        #expect(end.patch["spec"] == ["rollbackTo": .null])
    }

    @Test("a restart gives the annotation a new value")
    func restart() {
        let change = ProposedChange.restart(of: Objects.held, now: Objects.now)
        #expect(
            change.patch["metadata"] == [
                "resourceVersion": "900", "uid": "1f4c",
                "annotations": ["moorage.dev/restart": "2026-03-01T12:00:00Z"],
            ]
        )
    }
}

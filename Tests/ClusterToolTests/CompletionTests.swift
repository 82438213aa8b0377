import ClusterTool
import KubernetesAPI
import Testing

@Suite("Shell completion")
struct CompletionTests {
    /// A part of what the argument parser says of the commands.
    static let description = Objects.parse(
        #"""
        {"command": {"commandName": "kubectl-moorage", "subcommands": [
          {"commandName": "logs", "abstract": "Show the logs\nof pods.", "arguments": [
            {"kind": "positional", "valueName": "server", "completionKind": {"customAsync": {}}},
            {"kind": "flag", "abstract": "Go on.", "names": [{"kind": "long", "name": "follow"}, {"kind": "short", "name": "f"}]},
            {"kind": "option", "names": [{"kind": "short", "name": "n"}, {"kind": "long", "name": "namespace"}],
             "valueName": "name", "completionKind": {"customAsync": {}}},
            {"kind": "option", "names": [{"kind": "long", "name": "kubeconfig"}], "completionKind": {"file": {"extensions": []}}},
            {"kind": "option", "names": [{"kind": "long", "name": "sort"}], "completionKind": {"list": {"values": ["calls", "name"]}}},
            {"kind": "option", "names": [{"kind": "long", "name": "secret"}], "shouldDisplay": false}]},
          {"commandName": "diff", "arguments": [
            {"kind": "positional", "valueName": "server", "completionKind": {"customAsync": {}}},
            {"kind": "positional", "valueName": "revision", "completionKind": {"customAsync": {}}},
            {"kind": "positional", "valueName": "other-revision", "isRepeating": true, "completionKind": {"customAsync": {}}}]},
          {"commandName": "network-probe", "shouldDisplay": false}]}}
        """#
    )

    static func request(_ words: String...) -> CompletionRequest { CompletionRequest(description, words: words) }

    @Test("commands and options begin with the word, and have a meaning")
    func words() {
        #expect(Self.request("").answer([]) == "logs\tShow the logs of pods.\ndiff\n:4\n")
        #expect(Self.request("lo").words.map(\.text) == ["logs"])
        #expect(Self.request("logs", "--").words.map(\.text) == ["--follow", "--namespace", "--kubeconfig", "--sort"])
        #expect(Self.request("logs", "--f").answer([]) == "--follow\tGo on.\n:4\n")
        #expect(Self.request("nothing", "x").words.isEmpty)
        #expect(CompletionRequest(Self.description, words: []).words.map(\.text) == ["logs", "diff"])
        #expect(CompletionRequest("not a description", words: ["x"]) == CompletionRequest([:], words: ["x"]))
    }

    @Test("names come from the cluster, with the options and arguments before them")
    func names() {
        let server = Self.request("logs", "-f", "-n", "acme", "")
        #expect(server.names == .server)
        #expect(server.options == ["namespace": "acme"])
        #expect(Self.request("logs", "--namespace=acme", "-n", "a").names == .namespace)
        let revision = Self.request("diff", "weather", "")
        #expect(revision.names == .revision)
        #expect(revision.arguments == ["weather"])
        #expect(Self.request("diff", "weather", "one", "two", "").names == .revision)
        #expect(Self.request("logs", "weather", "").names == nil)
        #expect(Self.request("logs", "--", "-x").names == .server)
    }

    @Test("values of options are words, or files")
    func values() {
        #expect(Self.request("logs", "--sort", "c").words.map(\.text) == ["calls"])
        #expect(Self.request("logs", "--kubeconfig", "").answer([]) == ":0\n")
        #expect(Self.request("logs", "--unknown", "").names == .server)
        #expect(Self.request("logs", "").answer(["weather"]) == "weather\n:4\n")
    }
}

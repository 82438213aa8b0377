import KubernetesAPI
import Testing

@testable import Isolation

/// A small cluster and what is known about it by hand.
struct TableCase: Sendable, CustomTestStringConvertible {
    var name: String
    var namespaces = ""
    var pods: String
    var policies = ""
    var podRanges: [String]?
    var table: String

    var testDescription: String { name }

    static let all = documentation + selectors + ports + addresses + types + combinations
}

@Suite("Paths between pods, computed by hand")
struct TableTests {
    @Test("the evaluator agrees with the table", arguments: TableCase.all)
    func table(of test: TableCase) throws {
        let world = try World(
            namespaces: test.namespaces,
            pods: test.pods,
            policies: test.policies,
            podRanges: test.podRanges
        )
        let reachability = try Reachability(world.model)
        let reference = ReferenceEvaluator(model: world.model)
        for line in test.table.split(separator: "\n") {
            let expected = try Expectation(line)
            let source = try world.pod(expected.source)
            if let address = AddressRange(address: expected.target) {
                let rules = reachability.outside(of: source)
                let opening = rules?.filter {
                    $0.block.overlaps(address) && $0.ports.contains(expected.transport, expected.port)
                }
                #expect((opening.map { !$0.isEmpty } ?? true) == expected.isOpen, "\(line)")
                #expect(
                    reference.isOpen(source, address: address, expected.transport, expected.port) == expected.isOpen,
                    "the reference: \(line)"
                )
                if expected.isOpen {
                    let names = opening.map { Set($0.map(\.policy)).sorted().joined(separator: ",") } ?? "-"
                    #expect(expected.openings == [names], "\(line)")
                }
                continue
            }
            let target = try world.pod(expected.target)
            let connection = reachability.connection(from: source, to: target)
            #expect(connection.ports.contains(expected.transport, expected.port) == expected.isOpen, "\(line)")
            #expect(
                reference.isOpen(source, target, expected.transport, expected.port) == expected.isOpen,
                "the reference: \(line)"
            )
            if expected.isOpen {
                let openings = [connection.egress, connection.ingress].map(Expectation.text)
                #expect(expected.openings == openings, "\(line)")
            }
        }
    }

    @Test("the table has at least 100 lines")
    func size() {
        #expect(TableCase.all.reduce(0) { $0 + $1.table.split(separator: "\n").count } >= 100)
    }
}

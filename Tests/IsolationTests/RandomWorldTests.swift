import KubernetesAPI
import Testing

@testable import Isolation

@Suite("Random clusters")
struct RandomWorldTests {
    @Test("the evaluator and the reference agree on every pair, protocol and port", arguments: 0..<40)
    func agreement(batch: UInt64) throws {
        for number in 0..<25 {
            let seed = batch * 1000 + UInt64(number)
            var world = RandomWorld(seed: seed)
            let model = world.model()
            let reachability = try Reachability(model)
            let reference = ReferenceEvaluator(model: model)
            for source in model.pods.indices {
                for target in model.pods.indices {
                    let connection = reachability.connection(from: source, to: target)
                    for transport in TransportProtocol.allCases {
                        for port in RandomWorld.ports {
                            let expected = reference.isOpen(source, target, transport, port)
                            guard connection.ports.contains(transport, port) == expected else {
                                Issue.record("seed \(seed): \(source) to \(target), \(transport) \(port): \(expected)")
                                return
                            }
                        }
                    }
                }
                for address in RandomWorld.addresses {
                    let rules = reachability.outside(of: source)
                    for transport in TransportProtocol.allCases {
                        for port in RandomWorld.ports {
                            let isOpen = rules?.contains {
                                $0.block.overlaps(address) && $0.ports.contains(transport, port)
                            }
                            let expected = reference.isOpen(source, address: address, transport, port)
                            guard isOpen ?? true == expected else {
                                Issue.record("seed \(seed): \(source) to \(address), \(transport) \(port): \(expected)")
                                return
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("the report has exactly the pairs of pods that reach each other", arguments: 0..<10)
    func report(batch: UInt64) throws {
        for number in 0..<25 {
            let seed = 500_000 + batch * 1000 + UInt64(number)
            var world = RandomWorld(seed: seed)
            let model = world.model()
            let reachability = try Reachability(model)
            var expected: Set<String> = []
            for source in model.pods.indices {
                for target in model.pods.indices where source != target {
                    let ports = reachability.connection(from: source, to: target).ports
                    if ports.isEmpty { continue }
                    expected.insert("\(model.pods[source].name) \(model.pods[target].name) \(ports)")
                }
            }
            var found: Set<String> = []
            for path in try IsolationCheck(model, blocked: []).report().paths {
                for source in path.source.pods {
                    for target in path.target.pods where source != target {
                        found.insert("\(source) \(target) \(path.ports)")
                    }
                }
            }
            #expect(found.symmetricDifference(expected) == [], "seed \(seed)")
        }
    }
}

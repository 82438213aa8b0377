import KubernetesAPI
import Testing

@testable import Reconcilers

@Suite("Field coverage")
struct FieldCoverageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var live: JSONValue
        var desired: JSONValue
        var covered: Bool
        var testDescription: String { name }
    }

    @Test("two elements with the same key are found, with the path and the key")
    func duplicates() {
        let ports: JSONValue = [["port": 80], ["port": 80, "protocol": "UDP"]]
        #expect(FieldCoverage.duplicate(in: ["spec": ["ports": ports]]) == nil)
        let defaulted: JSONValue = [["port": 80], ["port": 80, "protocol": "TCP"]]
        #expect(
            FieldCoverage.duplicate(in: ["spec": ["ports": defaulted]]) == #"spec.ports: port 80, protocol "TCP""#
        )
        let containers: JSONValue = [["name": "a"], ["name": "b", "env": [["name": "X"], ["name": "X"]]]]
        #expect(
            FieldCoverage.duplicate(in: ["spec": ["containers": containers]]) == #"spec.containers[1].env: name "X""#
        )
        #expect(FieldCoverage.duplicate(in: ["spec": ["args": ["a", "a"]]]) == nil)
    }

    static let cases: [Case] = [
        Case(name: "equal objects", live: ["spec": ["a": 1]], desired: ["spec": ["a": 1]], covered: true),
        Case(
            name: "defaults of the server are ignored",
            live: ["spec": ["a": 1, "b": 2]],
            desired: ["spec": ["a": 1]],
            covered: true
        ),
        Case(
            name: "a changed field is detected",
            live: ["spec": ["a": 2]],
            desired: ["spec": ["a": 1]],
            covered: false
        ),
        Case(name: "a missing field is detected", live: ["spec": [:]], desired: ["spec": ["a": 1]], covered: false),
        Case(
            name: "an empty map equals an absent one",
            live: ["metadata": [:]],
            desired: ["metadata": ["labels": [:]]],
            covered: true
        ),
        Case(
            name: "an injected sidecar is ignored",
            live: [
                "containers": [
                    ["name": "proxy", "image": "p"], ["name": "server", "image": "s", "imagePullPolicy": "Always"],
                ]
            ],
            desired: ["containers": [["name": "server", "image": "s"]]],
            covered: true
        ),
        Case(
            name: "a changed image is detected after a sidecar",
            live: ["containers": [["name": "proxy", "image": "s"], ["name": "server", "image": "x"]]],
            desired: ["containers": [["name": "server", "image": "s"]]],
            covered: false
        ),
        Case(
            name: "an additional element in an atomic list is detected",
            live: ["args": ["a", "b"]],
            desired: ["args": ["a"]],
            covered: false
        ),
        Case(
            name: "a changed order in an atomic list is detected",
            live: ["args": ["b", "a"]],
            desired: ["args": ["a", "b"]],
            covered: false
        ),
        Case(
            name: "a quantity that the server rewrote is equal",
            live: ["resources": ["requests": ["memory": "1Gi", "cpu": "500m"]]],
            desired: ["resources": ["requests": ["memory": "1024Mi", "cpu": "0.5"]]],
            covered: true
        ),
        Case(
            name: "equal numbers in text fields are different texts",
            live: ["data": ["version": "1.0"]],
            desired: ["data": ["version": "1"]],
            covered: false
        ),
        Case(
            name: "a port's protocol has a default",
            live: ["ports": [["containerPort": 80, "protocol": "TCP"]]],
            desired: ["ports": [["containerPort": 80]]],
            covered: true
        ),
        Case(
            name: "an additional peer in a network policy is detected",
            live: [
                "kind": "NetworkPolicy",
                "spec": ["ingress": [["from": [["podSelector": [:]], ["namespaceSelector": [:]]]]]],
            ],
            desired: ["kind": "NetworkPolicy", "spec": ["ingress": [["from": [["podSelector": [:]]]]]]],
            covered: false
        ),
        Case(
            name: "an additional field in a network policy's rule is detected",
            live: ["kind": "NetworkPolicy", "spec": ["egress": [["ports": [["port": 80, "endPort": 90]]]]]],
            desired: ["kind": "NetworkPolicy", "spec": ["egress": [["ports": [["port": 80]]]]]],
            covered: false
        ),
    ]

    @Test("only rendered fields are compared", arguments: cases)
    func covers(_ example: Case) {
        #expect(FieldCoverage.covers(live: example.live, desired: example.desired) == example.covered)
    }

    @Test("every object covers itself, but not after a change of one value")
    func leafChanges() {
        let object: JSONValue = [
            "kind": "Deployment",
            "metadata": ["name": "a", "labels": ["x": "y"], "ownerReferences": [["uid": "u", "name": "o"]]],
            "spec": [
                "replicas": 1,
                "template": ["spec": ["containers": [["name": "server", "env": [["name": "A", "value": "1"]]]]]],
            ],
        ]
        #expect(FieldCoverage.covers(live: object, desired: object))
        for path in leaves(of: object) where !path.contains("name") && !path.contains("uid") {
            var changed = object
            replace(in: &changed, at: path[...], with: "changed")
            #expect(!FieldCoverage.covers(live: changed, desired: object), "\(path) was changed")
        }
    }

    private func leaves(of value: JSONValue) -> [[String]] {
        switch value {
        case .object(let members):
            members.flatMap { key, value in leaves(of: value).map { [key] + $0 } }
        case .array(let elements):
            elements.enumerated().flatMap { index, value in leaves(of: value).map { ["\(index)"] + $0 } }
        default: [[]]
        }
    }

    private func replace(in value: inout JSONValue, at path: ArraySlice<String>, with new: JSONValue) {
        guard let first = path.first else {
            value = new
            return
        }
        if case .array(var elements) = value, let index = Int(first) {
            replace(in: &elements[index], at: path.dropFirst(), with: new)
            value = .array(elements)
        } else if var child = value[first] {
            replace(in: &child, at: path.dropFirst(), with: new)
            value[first] = child
        }
    }
}

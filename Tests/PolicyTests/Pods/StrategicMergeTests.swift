import KubernetesAPI
import Testing

@testable import Policy

private struct MergeCase: Sendable, CustomTestStringConvertible {
    var name: String
    var patch: JSONValue
    var expected: JSONValue
    var testDescription: String { name }
}

private let original: JSONValue = [
    "spec": [
        "nodeSelector": ["a": "1", "b": "2"],
        "tolerations": [["key": "x"]],
        "containers": [
            ["name": "mcp", "image": "i", "env": [["name": "A", "value": "1"]], "args": ["x"]], ["name": "side"],
        ],
    ]
]

/// The original with its `spec` changed.
private func changed(_ change: (inout JSONValue) -> Void) -> JSONValue {
    var value = original
    var spec = value["spec"] ?? [:]
    change(&spec)
    value["spec"] = spec
    return value
}

private func containers(_ elements: JSONValue...) -> JSONValue { changed { $0["containers"] = .array(elements) } }

private let mcp: JSONValue = ["name": "mcp", "image": "i", "env": [["name": "A", "value": "1"]], "args": ["x"]]
private let side: JSONValue = ["name": "side"]

private let mergeCases: [MergeCase] = [
    MergeCase(name: "an empty patch changes nothing", patch: [:], expected: original),
    MergeCase(
        name: "objects are merged member by member, and null deletes",
        patch: ["spec": ["nodeSelector": ["b": nil, "c": "3"]]],
        expected: changed { $0["nodeSelector"] = ["a": "1", "c": "3"] }
    ),
    MergeCase(
        name: "lists without a key are replaced",
        patch: ["spec": ["tolerations": [["key": "y"]]]],
        expected: changed { $0["tolerations"] = [["key": "y"]] }
    ),
    MergeCase(
        name: "containers are merged by name, variables too",
        patch: ["spec": ["containers": [["name": "mcp", "args": ["y"], "env": [["name": "B", "value": "2"]]]]]],
        expected: containers(
            [
                "name": "mcp", "image": "i", "args": ["y"],
                "env": [["name": "A", "value": "1"], ["name": "B", "value": "2"]],
            ],
            side
        )
    ),
    MergeCase(
        name: "a new container is added at the end",
        patch: ["spec": ["containers": [["name": "new", "image": "j"]]]],
        expected: containers(mcp, side, ["name": "new", "image": "j"])
    ),
    MergeCase(
        name: "$patch delete removes an element",
        patch: ["spec": ["containers": [["name": "side", "$patch": "delete"]]]],
        expected: containers(mcp)
    ),
    MergeCase(
        name: "$patch delete of what is not there is nothing",
        patch: ["spec": ["containers": [["name": "gone", "$patch": "delete"]]]],
        expected: original
    ),
    MergeCase(
        name: "$patch replace empties a list first",
        patch: ["spec": ["containers": [["$patch": "replace"], ["name": "mcp", "image": "k"]]]],
        expected: containers(["name": "mcp", "image": "k"])
    ),
    MergeCase(
        name: "$patch replace of an object drops what it does not name",
        patch: ["spec": ["nodeSelector": ["$patch": "replace", "z": "9"]]],
        expected: changed { $0["nodeSelector"] = ["z": "9"] }
    ),
    MergeCase(
        name: "$patch delete of an object removes it",
        patch: ["spec": ["nodeSelector": ["$patch": "delete"]]],
        expected: changed { $0["nodeSelector"] = nil }
    ),
    MergeCase(
        name: "$retainKeys drops the others",
        patch: ["spec": ["nodeSelector": ["$retainKeys": ["a", "q"], "q": "1"]]],
        expected: changed { $0["nodeSelector"] = ["a": "1", "q": "1"] }
    ),
    MergeCase(
        name: "$setElementOrder is ignored",
        patch: ["spec": ["$setElementOrder/containers": [["name": "side"], ["name": "mcp"]]]],
        expected: original
    ),
]

extension [String: JSONValue] {
    fileprivate var asValue: JSONValue { .object(self) }
}

@Suite("Strategic merge")
struct StrategicMergeTests {
    @Test("follows Kubernetes' rules", arguments: mergeCases)
    fileprivate func merge(mergeCase: MergeCase) throws {
        #expect(try StrategicMerge.apply(mergeCase.patch, to: original) == mergeCase.expected)
    }

    /// Every list of a pod template that Kubernetes merges, as a path with `#` for an element, and the element's key.
    private static let mergedLists: [(path: String, key: String)] = {
        var lists = [
            ("metadata.ownerReferences", "uid"), ("spec.containers", "name"), ("spec.initContainers", "name"),
            ("spec.ephemeralContainers", "name"), ("spec.volumes", "name"), ("spec.imagePullSecrets", "name"),
            ("spec.hostAliases", "ip"), ("spec.topologySpreadConstraints", "topologyKey"),
            ("spec.resourceClaims", "name"), ("spec.schedulingGates", "name"),
            ("spec.volumes.#.ephemeral.volumeClaimTemplate.metadata.ownerReferences", "uid"),
        ]
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            for (member, key) in [
                ("env", "name"), ("ports", "containerPort"), ("volumeMounts", "mountPath"),
                ("volumeDevices", "devicePath"),
            ] {
                lists.append(("spec.\(list).#.\(member)", key))
            }
        }
        return lists
    }()

    /// A template with one element in the list at a path.
    private static func template(_ path: ArraySlice<Substring>, _ element: JSONValue) -> JSONValue {
        guard let first = path.first else { return .array([element]) }
        if path.dropFirst().first == "#" {
            guard case .object(var outer) = template(path.dropFirst(2), element) else { return nil }
            outer["name"] = "outer"
            return [String(first): [.object(outer)]].asValue
        }
        return [String(first): template(path.dropFirst(), element)].asValue
    }

    @Test("every list that Kubernetes merges is merged by its key", arguments: mergedLists)
    func lists(path: String, key: String) throws {
        let path = path.split(separator: ".")[...]
        let original = Self.template(path, .object([key: "a", "kept": "1"]))
        let same = Self.template(path, .object([key: "a", "added": "2"]))
        let merged = Self.template(path, .object([key: "a", "kept": "1", "added": "2"]))
        #expect(try StrategicMerge.apply(same, to: original) == merged)
    }

    @Test("finalizers are merged as a set")
    func finalizers() throws {
        let result = try StrategicMerge.apply(
            ["metadata": ["finalizers": ["b", "c"]]],
            to: ["metadata": ["finalizers": ["a", "b"]]]
        )
        #expect(result == ["metadata": ["finalizers": ["a", "b", "c"]]])
    }

    @Test(
        "refuses invalid patches, with their field",
        arguments: [
            ("[]", ""), (#"{"spec":{"containers":[{"image":"x"}]}}"#, "spec.containers"),
            (#"{"spec":{"nodeSelector":{"$patch":"merged"}}}"#, "spec.nodeSelector"),
            (#"{"spec":{"nodeSelector":{"$retainKeys":"a"}}}"#, "spec.nodeSelector"),
        ]
    )
    func refused(patch: String, field: String) throws {
        let patch = try JSONValue(parsing: Array(patch.utf8))
        let error = #expect(throws: StrategicMerge.PatchError.self) {
            _ = try StrategicMerge.apply(patch, to: original)
        }
        #expect(error?.field == field)
    }
}

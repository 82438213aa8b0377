import HTTPTypes
import KubernetesAPI
import SandboxCluster
import Testing

/// Admission policies, from the perspective of the clients whose requests they decide.
@Suite("Admission policies")
struct AdmissionPolicyTests {
    private static let policies = "/apis/admissionregistration.k8s.io/v1"
    private static let maps = "/api/v1/namespaces/default/configmaps"

    private func rules(_ resource: String, _ operations: [String], group: String = "") -> JSONValue {
        [
            "resourceRules": [
                [
                    "apiGroups": [.string(group)], "apiVersions": ["*"], "resources": [.string(resource)],
                    "operations": .array(operations.map { .string($0) }),
                ]
            ]
        ]
    }

    /// Creates a policy with a binding. Returns the answer to the policy.
    @discardableResult
    private func create(
        _ harness: SandboxHarness,
        kind: String = "validating",
        _ spec: JSONValue,
        binding: JSONValue = [:]
    ) async throws -> (code: Int, value: JSONValue) {
        let name: JSONValue = ["name": "p"]
        let path = "\(AdmissionPolicyTests.policies)/\(kind)admissionpolic"
        let answer = try await harness.call(.post, "\(path)ies", ["metadata": name, "spec": spec])
        var bound = binding
        bound["policyName"] = "p"
        if kind == "validating", bound["validationActions"] == nil { bound["validationActions"] = ["Deny"] }
        let created = try await harness.call(.post, "\(path)ybindings", ["metadata": ["name": "b"], "spec": bound])
        #expect(created.code == 201, "\(created.value)")
        return answer
    }

    private func map(_ name: String, _ data: JSONValue = [:], labels: JSONValue = [:]) -> JSONValue {
        ["metadata": ["name": .string(name), "labels": labels], "data": data]
    }

    private func post(_ harness: SandboxHarness, _ object: JSONValue) async throws -> (code: Int, value: JSONValue) {
        try await harness.call(.post, AdmissionPolicyTests.maps, object)
    }

    @Test("a policy with an expression that does not compile is refused, and the field is named")
    func compilation() async throws {
        try await withSandbox { harness in
            let answer = try await create(
                harness,
                [
                    "matchConstraints": rules("configmaps", ["CREATE"]),
                    "variables": [["name": "v", "expression": "1"]],
                    "validations": [
                        ["expression": "variables.v == 1 && foo"], ["expression": "object.x"],
                        ["expression": "true", "messageExpression": "1"],
                    ],
                ]
            )
            #expect(answer.code == 422)
            let causes = answer.value[path: ["details", "causes"]]?.arrayValue ?? []
            #expect(
                causes.map { $0["field"]?.stringValue } == [
                    "spec.validations[0].expression", "spec.validations[1].expression",
                    "spec.validations[2].messageExpression",
                ]
            )
            #expect(
                causes.map { $0["message"]?.stringValue } == [
                    "Invalid value: \"variables.v == 1 && foo\": compilation failed: ERROR: <input>:1:21: undeclared reference to "
                        + "'foo' (in container '')\n | variables.v == 1 && foo\n | ....................^",
                    "Invalid value: \"object.x\": must evaluate to bool but got dyn",
                    "Invalid value: \"1\": must evaluate to string but got int",
                ]
            )
        }
    }

    @Test("a request is denied with the message and the code of the validation")
    func denial() async throws {
        try await withSandbox { harness in
            try await create(
                harness,
                [
                    "matchConstraints": rules("configmaps", ["CREATE", "UPDATE"]),
                    "variables": [["name": "size", "expression": "has(object.data) ? object.data.size() : 0"]],
                    "validations": [
                        [
                            "expression": "variables.size < 2", "reason": "Forbidden",
                            "messageExpression": "request.userInfo.username + ' wrote ' + string(variables.size)",
                        ],
                        [
                            "expression": "!('x' in object.data) || object.data.x == oldObject.data.x",
                            "message": "fixed",
                        ],
                    ],
                ]
            )
            let large = try await post(harness, map("a", ["a": "1", "b": "2"]))
            let message = "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: sandbox wrote 2"
            #expect(large.code == 403)
            #expect(large.value["message"]?.stringValue == "configmaps \"a\" is forbidden: \(message)")
            #expect(large.value["reason"] == "Forbidden")
            #expect(large.value[path: ["details", "causes"]] == [["message": .string(message)]])
            let broken = try await post(harness, map("b", ["x": "1"]))
            #expect(broken.code == 422)
            #expect(broken.value["message"]?.stringValue?.contains("resulted in error: no such key: data") == true)
            #expect(try await post(harness, map("c", ["a": "1"])).code == 201)
            let path = "\(AdmissionPolicyTests.maps)/c"
            let patch: JSONValue = ["data": ["b": "2"]]
            let merge = "application/merge-patch+json"
            #expect(try await harness.call(.patch, path, patch, contentType: merge).code == 403)
            let status = try await harness.call(.get, path)
            #expect(status.value["data"] == ["a": "1"])
        }
    }

    @Test("conditions, selectors and rules decide which requests a policy sees")
    func matching() async throws {
        try await withSandbox { harness in
            var constraints = rules("configmaps", ["CREATE"])
            constraints["objectSelector"] = ["matchLabels": ["checked": "yes"]]
            constraints["excludeResourceRules"] = [
                [
                    "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["*"],
                    "resourceNames": ["excluded"],
                ]
            ]
            try await create(
                harness,
                [
                    "matchConstraints": constraints, "validations": [["expression": "false"]],
                    "matchConditions": [["name": "c", "expression": "!has(object.data.skip)"]],
                ],
                binding: [
                    "matchResources": [
                        "namespaceSelector": ["matchExpressions": [["key": "off", "operator": "DoesNotExist"]]]
                    ]
                ]
            )
            let checked: JSONValue = ["checked": "yes"]
            let refused = try await post(harness, map("a", ["a": "1"], labels: checked))
            #expect(refused.code == 422)
            #expect(
                refused.value["message"]?.stringValue?.hasSuffix("denied request: failed expression: false") == true
            )
            #expect(try await post(harness, map("b", ["a": "1"])).code == 201)
            #expect(try await post(harness, map("c", ["skip": "1"], labels: checked)).code == 201)
            #expect(try await post(harness, map("excluded", ["a": "1"], labels: checked)).code == 201)
            let secret: JSONValue = ["metadata": ["name": "s", "labels": checked]]
            #expect(try await harness.call(.post, "/api/v1/namespaces/default/secrets", secret).code == 201)
            let label: JSONValue = ["metadata": ["labels": ["off": "1"]]]
            let merge = "application/merge-patch+json"
            #expect(try await harness.call(.patch, "/api/v1/namespaces/default", label, contentType: merge).code == 200)
            #expect(try await post(harness, map("d", ["a": "1"], labels: checked)).code == 201)
        }
    }

    @Test("an error denies a request unless the policy ignores it, and a binding can warn instead")
    func failures() async throws {
        for (policy, actions, code): (String, [JSONValue], Int) in [
            ("Fail", ["Deny"], 422), ("Ignore", ["Deny"], 201), ("Fail", ["Warn", "Audit"], 201),
        ] {
            try await withSandbox { harness in
                try await create(
                    harness,
                    [
                        "failurePolicy": .string(policy), "matchConstraints": rules("configmaps", ["CREATE"]),
                        "validations": [["expression": "object.nothing == 1"]],
                    ],
                    binding: ["validationActions": .array(actions)]
                )
                #expect(try await post(harness, map("a")).code == code, "\(policy) \(actions)")
            }
        }
    }

    @Test("parameters come from the objects that the binding names or selects")
    func parameters() async throws {
        let validations: JSONValue = [
            [
                "expression": "object.data.size() <= int(params.data.most)",
                "messageExpression": "'most ' + params.data.most",
            ]
        ]
        for reference: JSONValue in [["name": "limit"], ["selector": ["matchLabels": ["limit": "yes"]]]] {
            try await withSandbox { harness in
                var reference = reference
                reference["parameterNotFoundAction"] = "Deny"
                var constraints = rules("configmaps", ["CREATE"])
                constraints["objectSelector"] = ["matchLabels": ["checked": "yes"]]
                try await create(
                    harness,
                    [
                        "paramKind": ["apiVersion": "v1", "kind": "ConfigMap"], "matchConstraints": constraints,
                        "validations": validations,
                    ],
                    binding: ["paramRef": reference]
                )
                let checked: JSONValue = ["checked": "yes"]
                let missing = try await post(harness, map("a", ["a": "1"], labels: checked))
                #expect(
                    missing.value["message"]?.stringValue?.hasSuffix(
                        "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
                    ) == true
                )
                #expect(try await post(harness, map("limit", ["most": "1"], labels: ["limit": "yes"])).code == 201)
                let refused = try await post(harness, map("a", ["a": "1", "b": "2"], labels: checked))
                #expect(refused.value["message"]?.stringValue?.hasSuffix("denied request: most 1") == true)
                #expect(try await post(harness, map("a", ["a": "1"], labels: checked)).code == 201)
            }
        }
    }

    @Test("deletions, scales and evictions are seen with their own objects")
    func subresources() async throws {
        try await withSandbox { harness in
            let deployments = "/apis/apps/v1/namespaces/default/deployments"
            let rule: (String, String, String) -> JSONValue = { group, resource, operation in
                [
                    "apiGroups": [.string(group)], "apiVersions": ["v1"], "resources": [.string(resource)],
                    "operations": [.string(operation)],
                ]
            }
            try await create(
                harness,
                [
                    "matchConstraints": [
                        "resourceRules": [
                            rule("", "configmaps", "DELETE"), rule("apps", "deployments/scale", "UPDATE"),
                            rule("", "pods/eviction", "CREATE"),
                        ]
                    ],
                    "validations": [
                        [
                            "expression": """
                            request.operation == 'DELETE' ? object == null && !has(oldObject.data) :
                            request.subResource == 'scale' ? object.spec.replicas < 3 && request.kind.kind == 'Scale' : false
                            """,
                            "messageExpression": "request.operation + ' ' + request.?subResource.orValue('')",
                        ]
                    ],
                ]
            )
            #expect(try await post(harness, map("kept", ["a": "1"])).code == 201)
            #expect(try await post(harness, ["metadata": ["name": "free"]]).code == 201)
            #expect(try await harness.call(.delete, "\(AdmissionPolicyTests.maps)/kept").code == 422)
            #expect(try await harness.call(.delete, "\(AdmissionPolicyTests.maps)/free").code == 200)
            let pod: JSONValue = ["containers": [["name": "c", "image": "i"]]]
            let spec: JSONValue = [
                "replicas": 1, "selector": ["matchLabels": ["a": "b"]],
                "template": ["metadata": ["labels": ["a": "b"]], "spec": pod],
            ]
            #expect(try await harness.call(.post, deployments, ["metadata": ["name": "d"], "spec": spec]).code == 201)
            for (replicas, code): (Int64, Int) in [(2, 200), (3, 422)] {
                let patch: JSONValue = ["spec": ["replicas": .integer(replicas)]]
                let merge = "application/merge-patch+json"
                let answer = try await harness.call(.patch, "\(deployments)/d/scale", patch, contentType: merge)
                #expect(answer.code == code, "\(answer.value)")
            }
            let pods = "/api/v1/namespaces/default/pods"
            #expect(try await harness.call(.post, pods, ["metadata": ["name": "p"], "spec": pod]).code == 201)
            let eviction: JSONValue = ["apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": "p"]]
            let evicted = try await harness.call(.post, "\(pods)/p/eviction", eviction)
            #expect(evicted.value["message"]?.stringValue?.hasSuffix("denied request: CREATE eviction") == true)
        }
    }

    @Test("a mutating policy changes objects by apply configurations and JSON patches")
    func mutations() async throws {
        try await withSandbox { harness in
            let apply = "Object{metadata: Object.metadata{annotations: {'by': request.userInfo.username}}}"
            let patch =
                "[JSONPatch{op: 'add', path: '/metadata/annotations/' + jsonpatch.escapeKey('a/b'), value: variables.v}]"
            try await create(
                harness,
                kind: "mutating",
                [
                    "reinvocationPolicy": "Never", "matchConstraints": rules("configmaps", ["CREATE"]),
                    "variables": [["name": "v", "expression": "object.data.a + '!'"]],
                    "matchConditions": [["name": "c", "expression": "has(object.data.a)"]],
                    "mutations": [
                        ["patchType": "ApplyConfiguration", "applyConfiguration": ["expression": .string(apply)]],
                        ["patchType": "JSONPatch", "jsonPatch": ["expression": .string(patch)]],
                    ],
                ]
            )
            let changed = try await post(harness, map("a", ["a": "1"]))
            #expect(
                changed.value[path: ["metadata", "annotations"]] == ["by": "sandbox", "a/b": "1!"],
                "\(changed.value)"
            )
            let other = try await post(harness, map("b", ["b": "1"]))
            #expect(other.value["data"] == ["b": "1"])
        }
    }

    static let brokenMutations: [(String, String)] = [
        (
            "Object{metadata: Object.wrong{name: 'x'}}",
            "type mismatch: unexpected type name \"Object.wrong\", expected \"Object.metadata\", which matches field name path "
                + "from root Object type"
        ),
        (
            "Object{foo: 1}",
            "error applying patch: failed to convert patch object to typed object: .foo: field not declared in schema"
        ),
        ("Object{data: {'x': object.data.nope}}", "no such key: nope"),
    ]

    @Test("a mutation that fails denies the request", arguments: brokenMutations)
    func brokenMutation(expression: String, message: String) async throws {
        try await withSandbox { harness in
            try await create(
                harness,
                kind: "mutating",
                [
                    "reinvocationPolicy": "Never", "matchConstraints": rules("configmaps", ["CREATE"]),
                    "mutations": [
                        ["patchType": "ApplyConfiguration", "applyConfiguration": ["expression": .string(expression)]]
                    ],
                ]
            )
            let refused = try await post(harness, map("a", ["a": "1"]))
            #expect(refused.code == 403)
            #expect(refused.value["reason"] == "Invalid")
            let text = refused.value["message"]?.stringValue ?? ""
            #expect(text.hasPrefix("policy 'p' with binding 'b' denied request: "))
            #expect(text.hasSuffix(message), "\(text)")
        }
    }

    @Test("policies do not apply to policies, and their defaults are those of the API server")
    func defaults() async throws {
        try await withSandbox { harness in
            let answer = try await create(
                harness,
                ["matchConstraints": rules("*", ["*"], group: "*"), "validations": [["expression": "false"]]]
            )
            let spec = answer.value["spec"]
            #expect(spec?["failurePolicy"] == "Fail")
            #expect(spec?[path: ["matchConstraints", "matchPolicy"]] == "Equivalent")
            #expect(spec?[path: ["matchConstraints", "objectSelector"]] == [:])
            #expect(try await post(harness, map("a")).code == 422)
            let path = "\(AdmissionPolicyTests.policies)/validatingadmissionpolicies/p"
            #expect(try await harness.call(.delete, path).code == 200)
            #expect(try await post(harness, map("a")).code == 201)
        }
    }

    @Test("the rules of a custom resource are evaluated without an implementation in Swift")
    func customRules() async throws {
        try await withSandbox { harness in
            let schema: JSONValue = [
                "type": "object",
                "properties": [
                    "spec": [
                        "type": "object",
                        "properties": [
                            "most": ["type": "integer"], "namespace": ["type": "string"],
                            "until": ["type": "string", "format": "date-time"],
                        ],
                        "x-kubernetes-validations": [
                            ["rule": "self.most > 2", "message": "too small"],
                            [
                                "rule": "!has(self.__namespace__) || self.__namespace__ == oldSelf.__namespace__",
                                "message": "fixed",
                            ],
                            ["rule": "!has(self.until) || self.until.getFullYear() > 2000", "message": "too old"],
                        ],
                    ]
                ],
            ]
            let definition: JSONValue = [
                "metadata": ["name": "things.example.com"],
                "spec": [
                    "group": "example.com", "scope": "Namespaced",
                    "names": ["plural": "things", "kind": "Thing"],
                    "versions": [
                        [
                            "name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": schema],
                        ]
                    ],
                ],
            ]
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            let created = try await harness.call(.post, path, definition)
            #expect(created.code == 201)
            let things = "/apis/example.com/v1/namespaces/default/things"
            func send(_ method: HTTPRequest.Method, _ path: String, _ spec: JSONValue) async throws -> String {
                let object: JSONValue = [
                    "apiVersion": "example.com/v1", "kind": "Thing", "metadata": ["name": "t"], "spec": spec,
                ]
                let isPatch = method == .patch
                let type = isPatch ? "application/merge-patch+json" : "application/json"
                let answer = try await harness.call(method, path, isPatch ? ["spec": spec] : object, contentType: type)
                return answer.value["message"]?.stringValue ?? "accepted"
            }
            let requests: [(HTTPRequest.Method, JSONValue, String)] = [
                (.post, ["most": 1], "too small"), (.post, ["most": 3, "until": "1999-01-01T00:00:00Z"], "too old"),
                (.post, ["most": 3, "namespace": "a"], "accepted"), (.patch, ["namespace": "b"], "fixed"),
                (.patch, ["most": 4], "accepted"),
            ]
            for (method, spec, expected) in requests {
                let message = try await send(method, method == .patch ? "\(things)/t" : things, spec)
                #expect(message.hasSuffix(expected), "\(spec): \(message)")
            }
        }
    }
}

import KubernetesAPI
import Testing

@Suite struct SchemaTests {
    private static let schema = Schema.object(
        SchemaTests.self,
        "An object.",
        [
            "spec": .object(
                SchemaTests.self,
                "A specification.",
                [
                    "replicas": .integer("A count.").range(0...10).default(1),
                    "name": .string("A name.").dnsLabel().required(),
                    "nested": .object(SchemaTests.self, "More.", ["port": .integer("A port.").default(80)]),
                    "made": .object(SchemaTests.self, "More.", ["port": .integer("A port.").default(80)]).default([:]),
                    "ports": .array(
                        "Ports.",
                        of: .object(SchemaTests.self, "A port.", ["protocol": .string("").default("TCP")])
                    )
                    .atomic(),
                    "labels": .map("Labels.", of: .string()),
                    "rest": .anyObject("Anything."),
                    "amount": .quantity("An amount."),
                ],
                rules: [.exactlyOneOf("name", "namespace", message: "one of two")]
            )
        ]
    )

    @Test("a schema is unchanged after conversion to OpenAPI and back")
    func roundTrip() throws {
        let openAPI = Self.schema.openAPI
        let back = try Schema(openAPI: openAPI, nativeChecks: NativeRuleChecks([Self.schema]))
        #expect(back.openAPI == openAPI)
        #expect(back.rulesWithoutNativeCheck.isEmpty)
        #expect(openAPI[path: ["properties", "spec", "required"]] == ["name"])
        #expect(
            openAPI[path: ["properties", "spec", "properties", "replicas"]]
                == [
                    "type": "integer", "format": "int32", "description": "A count. Default: 1.", "minimum": 0,
                    "maximum": 10,
                    "default": 1,
                ]
        )
    }

    @Test("a rule escapes reserved words as CEL requires")
    func reservedWords() {
        let rule = Rule.exactlyOneOf("name", "namespace", message: "")
        #expect(rule.text == "[has(self.name), has(self.__namespace__)].exists_one(x, x)")
    }

    @Test("a rule without a Swift check is reported")
    func unknownRule() throws {
        #expect(try Schema(openAPI: Self.schema.openAPI).rulesWithoutNativeCheck.count == 1)
    }

    @Test("anything but a schema is rejected with its path")
    func invalid() {
        let error = #expect(throws: SchemaError.self) {
            try Schema(openAPI: ["type": "object", "properties": ["a": ["type": "text"]]])
        }
        #expect(error?.description == "properties.a: unknown type \"text\"")
    }

    @Test("defaults are set for missing fields, in lists, and below a default that is an object")
    func defaults() {
        var value: JSONValue = [
            "spec": ["name": "a", "ports": [[:], ["protocol": "UDP"]], "labels": nil, "replicas": nil]
        ]
        Self.schema.applyDefaults(to: &value)
        #expect(
            value == [
                "spec": [
                    "name": "a", "replicas": 1, "ports": [["protocol": "TCP"], ["protocol": "UDP"]],
                    "made": ["port": 80],
                ]
            ]
        )
        var again = value
        Self.schema.applyDefaults(to: &again)
        #expect(again == value)
    }

    @Test("unknown fields are removed and reported, and free-form fields are kept")
    func pruning() {
        var value: JSONValue = [
            "apiVersion": "v1", "kind": "X", "metadata": ["name": "a", "other": 1], "extra": 1,
            "spec": [
                "name": "a", "typo": 1, "nested": ["prot": 1], "ports": [["protocol": "TCP", "x": 1]],
                "labels": ["any": "thing"], "rest": ["deep": ["er": 1]],
            ],
        ]
        let removed = Self.schema.prune(&value)
        #expect(removed.map(\.description) == ["extra", "spec.nested.prot", "spec.ports[0].x", "spec.typo"])
        #expect(
            value == [
                "apiVersion": "v1", "kind": "X", "metadata": ["name": "a", "other": 1],
                "spec": [
                    "name": "a", "nested": [:], "ports": [["protocol": "TCP"]], "labels": ["any": "thing"],
                    "rest": ["deep": ["er": 1]],
                ],
            ]
        )
    }

    @Test("a path is written as it was read", arguments: ["spec", "spec.env[0].name", "a[1][2].b"])
    func paths(text: String) {
        #expect(FieldPath(text).description == text)
    }

    @Test("a path finds its value")
    func pathLookup() {
        let value: JSONValue = ["a": [["b": 1], ["b": 2]]]
        #expect(value[path: FieldPath("a[1].b")] == 2)
        #expect(value[path: FieldPath("a[2].b")] == nil)
        #expect(value[path: FieldPath("a.b")] == nil)
    }

    @Test("several errors become one message, like on the server")
    func message() {
        let first = FieldError(.required, FieldPath("spec.a"))
        let second = FieldError(.invalid, FieldPath("spec.b"), value: "x\"\u{1}", detail: "no")
        #expect(FieldError.message([first]) == "spec.a: Required value")
        #expect(
            FieldError.message([first, second]) == "[spec.a: Required value, spec.b: Invalid value: \"x\\\"\\x01\": no]"
        )
        #expect(second.cause.reason == "FieldValueInvalid")
        #expect(second.cause.field == "spec.b")
    }
}

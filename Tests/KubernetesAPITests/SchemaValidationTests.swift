import KubernetesAPI
import Testing

/// The responses of a real cluster, Kubernetes 1.36, to the same schema and the same objects, line by line.
@Suite struct SchemaValidationTests {
    private static let notChecked = FieldError.rulesNotChecked.description

    static let schemaText = """
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [must]
            properties:
              must: {type: string}
              i: {type: integer, minimum: 1, maximum: 10, format: int32}
              "n": {type: number, minimum: 0, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: true}
              f: {type: number, multipleOf: 0.5}
              s: {type: string, minLength: 2, maxLength: 4, pattern: "^a.*$"}
              e: {type: string, enum: [A, B]}
              b: {type: boolean}
              arr: {type: array, minItems: 1, maxItems: 2, items: {type: string, maxLength: 3}}
              set: {type: array, items: {type: string}, x-kubernetes-list-type: set}
              lm:
                type: array
                items: {type: object, required: [k], properties: {k: {type: string}, v: {type: integer}}}
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [k]
              lm2:
                type: array
                items: {type: object, required: [k, j], properties: {k: {type: string}, j: {type: integer}}}
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [k, j]
              m: {type: object, minProperties: 1, maxProperties: 2, additionalProperties: {type: string, maxLength: 3}}
              ios: {x-kubernetes-int-or-string: true}
              q: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}], pattern: "^[0-9]+(Mi|Gi)?$"}
              dt: {type: string, format: date-time}
              by: {type: string, format: byte}
              nul: {type: string, nullable: true}
              ie: {type: integer, enum: [1, 2]}
              i64: {type: integer, format: int64}
              oo: {type: object, properties: {a: {type: string}, b: {type: string}}, oneOf: [{required: [a]}, {required: [b]}]}
              r1:
                type: object
                properties: {a: {type: integer}, b: {type: integer}, k: {type: string}}
                x-kubernetes-validations:
                - {rule: a below b, message: a must be below b}
                - {rule: k not bad, message: k is bad, fieldPath: .k, reason: FieldValueForbidden}
                - {rule: k == oldSelf.k, message: k cannot change}
              rs:
                type: string
                x-kubernetes-validations:
                - {rule: not bad, message: no bad}
                - {rule: "self.size() < 100"}
                - {rule: not dup, reason: FieldValueDuplicate}
                - {rule: "self != 'req'", reason: FieldValueRequired}
        """

    /// The same rules in Swift, with the texts in the schema.
    private static let declared = Schema.object(
        SchemaValidationTests.self,
        "",
        [
            "r1": .object(
                SchemaValidationTests.self,
                "",
                [:],
                rules: [
                    Rule("a below b", message: "") { value, _ in
                        guard let a = value["a"]?.integerValue, let b = value["b"]?.integerValue else { return true }
                        return a < b
                    },
                    Rule("k not bad", message: "") { value, _ in value["k"] != "bad" },
                    Rule("k == oldSelf.k", message: "") { value, old in
                        guard let new = value["k"], let before = old?["k"] else { return true }
                        return new == before
                    },
                ]
            ),
            "rs": .string()
                .rule(Rule("not bad", message: "") { value, _ in value != "bad" })
                .rule(Rule("self.size() < 100", message: "") { value, _ in (value.stringValue ?? "").count < 100 })
                .rule(Rule("not dup", message: "") { value, _ in value != "dup" })
                .rule(Rule("self != 'req'", message: "") { value, _ in value != "req" }),
        ]
    )

    private static func schema() throws -> Schema {
        try Schema(openAPI: YAML.value(of: schemaText), nativeChecks: NativeRuleChecks([declared]))
    }

    private func errors(_ spec: String, old: String? = nil) throws -> [String] {
        let schema = try Self.schema()
        #expect(schema.rulesWithoutNativeCheck.isEmpty)
        func prepared(_ spec: String) throws -> JSONValue {
            var value: JSONValue = ["apiVersion": "v1", "kind": "X", "spec": try YAML.value(of: spec)]
            schema.applyDefaults(to: &value)
            return value
        }
        return try schema.validate(prepared(spec), old: old.map(prepared)).map(\.description)
    }

    @Test(
        "errors have the server's messages",
        arguments: [
            ("{}", ["spec.must: Required value", notChecked]),
            ("null", ["spec: Required value", notChecked]),
            ("x", ["spec: Invalid value: \"string\": spec in body must be of type object: \"string\"", notChecked]),
            ("[a]", ["spec: Invalid value: \"array\": spec in body must be of type object: \"array\"", notChecked]),
            ("{must: null}", ["spec.must: Required value", notChecked]),
            (
                "{must: 1}",
                [
                    "spec.must: Invalid value: \"integer\": spec.must in body must be of type string: \"integer\"",
                    notChecked,
                ]
            ),
            (
                "{must: {a: 1}}",
                [
                    "spec.must: Invalid value: \"object\": spec.must in body must be of type string: \"object\"",
                    notChecked,
                ]
            ),
            (
                "{must: [1]}",
                [
                    "spec.must: Invalid value: \"array\": spec.must in body must be of type string: \"array\"",
                    notChecked,
                ]
            ),
            ("{must: a, i: 0}", ["spec.i: Invalid value: 0: spec.i in body should be greater than or equal to 1"]),
            ("{must: a, i: 11}", ["spec.i: Invalid value: 11: spec.i in body should be less than or equal to 10"]),
            (
                "{must: a, i: 1.5}",
                [
                    "spec.i: Invalid value: \"float64\": spec.i in body must be of type int32: \"float64\"",
                    "<nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in spec.i",
                    notChecked,
                ]
            ),
            (
                "{must: a, i: x}",
                ["spec.i: Invalid value: \"string\": spec.i in body must be of type integer: \"string\"", notChecked]
            ),
            (
                "{must: a, i: true}",
                ["spec.i: Invalid value: \"\": spec.i in body must be of type int32: \"\"", notChecked]
            ),
            (
                "{must: a, i: 99999999999}",
                [
                    "<nil>: Invalid value: \"\": Checked value must be of type integer with format int32 in spec.i",
                    "spec.i: Invalid value: 99999999999: spec.i in body should be less than or equal to 10",
                ]
            ),
            (
                "{must: a, i64: 123456789012345678901}",
                [
                    "spec.i64: Invalid value: \"float64\": spec.i64 in body must be of type int64: \"float64\"",
                    "<nil>: Invalid value: \"\": Checked value must be of type integer with format int64 in spec.i64",
                    notChecked,
                ]
            ),
            ("{must: a, f: 1.2}", ["spec.f: Invalid value: 1.2: spec.f in body should be a multiple of 0.5"]),
            (
                "{must: a, s: b}",
                [
                    "spec.s: Invalid value: \"b\": spec.s in body should be at least 2 chars long"
                ]
            ),
            ("{must: a, s: abcdef}", ["spec.s: Too long: may not be more than 4 bytes", notChecked]),
            ("{must: a, e: C}", ["spec.e: Unsupported value: \"C\": supported values: \"A\", \"B\"", notChecked]),
            (
                "{must: a, e: 1}",
                [
                    "spec.e: Invalid value: \"integer\": spec.e in body must be of type string: \"integer\"",
                    "spec.e: Unsupported value: 1: supported values: \"A\", \"B\"", notChecked,
                ]
            ),
            ("{must: a, ie: 3}", ["spec.ie: Unsupported value: 3: supported values: \"1\", \"2\"", notChecked]),
            (
                "{must: a, b: x}",
                ["spec.b: Invalid value: \"string\": spec.b in body must be of type boolean: \"string\"", notChecked]
            ),
            ("{must: a, arr: []}", ["spec.arr: Invalid value: 0: spec.arr in body should have at least 1 items"]),
            ("{must: a, arr: [a, b, c]}", ["spec.arr: Too many: 3: must have at most 2 items", notChecked]),
            (
                "{must: a, arr: [abcd, 1]}",
                [
                    "spec.arr[0]: Too long: may not be more than 3 bytes",
                    "spec.arr[1]: Invalid value: \"integer\": spec.arr[1] in body must be of type string: \"integer\"",
                    notChecked,
                ]
            ),
            ("{must: a, set: [a, b, a]}", ["spec.set[2]: Duplicate value: \"a\""]),
            ("{must: a, lm: [{k: a}, {k: a, v: 1}]}", ["spec.lm[1]: Duplicate value: {\"k\":\"a\"}"]),
            ("{must: a, lm: [{v: 1}]}", ["spec.lm[0].k: Required value", notChecked]),
            ("{must: a, lm2: [{k: a, j: 1}, {k: a, j: 1}]}", ["spec.lm2[1]: Duplicate value: {\"j\":1,\"k\":\"a\"}"]),
            ("{must: a, m: {}}", ["spec.m: Invalid value: 0: spec.m in body should have at least 1 properties"]),
            ("{must: a, m: {a: b, c: d, e: f}}", ["spec.m: Too many: 3: must have at most 2 items", notChecked]),
            ("{must: a, m: {a: bbbb}}", ["spec.m.a: Too long: may not be more than 3 bytes", notChecked]),
            (
                "{must: a, ios: 1.5}",
                [
                    "spec.ios: Invalid value: \"number\": spec.ios in body must be of type integer,string: \"number\"",
                    notChecked,
                ]
            ),
            (
                "{must: a, ios: true}",
                [
                    "spec.ios: Invalid value: \"boolean\": spec.ios in body must be of type integer,string: \"boolean\"",
                    notChecked,
                ]
            ),
            ("{must: a, q: 5Xi}", ["spec.q: Invalid value: \"5Xi\": spec.q in body should match '^[0-9]+(Mi|Gi)?$'"]),
            (
                "{must: a, q: true}",
                [
                    "spec.q: Invalid value: \"boolean\": spec.q in body must be of type integer,string: \"boolean\"",
                    "<nil>: Invalid value: \"\": \"spec.q\" must validate at least one schema (anyOf)",
                    "spec.q: Invalid value: \"boolean\": spec.q in body must be of type integer: \"boolean\"",
                    notChecked,
                ]
            ),
            (
                "{must: a, dt: nope}",
                ["spec.dt: Invalid value: \"nope\": spec.dt in body must be of type date-time: \"nope\"", notChecked]
            ),
            (
                "{must: a, by: \"!!\"}",
                ["spec.by: Invalid value: \"!!\": spec.by in body must be of type byte: \"!!\"", notChecked]
            ),
            ("{must: a, nul: null}", []),
            ("{must: a, arr: null, m: null, i: null}", []),
            (
                "{must: a, oo: {}}",
                [
                    "<nil>: Invalid value: \"\": \"spec.oo\" must validate one and only one schema (oneOf). Found none valid",
                    "spec.oo.a: Required value", notChecked,
                ]
            ),
            (
                "{must: a, oo: {a: x, b: x}}",
                [
                    "<nil>: Invalid value: \"\": \"spec.oo\" must validate one and only one schema (oneOf). Found 2 valid "
                        + "alternatives"
                ]
            ),
            (
                "{must: a, r1: {a: 2, b: 1, k: bad}}",
                ["spec.r1: Invalid value: a must be below b", "spec.r1.k: Forbidden: k is bad"]
            ),
            ("{must: a, rs: bad}", ["spec.rs: Invalid value: \"bad\": no bad"]),
            ("{must: a, rs: dup}", ["spec.rs: Duplicate value: \"dup\": failed rule: not dup"]),
            ("{must: a, rs: req}", ["spec.rs: Required value: failed rule: self != 'req'"]),
            (
                "{must: a, i: 0, rs: bad}",
                [
                    "spec.i: Invalid value: 0: spec.i in body should be greater than or equal to 1",
                    "spec.rs: Invalid value: \"bad\": no bad",
                ]
            ),
            (
                "{must: a, i: x, rs: bad}",
                ["spec.i: Invalid value: \"string\": spec.i in body must be of type integer: \"string\"", notChecked]
            ),
            ("{must: \"q\\\"uo\\n€é\"}", []),
        ]
    )
    func wording(spec: String, expected: [String]) throws {
        #expect(try errors(spec).sorted() == expected.sorted())
    }

    @Test("unchanged values are not rejected, and transition rules are evaluated only on updates")
    func updates() throws {
        #expect(try errors("{must: b, i: 0, rs: bad}", old: "{must: a, i: 0, rs: bad}").isEmpty)
        #expect(try errors("{must: b, i: 0}", old: "{must: a, i: 20}").count == 1)
        #expect(try errors("{must: a, r1: {k: x}}").isEmpty)
        #expect(
            try errors("{must: a, r1: {k: x}}", old: "{must: a, r1: {k: y}}") == [
                "spec.r1: Invalid value: k cannot change"
            ]
        )
    }

    @Test("elements of a map list are compared with those of the same key, and of other lists with none")
    func correlation() throws {
        let list = "must: a, lm: [{k: x, v: 1.5}, {k: z}]"
        #expect(try errors("{must: b, lm: [{k: z}, {k: x, v: 1.5}]}", old: "{\(list)}").isEmpty)
        #expect(try errors("{must: b, set: [c, a, a]}", old: "{must: a, set: [a, a]}").count == 1)
    }
}

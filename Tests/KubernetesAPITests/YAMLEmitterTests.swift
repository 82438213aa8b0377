import KubernetesAPI
import Testing

@Suite struct YAMLEmitterTests {
    @Test("keys have a fixed order, and sequences are indented like by kubectl")
    func layout() {
        let value: JSONValue = [
            "spec": ["b": [["name": "x", "a": 1], ["name": "z"]], "a": [], "c": [:], "d": [[1, 2], ["k": "v"]]],
            "metadata": ["labels": ["app": "x"], "namespace": "ns", "name": "a"],
            "kind": "MCPServer",
            "apiVersion": "moorage.dev/v1alpha1",
        ]
        let expected = """
            apiVersion: moorage.dev/v1alpha1
            kind: MCPServer
            metadata:
              name: a
              namespace: ns
              labels:
                app: x
            spec:
              a: []
              b:
              - name: x
                a: 1
              - name: z
              c: {}
              d:
              - - 1
                - 2
              - k: v

            """
        #expect(YAML.text(value) == expected)
    }

    @Test("several lines become a literal block")
    func blocks() {
        #expect(YAML.text(["a": "x\ny\n"]) == "a: |\n  x\n  y\n")
        #expect(YAML.text(["a": "x\n\n y"]) == "a: |-\n  x\n\n   y\n")
        #expect(YAML.text(["a": "x\ny\n\n"]) == "a: |+\n  x\n  y\n\n")
    }

    @Test(
        "text that would be read as something else is quoted",
        arguments: [
            "", "yes", "y", "off", "true", "null", "~", "1", "010", "0x1F", "1e3", ".5", "12:30:45", "2020-01-01", " a",
            "a ", "a: b", "a:", "#a", "a #b", "- a", "-", "---", "[a", "{a", "*a", "&a", "!a", "|", ">", "'a'", "\"a\"",
            "%a", "@a", "`a", "=", "<<", ".inf", "\t", "\u{7}", "\u{85}", "\u{FEFF}", "?", "? a", ",", "1_000",
        ]
    )
    func quoting(text: String) throws {
        let yaml = YAML.text(["k": .string(text)])
        #expect(yaml.hasPrefix("k: \""))
        #expect(try YAML.value(of: yaml)["k"] == .string(text))
    }

    @Test(
        "plain words stay plain",
        arguments: ["a", "--insecure", "-v", "a:b", "/mcp", "a#b", "ghcr.io/a/b@sha256:00", "é"]
    )
    func plain(text: String) {
        #expect(YAML.text(["k": .string(text)]) == "k: \(text)\n")
    }

    @Test("random values are read back unchanged", arguments: [0x5EED_0001, 0x5EED_0002] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let value: JSONValue = ["root": JSONValue.random(depth: 4, using: &generator)]
            let text = YAML.text(value)
            let back = try YAML.value(of: text)
            try #require(back == value.withWholeNumbersAsIntegers, "seed \(seed): \(text)")
        }
    }
}

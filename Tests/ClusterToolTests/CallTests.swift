import ClusterTool
import CommandSupport
import KubernetesAPI
import MCPProtocol
import Testing

@Suite("Tool calls")
struct CallTests {
    static func tool(_ schema: RawJSON, name: String = "forecast") -> Tool { Tool(name: name, inputSchema: schema) }

    static let schema: RawJSON = [
        "type": "object",
        "properties": [
            "city": ["type": "string"], "days": ["type": "integer"], "height": ["type": "number"],
            "fahrenheit": ["type": "boolean"], "tags": ["type": "array", "items": ["type": "integer"]],
            "options": ["type": "object"], "unit": ["enum": ["m", "ft", 3]],
            "maybe": ["anyOf": [["type": "string"], ["type": "integer"], ["type": "null"]]],
            "either": ["type": ["string", "integer"]], "place": ["$ref": "#/$defs/Place"], "any": [:],
            "loop": ["$ref": "#/properties/loop"],
        ],
        "$defs": ["Place": ["type": "array", "items": ["type": "number"]]],
    ]

    @Test(
        "values have the type that the schema says",
        arguments: [
            ("city=Bern", #"{"city":"Bern"}"#), ("city=12", #"{"city":"12"}"#), ("city=", #"{"city":""}"#),
            ("city=a=b", #"{"city":"a=b"}"#), ("days=-3", #"{"days":-3}"#), ("days=1e3", #"{"days":1e3}"#),
            ("days=99999999999999999999", #"{"days":99999999999999999999}"#), ("height=0.5", #"{"height":0.5}"#),
            ("fahrenheit=true", #"{"fahrenheit":true}"#), ("tags=7", #"{"tags":[7]}"#),
            ("tags=[1, 2]", #"{"tags":[1, 2]}"#), (#"options={"a":[]}"#, #"{"options":{"a":[]}}"#),
            ("unit=ft", #"{"unit":"ft"}"#), ("unit=3", #"{"unit":3}"#), ("maybe=5", #"{"maybe":5}"#),
            ("maybe=null", #"{"maybe":null}"#), ("maybe=five", #"{"maybe":"five"}"#), ("either=5", #"{"either":5}"#),
            ("either=x", #"{"either":"x"}"#), ("place=1.5", #"{"place":[1.5]}"#), ("any=[1]", #"{"any":[1]}"#),
            ("any=text", #"{"any":"text"}"#),
        ]
    )
    func typed(text: String, expected: String) throws {
        #expect(try ToolArguments(Self.tool(Self.schema)).object(base: nil, texts: [text]).text == expected)
    }

    @Test(
        "other values are refused, with the name and what the schema says",
        arguments: [
            ("days=soon", "--arg days=soon: the schema of the tool says integer for days"),
            ("days=1.5", "--arg days=1.5: the schema of the tool says integer for days"),
            ("height=NaN", "--arg height=NaN: the schema of the tool says number for height"),
            ("fahrenheit=yes", "--arg fahrenheit=yes: the schema of the tool says boolean for fahrenheit"),
            ("options=[]", "--arg options=[]: the schema of the tool says object for options"),
            ("unit=mile", "--arg unit=mile: the schema of the tool says one of m, ft, 3 for unit"),
            ("tags=a", "--arg tags=a: the schema of the tool says integer for tags"),
            ("ctiy=Bern", "the tool forecast has no argument ctiy: did you mean city?"),
            ("=x", "--arg =x is not of the form name=value"), ("city", "--arg city is not of the form name=value"),
        ]
    )
    func refused(text: String, message: String) {
        let error = #expect(throws: CommandFailure.self) {
            try ToolArguments(Self.tool(Self.schema)).object(base: nil, texts: [text])
        }
        #expect(error?.message == message)
    }

    @Test("a name that is repeated makes an array, and is refused for other types")
    func repeated() throws {
        let arguments = ToolArguments(Self.tool(Self.schema))
        #expect(try arguments.object(base: nil, texts: ["tags=1", "tags=2"]).text == #"{"tags":[1,2]}"#)
        #expect(throws: CommandFailure.self) { try arguments.object(base: nil, texts: ["days=1", "days=2"]) }
    }

    @Test("texts are added to the object, and replace its values")
    func base() throws {
        let arguments = ToolArguments(Self.tool(Self.schema))
        let object = try arguments.object(base: #"{"city": "Bern", "days": 1}"#, texts: ["days=2"])
        #expect(object["city"]?.stringValue == "Bern")
        #expect(object["days"]?.integerValue == 2)
        for text in ["[]", "{", ""] {
            #expect(throws: CommandFailure.self) { try arguments.object(base: text, texts: []) }
        }
    }

    @Test("required arguments that are missing are named")
    func required() {
        let tool = Self.tool(["properties": ["a": ["type": "integer"], "b": [:]], "required": ["a", "b", "c"]])
        let error = #expect(throws: CommandFailure.self) { try ToolArguments(tool).object(base: nil, texts: ["b=1"]) }
        #expect(error?.message == "the tool forecast also needs a (integer), c: add --arg NAME=VALUE for each")
    }

    @Test("a schema that refers to itself ends")
    func loop() {
        #expect(throws: Never.self) {
            _ = try ToolArguments(Self.tool(Self.schema)).object(base: nil, texts: ["loop=x"])
        }
    }

    @Test(
        "an unknown tool is refused with similar names",
        arguments: [
            ("forcast", "weather has no tool forcast: did you mean forecast? --list lists all of them"),
            ("fo", "weather has no tool fo: did you mean forecast? --list lists all of them"),
            ("cast", "weather has no tool cast: did you mean forecast? --list lists all of them"),
            ("zzz", "weather has no tool zzz: --list lists its tools"),
            ("\u{1B}[2J", "weather has no tool \\u{1B}[2J: --list lists its tools"),
        ]
    )
    func unknown(name: String, message: String) throws {
        let list = ToolList([Self.tool(Self.schema).raw, Self.tool([:], name: "now").raw, ["name": 5]])
        let error = #expect(throws: CommandFailure.self) { try list.tool(name, of: "weather") }
        #expect(error?.message == message)
        #expect(try list.tool("now", of: "weather").name == "now")
    }

    @Test("the list has each tool with its arguments, and says what it leaves out")
    func list() {
        let tool: RawJSON = [
            "name": "forecast", "description": "The weather\u{1B}\nof a city.",
            "inputSchema": [
                "properties": ["city": ["type": "string"], "days": ["type": "integer"]], "required": ["city"],
            ],
        ]
        #expect(
            ToolList([tool, "no tool"]).rendered(console: .plain) == """
                forecast
                  The weather\\u{1B}
                    --arg city=  string
                    --arg days=  integer, optional
                1 more cannot be shown, because their definitions are not valid.

                """
        )
        #expect(ToolList([]).rendered(console: .plain) == "The server offers no tools.\n")
    }

    @Test(
        "answers are shown as text, and structured content as JSON, once",
        arguments: [
            (#"{"content":[{"type":"text","text":"a\nb"}]}"#, "a\nb\n"),
            (#"{"content":[{"type":"text","text":"\u001b[0m"}]}"#, "\\u{1B}[0m\n"),
            (
                #"{"content":[{"type":"text","text":"{\"a\": 1}"}],"structuredContent":{"a":1}}"#,
                "{\n    \"a\": 1\n}\n"
            ),
            (#"{"content":[{"type":"text","text":"42"}],"structuredContent":{"result":42}}"#, "42\n"),
            (
                #"{"content":[{"type":"text","text":"more"}],"structuredContent":{"a":1}}"#,
                "more\n{\n    \"a\": 1\n}\n"
            ),
            (
                #"{"content":[{"type":"image","mimeType":"image/png","data":"AAAA"}]}"#,
                "[image image/png, 3 bytes: use -o json]\n"
            ),
            (#"{"content":[{"type":"resource","resource":{"uri":"a:b","text":"x"}}]}"#, "x\n"),
            (
                #"{"content":[{"type":"new"},5]}"#,
                "[content of the type new: use -o json]\n[content of the type : use -o json]\n"
            ),
            (#"{"content":[]}"#, ""),
        ]
    )
    func answers(result: String, text: String) throws {
        #expect(try ToolAnswer(RawJSON(parsing: result)).text == text)
    }

    @Test("an error of the tool is known as one, and something else is no result")
    func errors() throws {
        #expect(try ToolAnswer(RawJSON(parsing: #"{"content":[],"isError":true}"#)).isError)
        #expect(throws: MessageFieldError.self) { try ToolAnswer(RawJSON(parsing: #"{"tools":[]}"#)) }
    }
}

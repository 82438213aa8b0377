import Testing

@testable import CommandSupport
@testable import Controller

@Suite("Durations on the command line")
struct DurationArgumentTests {
    @Test(
        "Go's notation is read",
        arguments: [
            ("15s", Duration.seconds(15)), ("500ms", .milliseconds(500)), ("1m30s", .seconds(90)),
            ("2h", .seconds(7200)),
            ("1.5s", .milliseconds(1500)), ("0", .zero), ("0s", .zero), ("1h0m1s", .seconds(3601)),
        ]
    )
    func read(text: String, expected: Duration) {
        #expect(DurationArgument(argument: text)?.duration == expected)
    }

    @Test(
        "anything else is refused",
        arguments: ["", "15", "s", "-1s", "1 s", "1y", "1s2", "..s", "1e3s", "99999999999h"]
    )
    func refused(text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    @Test("a duration is written as it is read", arguments: ["15s", "500ms", "2h", "1m", "90s", "0s"])
    func written(text: String) {
        #expect(DurationArgument(argument: text)?.description == text)
    }
}

@Suite("Settings from the environment")
struct EnvironmentReaderTests {
    enum Colour: String, CaseIterable {
        case red
        case green
    }

    let reader = EnvironmentReader([
        "YES": "true", "NO": "False", "MAYBE": "perhaps", "EMPTY": "", "EIGHT": "8", "LIST": " a, b ,,c",
        "COLOUR": "red",
        "LONG": "15s",
    ])

    @Test("values are read by their kind")
    func kinds() throws {
        #expect(try reader.boolean("YES") == true)
        #expect(try reader.boolean("NO") == false)
        #expect(try reader.integer("EIGHT") == 8)
        #expect(reader.list("LIST") == ["a", "b", "c"])
        #expect(try reader.choice("COLOUR", Colour.self) == .red)
        #expect(try reader.duration("LONG") == .seconds(15))
    }

    @Test("an empty variable counts as not set")
    func empty() throws {
        #expect(reader.text("EMPTY") == nil)
        #expect(try reader.boolean("EMPTY") == nil)
        #expect(try reader.integer("ABSENT") == nil)
    }

    @Test("an invalid value is an error that names the variable and the value")
    func wrong() {
        let failure = #expect(throws: CommandFailure.self) { try reader.boolean("MAYBE") }
        #expect(failure?.message == "environment variable MAYBE: \"perhaps\" is neither true nor false")
        #expect(throws: CommandFailure.self) { try reader.integer("MAYBE") }
        #expect(throws: CommandFailure.self) { try reader.duration("MAYBE") }
        let choice = #expect(throws: CommandFailure.self) { try reader.choice("MAYBE", Colour.self) }
        #expect(choice?.message == "environment variable MAYBE: \"perhaps\" must be one of red, green")
    }
}

@Suite("Addresses to listen on")
struct BindAddressTests {
    @Test(
        "Go's notation is read, and written as it was read",
        arguments: [
            (":8080", "0.0.0.0", 8080), ("127.0.0.1:9090", "127.0.0.1", 9090), ("[::1]:80", "::1", 80),
            ("localhost:0", "localhost", 0),
        ]
    )
    func read(text: String, host: String, port: Int) {
        let address = BindAddress(argument: text)
        #expect(address == BindAddress(host: host, port: port))
        #expect(address?.description == text)
    }

    @Test("0 listens nowhere")
    func disabled() {
        #expect(BindAddress(argument: "0")?.port == nil)
        #expect(BindAddress(argument: "0")?.description == "0")
    }

    @Test("anything else is refused", arguments: ["", "8080", "::1:80", ":65536", ":http", "[host]:80", ":-1"])
    func refused(text: String) {
        #expect(BindAddress(argument: text) == nil)
    }
}

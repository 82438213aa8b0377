import KubernetesAPI
import Policy
import Testing

@testable import Gateway

@Suite("Settings of limits and audit")
struct LimitAndAuditSettingsTests {
    private static func settings(_ json: JSONValue) throws -> GatewaySettings {
        let settings: GatewaySettings = try json.decode()
        try settings.validate()
        return settings
    }

    @Test("all fields can be set, and are read as they are written")
    func complete() throws {
        let json: JSONValue = [
            "limits": [
                "redis": [
                    "address": "redis.moorage-system.svc:6380",
                    "tls": ["mode": "Enabled", "caFile": "/etc/redis/ca.crt", "serverName": "redis"],
                    "username": "gateway", "passwordFile": "/etc/redis/password", "database": 3,
                    "keyPrefix": "moorage:prod", "timeoutMilliseconds": 100,
                ],
                "storeUnavailable": "Deny",
                "answer": "ToolResult",
                "concurrentRequests": ["perServer": 100, "perPrincipal": 10],
                "bytesPerMinute": ["perServer": 10_000_000, "perPrincipal": 1_000_000],
            ],
            "audit": [
                "sinks": ["Stdout", "File"],
                "file": ["path": "/data/audit.jsonl", "maximumBytes": 10_485_760, "keptFiles": 5, "sync": "Rotation"],
                "arguments": "Full",
                "redact": ["/**/password", "/items/*/secret", "/a~1b"],
                "maximumArgumentBytes": 4_096,
                "onFailure": "Allow",
                "queueLength": 100,
            ],
        ]
        let settings = try Self.settings(json)
        #expect(try JSONValue(encoding: settings) == json)
        let configuration = try RedisConfiguration(try #require(settings.limits?.redis)) { "content of \($0)" }
        #expect(configuration.host == "redis.moorage-system.svc")
        #expect(configuration.port == 6_380)
        #expect(configuration.tls == .init(caFile: "/etc/redis/ca.crt", serverName: "redis"))
        #expect(configuration.database == 3)
        #expect(configuration.timeout == .milliseconds(100))
        #expect(try configuration.credentials?().password == "content of /etc/redis/password")
        #expect(try configuration.credentials?().username == "gateway")
    }

    @Test("nothing has to be set")
    func empty() throws {
        _ = try Self.settings([:])
        _ = try Self.settings(["limits": [:], "audit": [:]])
        _ = try Self.settings(["audit": ["sinks": []]])
    }

    @Test(
        "an address is a host and an optional port",
        arguments: [
            ("redis", "redis", 6_379), ("10.0.0.1:7000", "10.0.0.1", 7_000), ("[fd00::1]:7000", "fd00::1", 7_000),
            ("[fd00::1]", "fd00::1", 6_379),
        ]
    )
    func address(text: String, host: String, port: Int) {
        let parsed = GatewayRedis(address: text).hostAndPort
        #expect(parsed?.host == host)
        #expect(parsed?.port == port)
    }

    @Test(
        "an address in another form is refused",
        arguments: [
            "", ":6379", "redis:", "redis:0", "redis:65536", "redis://redis:6379", "redis:+1", "a b", "fd00::1",
            "[x]:1",
            "[fd00::1", "redis:6379/0", "user@redis",
        ]
    )
    func wrongAddress(text: String) {
        #expect(throws: SettingsError.self) { try Self.settings(["limits": ["redis": ["address": .string(text)]]]) }
    }

    @Test(
        "an invalid value is refused by an error that names the field",
        arguments: [
            (#"{"limits":{"redis":{"address":"r","username":"u"}}}"#, "limits.redis.username"),
            (#"{"limits":{"redis":{"address":"r","passwordFile":"p"}}}"#, "limits.redis.passwordFile"),
            (#"{"limits":{"redis":{"address":"r","database":-1}}}"#, "limits.redis.database"),
            (#"{"limits":{"redis":{"address":"r","keyPrefix":"{a}"}}}"#, "limits.redis.keyPrefix"),
            (#"{"limits":{"redis":{"address":"r","timeoutMilliseconds":1}}}"#, "limits.redis.timeoutMilliseconds"),
            (#"{"limits":{"redis":{"address":"r","tls":{"caFile":"ca"}}}}"#, "limits.redis.tls.caFile"),
            (
                #"{"limits":{"redis":{"address":"r","tls":{"mode":"Disabled","serverName":"x"}}}}"#,
                "limits.redis.tls.mode"
            ),
            (#"{"limits":{"concurrentRequests":{"perServer":0}}}"#, "limits.concurrentRequests.perServer"),
            (#"{"limits":{"bytesPerMinute":{"perPrincipal":1}}}"#, "limits.bytesPerMinute.perPrincipal"),
            (#"{"audit":{"sinks":["File"]}}"#, "audit.file"),
            (#"{"audit":{"sinks":["Stdout","Stdout"]}}"#, "audit.sinks"),
            (#"{"audit":{"file":{"path":"/a"}}}"#, "audit.file"),
            (#"{"audit":{"sinks":["File"],"file":{"path":"a"}}}"#, "audit.file.path"),
            (#"{"audit":{"sinks":["File"],"file":{"path":"/a/"}}}"#, "audit.file.path"),
            (#"{"audit":{"sinks":["File"],"file":{"path":"/a","maximumBytes":1}}}"#, "audit.file.maximumBytes"),
            (#"{"audit":{"sinks":["File"],"file":{"path":"/a","keptFiles":0}}}"#, "audit.file.keptFiles"),
            (#"{"audit":{"redact":["/a","b"]}}"#, "audit.redact[1]"),
            (#"{"audit":{"redact":["/a/**"]}}"#, "audit.redact[0]"),
            (#"{"audit":{"redact":["/a~2"]}}"#, "audit.redact[0]"),
            (#"{"audit":{"maximumArgumentBytes":1}}"#, "audit.maximumArgumentBytes"),
            (#"{"audit":{"queueLength":0}}"#, "audit.queueLength"),
        ]
    )
    func invalid(text: String, field: String) throws {
        let json = try JSONValue(parsing: Array(text.utf8))
        let error = #expect(throws: SettingsError.self) { try Self.settings(json) }
        #expect(error?.field == field)
    }
}

import KubernetesAPI
import Logging
import Synchronization
import Testing

@testable import Observability

@Suite("Logs")
struct LogTests {
    @Test(
        "directives set levels for all and for modules, and the longest match applies",
        arguments: [
            ("", "runtime.queue", nil, Logger.Level.info), ("debug", "runtime.queue", nil, .debug),
            ("warn,reconcilers=DEBUG", "reconcilers.server", nil, .debug),
            ("warn,reconcilers=debug", "reconcilersx", nil, .warning),
            ("runtime=error,runtime.queue=trace", "runtime.queue", nil, .trace),
            ("runtime=error,runtime.queue=trace", "runtime.cache", nil, .error),
            (" info , nio = err ,, ", "nio", nil, .error),
            ("AsyncHTTPClient=debug", "other", "AsyncHTTPClient", .debug),
            ("runtime=error,AsyncHTTPClient=debug", "runtime", "AsyncHTTPClient", .error),
        ] as [(String, String, String?, Logger.Level)]
    )
    func levels(text: String, label: String, module: String?, expected: Logger.Level) throws {
        #expect(try LogLevels(parsing: text).level(label: label, module: module) == expected)
    }

    @Test("errors name the invalid directive", arguments: ["loud", "a=b=c", "=debug", "nio=", "nio=loud"])
    func badLevels(text: String) {
        let error = #expect(throws: LogLevelsError.self) { try LogLevels(parsing: "info,\(text)") }
        #expect(error?.directive == text)
        #expect(error?.description.contains(text) == true)
    }

    private func lines(
        _ format: LogFormat,
        levels: LogLevels = LogLevels(),
        _ body: (inout Logger) -> Void
    ) -> [String] {
        let written = Mutex<[String]>([])
        var logger = Logger(label: "reconcilers.server") { label in
            LineLogHandler(
                label: label,
                format: format,
                levels: levels,
                timestamp: { "2026-01-01T00:00:00.000000Z" },
                metadataProvider: Logger.MetadataProvider { ["controller": "servers", "zone": "outer"] },
                write: { line in written.withLock { $0.append(line) } }
            )
        }
        body(&logger)
        return written.withLock { $0 }
    }

    @Test("a JSON line starts with the fixed keys, and can always be parsed")
    func json() throws {
        let lines = lines(.json) { logger in
            logger[metadataKey: "name"] = "search"
            logger.error(
                "it \"broke\"\n\u{1}",
                metadata: ["zone": "inner", "level": "mine", "list": ["a", ["b": "c"]], "namespace": "default"]
            )
        }
        let line = try #require(lines.first)
        #expect(line.hasSuffix("}\n"))
        #expect(line.dropLast().contains("\n") == false)
        let value = try JSONValue(parsing: Array(line.utf8))
        #expect(value["message"] == "it \"broke\"\n\u{1}")
        #expect(value["level"] == "error")
        #expect(value["logger"] == "reconcilers.server")
        #expect(value["metadata.level"] == "mine")
        #expect(value["zone"] == "inner")
        #expect(value["time"] == "2026-01-01T00:00:00.000000Z")
        let keys = ["controller", "namespace", "name", "list"].compactMap {
            line.firstRange(of: "\"\($0)\":")?.lowerBound
        }
        #expect(keys.count == 4)
        #expect(keys == keys.sorted())
    }

    @Test("a text line stays one line, and values with spaces are quoted")
    func text() {
        let lines = lines(.text) { logger in
            logger.warning("first\nERROR second", metadata: ["reason": "two words", "count": "3"])
        }
        #expect(
            lines == [
                "2026-01-01T00:00:00.000000Z WARNING reconcilers.server: first\\nERROR second controller=servers count=3 "
                    + "reason=\"two words\" zone=outer\n"
            ]
        )
    }

    @Test("lines below the level are not written, and a logger's own level overrides the directives")
    func filter() throws {
        let levels = try LogLevels(parsing: "error,reconcilers=warning,other=trace")
        let written = lines(.text, levels: levels) { logger in
            logger.info("hidden")
            logger.warning("shown")
            logger.logLevel = .debug
            logger.debug("asked for")
        }
        #expect(written.map { $0.contains("hidden") } == [false, false])
        #expect(written.last?.contains("asked for") == true)
    }
}

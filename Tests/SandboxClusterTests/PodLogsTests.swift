import KubernetesAPI
import Testing

@testable import SandboxCluster

@Suite("The output of containers")
struct PodLogsTests {
    private let key = PodLogs.Key(uid: "u", container: "mcp")
    private let time = MicroTimestamp(microsecondsSinceEpoch: 1)

    private func texts(_ lines: [PodLogs.Line]) -> [String] { lines.map { String(decoding: $0.bytes, as: UTF8.self) } }

    @Test("pieces become lines, and the rest is a line when the run ends")
    func lines() {
        let logs = PodLogs(limit: 1_000)
        logs.append(Array("a\nb".utf8), to: key, at: time)
        logs.append(Array("c\n\nd".utf8), to: key, at: time)
        #expect(texts(logs.lines(key)) == ["a", "bc", ""])
        logs.end(key)
        #expect(texts(logs.lines(key)) == ["a", "bc", "", "d"])
    }

    @Test("only the newest part is kept, and a long line is split")
    func bounds() {
        let logs = PodLogs(limit: 30)
        for number in 0..<5_000 { logs.append(Array("line \(number)\n".utf8), to: key, at: time) }
        #expect(texts(logs.lines(key)) == ["line 4997", "line 4998", "line 4999"].suffix(3))
        let wide = PodLogs(limit: 1 << 20)
        wide.append([UInt8](repeating: 97, count: PodLogs.lineLimit + 5) + [10], to: key, at: time)
        #expect(wide.lines(key).map(\.bytes.count) == [PodLogs.lineLimit, 5])
    }

    @Test("a new run keeps the output of the one before, and readers that follow come to the end")
    func runs() async {
        let logs = PodLogs(limit: 1_000)
        logs.begin(key)
        #expect(logs.lines(key, of: .lastEnded).isEmpty)
        let (first, next) = logs.follow(key)
        #expect(first.isEmpty)
        logs.append(Array("one\n".utf8), to: key, at: time)
        logs.end(key)
        var followed: [PodLogs.Line] = []
        for await line in next { followed.append(line) }
        #expect(texts(followed) == ["one"])
        // While the container waits to be started again, its latest run is the last one that has ended.
        #expect(texts(logs.lines(key)) == ["one"])
        #expect(texts(logs.lines(key, of: .lastEnded)) == ["one"])
        #expect(logs.lines(key, of: .beforeLatest).isEmpty)
        logs.begin(key)
        #expect(logs.lines(key).isEmpty)
        #expect(texts(logs.lines(key, of: .lastEnded)) == ["one"])
        logs.append(Array("two\n".utf8), to: key, at: time)
        logs.end(key)
        #expect(texts(logs.lines(key, of: .lastEnded)) == ["two"])
        #expect(texts(logs.lines(key, of: .beforeLatest)) == ["one"])
        logs.forget(uid: "u")
        #expect(logs.lines(key, of: .beforeLatest).isEmpty)
    }

    @Test("a run that writes nothing is a run too, and whoever follows it afterwards comes to the end at once")
    func silentRuns() {
        let logs = PodLogs(limit: 1_000)
        logs.begin(key)
        logs.end(key)
        // A reader that is dropped would be removed, whether the run has ended or not.
        withExtendedLifetime(logs.follow(key)) { #expect(logs.followerCount == 0) }
        logs.begin(key)
        logs.append(Array("one\n".utf8), to: key, at: time)
        logs.end(key)
        for _ in 0..<2 {
            logs.begin(key)
            logs.end(key)
        }
        #expect(logs.lines(key).isEmpty)
        #expect(logs.lines(key, of: .beforeLatest).isEmpty)
    }

    @Test("a request selects lines by number and time, and shows times")
    func selection() {
        let lines = (1...3).map {
            PodLogs.Line(
                time: MicroTimestamp(microsecondsSinceEpoch: Int64($0) * 1_000_000),
                bytes: Array("\($0)".utf8)
            )
        }
        var request = LogRequest(key: key)
        request.tail = 2
        #expect(texts(request.selected(lines)) == ["2", "3"])
        request.tail = 0
        #expect(request.selected(lines).isEmpty)
        request = LogRequest(key: key)
        request.since = MicroTimestamp(microsecondsSinceEpoch: 2_500_000)
        #expect(texts(request.selected(lines)) == ["3"])
        request.showsTimes = true
        #expect(String(decoding: request.bytes(lines[0]), as: UTF8.self) == "1970-01-01T00:00:01.000000Z 1\n")
    }
}

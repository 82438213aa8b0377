import FoundationEssentials
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A network namespace that has a loopback interface and no route.
private enum Isolation {
    static let program = "/usr/bin/unshare"
    static let options = ["--map-root-user", "--net"]

    /// Whether this machine lets its users create one, as Linux does outside of most containers.
    static func isAvailable() async -> Bool {
        let result = try? await Tool(path: program).attempt(options + ["sh", "-c", "ip link set lo up"])
        return result?.status == 0
    }
}

/// The whole platform in a namespace in which the kernel counts each attempt to reach anything that is not on the loopback interface.
@Suite("Connections that nobody configured", .serialized, .enabled { await Isolation.isAvailable() })
struct OutboundConnectionTests {
    /// Runs the sandbox with a gateway, calls a server through it, and waits until everything had its turn that happens now and then.
    private static let script = """
        ip link set lo up || exit 125
        binary=$1; folder=$2; shift 2
        "$binary" sandbox --apply examples/quickstart.yaml --kubeconfig "$folder/kubeconfig" "$@" > "$folder/out" &
        sandbox=$!
        for i in $(seq 100); do grep -q "gateway serves" "$folder/out" && break; sleep 0.1; done
        url=$(sed -n 's|.*gateway serves each server at \\(http://[^/]*\\)/.*|\\1|p' "$folder/out")
        for i in $(seq 50); do
            "$binary" contract read "$url/default/hello/mcp" -o summary 2> "$folder/error" && break
            sleep 0.2
        done
        cat "$folder/error" >&2
        sleep 7
        kill $sandbox; wait $sandbox
        echo "opened $(awk '/^Tcp:/ {n = $6} END {print n}' /proc/net/snmp)"
        echo "unroutable4 $(awk '/^Ip:/ {n = $13} END {print n}' /proc/net/snmp)"
        echo "unroutable6 $(awk '/^Ip6OutNoRoutes/ {print $2}' /proc/net/snmp6)"
        """

    private static func run(_ arguments: String...) async throws -> (output: String, counts: [Substring: Int]) {
        let directory = try TemporaryDirectory()
        let binary = try #require(Binary.path, "moorage is not built: run `swift build`")
        let result = try await Tool(path: Isolation.program).attempt(
            Isolation.options + ["sh", "-c", script, "sh", binary.string, directory.path] + arguments,
            environment: ["NO_COLOR": "1", "MOORAGE_LOG_LEVEL": "warning"]
        )
        #expect(result.status == 0, "\(result.output)\(result.error)")
        var counts: [Substring: Int] = [:]
        for line in result.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let count = Int(words[1]) { counts[words[0]] = count }
        }
        return (result.output + result.error, counts)
    }

    @Test("operator and gateway start, and serve a call, without an attempt to reach anything outside")
    func nothing() async throws {
        let (output, counts) = try await Self.run()
        #expect(output.contains("Server:     sandbox"), "\(output)")
        #expect(counts["unroutable4"] == 0 && counts["unroutable6"] == 0, "\(output)")
        // What is on the loopback interface is counted elsewhere.
        #expect(counts["opened"] ?? 0 > 0)
    }

    @Test(
        "a collector of traces that is configured is what the gateway tries to reach, so that the count above would show it"
    )
    func configured() async throws {
        let directory = try TemporaryDirectory()
        let configuration = try directory.write(
            """
            apiVersion: moorage.dev/v1alpha1
            kind: MoorageConfiguration
            gateway:
              authentication: {mode: None}
              tracing: {endpoint: "http://192.0.2.1:4318/v1/traces", allowPlainHTTP: true}
            """,
            to: "moorage.yaml"
        )
        let (output, counts) = try await Self.run("--config", configuration)
        #expect(output.contains("Server:     sandbox"), "\(output)")
        #expect(counts["unroutable4"] ?? 0 > 0, "\(output)")
        #expect(output.contains("spans are dropped"), "\(output)")
    }
}

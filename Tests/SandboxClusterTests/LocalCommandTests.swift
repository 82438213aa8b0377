import KubernetesAPI
import Testing

@testable import SandboxCluster

/// What a container runs on this machine, and what its probes mean.
@Suite("Containers as commands of this machine")
struct LocalCommandTests {
    private static func launch(_ container: JSONValue, _ variables: [(String, String)] = []) throws -> ContainerLaunch {
        try #require(ContainerLaunch(container, variables: variables.map { .init(name: $0.0, value: $0.1) }))
    }

    @Test(
        "a port of the container becomes that of this machine, where it is certainly meant",
        arguments: [
            ("8080", "41000"), ("--port=8080", "--port=41000"), (":8080", "127.0.0.1:41000"),
            ("0.0.0.0:8080", "127.0.0.1:41000"), ("--bind=[::]:8080", "--bind=127.0.0.1:41000"),
            ("--bind-address=:8080", "--bind-address=127.0.0.1:41000"), ("localhost:8080", "127.0.0.1:41000"),
            // Anything else is left alone.
            ("http://db.example:8080", "http://db.example:8080"), ("18080", "18080"), ("8080/tcp", "8080/tcp"),
            ("--bind=10.0.0.1:8080", "--bind=10.0.0.1:8080"), ("8081", "8081"), ("", ""), ("08080", "08080"),
        ]
    )
    func ports(text: String, expected: String) {
        #expect(LocalCommand.local(text, [8080: 41_000]) == expected)
    }

    @Test(
        "variables are expanded as Kubernetes does",
        arguments: [
            ("$(A)-$(B)", "1-2"), ("$$(A)", "$(A)"), ("$(C)", "$(C)"), ("$A $", "$A $"), ("$(A", "$(A"),
            ("$$$(A)", "$1"),
        ]
    )
    func expansion(text: String, expected: String) {
        #expect(LocalCommand.expand(text, ["A": "1", "B": "2"]) == expected)
    }

    @Test(
        "the environment is what processes inherit, the port, and the container's variables, which refer to earlier ones"
    )
    func environment() throws {
        let container: JSONValue = [
            "name": "mcp", "command": ["serve", "--at=$(ADDRESS)"], "args": ["$(PORT)"],
            "ports": [["containerPort": 8080]],
        ]
        let launch = try Self.launch(
            container,
            [("ADDRESS", "http://x:$(PORT)"), ("LATER", "$(LAST)"), ("LAST", "z"), ("HOME", "/tmp")]
        )
        let settings = SandboxProcesses(environment: ["PATH": "/bin", "HOME": "/root"])
        let command = LocalCommand(launch, ports: [8080: 41_000], settings: settings)
        #expect(command.program == "serve")
        #expect(command.arguments == ["--at=http://x:41000", "41000"])
        #expect(
            command.environment == [
                "PATH": "/bin", "HOME": "/tmp", "PORT": "41000", "MCP_PORT": "41000", "ADDRESS": "http://x:41000",
                "LATER": "$(LAST)", "LAST": "z",
            ]
        )
    }

    @Test("the adapter is replaced by a program of this machine, and the command after it must exist as well")
    func replacement() throws {
        var settings = SandboxProcesses(environment: [:])
        settings.replacements = [.init(command: ["/x/loader", "/x/moorage"], program: "/bin/moorage", separator: "--")]
        let launch = try Self.launch([
            "name": "mcp", "command": ["/x/loader", "/x/moorage"],
            "args": ["adapt", "--bind-address=:8000", "--", "serve", "--", "x"], "ports": [["containerPort": 8000]],
        ])
        let command = LocalCommand(launch, ports: [8000: 41_000], settings: settings)
        #expect(command.program == "/bin/moorage")
        #expect(command.arguments == ["adapt", "--bind-address=127.0.0.1:41000", "--", "serve", "--", "x"])
        #expect(command.required == ["/bin/moorage", "serve"])
    }

    @Test("processes inherit what they need to run, and no credentials")
    func inheritance() {
        let all = [
            "PATH": "/bin", "LC_ALL": "C", "PYTHONPATH": "/p", "AWS_SECRET_ACCESS_KEY": "s", "KUBECONFIG": "k",
            "GITHUB_TOKEN": "t", "SSH_AUTH_SOCK": "a",
        ]
        #expect(Set(SandboxProcesses.inheritable(all).keys) == ["PATH", "LC_ALL", "PYTHONPATH"])
    }

    @Test("a container without a command is not run")
    func noCommand() {
        #expect(ContainerLaunch(["name": "mcp", "args": ["x"]], variables: []) == nil)
        #expect(ContainerLaunch(["name": "mcp", "command": []], variables: []) == nil)
    }

    // MARK: - Probes

    private static func probe(period: Int64 = 10, threshold: Int64 = 3, delay: Int64 = 0) -> ContainerProbe {
        ContainerProbe(
            [
                "periodSeconds": .integer(period), "failureThreshold": .integer(threshold),
                "initialDelaySeconds": .integer(delay), "httpGet": ["port": "http", "path": "/healthz"],
            ],
            ports: [.init(number: 8080, name: "http")]
        )
    }

    @Test("a container is started, then ready, and unready after as many failures as its probe allows")
    func readiness() {
        var health = ContainerHealth(startup: Self.probe(), readiness: Self.probe(), liveness: nil)
        #expect(health.due(at: .zero).map(\.kind) == [.startup])
        health.record(.startup, false, at: .zero)
        // It is looked at again soon, as long as it has not succeeded.
        #expect(health.next == .milliseconds(100))
        health.record(.startup, true, at: .seconds(1))
        #expect(health.isStarted && !health.isReady)
        #expect(health.due(at: .seconds(1)).map(\.kind) == [.readiness])
        health.record(.readiness, true, at: .seconds(1))
        #expect(health.isReady)
        #expect(health.next == .seconds(11))
        health.record(.readiness, false, at: .seconds(11))
        health.record(.readiness, false, at: .seconds(21))
        #expect(health.isReady)
        health.record(.readiness, false, at: .seconds(31))
        #expect(!health.isReady && health.failed == nil)
        health.record(.readiness, true, at: .seconds(41))
        #expect(health.isReady)
    }

    @Test("a startup probe that fails for as long as it may restarts the container, and so does liveness")
    func restarts() {
        var slow = ContainerHealth(
            startup: Self.probe(period: 2, threshold: 3, delay: 1),
            readiness: nil,
            liveness: nil
        )
        #expect(slow.due(at: .zero).isEmpty)
        slow.record(.startup, false, at: .seconds(6))
        #expect(slow.failed == nil)
        slow.record(.startup, false, at: .seconds(7))
        #expect(slow.failed == .startup)

        var hanging = ContainerHealth(startup: nil, readiness: nil, liveness: Self.probe(threshold: 2))
        #expect(hanging.isStarted && hanging.isReady)
        hanging.record(.liveness, true, at: .zero)
        hanging.record(.liveness, false, at: .seconds(10))
        #expect(hanging.failed == nil)
        hanging.record(.liveness, false, at: .seconds(20))
        #expect(hanging.failed == .liveness)
    }

    @Test("a probe has the kubelet's defaults, and finds its port by name")
    func probeDefaults() {
        let probe = ContainerProbe(["tcpSocket": ["port": "http"]], ports: [.init(number: 8080, name: "http")])
        #expect(probe.check == .tcp(port: 8080))
        #expect(probe.period == .seconds(10) && probe.timeout == .seconds(1) && probe.failureThreshold == 3)
        #expect(ContainerProbe(["exec": ["command": ["true"]]], ports: []).check == .none)
    }

    @Test("the time between restarts doubles up to 30 seconds")
    func backoff() {
        #expect((0...6).map(ContainerRun.backoff) == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
    }
}

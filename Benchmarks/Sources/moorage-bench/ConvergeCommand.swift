import ArgumentParser
import Foundation

/// The benchmark `converge`.
struct ConvergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "converge",
        abstract: "Servers created to converged, against a bare loop that makes the same writes."
    )

    @OptionGroup var cluster: ClusterOptions
    @Option(help: "How many servers.") var servers = 1000
    @Flag(help: "Whether the servers exist before the operator starts.") var cold = false
    @Flag(help: "Compare the operator with and without the handshake, instead of with a bare loop.") var handshake =
        false
    @Option(help: "With --handshake, how many seconds to count requests after that.") var rest = 60
    @Option(help: "How many runs of each side, taken in turn; the medians are reported.") var rounds = 3

    private struct Side {
        var runs: [MeasureConvergeCommand.Measurement] = []
        var sandboxCPU: [Double] = []

        func median(_ value: (MeasureConvergeCommand.Measurement) -> Double) -> Double { runs.map(value).median }
    }

    func run() async throws {
        var sides = [Side(), Side()]
        for round in 0..<rounds {
            for index in [0, 1] {
                let environment = try BenchmarkCluster(cluster)
                defer { environment.stop() }
                let before = environment.cpu
                var arguments = ["measure-converge", "--servers", "\(servers)", "--prefix", prefix(round, index)]
                arguments += environment.arguments + (cold ? ["--cold"] : [])
                if handshake {
                    arguments += ["--rest", "\(rest)"] + (index == 0 ? ["--handshake"] : [])
                } else if index == 1 {
                    arguments += ["--bare"]
                }
                // A sandbox is discarded; a real cluster is left unchanged, and runs no pods.
                arguments += cluster.kubeconfig == nil ? ["--keep"] : ["--suspended"]
                sides[index].runs.append(try ChildProcess.result(arguments))
                sides[index].sandboxCPU.append(environment.cpu - before)
            }
        }
        report(sides)
    }

    private func prefix(_ round: Int, _ index: Int) -> String {
        "bench-\(String(UInt32.random(in: .min ... .max), radix: 36))-\(round)\(index)"
    }

    private func report(_ sides: [Side]) {
        let cluster = cluster.kubeconfig == nil ? "sandbox" : "real cluster"
        print("converge\(cold ? ", cold" : ""): \(servers) servers on a \(cluster), medians of \(rounds)")
        let names = handshake ? ["with the handshake", "without"] : ["operator", "bare loop"]
        for (name, side) in zip(names, sides) {
            print(
                """
                  \(name): \(side.median(\.seconds).text(2)) s (\(side.runs.map { $0.seconds.text(2) }.joined(separator: ", "))), \
                CPU \(side.median(\.cpu).text(2)) s, resident \(side.median(\.resident).text()) MiB, \
                peak \(side.median(\.peak).text()) MiB, CPU of the sandbox \(side.sandboxCPU.median.text(2)) s
                """
            )
            for (write, count) in (side.runs.last?.writes ?? [:]).sorted(by: { $0.key < $1.key }) {
                print("    \(write): \(count)")
            }
            for (read, count) in (side.runs.last?.reads ?? [:]).sorted(by: { $0.key < $1.key }) {
                print("    \(read): \(count)")
            }
            for (request, count) in (side.runs.last?.resting ?? [:]).sorted(by: { $0.key < $1.key }) {
                print("    then, in \(rest) s, \(request): \(count)")
            }
        }
        let statuses = sides[0].median { Double($0.writes["PATCH mcpservers/status"] ?? 0) }
        let ratio = sides[0].median(\.seconds) / sides[1].median(\.seconds)
        print("  ratio \(ratio.text(2)), status writes a server \((statuses / Double(servers)).text(2))")
    }
}

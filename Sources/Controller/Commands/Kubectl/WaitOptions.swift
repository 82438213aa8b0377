import ArgumentParser
import ClusterTool
import CommandSupport
import CRDModels
import KubernetesAPI
import KubernetesClient

/// Whether a command waits for the effect of its change.
struct WaitOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "Wait until the pods have followed, and show how far they are. (default: on a terminal)"
    )
    var wait: Bool?

    @Option(help: ArgumentHelp("How long to wait.", valueName: "duration"))
    var timeout = DurationArgument(.seconds(300))

    /// The time between two looks.
    private static let interval = Duration.seconds(1)
    /// How long a server may say that it cannot go on: the controller may not have seen the change yet.
    private static let patience = Duration.seconds(5)

    func validate() throws {
        if timeout.duration <= .zero { throw ValidationError("--timeout must be more than 0.") }
    }

    /// Waits until a server has reached a goal, and shows how far it is.
    ///
    /// - Throws: `CommandFailure` if it does not get there, and the client's errors.
    func follow(_ name: String, to goal: Rollout.Goal, with reader: ClusterReader) async throws {
        guard wait ?? (Console.standard.columns != nil) else { return }
        let rollout = Rollout(goal, catalogue: .project, program: ProgramName.commands)
        let clock = ContinuousClock()
        let start = clock.now
        var heldSince: ContinuousClock.Instant?
        var line = ProgressLine(.standard)
        while true {
            let server = try await reader.server(name)
            let pods = rollout.needsPods ? try await reader.pods(ofServer: name) : []
            let text: String
            switch rollout.progress(of: server, pods: pods) {
            case .reached:
                line.end()
                return Console.standard.output("\(name) is ready\n")
            case .going(let now): (text, heldSince) = (now, nil)
            case .held(let why):
                text = why
                let since = heldSince ?? clock.now
                heldSince = since
                if clock.now - since >= Self.patience {
                    line.end()
                    throw CommandFailure("the change is made, and \(name) does not go on: \(TerminalText.safe(why))")
                }
            }
            line.show("\(name): \(text)")
            if clock.now - start >= timeout.duration {
                line.end()
                throw CommandFailure(
                    "the change is made, and \(name) is not ready after \(timeout): \(TerminalText.safe(text)); "
                        + "\(ProgramName.commands) status \(name) says more"
                )
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}

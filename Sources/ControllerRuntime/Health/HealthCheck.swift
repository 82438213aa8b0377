/// A check of one part of the process.
public struct HealthCheck: Sendable {
    /// The name, with which it can be requested or excluded.
    public var name: String
    /// The problem, or `nil`. It must return immediately.
    public var problem: @Sendable () -> String?

    public init(name: String, problem: @escaping @Sendable () -> String?) {
        self.name = name
        self.problem = problem
    }

    /// Succeeds if the server answers.
    static let ping = HealthCheck(name: "ping") { nil }
}

/// The checks of one path, with responses in the format of the API server's health endpoints.
struct HealthEndpoint: Sendable {
    struct Answer: Sendable, Equatable {
        var status: Int
        var body: String
    }

    /// The name, such as `readyz`.
    var name: String
    var checks: [HealthCheck]

    /// Answers for all checks.
    ///
    /// - Parameters:
    ///   - excluded: names of checks to exclude.
    ///   - isVerbose: whether to list the checks even if all succeed.
    func answer(excluding excluded: [String] = [], isVerbose: Bool = false) -> Answer {
        var lines = ""
        var isWell = true
        for check in [.ping] + checks {
            if excluded.contains(check.name) {
                lines += "[+]\(check.name) excluded: ok\n"
            } else if let problem = check.problem() {
                isWell = false
                lines += "[-]\(check.name) failed: \(problem)\n"
            } else {
                lines += "[+]\(check.name) ok\n"
            }
        }
        let known = Set(checks.map(\.name) + [HealthCheck.ping.name])
        let unknown = excluded.filter { !known.contains($0) }
        if !unknown.isEmpty {
            let names = unknown.map { "\"\($0)\"" }.joined(separator: ",")
            lines += "warn: some health checks cannot be excluded: no matches for \(names)\n"
        }
        guard isWell else { return Answer(status: 500, body: lines + "\(name) check failed\n") }
        return Answer(status: 200, body: isVerbose ? lines + "\(name) check passed\n" : "ok")
    }

    /// Answers for one check.
    func answer(for checkName: String) -> Answer {
        guard let check = ([.ping] + checks).first(where: { $0.name == checkName }) else {
            return Answer(status: 404, body: "\(name) has no check \(checkName)\n")
        }
        guard let problem = check.problem() else { return Answer(status: 200, body: "ok") }
        return Answer(status: 500, body: "internal server error: \(problem)\n")
    }
}

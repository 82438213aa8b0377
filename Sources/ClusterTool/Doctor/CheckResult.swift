package import KubernetesAPI

/// What a check says.
package struct CheckResult: Sendable, Hashable {
    /// How it is.
    package enum Level: String, Sendable, Hashable, CaseIterable {
        case ok = "OK"
        case warning = "Warning"
        case failed = "Failed"
        case notChecked = "NotChecked"
    }

    /// What was checked.
    package var check: String
    /// How it is.
    package var level: Level
    /// What was found.
    package var message: String
    /// What to do; `nil` if there is nothing to do.
    package var wayOut: String?

    static func ok(_ check: String, _ message: String) -> CheckResult {
        CheckResult(check: check, level: .ok, message: message)
    }

    static func warning(_ check: String, _ message: String, _ wayOut: String) -> CheckResult {
        CheckResult(check: check, level: .warning, message: message, wayOut: wayOut)
    }

    static func failed(_ check: String, _ message: String, _ wayOut: String) -> CheckResult {
        CheckResult(check: check, level: .failed, message: message, wayOut: wayOut)
    }

    static func notChecked(_ check: String, _ reason: String, _ wayOut: String? = nil) -> CheckResult {
        CheckResult(check: check, level: .notChecked, message: reason, wayOut: wayOut)
    }

    var json: JSONValue {
        .fields(
            ("check", .string(check)),
            ("level", .string(level.rawValue)),
            ("message", .string(message)),
            ("wayOut", JSONValue(wayOut))
        )
    }
}

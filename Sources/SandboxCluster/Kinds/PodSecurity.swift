import KubernetesAPI

/// The Pod Security Standards, with the messages of the API server's admission.
enum PodSecurity {
    enum Level: String, Sendable, CaseIterable {
        case privileged, baseline, restricted
    }

    /// The minor version of the standards; the latest is greater than all others.
    struct Version: Sendable, Hashable, Comparable {
        var minor: Int
        var text: String

        static let latest = Version(minor: .max, text: "latest")

        /// Parses `latest` or `v1.x`.
        init?(_ text: String) {
            if text == "latest" {
                self = .latest
                return
            }
            guard text.hasPrefix("v1."), let minor = Int(text.dropFirst(3)), minor >= 0 else { return nil }
            self.init(minor: minor, text: text)
        }

        private init(minor: Int, text: String) {
            self.minor = minor
            self.text = text
        }

        static func < (left: Version, right: Version) -> Bool { left.minor < right.minor }

        func isAtLeast(_ other: Int) -> Bool { minor >= other }
    }

    /// A level and a version, from the labels of a namespace.
    struct Policy: Sendable, Hashable {
        var level: Level = .privileged
        var version: Version = .latest

        var description: String { "\(level.rawValue):\(version.text)" }
    }

    /// A rule that a pod violates.
    struct Violation: Sendable, Hashable {
        var reason: String
        var detail: String

        var description: String { detail.isEmpty ? reason : "\(reason) (\(detail))" }
    }

    static let labelPrefix = "pod-security.kubernetes.io/"

    /// The errors in the labels of a namespace.
    static func labelErrors(_ labels: [String: String]) -> [FieldError] {
        var errors: [FieldError] = []
        for mode in ["audit", "enforce", "warn"] {
            for (name, isRight, detail) in [
                (mode, { Level(rawValue: $0) != nil }, "must be one of privileged, baseline, restricted"),
                ("\(mode)-version", { Version($0) != nil }, "must be \"latest\" or \"v1.x\""),
            ] as [(String, (String) -> Bool, String)] {
                let key = labelPrefix + name
                guard let value = labels[key], !isRight(value) else { continue }
                let path = FieldPath([.key("metadata"), .key("labels[\(key)]")])
                errors.append(FieldError(.invalid, path, value: .string(value), detail: detail))
            }
        }
        return errors
    }

    /// The policy in a namespace's labels for a mode: `enforce`, `warn` or `audit`.
    static func policy(_ labels: [String: String], mode: String) -> Policy {
        var policy = Policy()
        if let text = labels[labelPrefix + mode] { policy.level = Level(rawValue: text) ?? .restricted }
        if let text = labels["\(labelPrefix)\(mode)-version"] { policy.version = Version(text) ?? .latest }
        return policy
    }

    /// The violations of a pod in the API server's order: baseline first, each level sorted by the names of its checks.
    static func violations(_ spec: JSONValue, annotations: [String: String] = [:], policy: Policy) -> [Violation] {
        guard policy.level != .privileged else { return [] }
        let pod = Pod(spec: spec, annotations: annotations, version: policy.version)
        var result = pod.baseline(isRestricted: policy.level == .restricted)
        if policy.level == .restricted { result += pod.restricted() }
        return result
    }

    /// A pod, prepared for the checks.
    struct Pod {
        var spec: JSONValue
        var annotations: [String: String]
        var version: Version

        var context: JSONValue { spec["securityContext"] ?? [:] }
        var volumes: [JSONValue] { spec["volumes"]?.arrayValue ?? [] }
        var isWindows: Bool { spec[path: ["os", "name"]] == "windows" }
        /// Whether the pod has its own user namespace, which relaxes some checks in later versions.
        var hasOwnUsers: Bool { version.isAtLeast(35) && spec["hostUsers"]?.boolValue == false }

        var containers: [JSONValue] {
            ["initContainers", "containers", "ephemeralContainers"].flatMap { spec[$0]?.arrayValue ?? [] }
        }

        func failing(_ test: (JSONValue) -> Bool) -> [JSONValue] {
            containers.filter { test($0["securityContext"] ?? [:]) }
        }

        /// `container "a"`, or `containers "a", "b"`.
        func names(_ failing: [JSONValue]) -> String {
            let quoted = PodSecurity.quoted(failing.map { $0["name"]?.stringValue ?? "" })
            return "\(failing.count > 1 ? "containers" : "container") \(quoted)"
        }

        /// Which of the pod and its containers violate a rule: `pod and container "a"`.
        func subjects(pod: Bool, _ failing: [JSONValue]) -> String {
            ([pod ? "pod" : nil, failing.isEmpty ? nil : names(failing)] as [String?]).compactMap(\.self)
                .joined(separator: " and ")
        }

        func value(_ context: JSONValue, _ path: String...) -> String? { context[path: path]?.stringValue }
    }

    static func quoted(_ texts: [String]) -> String { texts.map { "\"\($0)\"" }.joined(separator: ", ") }

    /// The values without duplicates, sorted.
    static func distinct(_ texts: [String]) -> [String] { Set(texts).sorted() }
}

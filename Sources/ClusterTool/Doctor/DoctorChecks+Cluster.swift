internal import KubernetesAPI

/// The checks of an installation. Each is a function of what was read.
enum DoctorChecks {
    /// The first minor version of Kubernetes 1 that the CustomResourceDefinitions and the chart work with: `kubeVersion` of the chart.
    private static let minimumMinor = 31

    /// Whether the API server answers, with a supported version.
    static func apiServer(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "API server"
        guard let version = facts.version.value else {
            return [
                .failed(
                    check,
                    "it cannot be reached: \(facts.version.problem ?? "")",
                    "Check the kubeconfig, with --kubeconfig and --context: kubectl get --raw /version must work."
                )
            ]
        }
        let text = version.text("gitVersion") ?? "an unknown version"
        // Providers add a plus sign to the minor version.
        guard let major = number(version.text("major")), let minor = number(version.text("minor")) else {
            return [.notChecked(check, "it runs \(text), which has no version number")]
        }
        guard major > 1 || major == 1 && minor >= minimumMinor else {
            return [
                .failed(
                    check,
                    "it runs \(text), which is too old",
                    "Upgrade the cluster to Kubernetes 1.\(minimumMinor) or later."
                )
            ]
        }
        return [.ok(check, "it runs \(text)")]
    }

    private static func number(_ text: String?) -> Int? { text.flatMap { Int($0.prefix { $0.isNumber }) } }

    /// How far clocks may differ. Leases last 15 seconds by default.
    private static let maximumDifference: Int64 = 5

    /// Whether this machine and the API server have the same time.
    static func clock(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Clock"
        guard let server = facts.serverTime else {
            return [.notChecked(check, "the API server does not send its time")]
        }
        let (difference, _) = server.secondsSinceEpoch.subtractingReportingOverflow(facts.now.secondsSinceEpoch)
        guard difference.magnitude > UInt64(maximumDifference) else {
            return [.ok(check, "this machine and the API server have the same time")]
        }
        return [
            .warning(
                check,
                "this machine is \(difference.magnitude) s \(difference > 0 ? "behind" : "ahead of") the API server",
                "Synchronize the clocks, with NTP. Ages and the freshness of the Lease are not reliable before."
            )
        ]
    }

    /// Whether the CustomResourceDefinitions are those of this program, and served.
    static func definitions(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "CRDs"
        guard let installed = facts.definitions.value else {
            return [.notChecked(check, facts.definitions.problem ?? "")]
        }
        let apply = "Run: moorage crd | kubectl apply --server-side -f -. Helm does not upgrade CRDs."
        let byName = Dictionary(installed.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var results: [CheckResult] = []
        for own in facts.program.definitions {
            guard let other = byName[own.name] else {
                results.append(.failed(check, "\(own.name) is not installed", apply))
                continue
            }
            let established = other.list("status", "conditions").first { $0["type"] == "Established" }
            if established?["status"] != "True" {
                let reason = established?.text("message") ?? "the API server does not serve it yet"
                results.append(
                    .failed(check, "\(own.name) is not established: \(reason)", "See kubectl describe crd \(own.name).")
                )
            } else if let difference = difference(own["spec"] ?? [:], other["spec"] ?? [:], at: []) {
                results.append(
                    .warning(
                        check,
                        "\(own.name) differs from the one of version \(facts.program.version): \(difference)",
                        apply
                    )
                )
            }
        }
        return results.isEmpty
            ? [.ok(check, "all \(facts.program.definitions.count) are established, and those of this version")]
            : results
    }

    /// The first field of an object that another one does not have in the same way; it may have more, such as defaults.
    private static func difference(_ own: JSONValue, _ other: JSONValue, at path: [String]) -> String? {
        switch (own, other) {
        case (.object(let left), .object(let right)):
            for (key, value) in left.sorted(by: { $0.key < $1.key }) {
                // Descriptions are changed without an effect.
                if key == "description", value.stringValue != nil { continue }
                // The API server does not store empty ones.
                guard let found = right[key] else {
                    if value == [:] || value == [] || value == false { continue }
                    return (path + [key]).joined(separator: ".")
                }
                if let problem = difference(value, found, at: path + [key]) { return problem }
            }
            // A property that this version does not know is one of another version.
            if path.last == "properties", let more = right.keys.filter({ left[$0] == nil }).min() {
                return (path + [more]).joined(separator: ".")
            }
            return nil
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return path.joined(separator: ".") }
            for (index, (one, two)) in zip(left, right).enumerated() {
                if let problem = difference(one, two, at: path + ["\(index)"]) { return problem }
            }
            return nil
        default: return own == other ? nil : path.joined(separator: ".")
        }
    }
}

public import KubernetesAPI

/// All rules for Prometheus.
public enum Rules {
    /// Where the pages of alerts are read, unless whoever installs the rules sets another address.
    public static let runbooks = "https://github.com/moorage/moorage/blob/main/docs/runbooks"

    /// The groups.
    public static let groups = [controller, gateway]
    /// All alerts.
    public static var alerts: [Alert] { groups.flatMap(\.alerts) }

    /// The rules, as a rule file of Prometheus has them.
    ///
    /// - Parameter runbooks: the address of the folder with the pages of alerts.
    public static func file(runbooks: String = Rules.runbooks) -> JSONValue {
        ["groups": .array(groups.map { $0.json(runbooks: runbooks) })]
    }

    /// The rules as an object of the Prometheus operator.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - namespace: its namespace; none if whoever applies it chooses.
    ///   - labels: labels that Prometheus selects it by.
    ///   - runbooks: the address of the folder with the pages of alerts.
    public static func prometheusRule(
        name: String,
        namespace: String? = nil,
        labels: [String: String] = [:],
        runbooks: String = Rules.runbooks
    ) -> JSONValue {
        var metadata: JSONValue = ["name": .string(name)]
        if let namespace { metadata["namespace"] = .string(namespace) }
        if !labels.isEmpty { metadata["labels"] = .object(labels.mapValues { .string($0) }) }
        return [
            "apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": metadata,
            "spec": file(runbooks: runbooks),
        ]
    }
}

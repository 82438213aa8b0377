import Isolation
import KubernetesAPI

/// A report as JSON.
enum IsolationJSON {
    static func value(_ report: IsolationReport, isComplete: Bool) -> JSONValue {
        [
            "isolated": .bool(report.isIsolated && isComplete), "complete": .bool(isComplete),
            "pods": .integer(Int64(report.podCount)),
            "namespaces": .array(
                report.namespaces.map { namespace in
                    members([("name", .string(namespace.name)), ("tenant", namespace.tenant.map { .string($0) })])
                }
            ),
            "paths": .array(
                report.paths.map { path in
                    [
                        "kind": .string(path.kind.rawValue), "source": end(path.source), "target": end(path.target),
                        "ports": ports(path.ports), "egress": opening(path.egress), "ingress": opening(path.ingress),
                    ]
                }
            ),
            "blocked": .array(
                report.blocked.map { path in
                    [
                        "source": end(path.source), "ports": ports(path.ports), "egress": opening(path.egress),
                        "ranges": .array(
                            path.ranges.map { ["cidr": .string($0.text), "reason": .string($0.reason)] }
                        ),
                    ]
                }
            ),
            "outside": .array(
                report.outside.map { path in
                    [
                        "source": end(path.source), "ports": ports(path.ports), "egress": opening(path.egress),
                        "block": .string("\(path.block)"),
                        "ranges": .array(path.block.ranges.map { .string("\($0)") }),
                    ]
                }
            ),
            "hostNetwork": .array(report.onHostNetwork.map(end)),
        ]
    }

    private static func members(_ pairs: [(String, JSONValue?)]) -> JSONValue {
        .object(
            Dictionary(
                pairs.compactMap { key, value in value.map { (key, $0) } },
                uniquingKeysWith: { first, _ in first }
            )
        )
    }

    private static func end(_ end: IsolationReport.End) -> JSONValue {
        members([
            ("namespace", .string(end.namespace)), ("tenant", end.tenant.map { .string($0) }),
            ("pods", .array(end.pods.map { .string($0) })),
        ])
    }

    private static func ports(_ ports: PortSet) -> JSONValue {
        .array(
            TransportProtocol.allCases.flatMap { transport in
                ports.ranges(transport).map { range -> JSONValue in
                    [
                        "protocol": .string(transport.rawValue), "port": .integer(Int64(range.lowerBound)),
                        "endPort": .integer(Int64(range.upperBound)),
                    ]
                }
            }
        )
    }

    private static func opening(_ opening: Reachability.Opening) -> JSONValue {
        switch opening {
        case .notSelected: ["reason": "NotSelected"]
        case .hostNetwork: ["reason": "HostNetwork"]
        case .policies(let names): ["reason": "Policies", "policies": .array(names.map { .string($0) })]
        }
    }
}

import ClusterTool
import KubernetesAPI
import Policy
import Reconcilers

/// Objects as a cluster has them.
enum Objects {
    /// 2026-03-01T12:00:00Z.
    static let now = Timestamp(secondsSinceEpoch: 1_772_366_400)

    static func parse(_ text: String) -> JSONValue {
        do {
            return try JSONValue(parsing: Array(text.utf8))
        } catch {
            fatalError("the test's object is not JSON: \(error)")
        }
    }

    static let catalogue = ReasonCatalogue(
        Reason.allCases.map {
            let documentation = $0.documentation
            return ReasonCatalogue.Entry(
                $0,
                place: documentation.place,
                cause: documentation.cause,
                wayOut: documentation.wayOut
            )
        }
    )

    static func condition(
        _ type: String,
        _ status: String,
        _ reason: String,
        _ message: String = "",
        since: String = "2026-03-01T11:55:00Z"
    ) -> JSONValue {
        [
            "type": .string(type), "status": .string(status), "reason": .string(reason), "message": .string(message),
            "lastTransitionTime": .string(since), "observedGeneration": 3,
        ]
    }

    /// A server whose pod crashes.
    static let crashing: JSONValue = [
        "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServer",
        "metadata": [
            "name": "weather", "namespace": "mcp-acme", "uid": "1f4c", "generation": 3, "resourceVersion": "812",
        ],
        "spec": ["image": "ghcr.io/acme/weather@sha256:aaaa", "port": 8080],
        "status": [
            "observedGeneration": 3, "tenant": "acme", "image": "ghcr.io/acme/weather@sha256:aaaa", "replicas": 1,
            "readyReplicas": 0,
            "conditions": [
                condition("Accepted", "True", "Accepted"),
                condition("ImagePolicySatisfied", "True", "ImagePinned"),
                condition("Programmed", "True", "Programmed"),
                condition(
                    "Ready",
                    "False",
                    "ContainerCrashing",
                    "container mcp of pod weather-5d-x terminated with exit code 1"
                ),
                condition("Available", "False", "Unavailable", "no pod is ready"),
                condition("Reconciling", "False", "Waiting"),
                condition(
                    "Stalled",
                    "True",
                    "ContainerCrashing",
                    "container mcp of pod weather-5d-x terminated with exit code 1"
                ),
            ],
        ],
    ]

    static let deployment: JSONValue = [
        "kind": "Deployment",
        "metadata": ["name": "weather", "namespace": "mcp-acme", "labels": ["moorage.dev/server": "weather"]],
        "spec": ["replicas": 1], "status": ["replicas": 1, "updatedReplicas": 1],
    ]

    static let crashingPod: JSONValue = [
        "kind": "Pod",
        "metadata": [
            "name": "weather-5d-x", "namespace": "mcp-acme", "uid": "77", "labels": ["moorage.dev/server": "weather"],
        ],
        "spec": ["containers": [["name": "mcp"]]],
        "status": [
            "phase": "Running",
            "containerStatuses": [
                [
                    "name": "mcp", "ready": false, "restartCount": 4,
                    "state": [
                        "waiting": [
                            "reason": "CrashLoopBackOff", "message": "back-off 1m20s restarting failed container",
                        ]
                    ],
                    "lastState": ["terminated": ["exitCode": 1, "reason": "Error"]],
                ]
            ],
        ],
    ]

    static let service: JSONValue = [
        "kind": "Service", "metadata": ["name": "weather", "namespace": "mcp-acme"],
        "spec": ["clusterIP": "10.0.0.7", "ports": [["port": 80]], "selector": ["moorage.dev/server": "weather"]],
    ]

    static let others: [JSONValue] = [
        ["kind": "NetworkPolicy", "metadata": ["name": "weather", "namespace": "mcp-acme"]],
        ["kind": "Secret", "metadata": ["name": "weather-env", "namespace": "mcp-acme"]],
    ]

    static let event: JSONValue = [
        "kind": "Event", "type": "Warning", "reason": "BackOff",
        "message": "Back-off restarting failed container mcp in pod weather-5d-x", "count": 12,
        "firstTimestamp": "2026-03-01T11:40:00Z", "lastTimestamp": "2026-03-01T11:59:30Z",
        "involvedObject": ["kind": "Pod", "name": "weather-5d-x"],
    ]

    /// A server whose new version waits for an approval.
    static let held: JSONValue = [
        "kind": "MCPServer",
        "metadata": [
            "name": "weather", "namespace": "mcp-acme", "uid": "1f4c", "generation": 4, "resourceVersion": "900",
        ],
        "spec": ["image": "ghcr.io/acme/weather@sha256:bbbb"],
        "status": [
            "observedGeneration": 4, "url": "http://weather.mcp-acme.svc/mcp", "replicas": 1, "readyReplicas": 1,
            "conditions": [
                condition("Accepted", "True", "Accepted"), condition("Ready", "True", "Serving"),
                condition("Reconciling", "False", "Settled"), condition("Stalled", "False", "Settled"),
                condition(
                    "ReviewRequired",
                    "True",
                    "ReviewRequired",
                    "revision weather-7d20e4a1b8 waits for an approval: tool \"add_station\" was added"
                ),
            ],
            "revision": ["name": "weather-1c9b0f6e52", "tools": 2, "publishedTools": 2],
            "candidate": [
                "state": "Held", "revision": "weather-7d20e4a1b8", "template": "f00",
                "image": "ghcr.io/acme/weather@sha256:bbbb",
                "since": "2026-03-01T11:58:00Z",
            ],
        ],
    ]

    static func revision(
        _ name: String,
        state: String?,
        image: String,
        created: String,
        tools: Int64 = 2,
        extra: [String: JSONValue] = [:],
        difference: [String] = []
    ) -> JSONValue {
        let digest = "sha256:" + String(repeating: "0", count: 64)
        var spec: [String: JSONValue] = [
            "server": "weather", "image": ["reference": .string("ghcr.io/acme/weather@sha256:\(image)")],
            "digest": .string(digest), "contractDigest": .string(digest),
            "counts": [
                "tools": .integer(tools), "publishedTools": .integer(tools), "prompts": 0, "resources": 0,
                "resourceTemplates": 0,
            ],
            "provenance": ["time": .string(created), "pod": "weather-1"], "contract": [:],
            "template": ["digest": .string(String(repeating: "a", count: 64)), "spec": ["image": .string(image)]],
        ]
        spec.merge(extra) { _, new in new }
        var status: [String: JSONValue] = [:]
        status["state"] = state.map { .string($0) }
        if !difference.isEmpty { status["difference"] = .array(difference.map { .string($0) }) }
        return [
            "kind": "MCPServerRevision",
            "metadata": [
                "name": .string(name), "namespace": "mcp-acme", "uid": .string("uid-\(name)"), "resourceVersion": "31",
                "creationTimestamp": .string(created),
            ],
            "spec": .object(spec), "status": .object(status),
        ]
    }

    static let serving = revision(
        "weather-1c9b0f6e52",
        state: "Serving",
        image: "aaaa",
        created: "2026-02-26T12:00:00Z",
        extra: ["acceptance": "FirstVersion"]
    )
    static let waiting = revision(
        "weather-7d20e4a1b8",
        state: "Held",
        image: "bbbb",
        created: "2026-03-01T11:58:00Z",
        tools: 3,
        extra: ["author": "jane@example.com"],
        difference: ["tool \"add_station\" was added"]
    )
    static let rejected = revision(
        "weather-0000000000",
        state: "Rejected",
        image: "cccc",
        created: "2026-02-20T12:00:00Z",
        extra: ["approval": ["decision": "Rejected", "approver": "joe", "reason": "it writes"]]
    )

    static let tenant: JSONValue = [
        "kind": "MCPTenant", "metadata": ["name": "acme", "generation": 1, "uid": "t1"],
        "status": [
            "observedGeneration": 1, "namespace": "mcp-acme", "plan": "standard",
            "conditions": [
                condition("Accepted", "True", "Accepted"), condition("Programmed", "True", "Programmed"),
                condition("Ready", "True", "TenantReady"),
            ],
            "servers": ["admitted": 2, "waiting": 2, "limit": 2],
            "quotas": [
                ["dimension": "serversPerTenant", "limit": 2, "used": 2, "remaining": 0],
                ["dimension": "toolsPerServer", "limit": 50], ["dimension": "toolCallsPerMinutePerClient"],
            ],
            "toolCalls": ["calls": 120, "overLimit": 3],
        ],
    ]

    static func waitingServer(_ name: String, position: Int64) -> JSONValue {
        [
            "kind": "MCPServer", "metadata": ["name": .string(name), "namespace": "mcp-acme"],
            "status": [
                "queuePosition": .integer(position),
                "conditions": [condition("Ready", "False", "QuotaExceeded", "the tenant runs 2 of 2 servers")],
            ],
        ]
    }
}

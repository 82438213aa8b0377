import KubernetesAPI

/// Objects of a small cluster with problems.
enum TestObjects {
    /// What no answer may contain.
    static let secret = "hunter2-never-shown"

    static let all: [JSONValue] = [
        namespace, node, secretObject, configMap, crashingPod, healthyPod, deployment,
        event("BackOff", "Warning", "Back-off restarting"),
        event("Pulled", "Normal", "Pulled the image"),
    ]

    static let namespace: JSONValue = ["kind": "Namespace", "apiVersion": "v1", "metadata": ["name": "shop"]]

    static let node: JSONValue = [
        "kind": "Node", "apiVersion": "v1", "metadata": ["name": "n1", "annotations": ["a": .string(secret)]],
        "status": [
            "conditions": [
                ["type": "Ready", "status": "True", "reason": "KubeletReady"],
                ["type": "DiskPressure", "status": "True", "reason": "KubeletHasDiskPressure"],
            ],
            "allocatable": ["cpu": "2", "memory": "4Gi", "pods": "110"],
            "capacity": ["cpu": "2", "memory": "4Gi", "pods": "110"],
        ],
    ]

    static let secretObject: JSONValue = [
        "kind": "Secret", "apiVersion": "v1", "metadata": ["name": "database", "namespace": "shop"],
        "stringData": ["password": .string(secret)],
    ]

    static let configMap: JSONValue = [
        "kind": "ConfigMap", "apiVersion": "v1", "metadata": ["name": "settings", "namespace": "shop"],
        "data": ["application.yaml": .string(secret)],
    ]

    static func pod(_ name: String, status: JSONValue) -> JSONValue {
        [
            "kind": "Pod", "apiVersion": "v1",
            "metadata": [
                "name": .string(name), "namespace": "shop", "labels": ["app": "web"],
                "annotations": ["note": .string(secret)],
            ],
            "spec": [
                "nodeName": "n1",
                "containers": [
                    [
                        "name": "web", "image": "example.com/web:1", "args": [.string("--api-token=\(secret)")],
                        "env": [["name": "PASSWORD", "value": .string(secret)]],
                        "resources": ["limits": ["memory": "64Mi"], "requests": ["cpu": "100m", "memory": "64Mi"]],
                    ]
                ],
            ], "status": status,
        ]
    }

    static let crashingPod = pod(
        "web-crash",
        status: [
            "phase": "Running", "conditions": [["type": "Ready", "status": "False"]],
            "containerStatuses": [
                [
                    "name": "web", "image": "example.com/web:1", "imageID": "", "ready": false, "restartCount": 9,
                    "state": ["waiting": ["reason": "CrashLoopBackOff", "message": "back-off 5m0s"]],
                    "lastState": ["terminated": ["exitCode": 137, "reason": "OOMKilled"]],
                ]
            ],
        ]
    )

    static let healthyPod = pod(
        "web-good",
        status: ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]
    )

    static let deployment: JSONValue = [
        "kind": "StatefulSet", "apiVersion": "apps/v1", "metadata": ["name": "web", "namespace": "shop"],
        "spec": [
            "replicas": 2, "serviceName": "web", "selector": ["matchLabels": ["app": "sts"]],
            "template": [
                "metadata": ["labels": ["app": "sts"]],
                "spec": [
                    "containers": [
                        [
                            "name": "web", "image": "example.com/web:1",
                            "env": [["name": "TOKEN", "value": .string(secret)]],
                        ]
                    ]
                ],
            ],
        ],
    ]

    static func event(_ reason: String, _ type: String, _ message: String) -> JSONValue {
        [
            "kind": "Event", "apiVersion": "v1",
            "metadata": ["name": .string("e-\(reason.lowercased())"), "namespace": "shop"],
            "involvedObject": ["kind": "Pod", "namespace": "shop", "name": "web-crash", "apiVersion": "v1"],
            "reason": .string(reason), "type": .string(type), "message": .string(message), "count": 4,
        ]
    }
}

import KubernetesAPI
import KubernetesClient
import TestSupport
import Testing

/// What mcp-lifecycle-operator has in a cluster, as far as gateways see it: its definitions, and the objects that it and its users write.
struct LifecycleOperator: Sendable {
    static let bindingType = ResourceType(
        group: "mcp.x-k8s.io",
        version: "v1alpha1",
        kind: "MCPGatewayBinding",
        plural: "mcpgatewaybindings",
        isNamespaced: true
    )
    static let serverType = ResourceType(
        group: "mcp.x-k8s.io",
        version: "v1beta1",
        kind: "MCPServer",
        plural: "mcpservers",
        isNamespaced: true
    )

    let cluster: TestCluster
    let namespace: String

    /// Installs the definitions, unless the real ones are there.
    static func install(on cluster: TestCluster) async throws {
        for (type, schema) in [(bindingType, bindingSchema), (serverType, serverSchema)] {
            if try await isServed(type, by: cluster) { continue }
            let options = ApplyOptions(fieldManager: "moorage-tests", force: true)
            _ = try await cluster.client.apply(definitionType, definition(of: type, schema), options: options)
            try await eventually("\(type) is served") { try await isServed(type, by: cluster) }
        }
    }

    private static func isServed(_ type: ResourceType, by cluster: TestCluster) async throws -> Bool {
        do {
            _ = try await cluster.client.list(type, namespace: "default")
            return true
        } catch let error as APIError where error.isNotFound {
            return false
        }
    }

    /// A server of a user of the operator.
    func apply(server name: String, port: Int64 = 8080, path: String = "/mcp") async throws {
        try await apply(
            Self.serverType,
            name,
            [
                "source": ["type": "ContainerImage", "containerImage": ["ref": "registry.example/mcp/echo:1"]],
                "config": ["port": .integer(port), "path": .string(path)],
            ]
        )
    }

    /// The binding that the operator creates for a server.
    func apply(binding name: String, of server: String, provider: String = "moorage") async throws {
        try await apply(
            Self.bindingType,
            name,
            ["mcpServerRef": .string(server), "provider": .string(provider), "configRef": "nothing-of-this-name"]
        )
    }

    private func apply(_ type: ResourceType, _ name: String, _ spec: JSONValue) async throws {
        let object: JSONValue = [
            "apiVersion": .string(type.apiVersion), "kind": .string(type.kind),
            "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": spec,
        ]
        let options = ApplyOptions(fieldManager: "mcp-lifecycle-operator", force: true)
        _ = try await cluster.client.apply(type, object, options: options)
    }

    /// The binding's condition, and its URL.
    func registration(of binding: String) async throws -> (condition: JSONValue?, url: String?) {
        let status = try await cluster.find(Self.bindingType, binding, in: namespace)?["status"]
        let condition = status?["conditions"]?.arrayValue?.first { $0["type"] == "Registered" }
        return (condition, status?["url"]?.stringValue)
    }

    /// Waits until a binding is registered.
    ///
    /// - Returns: its URL.
    @discardableResult
    func registered(_ binding: String) async throws -> String? {
        try await eventually("\(binding) is registered") {
            try await registration(of: binding).condition?["status"] == "True"
        }
        let (condition, url) = try await registration(of: binding)
        #expect(condition?["reason"] == "GatewayRegistered")
        return url
    }

    /// Waits until a binding is refused with a message that contains a text.
    func refused(_ binding: String, _ text: String) async throws {
        var last: JSONValue?
        do {
            try await eventually("\(binding) is refused: \(text)", within: .seconds(60)) {
                last = try await registration(of: binding).condition
                return last?["status"] == "False" && last?["message"]?.stringValue?.contains(text) == true
            }
        } catch let error as NeverHappened {
            throw NeverHappened(description: "\(error); last seen: \(last.map { "\($0)" } ?? "no condition")")
        }
        let (condition, url) = try await registration(of: binding)
        #expect(condition?["reason"] == "GatewayNotRegistered")
        #expect(url == nil)
    }

    private static let definitionType = ResourceType(
        group: "apiextensions.k8s.io",
        version: "v1",
        kind: "CustomResourceDefinition",
        plural: "customresourcedefinitions",
        isNamespaced: false
    )

    private static func definition(of type: ResourceType, _ schema: JSONValue) -> JSONValue {
        [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": .string("\(type.plural).\(type.group)")],
            "spec": [
                "group": .string(type.group), "scope": "Namespaced",
                "names": [
                    "kind": .string(type.kind), "listKind": .string("\(type.kind)List"), "plural": .string(type.plural),
                    "singular": .string(type.kind.lowercased()),
                ],
                "versions": [
                    [
                        "name": .string(type.version), "served": true, "storage": true, "subresources": ["status": [:]],
                        "schema": ["openAPIV3Schema": schema],
                    ]
                ],
            ],
        ]
    }

    private static let text: JSONValue = ["type": "string"]

    private static let bindingSchema: JSONValue = [
        "type": "object", "required": ["spec"],
        "properties": [
            "spec": [
                "type": "object", "required": ["mcpServerRef", "provider"],
                "properties": ["mcpServerRef": text, "provider": text, "configRef": text],
            ],
            "status": [
                "type": "object",
                "properties": [
                    "url": text,
                    "conditions": [
                        "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
                        "items": [
                            "type": "object",
                            "required": ["type", "status", "reason", "message", "lastTransitionTime"],
                            "properties": [
                                "type": text, "status": text, "reason": text, "message": text,
                                "observedGeneration": ["type": "integer", "format": "int64"],
                                "lastTransitionTime": ["type": "string", "format": "date-time"],
                            ],
                        ],
                    ],
                ],
            ],
        ],
    ]

    private static let serverSchema: JSONValue = [
        "type": "object",
        "properties": [
            "spec": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
            "status": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
        ],
    ]
}

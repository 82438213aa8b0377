import ClusterTool
import CommandSupport
import CRDModels
import FoundationEssentials
import HTTPTypes
import KubernetesAPI
import KubernetesClient

/// Gathers what the checks of an installation need.
struct DoctorReader: Sendable {
    /// The cluster.
    var reader: ClusterReader
    /// The namespace of controller and gateway; `nil` if it is not known.
    var systemNamespace: String?

    /// Reads everything. What cannot be read is a finding too.
    func facts(_ program: DoctorFacts.Program) async -> DoctorFacts {
        let (version, serverTime, now) = await version()
        var facts = DoctorFacts(program: program, now: now, version: version)
        facts.serverTime = serverTime
        guard version.value != nil else { return facts }
        let labels = ClusterReader.installationLabels()
        facts.deployments = await list(.deployment, namespace: systemNamespace, labels: labels)
        var namespace = systemNamespace ?? Self.namespace(of: facts.deployments.value ?? [])
        if namespace == nil, facts.deployments.value == nil {
            // Without the right to search in all namespaces, it may be in the usual one.
            namespace = InstallationOptions.usualNamespace
            facts.deployments = await list(.deployment, namespace: namespace, labels: labels)
        }
        async let definitions = list(
            Self.definition,
            namespace: nil,
            labels: nil,
            only: { $0[path: ["spec", "group"]]?.stringValue == Moorage.group }
        )
        async let policies = list(Self.policy, namespace: nil, labels: MoorageLabels.partOf + "=moorage")
        async let bindings = list(Self.binding, namespace: nil, labels: MoorageLabels.partOf + "=moorage")
        async let daemonSets = list(Self.daemonSet, namespace: nil, labels: nil)
        async let tenants = list(MCPTenant.resourceType, namespace: nil, labels: nil)
        async let servers = list(MCPServer.resourceType, namespace: nil, labels: nil)
        async let namespaces = list(.namespace, namespace: nil, labels: MoorageLabels.managedSelector)
        async let monitors = monitors()
        facts.lease = .failed("the controller was not found")
        facts.permissions = .failed("the controller was not found")
        if let namespace {
            async let pods = list(.pod, namespace: namespace, labels: labels)
            async let services = list(.service, namespace: namespace, labels: labels)
            if let controller = Self.controller(among: facts.deployments.value ?? []) {
                facts.lease = await lease(controller, namespace: namespace)
                facts.permissions = await permissions(controller, namespace: namespace)
            }
            (facts.pods, facts.services) = await (pods, services)
            facts.gatewayReadiness = await gatewayReadiness(facts.pods.value ?? [], namespace: namespace)
        }
        facts.definitions = await definitions
        (facts.policies, facts.bindings) = await (policies, bindings)
        facts.daemonSets = await daemonSets
        (facts.tenants, facts.servers, facts.namespaces) = await (tenants, servers, namespaces)
        facts.monitors = await monitors
        return facts
    }

    private static let definition = ResourceType(
        group: "apiextensions.k8s.io",
        version: "v1",
        kind: "CustomResourceDefinition",
        plural: "customresourcedefinitions",
        isNamespaced: false
    )
    private static let policy = ResourceType(
        group: "admissionregistration.k8s.io",
        version: "v1",
        kind: "ValidatingAdmissionPolicy",
        plural: "validatingadmissionpolicies",
        isNamespaced: false
    )
    private static let binding = ResourceType(
        group: "admissionregistration.k8s.io",
        version: "v1",
        kind: "ValidatingAdmissionPolicyBinding",
        plural: "validatingadmissionpolicybindings",
        isNamespaced: false
    )
    private static let daemonSet = ResourceType(
        group: "apps",
        version: "v1",
        kind: "DaemonSet",
        plural: "daemonsets",
        isNamespaced: true
    )
    private static let lease = ResourceType(
        group: "coordination.k8s.io",
        version: "v1",
        kind: "Lease",
        plural: "leases",
        isNamespaced: true
    )
    private static let podMonitor = ResourceType(
        group: "monitoring.coreos.com",
        version: "v1",
        kind: "PodMonitor",
        plural: "podmonitors",
        isNamespaced: true
    )
    private static let subjectAccessReview = ResourceType(
        group: "authorization.k8s.io",
        version: "v1",
        kind: "SubjectAccessReview",
        plural: "subjectaccessreviews",
        isNamespaced: false
    )

    /// The answer to `/version`, the time of the API server, and the time of this machine then.
    private func version() async -> (Finding<JSONValue>, Timestamp?, Timestamp) {
        do {
            let request = APIRequest(path: "/version", headers: [.accept: "application/json"])
            let (response, body) = try await reader.client.data(request)
            let time = response.headers[.date].flatMap(HTTPDate.parse)
            return (.found(try JSONValue(parsing: body)), time, Timestamp(Date()))
        } catch {
            return (Self.finding(error), nil, Timestamp(Date()))
        }
    }

    private static func finding<Value>(_ error: any Error) -> Finding<Value> {
        if let error = error as? APIError, error.isForbidden { return .notAllowed }
        return .failed(TerminalText.safe("\(error)"))
    }

    private func list(
        _ type: ResourceType,
        namespace: String?,
        labels: String?,
        only: (@Sendable (JSONValue) -> Bool)? = nil
    ) async -> Finding<[JSONValue]> {
        do {
            guard let found = try await reader.list(type, namespace: namespace, labels: labels) else {
                return .notAllowed
            }
            return .found(found.filter { only?($0) ?? true })
        } catch {
            return Self.finding(error)
        }
    }

    /// The namespace of the controller, or of the gateway if there is no controller.
    private static func namespace(of deployments: [JSONValue]) -> String? {
        (controller(among: deployments) ?? deployments.first)?[path: ["metadata", "namespace"]]?.stringValue
    }

    private static func controller(among deployments: [JSONValue]) -> JSONValue? {
        deployments.first { $0[path: ["metadata", "labels", MoorageLabels.component]] == "controller" }
    }

    private func lease(_ controller: JSONValue, namespace: String) async -> Finding<JSONValue> {
        let own = controller[path: ["metadata", "name"]]?.stringValue ?? ""
        let name = DoctorFacts.argument("leader-election-id", of: controller) ?? own
        do {
            return .found(try await reader.find(Self.lease, name, namespace: namespace) ?? .null)
        } catch {
            return Self.finding(error)
        }
    }

    /// Asks the API server what the controller may do.
    private func permissions(_ controller: JSONValue, namespace: String) async -> Finding<[DoctorFacts.Permission]> {
        let account =
            controller[path: ["spec", "template", "spec", "serviceAccountName"]]?.stringValue ?? "default"
        let names = DoctorFacts.namespaces(of: controller) ?? []
        let lease = DoctorFacts.argument("leader-election-id", of: controller)
        let asked = ControllerRight.all(namespaces: names, systemNamespace: namespace, lease: lease)
        let user = "system:serviceaccount:\(namespace):\(account)"
        do {
            // The client opens as many connections at a time as it may have for one host.
            return .found(
                try await withThrowingTaskGroup(of: (Int, DoctorFacts.Permission).self) { group in
                    for (place, right) in asked.enumerated() {
                        group.addTask { (place, try await permission(right, user: user, namespace: namespace)) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
                }
            )
        } catch {
            return Self.finding(error)
        }
    }

    private func permission(
        _ right: ControllerRight,
        user: String,
        namespace: String
    ) async throws -> DoctorFacts.Permission {
        let review = try await reader.client.create(
            Self.subjectAccessReview,
            [
                "spec": [
                    "user": .string(user),
                    "groups": [
                        "system:serviceaccounts", .string("system:serviceaccounts:\(namespace)"),
                        "system:authenticated",
                    ],
                    "resourceAttributes": right.attributes,
                ]
            ]
        )
        return DoctorFacts.Permission(
            action: right.description,
            namespace: right.namespace,
            isAllowed: review[path: ["status", "allowed"]] == true
        )
    }

    /// The time limit of a request to a gateway through the API server, which NetworkPolicies can block.
    private static let proxyTimeout = Duration.seconds(3)

    /// The status of `/readyz` of each gateway that runs.
    private func gatewayReadiness(_ pods: [JSONValue], namespace: String) async -> [String: Finding<Int>] {
        let gateways = pods.filter { $0[path: ["metadata", "labels", MoorageLabels.component]] == "gateway" }
        var readiness: [String: Finding<Int>] = [:]
        for pod in ForwardedPod.ready(gateways, portName: "health", fallback: nil) {
            let request = APIRequest(
                path: "/api/v1/namespaces/\(namespace)/pods/\(pod.name):\(pod.port)/proxy/readyz",
                headers: [.accept: "*/*"],
                timeout: Self.proxyTimeout
            )
            do {
                // Without the client's retries.
                let response = try await reader.client.transport.execute(request)
                readiness[pod.name] = Self.readiness(response.status.code)
            } catch is ClientError {
                readiness[pod.name] = .failed("the API server does not reach it, as a NetworkPolicy may want")
            } catch {
                readiness[pod.name] = Self.finding(error)
            }
        }
        return readiness
    }

    private static func readiness(_ status: Int) -> Finding<Int> {
        switch status {
        case 401, 403: .notAllowed
        // The API server's own answer if it cannot reach the pod. The pod is ready, as the kubelet says.
        case 502, 503, 504: .failed("the API server does not reach it, as a NetworkPolicy may want")
        default: .found(status)
        }
    }

    /// The monitors of the installation; `null` if the cluster does not have these kinds.
    private func monitors() async -> Finding<JSONValue> {
        var found: [JSONValue] = []
        var isKnown = false
        for type in [ResourceType.serviceMonitor, Self.podMonitor] {
            do {
                let options = ListOptions(labelSelector: "\(MoorageLabels.partOf)=moorage")
                found += try await reader.client.listAll(type, options: options) { try JSONValue(parsing: $0) }.items
                isKnown = true
            } catch let error as APIError where error.isNotFound {
                continue
            } catch {
                return Self.finding(error)
            }
        }
        return .found(isKnown ? .array(found) : .null)
    }
}

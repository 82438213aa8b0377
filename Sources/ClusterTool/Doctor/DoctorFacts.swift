internal import CommandSupport
package import KubernetesAPI

/// What is known of an installation. Everything that was read can be missing.
package struct DoctorFacts: Sendable {
    /// This program.
    package struct Program: Sendable {
        /// How it is called, such as `kubectl moorage`.
        package var name: String
        /// Its version, which is that of the controller's image.
        package var version: String
        /// The CustomResourceDefinitions that it has.
        package var definitions: [JSONValue]

        package init(name: String, version: String, definitions: [JSONValue]) {
            self.name = name
            self.version = version
            self.definitions = definitions
        }
    }

    /// Whether the controller may do something.
    package struct Permission: Sendable, Hashable {
        /// Such as `patch deployments.apps`.
        package var action: String
        /// The namespace; `nil` for all.
        package var namespace: String?
        /// Whether it may.
        package var isAllowed: Bool

        package init(action: String, namespace: String?, isAllowed: Bool) {
            self.action = action
            self.namespace = namespace
            self.isAllowed = isAllowed
        }
    }

    /// This program.
    package var program: Program
    /// The time of this machine.
    package var now: Timestamp
    /// The answer to `/version`.
    package var version: Finding<JSONValue>
    /// The time of the API server when it answered.
    package var serverTime: Timestamp?
    /// The CustomResourceDefinitions of Moorage.
    package var definitions: Finding<[JSONValue]> = .notAllowed
    /// The Deployments of the installation, of controller and gateway.
    package var deployments: Finding<[JSONValue]> = .notAllowed
    /// The pods of the installation.
    package var pods: Finding<[JSONValue]> = .notAllowed
    /// The Services of the installation.
    package var services: Finding<[JSONValue]> = .notAllowed
    /// The Lease of the controller; `null` if there is none.
    package var lease: Finding<JSONValue> = .notAllowed
    /// What the controller's ServiceAccount may do.
    package var permissions: Finding<[Permission]> = .notAllowed
    /// The ValidatingAdmissionPolicies of the installation.
    package var policies: Finding<[JSONValue]> = .notAllowed
    /// Their bindings.
    package var bindings: Finding<[JSONValue]> = .notAllowed
    /// The DaemonSets of the cluster, which include network plug-ins.
    package var daemonSets: Finding<[JSONValue]> = .notAllowed
    /// The status of `/readyz` of each gateway, by pod.
    package var gatewayReadiness: [String: Finding<Int>] = [:]
    /// The ServiceMonitors and PodMonitors of the installation; `null` if the cluster does not have these kinds.
    package var monitors: Finding<JSONValue> = .notAllowed
    /// All tenants.
    package var tenants: Finding<[JSONValue]> = .notAllowed
    /// All servers.
    package var servers: Finding<[JSONValue]> = .notAllowed
    /// The namespaces that Moorage manages.
    package var namespaces: Finding<[JSONValue]> = .notAllowed

    package init(program: Program, now: Timestamp, version: Finding<JSONValue>) {
        self.program = program
        self.now = now
        self.version = version
    }
}

extension DoctorFacts {
    /// The label of the component.
    static let component = "app.kubernetes.io/component"

    /// The objects of a component, `controller` or `gateway`.
    static func ofComponent(_ name: String, _ objects: [JSONValue]) -> [JSONValue] {
        objects.filter { $0.label(component) == name }
    }

    /// The value of an argument of a Deployment's containers, such as that of `--leader-election-id=moorage-controller`.
    package static func argument(_ name: String, of deployment: JSONValue) -> String? {
        let option = "--\(name)="
        return deployment.list("spec", "template", "spec", "containers").lazy.flatMap { $0.texts("args") }
            .first { $0.hasPrefix(option) }.map { String($0.dropFirst(option.count)) }
    }

    /// The namespaces that a controller is limited to; `nil` for all.
    package static func namespaces(of deployment: JSONValue) -> [String]? {
        argument("namespaces", of: deployment).map(EnvironmentReader.list)
    }
}

import CEL
import KubernetesAPI

/// What the expressions of admission policies can refer to.
enum AdmissionEnvironment {
    private static let kind: [String: CELType] = ["group": .string, "version": .string, "kind": .string]

    /// The fields of `request` and `namespaceObject`.
    private static let fields: [String: [String: CELType]] = [
        "kubernetes.GroupVersionKind": kind,
        "kubernetes.GroupVersionResource": ["group": .string, "version": .string, "resource": .string],
        "kubernetes.UserInfo": [
            "username": .string, "uid": .string, "groups": .list(.string), "extra": .map(.string, .list(.string)),
        ],
        "kubernetes.AdmissionRequest": [
            "kind": .named("kubernetes.GroupVersionKind"), "resource": .named("kubernetes.GroupVersionResource"),
            "subResource": .string, "requestKind": .named("kubernetes.GroupVersionKind"),
            "requestResource": .named("kubernetes.GroupVersionResource"), "requestSubResource": .string,
            "name": .string, "namespace": .string, "operation": .string, "userInfo": .named("kubernetes.UserInfo"),
            "dryRun": .bool, "options": .dyn,
        ],
        "kubernetes.NamespaceSpec": ["finalizers": .list(.string)],
        "kubernetes.NamespaceCondition": [
            "status": .string, "type": .string, "lastTransitionTime": .timestamp, "message": .string, "reason": .string,
        ],
        "kubernetes.NamespaceStatus": [
            "conditions": .list(.named("kubernetes.NamespaceCondition")), "phase": .string,
        ],
        "kubernetes.NamespaceMetadata": [
            "name": .string, "generateName": .string, "namespace": .string, "labels": .map(.string, .string),
            "annotations": .map(.string, .string), "UID": .string, "creationTimestamp": .timestamp,
            "deletionGracePeriodSeconds": .int, "deletionTimestamp": .timestamp, "generation": .int,
            "resourceVersion": .string, "finalizers": .list(.string),
        ],
        "kubernetes.Namespace": [
            "metadata": .named("kubernetes.NamespaceMetadata"), "spec": .named("kubernetes.NamespaceSpec"),
            "status": .named("kubernetes.NamespaceStatus"),
        ],
    ]

    /// The name of the type of `variables`.
    static let variables = "kubernetes.variables"

    /// The environment of an expression.
    ///
    /// - Parameters:
    ///   - variables: the types of the variables that are declared before it; `nil` if there can be none.
    ///   - isPatch: whether it describes a change, and can name the types of objects.
    static func environment(
        hasParams: Bool,
        hasAuthorizer: Bool = true,
        variables: [String: CELType]? = nil,
        isPatch: Bool = false
    ) -> Environment {
        var environment = Environment(
            variables: [
                "object": .dyn, "oldObject": .dyn, "request": .named("kubernetes.AdmissionRequest"),
                "namespaceObject": .named("kubernetes.Namespace"),
            ],
            fields: fields
        )
        if hasParams { environment.variables["params"] = .dyn }
        if hasAuthorizer {
            environment.variables["authorizer"] = .authorizer
            environment.variables["authorizer.requestResource"] = .resourceCheck
        }
        if let variables {
            environment.variables["variables"] = .named(AdmissionEnvironment.variables)
            environment.fields[AdmissionEnvironment.variables] = variables
        }
        environment.hasPatchTypes = isPatch
        return environment
    }
}

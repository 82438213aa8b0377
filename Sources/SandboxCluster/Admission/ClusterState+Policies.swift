import CEL
import KubernetesAPI

/// Finds the admission policies that apply to a request.
extension ClusterState {
    /// A policy with one of its bindings and one of the binding's parameters.
    struct PolicyInvocation {
        var name: String
        var binding: JSONValue
        var policy: CompiledPolicy
        var spec: JSONValue
        var context: PolicyContext
    }

    /// A policy, or a binding, that cannot be applied.
    struct PolicyFailure {
        var name: String
        /// `nil` if the policy itself cannot be applied.
        var binding: String?
        var message: String
        var failsOnErrors: Bool
    }

    private static let group = "admissionregistration.k8s.io"

    /// The policies that apply to a request, in the order of their names.
    ///
    /// - kind: `validating` or `mutating`.
    mutating func policies(_ kind: String, for attempt: AdmissionAttempt) -> (
        invocations: [PolicyInvocation], failures: [PolicyFailure]
    ) {
        let key = ResourceKey(group: ClusterState.group, plural: "\(kind)admissionpolicies")
        guard !attempt.isExempt, storage.count(key, namespace: "") > 0 else { return ([], []) }
        let bindingKey = ResourceKey(group: ClusterState.group, plural: "\(kind)admissionpolicybindings")
        let bindings = ClusterState.sorted(storage.objects(bindingKey))
        let namespace = attempt.namespace.isEmpty ? nil : storedNamespace(attempt.namespace)
        var invocations: [PolicyInvocation] = []
        var failures: [PolicyFailure] = []
        for policy in ClusterState.sorted(storage.objects(key)) {
            let name = policy.key.name
            let own = bindings.filter { $0.value[path: ["spec", "policyName"]]?.stringValue == name }
            let spec = policy.value["spec"] ?? [:]
            guard !own.isEmpty, let resource = match(spec["matchConstraints"], attempt, namespace) else { continue }
            let compiled = compiledPolicies.policy(policy)
            if let problem = unknownParameters(spec["paramKind"]) {
                failures.append(
                    PolicyFailure(
                        name: name,
                        binding: nil,
                        message: "failed to configure policy: \(problem)",
                        failsOnErrors: compiled.failsOnErrors
                    )
                )
                continue
            }
            for binding in own {
                if let resources = binding.value[path: ["spec", "matchResources"]], !resources.isNull,
                    match(resources, attempt, namespace) == nil
                {
                    continue
                }
                do throws(PolicyProblem) {
                    let params = try params(spec["paramKind"], binding.value[path: ["spec", "paramRef"]], attempt)
                    for param in params {
                        let context = context(attempt, compiled, resource, params: param, namespace: namespace)
                        invocations.append(
                            PolicyInvocation(
                                name: name,
                                binding: binding.value,
                                policy: compiled,
                                spec: spec,
                                context: context
                            )
                        )
                    }
                } catch {
                    failures.append(
                        PolicyFailure(
                            name: name,
                            binding: binding.key.name,
                            message: "failed to configure binding: \(error)",
                            failsOnErrors: compiled.failsOnErrors
                        )
                    )
                }
            }
        }
        return (invocations, failures)
    }

    private func storedNamespace(_ name: String) -> JSONValue? {
        storage[ObjectKey(resource: ClusterState.namespaces, namespace: "", name: name)]?.value
    }

    private func match(_ constraints: JSONValue?, _ attempt: AdmissionAttempt, _ namespace: JSONValue?)
        -> ResourceDefinition?
    {
        // A namespace that is being created has the labels of the request.
        let isNamespace = attempt.resource.qualifiedPlural == "namespaces"
        let holder = isNamespace ? attempt.object ?? attempt.oldObject : namespace
        let type = attempt.resource.type
        let others = registry.versions(type.group).filter { $0 != type.version }
            .compactMap { registry[type.group, $0, type.plural] }
        return PolicyMatch(
            constraints: constraints ?? [:],
            namespaceLabels: holder?.metadata["labels"]?.stringMap ?? [:],
            equivalents: others
        ).resource(of: attempt)
    }

    /// Why the kind of a policy's parameters cannot be used.
    private func unknownParameters(_ kind: JSONValue?) -> String? {
        guard let kind, kind.objectValue != nil else { return nil }
        let (apiVersion, name) = (kind.text("apiVersion"), kind.text("kind"))
        if registry.kind(apiVersion, name) != nil { return nil }
        let (group, version) = AdmissionAttempt.split(apiVersion)
        let place = group.isEmpty ? "/\(version)" : "\(group)/\(version)"
        return "failed to find resource referenced by paramKind: '\(place), Kind=\(name)'"
    }

    /// The parameters of a binding: one `nil` if it has none, and no elements if they are missing and need not be there.
    private func params(_ kind: JSONValue?, _ reference: JSONValue?, _ attempt: AdmissionAttempt) throws(PolicyProblem)
        -> [JSONValue?]
    {
        guard let kind, kind.objectValue != nil, let reference, reference.objectValue != nil else { return [nil] }
        let (apiVersion, name) = (kind.text("apiVersion"), kind.text("kind"))
        guard let resource = registry.kind(apiVersion, name) else { return [] }
        var namespace = reference.text("namespace")
        if resource.type.isNamespaced {
            if namespace.isEmpty { namespace = attempt.namespace }
            guard !namespace.isEmpty else {
                throw PolicyProblem(
                    description:
                        "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
                )
            }
        } else if !namespace.isEmpty {
            throw PolicyProblem(
                description: "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"
            )
        }
        var found: [JSONValue] = []
        let wanted = reference.text("name")
        if !wanted.isEmpty {
            let key = ObjectKey(resource: resource.key, namespace: namespace, name: wanted)
            if let object = storage[key] { found = [object.value] }
        } else {
            let objects = storage.objects(resource.key, namespace: namespace.isEmpty ? nil : namespace)
            let selector = ObjectSelector(labels: reference["selector"] ?? [:])
            found = ClusterState.sorted(objects.filter(selector.matches)).map(\.value)
        }
        if found.isEmpty, reference["parameterNotFoundAction"] == "Deny" {
            throw PolicyProblem(
                description: "no params found for policy binding with `Deny` parameterNotFoundAction"
            )
        }
        return found.map { convert($0, to: resource) }
    }

    private func context(
        _ attempt: AdmissionAttempt,
        _ policy: CompiledPolicy,
        _ resource: ResourceDefinition,
        params: JSONValue?,
        namespace: JSONValue?
    ) -> PolicyContext {
        let state = self
        let user = attempt.user
        let isNamespace = attempt.resource.qualifiedPlural == "namespaces"
        return PolicyContext(
            attempt,
            policy,
            resource: resource,
            params: params,
            namespace: isNamespace ? nil : namespace
        ) { check, verb in state.answer(check, verb, requester: user) }
    }

    private func answer(_ check: AccessCheck, _ verb: String, requester: UserInfo) -> AccessDecision {
        var user = requester
        if case .serviceAccount(let namespace, let name) = check.subject {
            user = UserInfo(
                name: UserInfo.serviceAccountName(namespace, name),
                groups: UserInfo.serviceAccountGroups(namespace) + [UserInfo.authenticated]
            )
        }
        let access =
            check.path.map { AccessRequest(verb: verb, path: $0) }
            ?? AccessRequest(
                verb: verb,
                group: check.group,
                resource: check.resource,
                subresource: check.subresource,
                namespace: check.namespace,
                name: check.name
            )
        let decision = decide(access, for: user)
        return AccessDecision(isAllowed: decision.isAllowed, reason: decision.reason)
    }
}

extension ObjectSelector {
    /// The objects that a label selector selects.
    fileprivate init(labels selector: JSONValue) {
        self.init()
        labels = selector.elements("matchExpressions").map { requirement in
            LabelSelector.Requirement(
                key: requirement.text("key"),
                operator: requirement.text("operator"),
                values: requirement["values"]?.arrayValue?.compactMap(\.stringValue)
            )
        }
        for (key, value) in selector["matchLabels"]?.stringMap ?? [:] {
            labels.append(LabelSelector.Requirement(key: key, operator: "In", values: [value]))
        }
    }
}

/// Policies that have been compiled, by uid and revision.
struct CompiledPolicies: Sendable {
    private var policies: [String: (revision: Int64, policy: CompiledPolicy)] = [:]

    mutating func policy(_ object: StoredObject) -> CompiledPolicy {
        if let known = policies[object.uid], known.revision == object.revision { return known.policy }
        let compiled = CompiledPolicy(object.value["spec"] ?? [:])
        policies[object.uid] = (object.revision, compiled)
        return compiled
    }
}

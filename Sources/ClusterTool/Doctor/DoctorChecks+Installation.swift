internal import KubernetesAPI

extension DoctorChecks {
    private static let helmHint =
        "Install the chart, or name the namespace of the installation with --system-namespace."

    /// Whether the controller runs, with the version of this program, and no other one manages the same namespaces.
    static func controller(_ facts: DoctorFacts) -> [CheckResult] {
        deployments("controller", "Controller", facts, isRequired: true) + rivals(facts)
    }

    /// Controllers that manage the same namespaces. Their Leases do not know of each other.
    private static func rivals(_ facts: DoctorFacts) -> [CheckResult] {
        let running = DoctorFacts.ofComponent("controller", facts.deployments.value ?? [])
            .filter { $0.integer("spec", "replicas") != 0 }
            .map {
                (
                    place: "\($0.text("metadata", "namespace") ?? "")/\($0.name)",
                    namespaces: DoctorFacts.namespaces(of: $0)
                )
            }
        for (index, one) in running.enumerated() {
            for other in running.dropFirst(index + 1) {
                // Without a list, a controller manages all.
                if let left = one.namespaces, let right = other.namespaces, Set(left).isDisjoint(with: right) {
                    continue
                }
                return [
                    .failed(
                        "Controller",
                        "the Deployments \(one.place) and \(other.place) manage the same namespaces",
                        "Uninstall one, or give each a list of its own in scope of the chart: each undoes what the other writes."
                    )
                ]
            }
        }
        return []
    }

    /// Whether the gateway runs, with the version of this program, and answers.
    static func gateway(_ facts: DoctorFacts) -> [CheckResult] {
        var results = deployments("gateway", "Gateway", facts, isRequired: false)
        for (pod, readiness) in facts.gatewayReadiness.sorted(by: { $0.key < $1.key }) {
            switch readiness {
            case .found(200): continue
            case .found(let status):
                results.append(
                    .failed(
                        "Gateway",
                        "/readyz of the pod \(pod) answers \(status)",
                        "Read its log: kubectl logs \(pod). It is ready once it has read servers, tenants and their revisions."
                    )
                )
            case .notAllowed, .failed:
                let reason = readiness.problem ?? ""
                results.append(.notChecked("Gateway", "/readyz of the pod \(pod) was not read: \(reason)"))
            }
        }
        return results
    }

    private static func deployments(
        _ component: String,
        _ check: String,
        _ facts: DoctorFacts,
        isRequired: Bool
    ) -> [CheckResult] {
        guard let all = facts.deployments.value else {
            return [
                .notChecked(
                    check,
                    facts.deployments.problem ?? "",
                    "Name the namespace of the installation with --system-namespace."
                )
            ]
        }
        let own = DoctorFacts.ofComponent(component, all)
        guard !own.isEmpty else {
            return isRequired
                ? [.failed(check, "no Deployment of the \(component) was found", helmHint)]
                : [.notChecked(check, "it is not installed")]
        }
        return own.flatMap { one($0, check, component, facts) }
    }

    private static func one(
        _ deployment: JSONValue,
        _ check: String,
        _ component: String,
        _ facts: DoctorFacts
    ) -> [CheckResult] {
        let place = "\(deployment.text("metadata", "namespace") ?? "")/\(deployment.name)"
        let wanted = deployment.integer("spec", "replicas") ?? 1
        let ready = deployment.integer("status", "readyReplicas") ?? 0
        let namespace = deployment.text("metadata", "namespace") ?? ""
        var results: [CheckResult] = []
        if wanted == 0 {
            results.append(
                .failed(
                    check,
                    "the Deployment \(place) is scaled to 0",
                    "Run: kubectl scale deployment \(deployment.name) -n \(namespace) --replicas 1."
                )
            )
        } else if ready < wanted {
            let message = "\(ready) of \(wanted) pods of the Deployment \(place) are ready\(reason(deployment, facts))"
            let wayOut =
                "Run: kubectl describe pods -n \(namespace) -l \(DoctorFacts.component)=\(component), and kubectl logs."
            results.append(ready == 0 ? .failed(check, message, wayOut) : .warning(check, message, wayOut))
        }
        let images = deployment.list("spec", "template", "spec", "containers").compactMap { $0.text("image") }
        let version = deployment.label("app.kubernetes.io/version")
        if let version, version != facts.program.version {
            results.append(
                .warning(
                    check,
                    "the Deployment \(place) has version \(version), and this program has \(facts.program.version)",
                    "Use the program of the same version: what it knows of conditions and fields can be different."
                )
            )
        }
        return results.isEmpty
            ? [
                .ok(
                    check,
                    "\(ready) of \(wanted) pods of \(place) are ready, version \(version ?? "unknown"), "
                        + "image \(images.first ?? "unknown")"
                )
            ] : results
    }

    /// Why pods are not ready, as far as a container says.
    private static func reason(_ deployment: JSONValue, _ facts: DoctorFacts) -> String {
        let component = deployment.label(DoctorFacts.component) ?? ""
        for pod in DoctorFacts.ofComponent(component, facts.pods.value ?? []) {
            for status in pod.list("status", "containerStatuses") {
                if let reason = status.text("state", "waiting", "reason") { return ": \(pod.name) waits, \(reason)" }
            }
        }
        return ""
    }

    /// Whether a controller leads, and renews its Lease.
    static func lease(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Lease"
        guard let lease = facts.lease.value else { return [.notChecked(check, facts.lease.problem ?? "")] }
        guard !lease.isNull else {
            return [.notChecked(check, "there is none: the controller runs without leader election, or has never led")]
        }
        guard let holder = lease.text("spec", "holderIdentity"),
            let renewed = lease.text("spec", "renewTime").flatMap({ MicroTimestamp($0) })
        else {
            return [
                .warning(
                    check,
                    "no controller holds it",
                    "Wait some seconds. If it stays like this, read the controller's log."
                )
            ]
        }
        // The Lease has the time of the controller's node, which is nearer to the API server's than to this machine's.
        let now = (facts.serverTime ?? facts.now).secondsSinceEpoch
        let age = now - renewed.microsecondsSinceEpoch / 1_000_000
        let duration = lease.integer("spec", "leaseDurationSeconds") ?? 15
        guard age <= duration else {
            return [
                .failed(
                    check,
                    "\(holder) has not renewed it for \(age) s, and it lasts \(duration) s",
                    "Read the controller's log. It needs to reach the API server, and the rights to update its Lease."
                )
            ]
        }
        return [.ok(check, "\(holder) leads, and renewed it \(max(0, age)) s ago")]
    }

    /// Whether the controller's ServiceAccount has its rights.
    static func permissions(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Permissions"
        switch facts.permissions {
        case .notAllowed:
            return [
                .notChecked(
                    check,
                    "your account is not allowed to ask for the rights of the controller (create subjectaccessreviews)"
                )
            ]
        case .failed(let reason): return [.notChecked(check, reason)]
        case .found(let permissions):
            let missing = permissions.filter { !$0.isAllowed }
            guard !missing.isEmpty else {
                return [.ok(check, "the controller has the \(permissions.count) rights that were asked for")]
            }
            let shown = missing.prefix(5).map { permission in
                permission.action + (permission.namespace.map { " in \($0)" } ?? "")
            }
            let more = missing.count > 5 ? " and \(missing.count - 5) more" : ""
            return [
                .failed(
                    check,
                    "the controller lacks: \(shown.joined(separator: ", "))\(more)",
                    "Install the roles of the chart again, with rbac.create, or grant what charts/moorage/templates/rbac.yaml has."
                )
            ]
        }
    }

    /// Whether the Service of the gateway leads to pods.
    static func gatewayService(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Gateway Service"
        guard let deployments = facts.deployments.value,
            !DoctorFacts.ofComponent("gateway", deployments).isEmpty
        else { return [] }
        guard let services = facts.services.value else { return [.notChecked(check, facts.services.problem ?? "")] }
        // Another Service has the addresses of all gateways, for the controller.
        let own = DoctorFacts.ofComponent("gateway", services).filter { $0.text("spec", "clusterIP") != "None" }
        guard let service = own.first else {
            return [.failed(check, "the gateway has no Service", "Install the chart again.")]
        }
        return [
            .ok(
                check,
                "\(service.text("metadata", "namespace") ?? "")/\(service.name), \(service.text("spec", "type") ?? "ClusterIP")"
            )
        ]
    }

    /// Whether the admission policies are installed and bound.
    static func admission(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Admission"
        guard let policies = facts.policies.value, let bindings = facts.bindings.value else {
            return [.notChecked(check, facts.policies.problem ?? facts.bindings.problem ?? "")]
        }
        guard !policies.isEmpty else {
            return [
                .warning(
                    check,
                    "no ValidatingAdmissionPolicy of Moorage is installed: the API server enforces none of its rules itself",
                    "Install the chart with admission.enabled, unless that is intended."
                )
            ]
        }
        let bound = Set(bindings.compactMap { $0.text("spec", "policyName") })
        let unbound = policies.map(\.name).filter { !bound.contains($0) }
        var results: [CheckResult] = []
        if !unbound.isEmpty {
            results.append(
                .failed(
                    check,
                    "without a binding, and so without effect: \(unbound.joined(separator: ", "))",
                    "Install the chart again."
                )
            )
        }
        for policy in policies {
            let warnings = policy.list("status", "typeChecking", "expressionWarnings")
            guard let first = warnings.first?.text("warning") else { continue }
            results.append(
                .warning(
                    check,
                    "the API server warns about \(policy.name): \(first)",
                    "Compare the versions of chart and CRDs: an expression uses a field that the CRD does not have."
                )
            )
        }
        return results.isEmpty ? [.ok(check, "\(policies.count) ValidatingAdmissionPolicies are bound")] : results
    }

    /// Whether what the monitors need is there.
    static func monitors(_ facts: DoctorFacts) -> [CheckResult] {
        let check = "Monitors"
        guard let monitors = facts.monitors.value else { return [.notChecked(check, facts.monitors.problem ?? "")] }
        guard let list = monitors.arrayValue else {
            return [.ok(check, "not used: the cluster does not have the Prometheus Operator")]
        }
        return [
            .ok(
                check,
                list.isEmpty
                    ? "none: metrics.serviceMonitor and metrics.podMonitor of the chart are off"
                    : "\(list.count) ServiceMonitors and PodMonitors"
            )
        ]
    }
}

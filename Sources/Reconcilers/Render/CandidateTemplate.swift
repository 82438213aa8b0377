internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// What distinguishes the pod of a version that does not serve yet from the pods that serve. Pure.
enum CandidateTemplate {
    /// A finished pod template without what could connect the pod with others: labels of the spec, which a Service of the
    /// tenant may select, and persistent volumes, which the serving pods write to. It gets empty volumes instead.
    static func isolated(_ template: JSONValue, of input: ServerInput, tenant: EffectiveTenant) -> JSONValue {
        var template = template
        let labels = ObjectLabels.server(input.server, tenant: tenant.name, role: input.role)
        template[path: ["metadata", "labels"]] = .labels(labels)
        let volumes = (template[path: ["spec", "volumes"]]?.arrayValue ?? []).map { volume -> JSONValue in
            guard volume["persistentVolumeClaim"] != nil || volume["ephemeral"] != nil, let name = volume["name"] else {
                return volume
            }
            return ["name": name, "emptyDir": [:]]
        }
        if !volumes.isEmpty { template[path: ["spec", "volumes"]] = .array(volumes) }
        return template
    }
}

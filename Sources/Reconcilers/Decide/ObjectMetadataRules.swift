internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// Checks the labels and annotations that a server gives to its Deployment and its ServiceAccount.
enum ObjectMetadataRules {
    /// Refuses what the API server would refuse, and keys that are reserved for Moorage.
    static func check(_ spec: MCPServerSpec) throws(Refusal) {
        try check(spec.deployment?.labels, field: "spec.deployment.labels", isLabels: true)
        try check(spec.deployment?.annotations, field: "spec.deployment.annotations", isLabels: false)
        try check(spec.serviceAccount?.labels, field: "spec.serviceAccount.labels", isLabels: true)
        try check(spec.serviceAccount?.annotations, field: "spec.serviceAccount.annotations", isLabels: false)
    }

    private static func check(_ values: [String: String]?, field: String, isLabels: Bool) throws(Refusal) {
        for (key, value) in (values ?? [:]).sorted(by: { $0.key < $1.key }) {
            let place = "\(field)[\(key)]"
            if key.hasPrefix("\(Moorage.group)/") {
                throw Refusal(
                    .specInvalid,
                    field: place,
                    """
                    keys of \(Moorage.group) are reserved for Moorage: remove it
                    """
                )
            }
            guard KubernetesNames.isQualifiedName(isLabels ? key : key.lowercased()) else {
                throw Refusal(.specInvalid, field: place, "\"\(key)\" is not a valid key: use NAME or DOMAIN/NAME")
            }
            if isLabels, !KubernetesNames.isLabelValue(value) {
                throw Refusal(
                    .specInvalid,
                    field: place,
                    """
                    "\(value)" is not a valid label value: use at most 63 letters, digits, -, _ and ., with a \
                    letter or digit at both ends
                    """
                )
            }
        }
    }
}

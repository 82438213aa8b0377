internal import CRDModels
internal import KubernetesAPI
internal import Policy
internal import SupplyChain

/// Warnings about a server's pods.
enum PodWarnings {
    /// All warnings, one sentence each.
    ///
    /// - Parameters:
    ///   - podTemplate: the finished pod template.
    ///   - pullSecrets: the names of the pull Secrets.
    ///   - contents: the contents of Secrets and ConfigMaps, including the pull Secrets.
    static func find(
        spec: MCPServerSpec,
        podTemplate: JSONValue,
        scaling: Scaling?,
        pullSecrets: [String],
        contents: [ContentReference: ReferencedContent]
    ) -> [String] {
        plainSecrets(of: spec)
            + unmeasured(podTemplate, scaling: scaling)
            + pullProblems(podTemplate, pullSecrets: pullSecrets, contents: contents)
    }

    // MARK: Secrets in plain text

    private static let secretWords: Set<String> = [
        "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "APIKEY", "CREDENTIAL", "CREDENTIALS",
    ]
    private static let keyWords: Set<String> = ["API", "ACCESS", "PRIVATE", "SECRET", "SIGNING", "ENCRYPTION", "AUTH"]

    /// Whether a variable with this name usually contains a secret. Names of locations (`TOKEN_URL`, `PASSWORD_FILE`)
    /// do not.
    static func looksLikeSecret(_ name: String) -> Bool {
        let words = name.uppercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        guard let last = words.last else { return false }
        if secretWords.contains(last) { return true }
        return last == "KEY" && words.count > 1 && keyWords.contains(words[words.count - 2])
    }

    private static func plainSecrets(of spec: MCPServerSpec) -> [String] {
        var fields = (spec.config?.env ?? [:]).filter { !$0.value.isEmpty && looksLikeSecret($0.key) }.keys.sorted()
            .map { "spec.config.env[\($0)]" }
        for variable in spec.env ?? [] where variable.value?.isEmpty == false && looksLikeSecret(variable.name) {
            fields.append("spec.env[\(variable.name)]")
        }
        for (path, container) in PodContainers.all(of: spec.podTemplate?["spec"] ?? [:]) {
            for variable in container["env"]?.arrayValue ?? [] {
                let name = variable["name"]?.stringValue ?? ""
                guard variable["value"]?.stringValue?.isEmpty == false, looksLikeSecret(name) else { continue }
                fields.append("spec.podTemplate.spec.\(path).env[\(name)]")
            }
        }
        guard !fields.isEmpty else { return [] }
        let shown = fields.prefix(3).joined(separator: ", ") + (fields.count > 3 ? " and \(fields.count - 3) more" : "")
        return [
            """
            \(shown) looks like a secret, and everyone who can read the server can read it: use a Secret, with \
            valueFrom.secretKeyRef in spec.env
            """
        ]
    }

    // MARK: Autoscaling

    /// An autoscaler does not work if a container has no request. Moorage sets one for the server's container.
    private static func unmeasured(_ template: JSONValue, scaling: Scaling?) -> [String] {
        guard let scaling else { return [] }
        return scaling.measuredResources.flatMap { resource in
            (template["spec"]?["containers"]?.arrayValue ?? []).compactMap { container -> String? in
                let resources = container["resources"] ?? [:]
                guard resources["requests"]?[resource] == nil, resources["limits"]?[resource] == nil else { return nil }
                return
                    """
                    the autoscaler cannot measure \(resource), because container \
                    \(container["name"]?.stringValue ?? "") does not request it: set its resources.requests.\(resource)
                    """
            }
        }
    }

    // MARK: Pull credentials

    private static func pullProblems(
        _ template: JSONValue,
        pullSecrets: [String],
        contents: [ContentReference: ReferencedContent]
    ) -> [String] {
        var warnings: [String] = []
        var usable: [PullSecret] = []
        // Only digests are kept of a Secret that the pods also read.
        var isWholeKnown = true
        for name in pullSecrets {
            switch contents[ContentReference(kind: .secret, name: name)] {
            case .pullSecret(let secret):
                if let problem = secret.problem { warnings.append("image pull Secret \"\(name)\" \(problem)") }
                usable.append(secret)
            case .absent, nil: break
            case .digests, .values: isWholeKnown = false
            }
        }
        guard isWholeKnown, !usable.isEmpty, usable.contains(where: { $0.problem == nil }) else { return warnings }
        var registries: Set<String> = []
        _ = PodSchema.current.replacingImages(in: template) { _, image in
            if let reference = try? ImageReference(image),
                !usable.contains(where: { $0.covers(registry: reference.registry, repository: reference.repository) })
            {
                registries.insert(reference.registry)
            }
            return image
        }
        for registry in registries.sorted() {
            warnings.append(
                """
                no image pull Secret has credentials for \(registry): the kubelet pulls without credentials; add \
                them if the image is not public
                """
            )
        }
        return warnings
    }
}

internal import CRDModels
internal import KubernetesAPI
internal import SupplyChain

/// Which images pods and servers can name.
extension AdmissionPolicies {
    /// The platform's rules for images, for every pod in the namespace of a tenant, whoever creates it.
    static let images = AdmissionPolicy(
        name: "images",
        suffix: "images",
        purpose: """
            The platform's rules for images, for every pod in the namespace of a tenant, whoever creates it. A pod names the image \
            that is pulled, so the platform's mirrors are allowed too.
            """,
        resources: podResources,
        scope: .tenantNamespaces,
        matchConditions: [changesPod],
        variables: ImageCEL.podVariables
            + [ImageCEL.prefixes("registries", of: "variables.allowedRegistries + variables.mirrors")],
        rules: [
            AdmissionRule(
                "platform-digest",
                "!variables.requireDigest || variables.tenantsMayOmitDigests || \(ImageCEL.allPinned)",
                message: "an image has no digest: pin it as NAME@sha256:…",
                messageExpression: ImageCEL.unpinned("the platform"),
                accepts: { review in
                    !review.platform.images.requireDigest || review.platform.tenantsMayOmitDigests
                        || review.podImages.allSatisfy(\.isPinned)
                }
            ),
            AdmissionRule(
                "latest",
                "variables.images.all(i, i[0].contains('@') || i[0].matches(':[^/]+$') && !i[0].endsWith(':latest'))",
                message:
                    "an image has the tag latest, or no tag, and can change with every push: pin it as NAME@sha256:…",
                messageExpression: """
                    'these images have the tag latest, or no tag, and can change with every push: ' + \
                    variables.images.filter(i, !i[0].contains('@') && (!i[0].matches(':[^/]+$') || \
                    i[0].endsWith(':latest'))).map(i, i[0]).join(', ') + '; pin them as NAME@sha256:…'
                    """,
                accepts: { review in review.podImages.allSatisfy { !$0.isLatest } }
            ),
            AdmissionRule(
                "platform-registry",
                "variables.allowedRegistries.size() == 0 || \(ImageCEL.allCovered(by: "registries"))",
                message: "the platform's list of registries does not allow an image",
                messageExpression: ImageCEL.notCovered(by: "registries", of: "the platform"),
                accepts: { review in
                    let platform = review.platform.images
                    return platform.allowedRegistries.isEmpty
                        || review.podImages.allSatisfy {
                            $0.isCovered(by: platform.allowedRegistries + platform.mirrors.map(\.mirror))
                        }
                }
            ),
        ],
        applies: \.changesPod
    )

    /// The image of an MCPServer, as it is written: the refusal is immediate, and does not only appear in a condition.
    static let servers = AdmissionPolicy(
        name: "servers",
        suffix: "server-images",
        purpose: """
            The image of an MCPServer, as it is written. Without this policy, the same refusals appear in the server's conditions. An \
            image that does not change is not judged again, so that a stricter rule does not block other changes.
            """,
        resources: [
            AdmissionResource(group: Moorage.group, resources: ["mcpservers"], operations: ["CREATE", "UPDATE"])
        ],
        scope: .tenantNamespaces,
        readsTenant: true,
        matchConditions: [
            (
                "changes-image",
                "object.?spec.?image.hasValue() && (oldObject == null || object.?spec.?image != oldObject.?spec.?image)"
            )
        ],
        variables: [("references", "[object.spec.image]")] + ImageCEL.nameVariables
            + [
                ImageCEL.prefixes("registries", of: "variables.allowedRegistries"),
                ImageCEL.prefixes("tenantRegistries", of: "params.?spec.?images.?allowedRegistries.orValue([])"),
                ImageCEL.tenantRequiresDigest,
            ],
        rules: [
            AdmissionRule(
                "server-digest",
                "!variables.tenantRequiresDigest || \(ImageCEL.allPinned)",
                message: "spec.image has no digest: pin it as NAME@sha256:…",
                messageExpression: """
                    'spec.image: "' + object.spec.image + '" has no digest, and the policy requires one: pin it as NAME@sha256:…'
                    """,
                accepts: { review in !review.tenantRequiresDigest || review.serverImages.allSatisfy(\.isPinned) }
            ),
            AdmissionRule(
                "server-platform-registry",
                "variables.registries.size() == 0 || \(ImageCEL.allCovered(by: "registries"))",
                message: "spec.image: the platform's list of registries does not allow it",
                messageExpression: ImageCEL.notCovered(by: "registries", of: "the platform", field: "spec.image: "),
                accepts: { review in
                    let allowed = review.platform.images.allowedRegistries
                    return allowed.isEmpty || review.serverImages.allSatisfy { $0.isCovered(by: allowed) }
                }
            ),
            AdmissionRule(
                "server-tenant-registry",
                "variables.tenantRegistries.size() == 0 || \(ImageCEL.allCovered(by: "tenantRegistries"))",
                message: "spec.image: the tenant's list of registries does not allow it",
                messageExpression: ImageCEL.notCovered(by: "tenantRegistries", of: "the tenant", field: "spec.image: "),
                accepts: { review in
                    let allowed = review.tenantPrefixes(["allowedRegistries"])
                    return allowed.isEmpty || review.serverImages.allSatisfy { $0.isCovered(by: allowed) }
                }
            ),
        ],
        applies: { review in
            let image = review.object?[path: ["spec", "image"]]
            return image != nil && image != review.oldObject?[path: ["spec", "image"]]
        }
    )
}

/// The parts of CEL expressions about images.
enum ImageCEL {
    /// The references in a pod, of all containers and of volumes with images, and their names.
    static let podVariables: [(name: String, expression: String)] =
        [
            AdmissionPolicies.containers,
            ("volumes", "object.spec.?volumes.orValue([])"),
            (
                "references",
                """
                variables.containers.map(c, c.?image.orValue('')) + \
                variables.volumes.filter(v, has(v.image)).map(v, v.image.?reference.orValue(''))
                """
            ),
        ] + nameVariables

    /// Pairs of a reference and its full name, such as `docker.io/library/nginx`, for all that are not exempt. The steps are
    /// those of `ImageReference`: the name without digest and tag; the default registry; the default path; the host in lower case.
    static let nameVariables: [(name: String, expression: String)] = [
        prefixes("exempt", of: "variables.exemptImages"),
        (
            "images",
            """
            variables.references.filter(i, !(i in variables.ownImages)).map(i, string(i))\
            .map(i, [i, i.split('@')[0].find('^[^:]*(:[0-9]+/[^:]*)?')])\
            .map(i, [i[0], i[1].contains('/') && i[1].split('/')[0].matches('[.:A-Z]|^localhost$') ? i[1] : 'docker.io/' + i[1]])\
            .map(i, [i[0], i[1].split('/')[0].lowerAscii() + i[1].substring(i[1].indexOf('/'))])\
            .map(i, [i[0], i[1].startsWith('index.docker.io/') ? i[1].substring(6) : i[1]])\
            .map(i, [i[0], i[1].matches('^docker[.]io/[^/]+$') ? 'docker.io/library' + i[1].substring(9) : i[1]])\
            .filter(i, !\(covered("i[1]", by: "exempt")))
            """
        ),
    ]

    /// Whether the tenant requires digests; its default is the platform's, and it cannot loosen the platform's unless it may.
    static let tenantRequiresDigest = (
        name: "tenantRequiresDigest",
        expression: """
        variables.requireDigest && !variables.tenantsMayOmitDigests || \
        params.?spec.?images.?requireDigest.orValue(variables.requireDigest) || \
        params.?spec.?images.?signatures.hasValue() && \
        params.?spec.?images.?signatures.?mode.orValue('Enforce') != 'Off'
        """
    )

    private static let digest = "@(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$"

    /// Whether every image has a digest and a valid name.
    static let allPinned = "variables.images.all(i, \(isPinned))"

    private static let isPinned =
        "i[0].matches('\(digest)') && i[1].matches('^[a-zA-Z0-9.-]+(:[0-9]+)?(/[a-z0-9]+((\\\\.|_|__|-+)[a-z0-9]+)*)+$')"

    static func unpinned(_ owner: String) -> String {
        """
        'these images have no digest, and \(owner) requires one: ' + \
        variables.images.filter(i, !(\(isPinned))).map(i, i[0]).join(', ') + '; pin them as NAME@sha256:…'
        """
    }

    /// A variable with registries and paths without a trailing `/` or `/*`, in lower case, as `RegistryPrefix` reads them.
    static func prefixes(_ name: String, of list: String) -> (name: String, expression: String) {
        (
            name,
            """
            (\(list)).map(p, p.endsWith('/*') ? p.substring(0, p.size() - 2) : p.endsWith('/') ? \
            p.substring(0, p.size() - 1) : p).map(p, p.lowerAscii())\
            .map(p, p == 'index.docker.io' || p.startsWith('index.docker.io/') ? p.substring(6) : p)
            """
        )
    }

    private static func covered(_ name: String, by variable: String) -> String {
        "variables.\(variable).exists(p, \(name) == p || \(name).startsWith(p + '/'))"
    }

    /// Whether every image is at or below a prefix, on path boundaries.
    static func allCovered(by variable: String) -> String {
        "variables.images.all(i, \(covered("i[1]", by: variable)))"
    }

    static func notCovered(by variable: String, of owner: String, field: String = "") -> String {
        """
        '\(field)the list of registries of \(owner) does not allow ' + \
        variables.images.filter(i, !\(covered("i[1]", by: variable))).map(i, i[0]).join(', ') + \
        '; it allows ' + variables.\(variable).join(', ')
        """
    }
}

/// An image that a request names, for the Swift form of the rules.
struct NamedImage {
    private let text: String
    private let reference: ImageReference?

    init(_ text: String) {
        self.text = text
        reference = try? ImageReference(text)
    }

    /// Whether it has a digest.
    var isPinned: Bool { reference?.digest != nil }

    /// Whether it has the tag latest or no tag, and no digest.
    var isLatest: Bool { !text.contains("@") && reference?.isLatest ?? true }

    func isCovered(by prefixes: [RegistryPrefix]) -> Bool {
        guard let name = reference?.name else { return false }
        return prefixes.contains { $0.covers(name) }
    }
}

extension AdmissionReview {
    /// The images of a pod that rules apply to.
    var podImages: [NamedImage] {
        let spec = object?["spec"] ?? [:]
        let volumes = (spec["volumes"]?.arrayValue ?? []).compactMap { $0["image"].map { $0["reference"] ?? "" } }
        return judged(PodContainers.all(of: spec).map { $0.container["image"] ?? "" } + volumes)
    }

    /// The image of a server.
    var serverImages: [NamedImage] { judged([object?[path: ["spec", "image"]] ?? ""]) }

    private func judged(_ references: [JSONValue]) -> [NamedImage] {
        references.compactMap(\.stringValue).filter { !platform.ownImages.contains($0) }.map(NamedImage.init)
            .filter { !$0.isCovered(by: platform.exemptImages) }
    }

    /// Registries and paths that the tenant lists in a field of `spec.images`, such as `["allowedRegistries"]`.
    func tenantPrefixes(_ path: [String]) -> [RegistryPrefix] {
        (tenant?[path: ["spec", "images"] + path]?.arrayValue ?? []).compactMap { value in
            (value.stringValue ?? value["mirror"]?.stringValue).flatMap { try? RegistryPrefix($0) }
        }
    }

    var tenantRequiresDigest: Bool {
        let images = tenant?[path: ["spec", "images"]] ?? [:]
        if platform.images.requireDigest, !platform.tenantsMayOmitDigests { return true }
        if images["requireDigest"] ?? .bool(platform.images.requireDigest) == true { return true }
        return images["signatures"].map { $0["mode"] != "Off" } ?? false
    }
}

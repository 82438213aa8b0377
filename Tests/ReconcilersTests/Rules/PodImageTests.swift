import CRDModels
import KubernetesAPI
import Testing

@testable import Policy
@testable import Reconcilers
@testable import SandboxCluster

/// A field of a pod template that can contain an image, according to the sandbox's table of the API's types.
private struct ImagePlace: Sendable, CustomTestStringConvertible {
    enum Step: Sendable {
        case key(String)
        case element
    }

    var steps: [Step]

    var testDescription: String {
        steps.reduce("") { text, step in
            switch step {
            case .key(let key): text.isEmpty ? key : "\(text).\(key)"
            case .element: text + "[]"
            }
        }
    }

    /// A pod template that has an image here and nothing else but names.
    func template(image: String) -> JSONValue { value(steps[...], image) }

    private func value(_ steps: ArraySlice<Step>, _ image: String) -> JSONValue {
        switch steps.first {
        case nil: .string(image)
        case .key(let key): .object([key: value(steps.dropFirst(), image)])
        case .element:
            .array([(value(steps.dropFirst(), image)).overlaid(with: ["name": "other"])])
        }
    }

    /// Every text field whose name contains "image", anywhere in a pod template.
    static let all: [ImagePlace] = {
        var places: [ImagePlace] = []
        func visit(_ type: FieldType, _ steps: [Step]) {
            switch type {
            case .list(let element, _): visit(element, steps + [.element])
            case .object, .named:
                for (name, field) in (type.objectType?.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
                    let word = name.lowercased()
                    if case .scalar(.string) = field.type, word.contains("image") || word.contains("reference"),
                        !word.hasSuffix("policy")
                    {
                        places.append(ImagePlace(steps: steps + [.key(name)]))
                    } else {
                        visit(field.type, steps + [.key(name)])
                    }
                }
            default: break
            }
        }
        visit(.named("core.v1.PodTemplateSpec"), [])
        // The image of a Ceph block device is a disk, not a container image.
        return places.filter { $0.testDescription != "spec.volumes[].rbd.image" }
    }()
}

private let evil = "evil.example/x@\(Sample.digest)"

private func input(
    _ change: (inout MCPServerSpec) -> Void,
    mirrors: [ImageMirror]? = nil
) -> ServerInput {
    Sample.input(
        Sample.server("weather", change),
        tenants: [Sample.tenant { $0.images = TenantImages(allowedRegistries: ["ghcr.io"], mirrors: mirrors) }]
    )
}

private func imageVolume(_ reference: String) -> [Volume] {
    [Volume(name: "model", image: ImageVolumeSource(reference: reference))]
}

@Suite("Images of a pod")
struct PodImageTests {
    @Test("the pod schema has the known image fields")
    func places() {
        #expect(
            ImagePlace.all.map(\.testDescription) == [
                "spec.containers[].image", "spec.ephemeralContainers[].image", "spec.initContainers[].image",
                "spec.volumes[].image.reference",
            ]
        )
    }

    @Test("an image that the rules refuse is refused in every field of the pod schema", arguments: ImagePlace.all)
    fileprivate func refused(place: ImagePlace) throws {
        let wrong = [
            (evil, Reason.imageRegistryNotAllowed), ("ghcr.io/acme/x:latest", .imageLatestTag),
            ("ghcr.io/acme/x:v1", .imageDigestRequired), ("UPPER case", .imageMalformed),
        ]
        for (image, reason) in wrong {
            let refusal = try #require(decide(input { $0.podTemplate = place.template(image: image) }).refusal)
            #expect(refusal.reason == reason, "\(refusal)")
            #expect(refusal.field?.hasPrefix("spec.podTemplate.spec.") == true, "\(refusal)")
        }
    }

    @Test("an image is pulled from mirrors in every field of the pod schema", arguments: ImagePlace.all)
    fileprivate func mirrored(place: ImagePlace) throws {
        let template = place.template(image: "ghcr.io/acme/x@\(Sample.digest)")
        var fields: [String] = []
        let replaced = PodSchema.current.replacingImages(in: template) { field, image in
            fields.append(field)
            return image.replacing("ghcr.io", with: "mirror.example")
        }
        #expect(fields == [place.testDescription.replacing("[]", with: "[0]")])
        #expect(replaced == place.template(image: "mirror.example/acme/x@\(Sample.digest)"))
    }

    @Test("a volume of the spec that mounts an image is checked by the same rules")
    func specVolume() throws {
        for (image, reason) in [("evil.example/x:latest", Reason.imageLatestTag), (evil, .imageRegistryNotAllowed)] {
            let refusal = try #require(decide(input { $0.volumes = imageVolume(image) }).refusal)
            #expect(refusal.reason == reason)
            #expect(refusal.field == "spec.volumes[0].image.reference")
        }
        #expect(decide(input { $0.volumes = imageVolume("ghcr.io/acme/x@\(Sample.digest)") }).plan != nil)
    }

    @Test("a volume of the pod template is identified by name, because its index changes in the finished pod")
    func templateVolume() throws {
        let volumes: JSONValue = [["name": "more", "image": ["reference": .string(evil)]]]
        let refusal = try #require(decide(input { $0.podTemplate = ["spec": ["volumes": volumes]] }).refusal)
        #expect(refusal.field == "spec.podTemplate.spec.volumes[more].image.reference")
    }

    @Test("images of other containers and of volumes are also pulled from the mirror")
    func rendered() throws {
        let image = "ghcr.io/acme/x@\(Sample.digest)"
        let hardened = Hardening.securityContext(for: Hardening.podSecurityContext)
        let side: JSONValue = [
            "name": "side", "image": .string(image), "securityContext": hardened,
        ]
        let first: JSONValue = [
            "name": "first", "image": .string(image), "restartPolicy": "Always", "securityContext": hardened,
        ]
        let decision = decide(
            input(
                {
                    $0.volumes = imageVolume(image)
                    $0.podTemplate = [
                        "spec": [
                            "containers": [side], "initContainers": [first],
                            "volumes": [["name": "more", "image": ["reference": .string(image)]]],
                        ]
                    ]
                },
                mirrors: [ImageMirror(source: "ghcr.io", mirror: "mirror.example/ghcr")]
            )
        )
        let plan = try #require(decision.plan, "\(decision)")
        let mirrored: JSONValue = .string("mirror.example/ghcr/acme/x@\(Sample.digest)")
        for place in [
            "spec.containers.1.image", "spec.initContainers.0.image", "spec.volumes.1.image.reference",
            "spec.volumes.2.image.reference",
        ] {
            #expect(plan.podTemplate.at(place) == mirrored, "\(place)")
        }
        #expect(plan.podTemplate.at("spec.containers.0.image") == .string(plan.image.resolved))
    }

    @Test("a disk image of Ceph is not a container image, and neither is a label with that name")
    func others() {
        let template: JSONValue = [
            "metadata": ["labels": ["image": "x"], "annotations": ["reference": "y"]],
            "spec": [
                "volumes": [["name": "d", "rbd": ["image": "disk", "monitors": ["m"]]]], "nodeSelector": ["image": "z"],
            ],
        ]
        let replaced = PodSchema.current.replacingImages(in: template) { _, _ in "replaced" }
        #expect(replaced == template)
    }
}

import CRDModels
import KubernetesAPI
import Testing

/// The readers of the examples: the Swift checks of the rules, and, if `MOORAGE_TEST_KUBECONFIG` names a kubeconfig, a
/// real cluster, Kubernetes 1.36, through `kubectl`.
enum Reader: Sendable, CustomTestStringConvertible {
    case nativeChecks
    case realCluster(kubeconfig: String)

    static let available: [Reader] =
        [.nativeChecks] + (RealCluster.configured.map { [.realCluster(kubeconfig: $0)] } ?? [])

    var testDescription: String {
        switch self {
        case .nativeChecks: "the rules' Swift checks"
        case .realCluster: "a real cluster"
        }
    }
}

@Suite(.serialized) struct ExampleTests {
    @Test("each example is accepted or rejected as expected", arguments: Reader.available)
    func judgement(reader: Reader) throws {
        switch reader {
        case .nativeChecks:
            for example in Example.all {
                let schema = try #require(example.kind?.schema)
                func prepared(_ object: JSONValue) -> JSONValue {
                    var object = object
                    #expect(schema.prune(&object).isEmpty, "\(example.name): a field that nobody knows")
                    schema.applyDefaults(to: &object)
                    return object
                }
                let old = example.old.map(prepared)
                if let old { #expect(schema.validate(old).isEmpty, "\(example.name)") }
                let errors = schema.validate(prepared(example.object), old: old).map(\.description)
                #expect(errors.sorted() == example.errors.sorted(), "\(example.name)")
            }
        case .realCluster(let kubeconfig):
            let cluster = try RealCluster(kubeconfig: kubeconfig)
            defer { cluster.cleanUp() }
            for example in Example.all.map({ $0.placed(in: cluster.namespace) }) {
                if let old = example.old { try #require(try cluster.create(old, dryRun: false).isEmpty) }
                let errors =
                    try example.old == nil
                    ? cluster.create(example.object, dryRun: true) : cluster.replace(example.object)
                #expect(errors.sorted() == example.errors.sorted(), "\(example.name)")
                if let old = example.old { cluster.delete(old) }
            }
        }
    }

    @Test("nothing in a valid example is pruned or changed", arguments: Reader.available)
    func nothingPruned(reader: Reader) throws {
        let cluster: RealCluster? =
            switch reader {
            case .nativeChecks: nil
            case .realCluster(let kubeconfig): try RealCluster(kubeconfig: kubeconfig)
            }
        defer { cluster?.cleanUp() }
        for var example in Example.all where example.errors.isEmpty && example.old == nil {
            let schema = try #require(example.kind?.schema)
            var expected = example.object
            schema.applyDefaults(to: &expected)
            let stored: JSONValue
            if let cluster {
                example = example.named(cluster.namespace).placed(in: cluster.namespace)
                try #require(try cluster.create(example.object, dryRun: false).isEmpty, "\(example.name)")
                stored = try cluster.get(example.object)
                cluster.delete(example.object)
            } else {
                var value = example.object
                _ = schema.prune(&value)
                schema.applyDefaults(to: &value)
                stored = value
            }
            #expect(stored["spec"] == expected["spec"], "\(example.name)")
        }
    }

    @Test("nothing in a status is pruned or changed", arguments: Reader.available)
    func statusKept(reader: Reader) throws {
        for kind in CustomResourceDefinitions.kinds {
            let status = try #require(kind.schema.properties["status"]).fullExample
            var object = try #require(Example.all.first { $0.kind == kind && $0.errors.isEmpty }?.object)
            let stored: JSONValue
            switch reader {
            case .nativeChecks:
                object["status"] = status
                #expect(kind.schema.prune(&object).isEmpty)
                kind.schema.applyDefaults(to: &object)
                #expect(kind.schema.validate(object).isEmpty)
                stored = object
            case .realCluster(let kubeconfig):
                let cluster = try RealCluster(kubeconfig: kubeconfig)
                defer { cluster.cleanUp() }
                object[path: ["metadata", "name"]] = .string(cluster.namespace)
                if kind.resourceType.isNamespaced {
                    object[path: ["metadata", "namespace"]] = .string(cluster.namespace)
                }
                try #require(try cluster.create(object, dryRun: false).isEmpty)
                try cluster.patchStatus(of: object, to: status)
                stored = try cluster.get(object)
                cluster.delete(object)
            }
            #expect(stored["status"] == status)
        }
    }

    @Test("a valid example is decoded and encoded without a change")
    func decodes() throws {
        for example in Example.all where example.errors.isEmpty {
            let kind = try #require(example.kind)
            var object = example.object
            kind.schema.applyDefaults(to: &object)
            let typed: any MoorageKind = try KubernetesJSON.decode(kind, from: object.serialized())
            let back = try JSONValue(encoding: typed)
            #expect(back["spec"] == object["spec"], "\(example.name)")
        }
    }

    @Test("there is an example for each rule")
    func everyRule() {
        let messages = Set(CustomResourceDefinitions.kinds.flatMap { rules(of: $0.schema).compactMap(\.message) })
        let shown = Example.all.flatMap(\.errors)
        let missing = messages.filter { message in !shown.contains { $0.hasSuffix(message) } }
        #expect(missing.isEmpty)
    }

    private func rules(of schema: Schema) -> [Rule] {
        schema.rules + schema.properties.names.flatMap { schema.properties[$0].map(rules) ?? [] }
            + (schema.items.map { rules(of: $0.schema) } ?? [])
            + (schema.additionalProperties.map { rules(of: $0.schema) } ?? [])
    }
}

extension Example {
    /// The same example for one run on a shared cluster: a server is created in the run's namespace, and a
    /// cluster-scoped object that is really created gets the run's name.
    func placed(in namespace: String) -> Example {
        var example = self
        if kind?.resourceType.isNamespaced == true {
            example.object[path: ["metadata", "namespace"]] = .string(namespace)
            example.old?[path: ["metadata", "namespace"]] = .string(namespace)
        } else if old != nil {
            example = named(namespace)
            example.old?[path: ["metadata", "name"]] = .string(namespace)
            // The example with the explicit default namespace uses that of the new name.
            let path = ["spec", "namespace", "name"]
            if object[path: path] == .string(Moorage.defaultNamespace(ofTenant: Example.objectName)) {
                example.object[path: path] = .string(Moorage.defaultNamespace(ofTenant: namespace))
            }
        }
        return example
    }
}

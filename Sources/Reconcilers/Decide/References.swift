public import CRDModels
internal import KubernetesAPI
public import Policy
internal import SupplyChain

/// The result of a template.
public struct FilledTemplate: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The template's name, which is its key in the Secret.
    public var name: String
    /// The environment variable that contains it, if there is one.
    public var env: String?
    /// The file in `/files` that contains it, if there is one.
    public var file: String?
    /// The text, which contains secrets.
    public var content: String

    public var description: String { "template \(name)" }
    public var debugDescription: String { description }
}

/// What a server reads from Secrets and ConfigMaps in its namespace.
public enum ServerReferences {
    /// What a server reads, including the environment and pull Secrets of its class and tenant. The loop reads these
    /// objects, and indexes servers by them.
    public static func needs(
        of spec: MCPServerSpec,
        class serverClass: MCPServerClassSpec? = nil,
        tenant: EffectiveTenant? = nil
    ) -> [ContentReference: ContentNeed] {
        var collector = Collector()
        if let remote = spec.remote {
            collector.collect(remote)
            return collector.needs
        }
        collector.collect(env: serverClass?.env, field: "the class's env")
        collector.collect(env: spec.env, field: "spec.env")
        collector.collect(envFrom: spec.envFrom, field: "spec.envFrom")
        collector.collect(volumes: spec.volumes, field: "spec.volumes")
        collector.collect(volumes: spec.plugins?.map(PluginTemplate.source), field: "spec.plugins")
        collector.collect(templates: spec.config?.templates)
        collector.collect(podTemplate: spec.podTemplate)
        let pullSecrets =
            (spec.imagePullSecrets ?? []).map(\.name) + (serverClass?.imagePullSecrets ?? []).map(\.name)
            + (tenant?.imagePullSecrets ?? []) + overriddenPullSecrets(of: spec)
        for name in pullSecrets { collector.collect(pullSecret: name) }
        return collector.needs.mapValues { need in
            // A Secret that pods also read is not only a pull secret.
            var need = need
            if need.isRequired || need.readsAllKeys || !need.optionalKeys.isEmpty { need.isPullSecret = false }
            return need
        }
    }

    /// What the server of an input reads, with the class that is in use.
    ///
    /// If the class or the tenant cannot be found, only what the spec itself reads is returned.
    public static func needs(of input: ServerInput) -> [ContentReference: ContentNeed] {
        let namespace = input.server.metadata.namespace ?? ""
        let tenant = try? EffectiveTenant(namespace: namespace, claims: input.claims, platform: input.platform)
        let serverClass = try? ClassInUse.resolved(input)
        return needs(of: input.server.spec, class: serverClass?.spec, tenant: tenant)
    }

    /// The ServiceAccounts that a server names and can use, in addition to its own. They may not exist.
    public static func serviceAccounts(of input: ServerInput) -> Set<String> {
        let namespace = input.server.metadata.namespace ?? ""
        guard let tenant = try? EffectiveTenant(namespace: namespace, claims: input.claims, platform: input.platform)
        else { return [] }
        return Set(accountNames(of: input.server.spec)).intersection(tenant.serviceAccounts)
    }

    /// The pull Secrets that a pod-template override adds.
    static func overriddenPullSecrets(of spec: MCPServerSpec) -> [String] {
        (spec.podTemplate?["spec"]?["imagePullSecrets"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }

    /// The ServiceAccounts that a spec names.
    static func accountNames(of spec: MCPServerSpec) -> [String] {
        [spec.serviceAccount?.name, spec.podTemplate?["spec"]?["serviceAccountName"]?.stringValue].compactMap { $0 }
    }

    /// Whether a Secret or ConfigMap in `envFrom` sets a variable.
    static func setsVariable(
        _ variable: String,
        in sources: [EnvFromSource]?,
        contents: [ContentReference: ReferencedContent]
    ) -> Bool {
        (sources ?? []).contains { source in
            let reference =
                source.secretRef.map { ContentReference(kind: .secret, name: $0.name) }
                ?? source.configMapRef.map { ContentReference(kind: .configMap, name: $0.name) }
            let keys = reference.flatMap { contents[$0]?.digests?.keys.map { (source.prefix ?? "") + $0 } } ?? []
            return keys.contains(variable)
        }
    }

    /// Refuses what is missing, always in the same order.
    static func check(
        _ needs: [ContentReference: ContentNeed],
        contents: [ContentReference: ReferencedContent]
    ) throws(Refusal) {
        for (reference, need) in needs.sorted(by: { $0.key < $1.key }) where !need.isPullSecret {
            guard let digests = contents[reference]?.digests else {
                guard need.isRequired || !need.requiredKeys.isEmpty else { continue }
                throw Refusal(
                    .referenceNotFound,
                    field: need.fields.first,
                    "\(reference) does not exist: create it in this namespace"
                        + (need.requiredKeys.isEmpty
                            ? "" : " with the keys \(need.requiredKeys.keys.sorted().joined(separator: ", "))")
                )
            }
            for (key, field) in need.requiredKeys.sorted(by: { $0.key < $1.key }) where digests[key] == nil {
                let keys = digests.keys.sorted().joined(separator: ", ")
                throw Refusal(
                    .referenceKeyNotFound,
                    field: field,
                    "\(reference) has no key \"\(key)\"" + (keys.isEmpty ? "; it is empty" : "; it has \(keys)")
                        + ": add the key, or use another one"
                )
            }
        }
    }

    /// Pull secrets that do not exist. The kubelet pulls without them, so this is not a refusal.
    static func missingPullSecrets(
        _ needs: [ContentReference: ContentNeed],
        contents: [ContentReference: ReferencedContent]
    ) -> [String] {
        needs.filter { $0.value.isPullSecret && contents[$0.key]?.digests == nil }.map(\.key.name).sorted()
    }

    /// A digest of everything that the pods read, so that they are restarted only when it changes.
    static func digest(
        _ needs: [ContentReference: ContentNeed],
        contents: [ContentReference: ReferencedContent],
        spec: MCPServerSpec,
        templates: [FilledTemplate]
    ) -> String {
        var digest = ContentDigest()
        for (reference, need) in needs.sorted(by: { $0.key < $1.key }) {
            if need.isPullSecret { continue }
            // A value that only templates read is covered by the digest of the results.
            if need.needsValues, need.fields.allSatisfy(isTemplate) {
                continue
            }
            digest.update(reference.description)
            let digests = contents[reference]?.digests
            let keys =
                need.readsAllKeys ? Set((digests ?? [:]).keys) : Set(need.requiredKeys.keys).union(need.optionalKeys)
            for key in keys.sorted() {
                digest.update(key)
                digest.update(digests?[key] ?? "absent")
            }
        }
        for (title, values) in [("env", spec.config?.env), ("files", spec.config?.files)] {
            digest.update(title)
            for (key, value) in (values ?? [:]).sorted(by: { $0.key < $1.key }) {
                digest.update(key)
                digest.update(value)
            }
        }
        digest.update("templates")
        for template in templates {
            digest.update(template.name)
            digest.update(template.content)
        }
        return digest.hexadecimal
    }

    private static func isTemplate(_ field: String) -> Bool { field.hasPrefix("spec.config.templates") }

    /// Fills in a server's templates.
    static func fill(
        _ templates: [ConfigurationTemplate],
        contents: [ContentReference: ReferencedContent]
    ) throws(Refusal) -> [FilledTemplate] {
        var filled: [FilledTemplate] = []
        for (index, template) in templates.enumerated() {
            let field = "spec.config.templates[\(index)]"
            var source = template.content
            if source == nil {
                source = try value(configMap: template.configMapKeyRef, contents, field: "\(field).configMapKeyRef")
            }
            guard let text = source else {
                throw Refusal(.specInvalid, field: field, "template \"\(template.name)\" has no content")
            }
            var variables: [String: String] = [:]
            for (position, variable) in (template.variables ?? []).enumerated() {
                let place = "\(field).variables[\(position)]"
                var value = variable.value
                if value == nil {
                    value = try self.value(secret: variable.secretKeyRef, contents, field: "\(place).secretKeyRef")
                }
                if value == nil {
                    value = try self.value(
                        configMap: variable.configMapKeyRef,
                        contents,
                        field: "\(place).configMapKeyRef"
                    )
                }
                if let value { variables[variable.name] = value }
            }
            do throws(TemplateFiller.Failure) {
                let content = try TemplateFiller.fill(text, variables: variables)
                filled.append(
                    FilledTemplate(name: template.name, env: template.env, file: template.file, content: content)
                )
            } catch {
                throw refusal(error, template: template.name, field: field)
            }
        }
        return filled
    }

    private static func refusal(_ failure: TemplateFiller.Failure, template: String, field: String) -> Refusal {
        let message =
            switch failure {
            case .undefined(let name):
                """
                template "\(template)" uses ${\(name)}, which has no value: add \(name) to its variables, or write \
                $${ for the literal text
                """
            case .malformed(let text, let line):
                """
                template "\(template)", line \(line): \(text) is not a placeholder such as ${NAME}: write $${ for \
                the literal text
                """
            }
        return Refusal(.templateVariableUndefined, field: field, message)
    }

    private static func value(
        secret: SecretKeySelector?,
        _ contents: [ContentReference: ReferencedContent],
        field: String
    ) throws(Refusal) -> String? {
        guard let secret else { return nil }
        let reference = ContentReference(kind: .secret, name: secret.name)
        return try value(reference, key: secret.key, optional: secret.optional ?? false, contents, field: field)
    }

    private static func value(
        configMap: ConfigMapKeySelector?,
        _ contents: [ContentReference: ReferencedContent],
        field: String
    ) throws(Refusal) -> String? {
        guard let configMap else { return nil }
        let reference = ContentReference(kind: .configMap, name: configMap.name)
        return try value(reference, key: configMap.key, optional: configMap.optional ?? false, contents, field: field)
    }

    private static func value(
        _ reference: ContentReference,
        key: String,
        optional: Bool,
        _ contents: [ContentReference: ReferencedContent],
        field: String
    ) throws(Refusal) -> String? {
        if let text = contents[reference]?.text(key) { return text }
        if optional { return nil }
        throw Refusal(
            .referenceKeyNotFound,
            field: field,
            "key \"\(key)\" of \(reference) has no value: add it, or use another key"
        )
    }
}

extension ServerReferences {
    /// Collects what the parts of a spec read.
    private struct Collector {
        var needs: [ContentReference: ContentNeed] = [:]

        private mutating func need(
            _ kind: ContentReference.Kind,
            _ name: String,
            field: String,
            _ change: (inout ContentNeed) -> Void
        ) {
            guard !name.isEmpty else { return }
            var need = needs[ContentReference(kind: kind, name: name)] ?? ContentNeed()
            if !need.fields.contains(field) { need.fields.append(field) }
            change(&need)
            needs[ContentReference(kind: kind, name: name)] = need
        }

        private mutating func key(
            _ kind: ContentReference.Kind,
            _ name: String,
            _ key: String,
            optional: Bool?,
            field: String
        ) {
            need(kind, name, field: field) { need in
                if optional == true {
                    if need.requiredKeys[key] == nil { need.optionalKeys.insert(key) }
                } else {
                    need.optionalKeys.remove(key)
                    need.requiredKeys[key] = need.requiredKeys[key] ?? field
                    need.isRequired = true
                }
            }
        }

        private mutating func all(_ kind: ContentReference.Kind, _ name: String, optional: Bool?, field: String) {
            need(kind, name, field: field) { need in
                need.readsAllKeys = true
                if optional != true { need.isRequired = true }
            }
        }

        private mutating func items(
            _ kind: ContentReference.Kind,
            _ name: String,
            _ items: [KeyToPath]?,
            optional: Bool?,
            field: String
        ) {
            guard let items, !items.isEmpty else {
                all(kind, name, optional: optional, field: field)
                return
            }
            for item in items { key(kind, name, item.key, optional: optional, field: field) }
        }

        mutating func collect(_ remote: RemoteServer) {
            for (index, header) in (remote.headers ?? []).enumerated() {
                guard let source = header.secretKeyRef else { continue }
                let field = "spec.remote.headers[\(index)].secretKeyRef"
                key(.secret, source.name, source.key, optional: source.optional, field: field)
            }
            let field = "spec.remote.certificateAuthority"
            if let source = remote.certificateAuthority?.secretKeyRef {
                key(.secret, source.name, source.key, optional: nil, field: "\(field).secretKeyRef")
            }
            if let source = remote.certificateAuthority?.configMapKeyRef {
                key(.configMap, source.name, source.key, optional: nil, field: "\(field).configMapKeyRef")
            }
        }

        mutating func collect(env: [EnvVar]?, field: String) {
            for variable in env ?? [] {
                let place = "\(field)[\(variable.name)].valueFrom"
                if let source = variable.valueFrom?.secretKeyRef {
                    key(.secret, source.name, source.key, optional: source.optional, field: "\(place).secretKeyRef")
                }
                if let source = variable.valueFrom?.configMapKeyRef {
                    key(
                        .configMap,
                        source.name,
                        source.key,
                        optional: source.optional,
                        field: "\(place).configMapKeyRef"
                    )
                }
            }
        }

        mutating func collect(envFrom: [EnvFromSource]?, field: String) {
            for (index, source) in (envFrom ?? []).enumerated() {
                if let secret = source.secretRef {
                    all(.secret, secret.name, optional: secret.optional, field: "\(field)[\(index)].secretRef")
                }
                if let configMap = source.configMapRef {
                    all(
                        .configMap,
                        configMap.name,
                        optional: configMap.optional,
                        field: "\(field)[\(index)].configMapRef"
                    )
                }
            }
        }

        mutating func collect(volumes: [Volume]?, field: String) {
            for volume in volumes ?? [] {
                let place = "\(field)[\(volume.name)]"
                if let secret = volume.secret {
                    items(
                        .secret,
                        secret.secretName,
                        secret.items,
                        optional: secret.optional,
                        field: "\(place).secret"
                    )
                }
                if let configMap = volume.configMap {
                    items(
                        .configMap,
                        configMap.name,
                        configMap.items,
                        optional: configMap.optional,
                        field: "\(place).configMap"
                    )
                }
                for (index, source) in (volume.projected?.sources ?? []).enumerated() {
                    let projected = "\(place).projected.sources[\(index)]"
                    if let secret = source.secret {
                        items(
                            .secret,
                            secret.name,
                            secret.items,
                            optional: secret.optional,
                            field: "\(projected).secret"
                        )
                    }
                    if let configMap = source.configMap {
                        items(
                            .configMap,
                            configMap.name,
                            configMap.items,
                            optional: configMap.optional,
                            field: "\(projected).configMap"
                        )
                    }
                }
            }
        }

        mutating func collect(templates: [ConfigurationTemplate]?) {
            for (index, template) in (templates ?? []).enumerated() {
                let place = "spec.config.templates[\(index)]"
                if let source = template.configMapKeyRef {
                    key(
                        .configMap,
                        source.name,
                        source.key,
                        optional: source.optional,
                        field: "\(place).configMapKeyRef"
                    )
                    need(.configMap, source.name, field: "\(place).configMapKeyRef") { $0.needsValues = true }
                }
                for (position, variable) in (template.variables ?? []).enumerated() {
                    let field = "\(place).variables[\(position)]"
                    if let source = variable.secretKeyRef {
                        key(.secret, source.name, source.key, optional: source.optional, field: "\(field).secretKeyRef")
                        need(.secret, source.name, field: "\(field).secretKeyRef") { $0.needsValues = true }
                    }
                    if let source = variable.configMapKeyRef {
                        key(
                            .configMap,
                            source.name,
                            source.key,
                            optional: source.optional,
                            field: "\(field).configMapKeyRef"
                        )
                        need(.configMap, source.name, field: "\(field).configMapKeyRef") { $0.needsValues = true }
                    }
                }
            }
        }

        /// Adds what a pod-template override reads. An override that cannot be decoded is refused elsewhere.
        mutating func collect(podTemplate: JSONValue?) {
            guard let spec = podTemplate?["spec"] else { return }
            let volumes: [Volume]? = try? spec["volumes"]?.decode()
            collect(volumes: volumes, field: "spec.podTemplate.spec.volumes")
            for (path, container) in PodContainers.all(of: spec) {
                let env: [EnvVar]? = try? container["env"]?.decode()
                let envFrom: [EnvFromSource]? = try? container["envFrom"]?.decode()
                collect(env: env, field: "spec.podTemplate.spec.\(path).env")
                collect(envFrom: envFrom, field: "spec.podTemplate.spec.\(path).envFrom")
            }
        }

        mutating func collect(pullSecret name: String) {
            need(.secret, name, field: "imagePullSecrets") { $0.isPullSecret = true }
        }
    }
}

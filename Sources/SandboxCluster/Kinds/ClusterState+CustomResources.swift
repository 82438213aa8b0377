import KubernetesAPI

extension ClusterState {
    func customKey(_ definition: JSONValue) -> ResourceKey {
        ResourceKey(
            group: definition[path: ["spec", "group"]]?.stringValue ?? "",
            plural: definition[path: ["spec", "names", "plural"]]?.stringValue ?? ""
        )
    }

    mutating func unregister(_ definition: JSONValue) {
        registry.remove(customKey(definition))
    }

    /// Serves the resources of a CustomResourceDefinition and marks it Established. Returns it with its new status.
    mutating func establish(_ object: JSONValue, key: ObjectKey) -> JSONValue {
        var object = object
        registry.remove(customKey(object))
        for definition in definitions(of: object).resources { registry.add(definition) }
        let (schemaProblems, unchecked) = problems(object)
        func condition(_ type: String, _ status: Bool, _ reason: String, _ message: String) -> JSONValue {
            let old = object[path: ["status", "conditions"]]?.arrayValue?.first { $0["type"]?.stringValue == type }
            return [
                "type": .string(type), "status": .string(status ? "True" : "False"), "reason": .string(reason),
                "message": .string(message),
                "lastTransitionTime": old?["lastTransitionTime"] ?? .string(now.description),
            ]
        }
        var conditions = [
            condition("NamesAccepted", true, "NoConflicts", "no conflicts found"),
            condition("Established", true, "InitialNamesAccepted", "the initial names have been accepted"),
        ]
        if !schemaProblems.isEmpty {
            conditions.append(
                condition("NonStructuralSchema", true, "Violations", schemaProblems.joined(separator: "; "))
            )
        }
        if !unchecked.isEmpty {
            // A real cluster would check these rules, so each write warns of them and the condition is kept.
            let message =
                "the sandbox cannot evaluate these rules and has no Swift implementation of them, so it does not check them: "
                + unchecked.joined(separator: " | ")
            conditions.append(condition("RulesUnchecked", true, "NoNativeCheck", message))
        }
        var status = object["status"] ?? [:]
        status["conditions"] = .array(conditions)
        status["acceptedNames"] = object[path: ["spec", "names"]]
        let stored = (object[path: ["spec", "versions"]]?.arrayValue ?? [])
            .filter { $0["storage"]?.boolValue == true }.compactMap { $0["name"] }
        status["storedVersions"] = .array(stored)
        object["status"] = status
        return store(object, at: key)?.value ?? object
    }

    private func definitions(of object: JSONValue) -> (resources: [ResourceDefinition], problems: [String]) {
        var problems: [String] = []
        let found = ClusterState.definitions(object, nativeChecks: configuration.nativeRuleChecks, problems: &problems)
        return (found, problems)
    }

    /// The schemas of a definition that the sandbox cannot read, and the rules that it does not check.
    private func problems(_ object: JSONValue) -> (schemas: [String], rules: [String]) {
        let (resources, problems) = definitions(of: object)
        var rules: [String] = []
        for rule in resources.flatMap({ $0.schema?.rulesWithoutNativeCheck ?? [] }) where !rules.contains(rule) {
            rules.append(rule)
        }
        return (problems, rules)
    }

    /// Warns about everything in a definition that a real cluster checks and the sandbox does not.
    mutating func warnOfDefinition(_ object: JSONValue) {
        warnings.append(contentsOf: CustomSchemaChecks.warnings(object))
        let (schemas, rules) = problems(object)
        warnings.append(contentsOf: schemas)
        if object[path: ["spec", "conversion", "strategy"]] == "Webhook" {
            warnings.append(
                "the sandbox does not call webhooks: versions of \(object.objectName) are converted by changing only apiVersion"
            )
        }
        for rule in rules {
            warnings.append(
                "the sandbox does not check this rule of \(object.objectName), because it cannot evaluate it and has no Swift "
                    + "implementation of it; a real cluster checks it or rejects it: \(rule)"
            )
        }
    }

    static func definitions(_ object: JSONValue, nativeChecks: NativeRuleChecks, problems: inout [String])
        -> [ResourceDefinition]
    {
        guard let spec = object["spec"], let names = spec["names"], let group = spec["group"]?.stringValue,
            let kind = names["kind"]?.stringValue, let plural = names["plural"]?.stringValue
        else { return [] }
        let versions = spec["versions"]?.arrayValue ?? []
        let storage = versions.first { $0["storage"]?.boolValue == true }?["name"]?.stringValue ?? "v1"
        var result: [ResourceDefinition] = []
        for version in versions where version["served"]?.boolValue == true {
            guard let name = version["name"]?.stringValue else { continue }
            let openAPI = version[path: ["schema", "openAPIV3Schema"]]
            var definition = ResourceDefinition(
                type: ResourceType(
                    group: group,
                    version: name,
                    kind: kind,
                    plural: plural,
                    isNamespaced: spec["scope"]?.stringValue == "Namespaced"
                ),
                singular: names["singular"]?.stringValue ?? kind.lowercased(),
                listKind: names["listKind"]?.stringValue ?? "\(kind)List",
                shortNames: names["shortNames"]?.arrayValue?.compactMap(\.stringValue) ?? [],
                categories: names["categories"]?.arrayValue?.compactMap(\.stringValue) ?? [],
                shape: FieldType(openAPI: openAPI ?? .null, isRoot: true),
                openAPI: openAPI,
                hasStatus: version[path: ["subresources", "status"]] != nil,
                isCustom: true,
                storageVersion: storage
            )
            if let openAPI {
                do {
                    definition.schema = CustomRules.completed(
                        try Schema(openAPI: openAPI, nativeChecks: nativeChecks)
                    )
                } catch {
                    problems.append(error.description)
                }
            }
            func path(_ value: JSONValue?) -> [String]? {
                value?.stringValue.map { $0.split(separator: ".").map(String.init) }
            }
            if let scale = version[path: ["subresources", "scale"]], let specPath = path(scale["specReplicasPath"]),
                let statusPath = path(scale["statusReplicasPath"])
            {
                definition.scale = ResourceDefinition.ScalePaths(
                    specReplicas: specPath,
                    statusReplicas: statusPath,
                    selector: path(scale["labelSelectorPath"])
                )
            }
            definition.columns = (version["additionalPrinterColumns"]?.arrayValue ?? []).map { column in
                ResourceDefinition.CustomColumn(
                    name: column["name"]?.stringValue ?? "",
                    type: column["type"]?.stringValue ?? "string",
                    format: column["format"]?.stringValue ?? "",
                    description: column["description"]?.stringValue ?? "",
                    priority: column["priority"]?.integerValue ?? 0,
                    path: column["jsonPath"]?.stringValue ?? ""
                )
            }
            for field in version["selectableFields"]?.arrayValue ?? [] {
                if let path = field["jsonPath"]?.stringValue {
                    definition.selectableFields.insert(String(path.drop { $0 == "." }))
                }
            }
            result.append(definition)
        }
        return result
    }
}

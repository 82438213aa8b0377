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

    /// Serves what a CustomResourceDefinition defines, and marks it Established. Gives it with its new status.
    mutating func establish(_ object: JSONValue, key: ObjectKey) -> JSONValue {
        var object = object
        var schemaProblems: [String] = []
        registry.remove(customKey(object))
        for definition in ClusterState.definitions(object, twins: configuration.ruleTwins, problems: &schemaProblems) {
            registry.add(definition)
        }
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
        var status = object["status"] ?? [:]
        status["conditions"] = .array(conditions)
        status["acceptedNames"] = object[path: ["spec", "names"]]
        let stored = (object[path: ["spec", "versions"]]?.arrayValue ?? [])
            .filter { $0["storage"]?.boolValue == true }.compactMap { $0["name"] }
        status["storedVersions"] = .array(stored)
        object["status"] = status
        return store(object, at: key)?.value ?? object
    }

    static func definitions(_ object: JSONValue, twins: RuleTwins, problems: inout [String]) -> [ResourceDefinition] {
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
                    let schema = try Schema(openAPI: openAPI, twins: twins)
                    definition.schema = schema
                    let missing = schema.rulesWithoutTwin
                    if !missing.isEmpty {
                        problems.append(
                            "the sandbox has no CEL, and knows no twin of: \(missing.joined(separator: " | "))"
                        )
                    }
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

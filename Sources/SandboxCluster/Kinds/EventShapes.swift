import KubernetesAPI

/// Events have two versions, `v1` and `events.k8s.io/v1`, of the same stored objects. They are stored as `v1`.
enum EventShapes {
    /// The fields with different names in `v1` and `events.k8s.io/v1`.
    private static let names = [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ]

    static func isEvent(_ resource: ResourceDefinition) -> Bool {
        resource.key.plural == "events" && !resource.isCustom
    }

    private static func isModern(_ resource: ResourceDefinition) -> Bool { resource.type.group == "events.k8s.io" }

    /// An object as it is stored.
    static func stored(_ object: JSONValue, _ resource: ResourceDefinition) -> JSONValue {
        guard isEvent(resource), isModern(resource) else { return object }
        var result = object
        for (core, modern) in names {
            result[modern] = nil
            result[core] = object[modern]
        }
        result["apiVersion"] = "v1"
        complete(&result, isModern: false)
        return result
    }

    /// A stored object in the requested version.
    static func read(_ object: JSONValue, _ resource: ResourceDefinition) -> JSONValue {
        guard isEvent(resource), isModern(resource), object["apiVersion"] == "v1" else { return object }
        var result = object
        for (core, modern) in names {
            result[core] = nil
            result[modern] = object[core]
        }
        if result["reportingController"] == "" { result["reportingController"] = nil }
        if result["reportingInstance"] == "" { result["reportingInstance"] = nil }
        complete(&result, isModern: true)
        return result
    }

    /// Adds the empty fields that the server writes.
    static func complete(_ object: inout JSONValue, _ resource: ResourceDefinition) {
        if isEvent(resource) { complete(&object, isModern: isModern(resource)) }
    }

    private static func complete(_ object: inout JSONValue, isModern: Bool) {
        let times =
            isModern
            ? ["eventTime", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"]
            : ["eventTime", "firstTimestamp", "lastTimestamp"]
        for name in times where object[name] == nil { object[name] = .null }
        for name in isModern ? ["deprecatedSource", "regarding"] : ["source", "involvedObject"]
        where object[name] == nil {
            object[name] = [:]
        }
        if isModern { return }
        for name in ["reportingComponent", "reportingInstance"] where object[name] == nil { object[name] = "" }
    }

    /// The path in a stored Event for a field selector.
    static func selectorPath(_ name: String, _ resource: ResourceDefinition) -> [String] {
        if isModern(resource) {
            if name == "reportingController" { return ["reportingComponent"] }
            if name.hasPrefix("regarding.") { return ["involvedObject", String(name.dropFirst("regarding.".count))] }
        }
        return name == "source" ? ["source", "component"] : name.split(separator: ".").map(String.init)
    }

    // MARK: Validation

    /// The checks of both groups. Errors name the fields of `v1`, whichever version was sent.
    static func errors(_ object: JSONValue, old: JSONValue?, _ resource: ResourceDefinition) -> [FieldError] {
        let event = stored(object, resource)
        let namespace = event.objectNamespace
        let involved = event[path: ["involvedObject", "namespace"]]?.stringValue ?? ""
        var errors: [FieldError] = []
        func invalid(_ field: String, _ value: String, _ detail: String) {
            errors.append(FieldError(.invalid, FieldPath(field), value: .string(value), detail: detail))
        }
        let isTimed = event["eventTime"]?.stringValue != nil
        let isElsewhere =
            isTimed
            ? involved.isEmpty && namespace != "default" && namespace != "kube-system"
            : involved.isEmpty ? namespace != "default" : namespace != involved
        if isElsewhere { invalid("involvedObject.namespace", involved, "does not match event.namespace") }
        if isTimed { errors += timed(event, controllerField: controllerField(resource)) }
        guard isModern(resource) else { return errors }
        if let old {
            let before = stored(old, resource)
            return errors + changes(event, before)
        }
        if !isTimed { errors.append(FieldError(.required, FieldPath("eventTime"))) }
        let type = event["type"]?.stringValue ?? ""
        if type != "Normal", type != "Warning" { invalid("type", "", "has invalid value: \(type)") }
        for name in ["firstTimestamp", "lastTimestamp"] where event[name]?.stringValue != nil {
            invalid(name, "", "needs to be unset")
        }
        if (event["count"]?.integerValue ?? 0) != 0 { invalid("count", "", "needs to be unset") }
        if !(event["source"]?.objectValue ?? [:]).isEmpty { invalid("source", "", "needs to be unset") }
        if let series = event["series"], !series.isNull {
            if (series["count"]?.integerValue ?? 0) < 2 { invalid("series.count", "", "should be at least 2") }
            if series["lastObservedTime"]?.stringValue == nil {
                errors.append(FieldError(.required, FieldPath("series.lastObservedTime")))
            }
        }
        return errors
    }

    private static func controllerField(_ resource: ResourceDefinition) -> String {
        isModern(resource) ? "reportingController" : "reportingComponent"
    }

    private static func timed(_ event: JSONValue, controllerField: String) -> [FieldError] {
        var errors: [FieldError] = []
        let controller = event["reportingComponent"]?.stringValue ?? ""
        let path = FieldPath(controllerField)
        let form =
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
        if controller.isEmpty {
            errors.append(FieldError(.required, path))
            errors.append(FieldError(.invalid, path, value: "", detail: "name part must be non-empty"))
        }
        let name = controller.split(separator: "/").last ?? ""
        let isOuter: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let isRight =
            name.allSatisfy { isOuter($0) || "-_.".contains($0) } && name.first.map(isOuter) == true
            && name.last.map(isOuter) == true
        if !isRight { errors.append(FieldError(.invalid, path, value: .string(controller), detail: form)) }
        for (field, limit, isRequired) in [
            ("reportingInstance", 128, true), ("action", 128, true), ("reason", 128, true), ("message", 1_024, false),
        ] {
            let text = event[field]?.stringValue ?? ""
            if text.isEmpty, isRequired { errors.append(FieldError(.required, FieldPath(field))) }
            if text.utf8.count > limit {
                errors.append(
                    FieldError(.invalid, FieldPath(field), value: "", detail: "can have at most \(limit) characters")
                )
            }
        }
        return errors
    }

    /// In `events.k8s.io/v1`, only the series of an Event can change.
    private static func changes(_ event: JSONValue, _ old: JSONValue) -> [FieldError] {
        let fixed = [
            "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "type",
            "eventTime", "action", "related", "reportingComponent", "reportingInstance",
        ]
        return fixed.filter { event[$0] != old[$0] }.map {
            FieldError(.invalid, FieldPath($0), value: event[$0], detail: "field is immutable")
        }
    }
}

import KubernetesAPI

/// A list of errors, and the checks that many kinds share.
struct FieldChecks {
    var errors: [FieldError] = []

    mutating func invalid(_ path: FieldPath, _ value: JSONValue?, _ detail: String) {
        errors.append(FieldError(.invalid, path, value: value ?? .null, detail: detail))
    }

    mutating func required(_ path: FieldPath, _ detail: String = "") {
        errors.append(FieldError(.required, path, detail: detail))
    }

    mutating func forbidden(_ path: FieldPath, _ detail: String) {
        errors.append(FieldError(.forbidden, path, detail: detail))
    }

    /// A value, if present, must be one of the supported values.
    mutating func oneOf(_ path: FieldPath, _ value: JSONValue?, _ supported: [String]) {
        guard let value, !value.isNull, !supported.contains(value.stringValue ?? "") else { return }
        unsupported(path, value, supported)
    }

    mutating func unsupported(_ path: FieldPath, _ value: JSONValue, _ supported: [String]) {
        let texts = supported.map { "\"\($0)\"" }.joined(separator: ", ")
        errors.append(FieldError(.notSupported, path, value: value, detail: "supported values: \(texts)"))
    }

    /// Numbers, if present, must not be less than a minimum.
    mutating func atLeast(_ bound: Int64, _ object: JSONValue, _ path: FieldPath, _ names: String...) {
        for name in names {
            guard let number = object[name]?.integerValue, number < bound else { continue }
            let detail = bound == 1 ? "must be greater than 0" : "must be greater than or equal to \(bound)"
            invalid(path.key(name), .integer(number), detail)
        }
    }

    mutating func texts(_ path: FieldPath, _ value: String, _ problems: [String]) {
        for problem in problems { invalid(path, .string(value), problem) }
    }

    /// A value that cannot change.
    mutating func immutable(_ path: FieldPath, _ new: JSONValue?, _ old: JSONValue?) {
        if new != old { invalid(path, new, "field is immutable") }
    }

    /// A number of pods, or a percentage of them.
    mutating func amount(_ path: FieldPath, _ value: JSONValue?, most: Int64? = nil) {
        guard let value, !value.isNull else { return }
        if let number = value.integerValue {
            if number < 0 { invalid(path, value, "must be greater than or equal to 0") }
            return
        }
        let text = value.stringValue ?? ""
        guard text.hasSuffix("%"), let percent = Int64(text.dropLast()), percent >= 0 else {
            let form =
                "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
                + "regex used for validation is '[0-9]+%')"
            return invalid(path, value, form)
        }
        if let most, percent > most { invalid(path, value, "must not be greater than \(most)%") }
    }

    /// The number or name of a port.
    mutating func port(_ path: FieldPath, _ value: JSONValue?) {
        if let number = value?.integerValue {
            texts(number, path)
        } else if let name = value?.stringValue {
            texts(path, name, NameForms.portName(name))
        }
    }

    private mutating func texts(_ number: Int64, _ path: FieldPath) {
        if !(1...65_535).contains(number) {
            invalid(path, .integer(number), "must be between 1 and 65535, inclusive")
        }
    }

    /// A label selector.
    mutating func selector(_ path: FieldPath, _ selector: JSONValue?) {
        guard let selector, !selector.isNull else { return }
        let before = errors.count
        for (index, requirement) in (selector["matchExpressions"]?.arrayValue ?? []).enumerated() {
            let base = path.key("matchExpressions").index(index)
            let isEmpty = requirement["values"]?.arrayValue?.isEmpty ?? true
            switch requirement["operator"]?.stringValue {
            case "In", "NotIn":
                if isEmpty { required(base.key("values"), "must be specified when `operator` is 'In' or 'NotIn'") }
            case "Exists", "DoesNotExist":
                if !isEmpty {
                    forbidden(base.key("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
                }
            default: invalid(base.key("operator"), requirement["operator"], "not a valid selector operator")
            }
            let key = requirement["key"]?.stringValue ?? ""
            texts(base.key("key"), key, NameForms.qualifiedName(key))
        }
        labels(path.key("matchLabels"), selector["matchLabels"])
        if errors.count > before, selector["matchExpressions"] != nil {
            invalid(path, selector, "invalid label selector")
        }
    }

    mutating func labels(_ path: FieldPath, _ labels: JSONValue?) {
        for (key, value) in (labels?.stringMap ?? [:]).sorted(by: { $0.key < $1.key }) {
            texts(path, key, NameForms.qualifiedName(key))
            texts(path, value, NameForms.labelValue(value))
        }
    }
}

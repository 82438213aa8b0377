// How to write a schema: start with the function for its type, then add constraints. For example
//
//     Schema.object(
//         NetworkPort.self,
//         "A port.",
//         [
//             "port": .integer("The port.").range(1...65535).required(),
//             "protocol": .string("The protocol.").values("TCP", "UDP").default("TCP"),
//         ]
//     )

extension Schema {
    private init(_ type: ValueType?, _ description: String, format: String? = nil) {
        self.init()
        self.type = type
        self.description = description
        self.format = format
    }

    /// A string.
    public static func string(_ description: String = "") -> Schema { Schema(.string, description) }

    /// A 32-bit integer.
    public static func integer(_ description: String = "") -> Schema { Schema(.integer, description, format: "int32") }

    /// A 64-bit integer.
    public static func integer64(_ description: String = "") -> Schema {
        Schema(.integer, description, format: "int64")
    }

    /// A Boolean.
    public static func boolean(_ description: String = "") -> Schema { Schema(.boolean, description) }

    /// A point in time in RFC 3339 format.
    public static func timestamp(_ description: String = "") -> Schema {
        Schema(.string, description, format: "date-time")
    }

    /// An integer or a string, such as the number or name of a port.
    public static func intOrString(_ description: String = "") -> Schema {
        var schema = Schema(nil, description)
        schema.isIntOrString = true
        schema.anyOf = [Schema(.integer, ""), Schema(.string, "")]
        return schema
    }

    /// A quantity such as `500m` or `1Gi`: an integer, or a string with a suffix. Its length is limited, so that the cost of
    /// rules over it is limited too.
    public static func quantity(_ description: String = "") -> Schema {
        var schema = intOrString(description)
        schema.pattern = quantityPattern
        schema.maxLength = 64
        return schema
    }

    /// The syntax of `resource.Quantity` as a regular expression.
    static let quantityPattern =
        #"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?[0-9]+))?$"#

    /// An array.
    public static func array(_ description: String, of items: Schema) -> Schema {
        var schema = Schema(.array, description)
        schema.items = Box(items)
        return schema
    }

    /// An object whose values all have the same schema.
    public static func map(_ description: String, of values: Schema) -> Schema {
        var schema = Schema(.object, description)
        schema.additionalProperties = Box(values)
        return schema
    }

    /// An object with any fields.
    public static func anyObject(_ description: String = "") -> Schema {
        var schema = Schema(.object, description)
        schema.preservesUnknownFields = true
        return schema
    }

    /// An object with these fields, modelled by a Swift type.
    ///
    /// - Parameter type: the Swift type, whose name the documentation uses.
    public static func object(
        _ type: Any.Type,
        _ description: String,
        _ properties: KeyValuePairs<String, Schema>,
        rules: [Rule] = []
    ) -> Schema {
        var schema = Schema(.object, description)
        schema.typeName = String(describing: type)
        for (name, var property) in properties {
            if property.isRequired { schema.requiredNames.append(name) }
            property.isRequired = false
            schema.properties[name] = property
        }
        schema.rules = rules
        return schema
    }
}

extension Schema {
    private func with(_ change: (inout Schema) -> Void) -> Schema {
        var copy = self
        change(&copy)
        return copy
    }

    /// The same schema with another description.
    public func described(_ description: String) -> Schema { with { $0.description = description } }

    /// Makes the field required in the object that contains it.
    public func required() -> Schema { with { $0.isRequired = true } }

    /// Sets the default. The description mentions it too, because `kubectl explain` does not show defaults.
    public func `default`(_ value: JSONValue) -> Schema {
        with {
            $0.defaultValue = value
            guard value.objectValue == nil, !$0.description.isEmpty else { return }
            $0.description += " Default: \(value.stringValue ?? String(decoding: value.serialized(), as: UTF8.self))."
        }
    }

    /// The allowed values.
    public func values(_ values: String...) -> Schema { with { $0.allowedValues = values.map { .string($0) } } }

    /// The allowed values: the raw values of an enumeration.
    public func values<Value: CaseIterable & RawRepresentable>(of type: Value.Type) -> Schema
    where Value.RawValue == String {
        with { $0.allowedValues = Value.allCases.map { .string($0.rawValue) } }
    }

    /// The allowed length of a string in characters.
    public func length(_ range: ClosedRange<Int>) -> Schema {
        with {
            $0.minLength = range.lowerBound > 0 ? range.lowerBound : nil
            $0.maxLength = range.upperBound
        }
    }

    /// An RE2 expression that the string must contain a match of; use `^` and `$` to match the whole string.
    public func pattern(_ pattern: String) -> Schema { with { $0.pattern = pattern } }

    /// A DNS label (RFC 1123): at most 63 lowercase letters, digits and hyphens.
    public func dnsLabel() -> Schema { length(1...63).pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$") }

    /// The allowed range of a number.
    public func range(_ range: ClosedRange<Int64>) -> Schema {
        with {
            $0.minimum = Double(range.lowerBound)
            $0.maximum = Double(range.upperBound)
        }
    }

    /// The allowed number of elements of an array.
    public func items(_ range: ClosedRange<Int>) -> Schema {
        with {
            $0.minItems = range.lowerBound > 0 ? range.lowerBound : nil
            $0.maxItems = range.upperBound
        }
    }

    /// The allowed number of fields of an object.
    public func properties(_ range: ClosedRange<Int>) -> Schema {
        with {
            $0.minProperties = range.lowerBound > 0 ? range.lowerBound : nil
            $0.maxProperties = range.upperBound
        }
    }

    /// An array that server-side apply treats as one value.
    public func atomic() -> Schema { with { $0.listType = .atomic } }

    /// An array of unique scalars.
    public func set() -> Schema { with { $0.listType = .set } }

    /// An array of objects that are identified by these fields.
    public func listMap(_ keys: String...) -> Schema {
        with {
            $0.listType = .map
            $0.listMapKeys = keys
        }
    }

    /// Adds a rule.
    public func rule(_ rule: Rule) -> Schema { with { $0.rules.append(rule) } }
}

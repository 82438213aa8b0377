// How schemas are written: a function for each type, then what narrows it. For example
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

    /// Text.
    public static func string(_ description: String = "") -> Schema { Schema(.string, description) }

    /// A whole number of 32 bits.
    public static func integer(_ description: String = "") -> Schema { Schema(.integer, description, format: "int32") }

    /// A whole number of 64 bits.
    public static func integer64(_ description: String = "") -> Schema {
        Schema(.integer, description, format: "int64")
    }

    /// True or false.
    public static func boolean(_ description: String = "") -> Schema { Schema(.boolean, description) }

    /// A moment, as RFC 3339 text.
    public static func timestamp(_ description: String = "") -> Schema {
        Schema(.string, description, format: "date-time")
    }

    /// A port's number or name, or the like.
    public static func intOrString(_ description: String = "") -> Schema {
        var schema = Schema(nil, description)
        schema.isIntOrString = true
        schema.anyOf = [Schema(.integer, ""), Schema(.string, "")]
        return schema
    }

    /// An amount, such as `500m` or `1Gi`: a whole number, or text with a suffix. Bounded in length, so that rules over it
    /// have a bounded cost.
    public static func quantity(_ description: String = "") -> Schema {
        var schema = intOrString(description)
        schema.pattern = quantityPattern
        schema.maxLength = 64
        return schema
    }

    /// What `resource.Quantity` reads, as a regular expression.
    static let quantityPattern =
        #"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?[0-9]+))?$"#

    /// A list.
    public static func array(_ description: String, of items: Schema) -> Schema {
        var schema = Schema(.array, description)
        schema.items = Box(items)
        return schema
    }

    /// An object whose members all look the same.
    public static func map(_ description: String, of values: Schema) -> Schema {
        var schema = Schema(.object, description)
        schema.additionalProperties = Box(values)
        return schema
    }

    /// An object of which nothing is known.
    public static func anyObject(_ description: String = "") -> Schema {
        var schema = Schema(.object, description)
        schema.preservesUnknownFields = true
        return schema
    }

    /// An object with these members, which a Swift type models.
    ///
    /// - Parameter type: the type, by whose name the documentation calls the object.
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

    /// The same with another description.
    public func described(_ description: String) -> Schema { with { $0.description = description } }

    /// The object that has this as a member must have it.
    public func required() -> Schema { with { $0.isRequired = true } }

    /// The default of a missing value. The description mentions it too, because `kubectl explain` shows no defaults.
    public func `default`(_ value: JSONValue) -> Schema {
        with {
            $0.defaultValue = value
            guard value.objectValue == nil, !$0.description.isEmpty else { return }
            $0.description += " Default: \(value.stringValue ?? String(decoding: value.serialized(), as: UTF8.self))."
        }
    }

    /// The only values allowed.
    public func values(_ values: String...) -> Schema { with { $0.allowedValues = values.map { .string($0) } } }

    /// The only values allowed: the raw values of an enumeration.
    public func values<Value: CaseIterable & RawRepresentable>(of type: Value.Type) -> Schema
    where Value.RawValue == String {
        with { $0.allowedValues = Value.allCases.map { .string($0.rawValue) } }
    }

    /// How long a string may be, in characters.
    public func length(_ range: ClosedRange<Int>) -> Schema {
        with {
            $0.minLength = range.lowerBound > 0 ? range.lowerBound : nil
            $0.maxLength = range.upperBound
        }
    }

    /// An RE2 expression that must be found in a string; use `^` and `$` for the whole of it.
    public func pattern(_ pattern: String) -> Schema { with { $0.pattern = pattern } }

    /// A DNS label (RFC 1123): at most 63 lower-case letters, digits and dashes.
    public func dnsLabel() -> Schema { length(1...63).pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$") }

    /// How low and high a number may be.
    public func range(_ range: ClosedRange<Int64>) -> Schema {
        with {
            $0.minimum = Double(range.lowerBound)
            $0.maximum = Double(range.upperBound)
        }
    }

    /// How many elements an array may have.
    public func items(_ range: ClosedRange<Int>) -> Schema {
        with {
            $0.minItems = range.lowerBound > 0 ? range.lowerBound : nil
            $0.maxItems = range.upperBound
        }
    }

    /// How many members an object may have.
    public func properties(_ range: ClosedRange<Int>) -> Schema {
        with {
            $0.minProperties = range.lowerBound > 0 ? range.lowerBound : nil
            $0.maxProperties = range.upperBound
        }
    }

    /// An array that is one value to server-side apply.
    public func atomic() -> Schema { with { $0.listType = .atomic } }

    /// An array of scalars that stand once each.
    public func set() -> Schema { with { $0.listType = .set } }

    /// An array of objects that are identified by these members.
    public func listMap(_ keys: String...) -> Schema {
        with {
            $0.listType = .map
            $0.listMapKeys = keys
        }
    }

    /// A further rule.
    public func rule(_ rule: Rule) -> Schema { with { $0.rules.append(rule) } }
}

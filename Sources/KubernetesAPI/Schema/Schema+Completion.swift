extension Schema {
    /// A copy whose rules without a check in Swift have those that a closure finds, from the rule, the schema that has it, and
    /// whether that is the root.
    public func completingRules(
        isRoot: Bool = true,
        _ check: (_ rule: Rule, _ schema: Schema, _ isRoot: Bool) -> Rule.NativeCheck?
    ) -> Schema {
        var schema = self
        for index in rules.indices where rules[index].nativeCheck == nil {
            schema.rules[index].nativeCheck = check(rules[index], self, isRoot)
        }
        for name in properties.names {
            schema.properties[name] = properties[name]?.completingRules(isRoot: false, check)
        }
        schema.items = items.map { Box($0.schema.completingRules(isRoot: false, check)) }
        schema.additionalProperties = additionalProperties.map {
            Box($0.schema.completingRules(isRoot: false, check))
        }
        return schema
    }
}

extension Schema {
    /// The schema of a value that was checked before: without rules and patterns, so that a status can always be written.
    public func withoutChecks() -> Schema {
        var schema = self
        schema.rules = []
        schema.pattern = nil
        for name in properties.names { schema.properties[name] = properties[name]?.withoutChecks() }
        schema.items = items.map { Box($0.schema.withoutChecks()) }
        return schema
    }
}

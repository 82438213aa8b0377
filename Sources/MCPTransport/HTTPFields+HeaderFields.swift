public import HTTPTypes
public import MCPProtocol

extension HTTPFields {
    /// The fields with which a message is sent. A field whose name is not a token of HTTP is left out.
    public init(_ fields: HeaderFields) {
        self.init()
        for field in fields.fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            append(HTTPField(name: name, value: field.value))
        }
    }
}

extension HeaderFields {
    /// The fields of a received message, in their order.
    public init(_ fields: HTTPFields) {
        self.init(fields.map { Field($0.name.rawName, $0.value) })
    }
}

internal import KubernetesAPI
internal import MCPProtocol
internal import MCPTransport

/// The arguments of a call, checked against the parameters of its tool.
struct Arguments: Sendable {
    private let values: [String: RawJSON]

    /// - Throws: `ToolFailure`, which names the argument, its value and what it must be.
    init(_ arguments: RawJSON, of parameters: [Parameter], tool: String) throws(ToolFailure) {
        var values: [String: RawJSON] = [:]
        for member in arguments.members ?? [] {
            guard let parameter = parameters.first(where: { $0.name == member.name }) else {
                let names = parameters.map(\.name).joined(separator: ", ")
                throw ToolFailure(
                    "\(tool) has no argument \(Self.shown(.string(member.name))); "
                        + (names.isEmpty ? "it takes none" : "its arguments are: \(names)")
                )
            }
            // Many clients send null for what is not set.
            guard !member.value.isNull else { continue }
            if let problem = parameter.problem(of: member.value) {
                throw ToolFailure("the argument \(parameter.name) is \(Self.shown(member.value)), and \(problem)")
            }
            values[member.name] = member.value
        }
        for parameter in parameters where parameter.isRequired && values[parameter.name] == nil {
            let example = parameter.example.map { ", such as \($0.text)" } ?? ""
            throw ToolFailure("the argument \(parameter.name) is missing\(example): \(parameter.description)")
        }
        for parameter in parameters where values[parameter.name] == nil { values[parameter.name] = parameter.standard }
        self.values = values
    }

    func text(_ name: String) -> String? { values[name]?.stringValue }
    func integer(_ name: String) -> Int? { values[name]?.integerValue.flatMap { Int(exactly: $0) } }
    func flag(_ name: String) -> Bool { values[name]?.boolValue ?? false }
    func duration(_ name: String) -> PrometheusDuration? { text(name).flatMap(PrometheusDuration.init) }
    func time(_ name: String) -> MicroTimestamp? { text(name).flatMap { MicroTimestamp($0) } }
    func texts(_ name: String) -> [String] { values[name]?.elements?.compactMap(\.stringValue) ?? [] }

    /// A value for a message: at most 100 characters of it.
    static func shown(_ value: RawJSON) -> String {
        let text = value.text.printable(maximumLength: 101)
        return text.unicodeScalars.count > 100 ? text.truncated(toCodePoints: 100) + "…" : text
    }
}

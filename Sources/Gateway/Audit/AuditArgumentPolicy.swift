public import MCPProtocol
public import Policy

/// Decides what is recorded of the arguments of a call.
public struct AuditArgumentPolicy: Sendable, Hashable {
    public var mode: AuditArguments
    /// The values that are never recorded.
    public var redactions: [RedactionPath]
    /// The size of the largest arguments that are recorded in full.
    public var maximumBytes: Int

    /// How many names of arguments are recorded.
    static let maximumKeys = 100
    /// What is recorded in place of a value.
    static let redacted: RawJSON = "[redacted]"

    public init(
        mode: AuditArguments = .keys,
        redactions: [RedactionPath] = [],
        maximumBytes: Int = GatewayAudit.defaultMaximumArgumentBytes
    ) {
        self.mode = mode
        self.redactions = redactions
        self.maximumBytes = maximumBytes
    }

    /// The policy of the platform's settings, which must be valid.
    public init(_ settings: GatewayAudit) {
        self.init(
            mode: settings.arguments ?? .keys,
            redactions: (settings.redact ?? []).compactMap { RedactionPath($0) },
            maximumBytes: settings.maximumArgumentBytes ?? GatewayAudit.defaultMaximumArgumentBytes
        )
    }

    /// What is recorded of these arguments.
    ///
    /// - `Keys`: the sorted names of the members, at most 100.
    /// - `Full`: the arguments with redacted values replaced, or `{"bytes": N}` if they are too large.
    public func recorded(_ arguments: RawJSON?) -> RawJSON? {
        guard let arguments else { return nil }
        switch mode {
        case .none: return nil
        case .keys:
            let names = (arguments.members ?? []).map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            return .array(names.prefix(Self.maximumKeys).map { .string(String($0.unicodeScalars.prefix(128))) })
        case .full:
            guard arguments.bytes.count <= maximumBytes else {
                return ["bytes": .integer(Int64(arguments.bytes.count))]
            }
            return redactions.isEmpty ? arguments.detached : redact(arguments, redactions.map { $0.steps[...] })
        }
    }

    /// A value without what the paths lead to. `paths` are what is left of them at this value.
    private func redact(_ value: RawJSON, _ paths: [ArraySlice<RedactionPath.Step>]) -> RawJSON {
        if paths.isEmpty { return value }
        if let members = value.members {
            return .object(
                members.map { member in
                    (member.name, redactChild(member.value, paths) { $0 == .any || $0 == .member(member.name) })
                }
            )
        }
        if let elements = value.elements {
            return .array(
                elements.enumerated().map { index, element in
                    redactChild(element, paths) { $0 == .any || $0 == .member(String(index)) }
                }
            )
        }
        return value
    }

    private func redactChild(
        _ child: RawJSON,
        _ paths: [ArraySlice<RedactionPath.Step>],
        matches: (RedactionPath.Step) -> Bool
    ) -> RawJSON {
        var rest: [ArraySlice<RedactionPath.Step>] = []
        for path in paths {
            var path = path
            if path.first == .anyLevels {
                // It can stand for this level and more.
                rest.append(path)
                path = path.dropFirst()
            }
            guard let first = path.first, matches(first) else { continue }
            if path.count == 1 { return Self.redacted }
            rest.append(path.dropFirst())
        }
        return redact(child, rest)
    }
}

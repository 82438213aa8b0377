/// Kubernetes' libraries of addresses and of ranges of addresses.
extension FunctionTable {
    static let networks: [Function] =
        addresses + ranges + [
            Function("ip", [.global(.string, returns: .ip), .member(.cidr, returns: .ip)]) {
                arguments,
                _ throws(EvaluationError) in
                if case .cidr(let prefix) = arguments[0] { return .ip(prefix.address) }
                return .ip(try address(arguments[0]))
            }
        ]

    private static func address(_ value: CELValue) throws(EvaluationError) -> IPAddress {
        if case .ip(let address) = value { return address }
        guard case .string(let text) = value else { throw .noSuchOverload }
        guard let address = IPAddress(text) else {
            if let zone = text.firstIndex(of: "%"), IPAddress(String(text[..<zone])) != nil, text.contains(":") {
                throw EvaluationError("IP address \"\(text)\" with zone value is not allowed")
            }
            throw EvaluationError(
                "IP Address \"\(text)\" parse error during conversion from string: ParseAddr(\"\(text)\"): "
                    + IPAddress.problem(text)
            )
        }
        guard !address.isMapped else {
            throw EvaluationError("IPv4-mapped IPv6 address \"\(text)\" is not allowed")
        }
        return address
    }

    private static func prefix(_ value: CELValue) throws(EvaluationError) -> IPPrefix {
        if case .cidr(let prefix) = value { return prefix }
        guard case .string(let text) = value else { throw .noSuchOverload }
        guard let prefix = IPPrefix(text) else {
            let problem = "network address parse error during conversion from string: "
            throw EvaluationError("\(problem)\(problem)netip.ParsePrefix(\"\(text)\"): no '/'")
        }
        return prefix
    }

    private static func property(_ name: String, _ test: @escaping @Sendable (IPAddress) -> Bool) -> Function {
        Function(name, [.member(.ip, returns: .bool)]) { arguments, _ throws(EvaluationError) in
            guard case .ip(let address) = arguments[0] else { throw .noSuchOverload }
            return .bool(test(address))
        }
    }

    private static let addresses: [Function] = [
        property("isUnspecified") { $0.isUnspecified }, property("isLoopback") { $0.isLoopback },
        property("isLinkLocalMulticast") { $0.isLinkLocalMulticast },
        property("isLinkLocalUnicast") { $0.isLinkLocalUnicast }, property("isGlobalUnicast") { $0.isGlobalUnicast },
        Function("family", [.member(.ip, returns: .int)]) { arguments, _ throws(EvaluationError) in
            guard case .ip(let address) = arguments[0] else { throw .noSuchOverload }
            return .int(address.isIPv4 ? 4 : 6)
        },
        Function("isIP", [.global(.string, returns: .bool)]) { arguments, _ throws(EvaluationError) in
            let text = try arguments[...].text(0)
            return .bool(IPAddress(text).map { !$0.isMapped } ?? false)
        },
        Function("ip.isCanonical", [.global(.string, returns: .bool)]) { arguments, _ throws(EvaluationError) in
            .bool(try address(arguments[0]).text == arguments[...].text(0))
        },
    ]

    private static let ranges: [Function] = [
        Function("cidr", [.global(.string, returns: .cidr)]) { arguments, _ throws(EvaluationError) in
            .cidr(try prefix(.string(try arguments[...].text(0))))
        },
        Function("isCIDR", [.global(.string, returns: .bool)]) { arguments, _ throws(EvaluationError) in
            .bool(IPPrefix(try arguments[...].text(0)) != nil)
        },
        Function("containsIP", [.member(.cidr, .string, returns: .bool), .member(.cidr, .ip, returns: .bool)]) {
            arguments,
            _ throws(EvaluationError) in
            guard case .cidr(let range) = arguments[0] else { throw .noSuchOverload }
            // The server does not say what is wrong with an address.
            guard let address = try? address(arguments[1]) else { throw .noSuchOverload }
            return .bool(range.contains(address))
        },
        Function("containsCIDR", [.member(.cidr, .string, returns: .bool), .member(.cidr, .cidr, returns: .bool)]) {
            arguments,
            _ throws(EvaluationError) in
            guard case .cidr(let range) = arguments[0] else { throw .noSuchOverload }
            return .bool(range.contains(try prefix(arguments[1])))
        },
        Function("prefixLength", [.member(.cidr, returns: .int)]) { arguments, _ throws(EvaluationError) in
            guard case .cidr(let range) = arguments[0] else { throw .noSuchOverload }
            return .int(Int64(range.length))
        },
        Function("masked", [.member(.cidr, returns: .cidr)]) { arguments, _ throws(EvaluationError) in
            guard case .cidr(let range) = arguments[0] else { throw .noSuchOverload }
            return .cidr(range.masked)
        },
    ]
}

/// Kubernetes' library of URLs.
extension FunctionTable {
    static let urls: [Function] = [
        Function("url", [.global(.string, returns: .url)]) { arguments, _ throws(EvaluationError) in
            let text = try arguments[...].text(0)
            do throws(URLParts.Problem) {
                return .url(try URLParts(text))
            } catch {
                throw EvaluationError(
                    "URL parse error during conversion from string: parse \"\(text)\": \(error.description)"
                )
            }
        },
        Function("isURL", [.global(.string, returns: .bool)]) { arguments, _ throws(EvaluationError) in
            let text = try arguments[...].text(0)
            return .bool((try? URLParts(text)) != nil)
        },
        part("getScheme") { $0.scheme }, part("getHost") { $0.host }, part("getHostname") { $0.hostname },
        part("getPort") { $0.port }, part("getEscapedPath") { $0.escapedPath },
        Function("getQuery", [.member(.url, returns: .map(.string, .list(.string)))]) {
            arguments,
            _ throws(EvaluationError) in
            guard case .url(let url) = arguments[0] else { throw .noSuchOverload }
            return .map(CELMap(url.parameters.mapValues { .list($0.map { .string($0) }) }))
        },
    ]

    private static func part(_ name: String, _ part: @escaping @Sendable (URLParts) -> String) -> Function {
        Function(name, [.member(.url, returns: .string)]) { arguments, _ throws(EvaluationError) in
            guard case .url(let url) = arguments[0] else { throw .noSuchOverload }
            return .string(part(url))
        }
    }
}

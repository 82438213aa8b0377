internal import FoundationEssentials
internal import HTTPTypes
internal import KubernetesAPI
internal import MCPProtocol
internal import MCPTransport

/// Sends requests to one backend: GET only, within limits of time and bytes, without following redirects.
struct BackendClient: Sendable {
    /// A parameter of the query.
    typealias Parameter = (name: String, value: String)

    /// The name of the program, such as `Prometheus`.
    let name: String
    let endpoint: BackendEndpoint
    let exchange: any HTTPExchange
    let limits: BridgeLimits

    /// Makes a request and parses the answer as JSON.
    ///
    /// - Parameter path: below the base URL, such as `/api/v1/query`.
    /// - Returns: the status and the body; a status other than 2xx and JSON of the backend are for the caller to read.
    /// - Throws: `BackendError`, or `CancellationError`.
    func get(_ path: String, _ parameters: [Parameter]) async throws -> (status: Int, body: JSONValue) {
        var request = HTTPExchangeRequest(method: .get, url: Self.url(endpoint, path, parameters))
        request.headers[.accept] = "application/json"
        if let tokenFile = endpoint.tokenFile {
            request.headers[.authorization] = "Bearer \(try Self.token(tokenFile, name: name))"
        }
        if let tenant = endpoint.tenant, let field = HTTPField.Name("X-Scope-OrgID") { request.headers[field] = tenant }
        let sent = request
        let (status, bytes): (Int, [UInt8])
        do {
            (status, bytes) = try await TimeLimit.run(limits.backendTime) { try await read(sent) }
        } catch is TimeLimit.Passed {
            throw BackendError(
                .unreachable,
                "\(name) has not answered within \(limits.backendTime); ask for less: a shorter range, a larger step, fewer series"
            )
        } catch let error as MCPClientError {
            throw BackendError(.unreachable, "\(name) cannot be reached: \(error.message)")
        }
        guard !(300..<400).contains(status) else {
            throw BackendError(
                .unexpected,
                "\(name) redirects (\(status)), and redirects are not followed: the administrator must set its final URL"
            )
        }
        guard status != 401, status != 403 else {
            throw BackendError(
                .unexpected,
                "\(name) refuses the bridge's credentials (\(status)): the administrator must check the token file"
            )
        }
        do {
            return (status, try JSONValue(parsing: bytes))
        } catch {
            let text = String(decoding: bytes.prefix(200), as: UTF8.self).printable(maximumLength: 200)
            // Loki and proxies report errors as plain text.
            guard status < 400 else {
                throw BackendError(status < 500 ? .rejected : .unexpected, "\(name) answers \(status): \(text)")
            }
            throw BackendError(
                .unexpected,
                "\(name) does not answer with JSON; the administrator must check its URL: \(text)"
            )
        }
    }

    private func read(_ request: HTTPExchangeRequest) async throws -> (Int, [UInt8]) {
        let response = try await exchange.send(request)
        var bytes: [UInt8] = []
        for try await chunk in response.body {
            guard chunk.count <= limits.maximumBackendBytes - bytes.count else {
                throw BackendError(
                    .tooLarge,
                    "the answer of \(name) has more than \(limits.maximumBackendBytes) bytes; narrow the query: aggregate with "
                        + "sum by (...) or topk(10, ...), add label matchers, shorten the range or enlarge the step"
                )
            }
            bytes += chunk
        }
        return (response.status, bytes)
    }

    private static func url(_ endpoint: BackendEndpoint, _ path: String, _ parameters: [Parameter]) -> String {
        var base = endpoint.url.path
        while base.hasSuffix("/") { base.removeLast() }
        let query = parameters.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
        return endpoint.url.origin + base + path + (query.isEmpty ? "" : "?\(query)")
    }

    /// Percent-encodes everything but unreserved characters (RFC 3986, section 2.3).
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.append(byte)
            default: output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func token(_ file: String, name: String) throws -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: file))
        } catch {
            throw BackendError(
                .unexpected,
                "the token for \(name) cannot be read; the administrator must check its file"
            )
        }
        let token = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw BackendError(
                .unexpected,
                "the token file for \(name) has no valid token; the administrator must check it"
            )
        }
        return token
    }
}

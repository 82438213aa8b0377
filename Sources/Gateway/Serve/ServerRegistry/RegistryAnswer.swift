internal import MCPProtocol

/// What the Registry API answers. Pure.
struct RegistryAnswer: Sendable {
    var status: Int
    var body: RawJSON

    /// - Parameter entries: what the caller may use, in any order.
    init(_ request: RegistryRequest, _ query: RegistryQuery, _ entries: [RegistryEntry]) {
        switch request {
        case .servers: self = Self.list(query, entries)
        case .versions(let server):
            let found = entries.filter { $0.name == server }
            self = found.isEmpty ? .notFound("Server not found") : Self.list(found, next: nil)
        case .version(let server, let version):
            guard let entry = entries.first(where: { $0.name == server }) else {
                self = .notFound("Server not found")
                return
            }
            guard version == RegistryRequest.latest || version == entry.publication.version else {
                self = .notFound("Version not found: the gateway serves \(entry.publication.version)")
                return
            }
            self.init(status: 200, body: entry.json)
        case .unknown:
            self = .notFound("Not found: use \(RegistryRequest.path), or \(RegistryRequest.path)/NAME/versions")
        }
    }

    /// An error, as the API writes it.
    static func error(_ status: Int, _ message: String) -> RegistryAnswer {
        RegistryAnswer(status: status, body: .object([("error", .string(message))]))
    }

    private static func notFound(_ message: String) -> RegistryAnswer { error(404, message) }

    private init(status: Int, body: RawJSON) {
        self.status = status
        self.body = body
    }

    /// A page of the list. It begins after a name, so that entries that come or go in between move no others.
    private static func list(_ query: RegistryQuery, _ entries: [RegistryEntry]) -> RegistryAnswer {
        let found = entries.filter { entry in
            (query.cursor.map { $0 < entry.name } ?? true) && query.includes(entry)
        }
        .sorted { $0.name < $1.name }
        let page = Array(found.prefix(query.limit))
        return list(page, next: found.count > page.count ? page.last?.name : nil)
    }

    private static func list(_ entries: [RegistryEntry], next: String?) -> RegistryAnswer {
        RegistryAnswer(
            status: 200,
            body: .object([
                ("servers", .array(entries.map(\.json))),
                (
                    "metadata",
                    .object([("nextCursor", next.map { .string($0) }), ("count", .integer(Int64(entries.count)))])
                ),
            ])
        )
    }
}

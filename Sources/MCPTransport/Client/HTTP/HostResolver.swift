internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Finds the addresses of hosts.
public protocol HostResolver: Sendable {
    /// The addresses of a host, such as `203.0.113.7` and `2001:db8::7`, in the order in which they should be tried.
    ///
    /// - Throws: `MCPClientError` if it has none.
    func addresses(of host: String) async throws -> [String]
}

/// How the hosts of remote servers are found and reached. Only tests change it.
public struct RemoteNetwork: Sendable {
    /// Finds the addresses of names.
    public var resolver: any HostResolver
    /// Where a checked address is.
    public var dial: @Sendable (String) -> String

    public init(resolver: any HostResolver = SystemResolver(), dial: @escaping @Sendable (String) -> String = { $0 }) {
        self.resolver = resolver
        self.dial = dial
    }

    /// The system's names and addresses.
    public static let system = RemoteNetwork()
}

/// Asks the system.
public struct SystemResolver: HostResolver {
    public init() {}

    public func addresses(of host: String) async throws -> [String] {
        let found = try await NIOThreadPool.singleton.runIfActive { Self.look(up: host) }
        guard !found.isEmpty else {
            throw MCPClientError(
                .nameNotResolved,
                "the host \(host.debugDescription) has no address; check the name"
            )
        }
        return found
    }

    private static func look(up host: String) -> [String] {
        var hints = addrinfo()
        #if canImport(Darwin)
            hints.ai_socktype = SOCK_STREAM
        #elseif canImport(Musl)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next {
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if let address = entry.pointee.ai_addr,
                getnameinfo(
                    address,
                    entry.pointee.ai_addrlen,
                    &name,
                    socklen_t(name.count),
                    nil,
                    0,
                    NI_NUMERICHOST
                ) == 0
            {
                let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !found.contains(text) { found.append(text) }
            }
            next = entry.pointee.ai_next
        }
        return found
    }
}

/// The command that an image runs unless a pod sets another one.
public struct EntryPoint: Sendable, Hashable {
    /// The image's `ENTRYPOINT`; empty if it has none.
    public var command: [String]
    /// The image's `CMD`; empty if it has none.
    public var arguments: [String]

    /// Creates an entry point.
    public init(command: [String] = [], arguments: [String] = []) {
        self.command = command
        self.arguments = arguments
    }

    /// Whether it contains no program.
    public var isEmpty: Bool { command.isEmpty && arguments.isEmpty }

    /// What the container runs, with the arguments of a pod, which replace `CMD` unless they are empty.
    public func commandLine(arguments own: [String]?) -> [String] {
        command + (own.flatMap { $0.isEmpty ? nil : $0 } ?? arguments)
    }

    /// The maximum size, in entries and in bytes: it becomes part of objects in the cluster.
    public static let limits = (entries: 256, bytes: 32_768)

    /// The common entry point of the platforms of an image.
    ///
    /// - Throws: `RegistryError`, if there is none, or the platforms have different ones.
    static func common(_ images: [(platform: Platform, entryPoint: EntryPoint)]) throws(RegistryError) -> EntryPoint {
        guard let first = images.first else {
            throw RegistryError(.invalid, "it has no image for Linux")
        }
        if let other = images.first(where: { $0.entryPoint != first.entryPoint }) {
            throw RegistryError(
                .entryPointsDiffer,
                """
                it has different entry points: \(printable(first.platform.description)) runs \(first.entryPoint.shown), \
                \(printable(other.platform.description)) runs \(other.entryPoint.shown)
                """
            )
        }
        guard !first.entryPoint.isEmpty else {
            throw RegistryError(.entryPointMissing, "it has neither ENTRYPOINT nor CMD")
        }
        return first.entryPoint
    }

    private var shown: String {
        let parts = commandLine(arguments: nil).map { "\"\(printable($0))\"" }
        return isEmpty ? "nothing" : "[\(parts.prefix(5).joined(separator: ", "))\(parts.count > 5 ? ", …" : "")]"
    }
}

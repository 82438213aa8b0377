/// A reference to a container image, by the grammar of the distribution project (github.com/distribution/reference,
/// `reference.go`), with Docker's familiar names expanded: `nginx` is `docker.io/library/nginx`.
public struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    /// The registry's host and, where given, its port: `docker.io`, `[::1]:5000`. In lower case, except for a host that
    /// only its upper-case letters distinguish from a path.
    public var registry: String
    /// The path below the registry, such as `library/nginx`.
    public var repository: String
    /// The tag, or `nil` if there is none.
    public var tag: String?
    /// The digest, or `nil` if there is none.
    public var digest: ImageDigest?

    /// The registry of a name without a registry.
    public static let defaultRegistry = "docker.io"
    /// The longest repository path, in characters (`RepositoryNameTotalLengthMax`).
    public static let maximumRepositoryLength = 255
    /// The longest tag, in characters.
    public static let maximumTagLength = 128

    /// Parses a reference from a pod's `image`.
    ///
    /// - Throws: `ImageReferenceError`, which names the part that is wrong.
    public init(_ text: String) throws(ImageReferenceError) {
        var parser = ImageReferenceParser(text: text)
        self = try parser.parse()
    }

    init(registry: String, repository: String, tag: String?, digest: ImageDigest?) {
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// The registry and repository, without tag and digest.
    public var name: String { "\(registry)/\(repository)" }

    /// The full reference: registry, repository, and tag and digest if they are set.
    public var description: String {
        name + (tag.map { ":" + $0 } ?? "") + (digest.map { "@" + $0.description } ?? "")
    }

    /// Whether this names the tag `latest`, explicitly or implicitly. The tag moves with every push.
    public var isLatest: Bool { tag == "latest" || (tag == nil && digest == nil) }
}

/// The digest of an image's manifest, such as `sha256:` and 64 hexadecimal digits.
public struct ImageDigest: Sendable, Hashable, CustomStringConvertible {
    /// The hash function.
    public enum Algorithm: String, Sendable, Hashable, CaseIterable {
        case sha256
        case sha512

        /// The number of hexadecimal digits of a digest of this kind.
        public var digitCount: Int {
            switch self {
            case .sha256: 64
            case .sha512: 128
            }
        }
    }

    /// The hash function.
    public let algorithm: Algorithm
    /// The hash, in lower-case hexadecimal digits.
    public let hexadecimal: String

    /// Reads `sha256:…` or `sha512:…`; the digits must be lower-case and of the exact number (OCI image specification,
    /// "Digests").
    ///
    /// - Throws: `ImageReferenceError`, which names the part that is wrong.
    public init(_ text: String) throws(ImageReferenceError) {
        self = try ImageDigest(text[...], within: text)
    }

    init(algorithm: Algorithm, hexadecimal: String) {
        self.algorithm = algorithm
        self.hexadecimal = hexadecimal
    }

    init(_ digest: Substring, within text: String) throws(ImageReferenceError) {
        guard let colon = digest.firstIndex(of: ":") else {
            throw ImageReferenceError(
                .digestWithoutAlgorithm,
                text,
                "the digest \"\(digest)\" has no algorithm: use sha256: and 64 hexadecimal digits"
            )
        }
        let name = String(digest[..<colon])
        guard let algorithm = Algorithm(rawValue: name) else {
            throw ImageReferenceError(
                .unknownDigestAlgorithm,
                text,
                "the digest algorithm \"\(name)\" is unknown: use sha256 or sha512"
            )
        }
        let hexadecimal = digest[digest.index(after: colon)...]
        guard hexadecimal.utf8.count == algorithm.digitCount else {
            throw ImageReferenceError(
                .digestLength,
                text,
                """
                a \(name) digest has \(algorithm.digitCount) hexadecimal digits, this digest has \
                \(hexadecimal.utf8.count)
                """
            )
        }
        guard hexadecimal.utf8.allSatisfy({ $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }) else {
            throw ImageReferenceError(
                .digestCharacters,
                text,
                "the digest contains characters other than the digits 0 to 9 and a to f in lower case"
            )
        }
        self.algorithm = algorithm
        self.hexadecimal = String(hexadecimal)
    }

    public var description: String { "\(algorithm.rawValue):\(hexadecimal)" }
}

/// Text that is not a valid image reference, and what is wrong with it.
public struct ImageReferenceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The rule of the grammar that the text violates.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case empty
        case whiteSpace
        case scheme
        case uppercaseRepository
        case hexadecimalName
        case registryHost
        case registryPort
        case emptyPathComponent
        case pathComponent
        case missingRepository
        case repositoryLength
        case emptyTag
        case tagLength
        case tagCharacters
        case emptyDigest
        case severalDigests
        case digestWithoutAlgorithm
        case unknownDigestAlgorithm
        case digestLength
        case digestCharacters
    }

    /// The rule that was violated.
    public let kind: Kind
    /// The text as it was given.
    public let text: String
    /// What is wrong and what to use instead.
    public let message: String

    init(_ kind: Kind, _ text: String, _ message: String) {
        self.kind = kind
        self.text = text
        self.message = message
    }

    public var description: String { "\"\(text)\" is not a valid image reference: \(message)" }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLowercaseLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isUppercaseLetter: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}

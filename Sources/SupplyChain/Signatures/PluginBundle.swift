internal import Crypto
internal import FoundationEssentials

/// A bundle of files with a signed entry file, which a server loads.
///
/// The entry is the only file of a bundle that is signed. If it is named `SHA256SUMS`, it lists the other files with their digests, as
/// `sha256sum` of GNU coreutils writes it; then the signature covers them too.
public struct PluginBundle: Sendable {
    /// The name of an entry that lists files.
    public static let listName = "SHA256SUMS"
    /// The maximum number of files that an entry lists.
    public static let maximumFiles = 10_000

    /// A file that the signature covers.
    public struct File: Sendable, Hashable {
        /// The path in the bundle.
        public let path: String
        /// The SHA-256 in hexadecimal.
        public let sha256: String
    }

    /// The files that the entry lists; none if it is not a list.
    public let files: [File]

    /// Verifies an entry file.
    ///
    /// - Parameters:
    ///   - entry: the content of the file.
    ///   - path: the path of the file in the bundle.
    ///   - sha256: its SHA-256 in hexadecimal.
    ///   - signature: the detached signature in base64: ECDSA or RSA over the SHA-256 of the file, or Ed25519 over the file.
    ///   - keys: the trust root. One of them must have signed.
    /// - Throws: `VerificationError`: `digestMismatch`, `malformed`, or `signatureInvalid`.
    public init(
        entry: [UInt8],
        path: String,
        sha256: String,
        signature: String,
        keys: [VerificationKey]
    ) throws(VerificationError) {
        let found = ContentDigest.hexadecimal(SHA256.hash(data: entry))
        guard found == sha256.lowercased() else {
            throw VerificationError(
                .digestMismatch,
                "the SHA-256 of \(printable(path)) is \(found), and \(printable(sha256)) is expected"
            )
        }
        guard let signature = Data(base64Encoded: signature), !signature.isEmpty else {
            throw VerificationError(.malformed, "the signature of \(printable(path)) is not valid base64")
        }
        guard keys.contains(where: { $0.verifies(signature, of: entry, hash: .sha256) }) else {
            throw VerificationError(
                .signatureInvalid,
                keys.isEmpty
                    ? "there is no public key to verify the signature of \(printable(path)) with"
                    : "no key of the trust root has signed \(printable(path))"
            )
        }
        files = path.split(separator: "/").last.map(String.init) == Self.listName ? try Self.files(in: entry) : []
    }

    /// Whether content is what the list says.
    public static func matches(_ content: [UInt8], _ file: File) -> Bool {
        ContentDigest.hexadecimal(SHA256.hash(data: content)) == file.sha256
    }

    /// Parses lines of a digest, a space, a space or a `*`, and a path.
    private static func files(in list: [UInt8]) throws(VerificationError) -> [File] {
        guard let text = String(validating: list, as: UTF8.self) else {
            throw VerificationError(.malformed, "\(listName) is not valid UTF-8")
        }
        var files: [File] = []
        var paths: Set<String> = []
        for (index, line) in text.split(separator: "\n").enumerated() {
            let digest = line.prefix(64)
            let rest = line.dropFirst(64)
            let isDigest = digest.utf8.count == 64 && digest.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
            guard isDigest, rest.hasPrefix("  ") || rest.hasPrefix(" *") else {
                throw VerificationError(
                    .malformed,
                    "line \(index + 1) of \(listName) is not 64 hexadecimal digits, two spaces and a path"
                )
            }
            var path = String(rest.dropFirst(2))
            if path.hasPrefix("./") { path.removeFirst(2) }
            guard isSafe(path) else {
                throw VerificationError(
                    .malformed,
                    "line \(index + 1) of \(listName) has the path \"\(printable(path))\", which does not stay in the bundle"
                )
            }
            guard paths.insert(path).inserted else {
                throw VerificationError(.malformed, "\(listName) has \"\(printable(path))\" twice")
            }
            files.append(File(path: path, sha256: String(digest)))
        }
        guard files.count <= maximumFiles else {
            throw VerificationError(.malformed, "\(listName) has more than \(maximumFiles) files")
        }
        return files
    }

    /// Whether a path is relative and has no component that leads elsewhere.
    public static func isSafe(_ path: String) -> Bool {
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        return !path.isEmpty && path.utf8.count <= 4_096
            && path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C }
            && components.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}

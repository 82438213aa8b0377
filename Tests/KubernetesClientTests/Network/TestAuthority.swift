import Foundation
import NIOSSL
import Subprocess

/// A certificate authority that is created with `openssl` for one test.
struct TestAuthority: Sendable {
    /// A certificate and its key, as PEM and as files.
    struct Pair: Sendable {
        var certificate: String
        var key: String

        func source() throws -> (chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource) {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map(
                NIOSSLCertificateSource.certificate
            )
            return (chain, .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
        }
    }

    struct OpenSSLFailed: Error, CustomStringConvertible {
        var description: String
    }

    /// The authority's certificate, as PEM.
    let certificate: String
    private let directory: TemporaryDirectory

    init(name: String) async throws {
        directory = try TemporaryDirectory()
        try await Self.openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=\(name)",
            "-keyout",
            "\(directory.path)/ca.key",
            "-out",
            "\(directory.path)/ca.crt"
        )
        certificate = try String(contentsOfFile: "\(directory.path)/ca.crt", encoding: .utf8)
    }

    /// The certificates that a server or client may trust.
    func roots() throws -> NIOSSLTrustRoots {
        .certificates(try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)))
    }

    /// Signs a certificate.
    ///
    /// - Parameter names: its subject's alternative names, such as `DNS:localhost` or `IP:127.0.0.1`.
    func issue(_ name: String, names: [String] = []) async throws -> Pair {
        let path = "\(directory.path)/\(UUID().uuidString)"
        try await Self.openssl(
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=\(name)",
            "-keyout",
            "\(path).key",
            "-out",
            "\(path).csr"
        )
        var extensions = "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n"
        if !names.isEmpty { extensions += "subjectAltName=\(names.joined(separator: ","))\n" }
        try extensions.write(toFile: "\(path).ext", atomically: true, encoding: .utf8)
        try await Self.openssl(
            "x509",
            "-req",
            "-in",
            "\(path).csr",
            "-CA",
            "\(directory.path)/ca.crt",
            "-CAkey",
            "\(directory.path)/ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "\(path).ext",
            "-out",
            "\(path).crt"
        )
        return Pair(
            certificate: try String(contentsOfFile: "\(path).crt", encoding: .utf8),
            key: try String(contentsOfFile: "\(path).key", encoding: .utf8)
        )
    }

    private static func openssl(_ arguments: String...) async throws {
        let result = try await Subprocess.run(
            .name("openssl"),
            arguments: Arguments(arguments),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else {
            throw OpenSSLFailed(description: "openssl \(arguments[0]): \(result.standardError)")
        }
    }
}

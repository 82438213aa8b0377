import Foundation
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// An authority, and the certificates that it signs, in a directory that is removed with it.
final class TestCertificates: Sendable {
    let directory: String

    struct OpenSSLFailed: Error { var text: String }

    init(_ name: String = "authority") async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try await openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=\(name) -keyout ca.key -out ca.crt"
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func path(_ file: String) -> String { "\(directory)/\(file)" }

    /// Signs a certificate, and writes it to `FILE.crt` and its key to `FILE.key`.
    func issue(_ file: String, subject: String, names: String) async throws {
        try await openssl(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj \(subject) -keyout \(file).new -out \(file).csr"
        )
        try "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=\(names)\n"
            .write(toFile: path("\(file).ext"), atomically: true, encoding: .utf8)
        try await openssl(
            "x509 -req -in \(file).csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile \(file).ext -out \(file).crt"
        )
        try? FileManager.default.removeItem(atPath: path("\(file).key"))
        try FileManager.default.moveItem(atPath: path("\(file).new"), toPath: path("\(file).key"))
    }

    private func openssl(_ line: String) async throws {
        let result = try await Subprocess.run(
            .name("openssl"),
            arguments: Arguments(line.split(separator: " ").map(String.init)),
            workingDirectory: .init(directory),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else {
            throw OpenSSLFailed(text: "openssl \(line): \(result.standardError ?? "")")
        }
    }
}

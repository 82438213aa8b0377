import ArgumentParser
import CRDModels
import Foundation
import KubernetesAPI
import Policy
import Reconcilers
import SupplyChain

/// The benchmark `verification`.
struct VerificationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verification",
        abstract:
            "The signature of an image verified, against openssl with the same bytes; and verdicts that are known already."
    )

    @Option(help: "How often a signature is verified.") var rounds = 2_000
    @Option(help: "How many servers with a known verdict are decided about.") var servers = 20_000
    @Option(help: "How often openssl is started.") var processes = 50

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moorage-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path }
        let digest = ImageDigest(of: Array("image".utf8))
        let payload = Array(
            (#"{"critical":{"identity":{"docker-reference":""},"image":{"docker-manifest-digest":"\#(digest)"},"#
                + #""type":"cosign container image signature"},"optional":null}"#).utf8
        )
        try Data(payload).write(to: URL(fileURLWithPath: path("payload")))
        try openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path("key")])
        try openssl(["pkey", "-in", path("key"), "-pubout", "-out", path("public")])
        try openssl(["dgst", "-sha256", "-sign", path("key"), "-out", path("signature"), path("payload")])
        let pem = try String(contentsOfFile: path("public"), encoding: .utf8)
        let signature = try Data(contentsOf: URL(fileURLWithPath: path("signature")))

        let clock = ContinuousClock()
        let signer = ExpectedSigner.key(try VerificationKey(pem: pem))
        let annotations = ["dev.cosignproject.cosign/signature": signature.base64EncodedString()]
        let own = try await clock.measure {
            for _ in 0..<rounds {
                let layer = try SimpleSigning(payload: payload, annotations: annotations)
                _ = try await layer.verify(digest, root: nil, signer: signer, requiresLog: false)
            }
        }.seconds
        let theirs = try clock.measure {
            for _ in 0..<processes {
                try openssl([
                    "dgst", "-sha256", "-verify", path("public"), "-signature", path("signature"), path("payload"),
                ])
            }
        }.seconds
        let starts = try clock.measure { for _ in 0..<processes { try openssl(["version"]) } }.seconds
        let known = try verdicts(digest, pem: pem)
        let perProcess = theirs / Double(processes)
        let verification = max(0, perProcess - starts / Double(processes))
        print(
            """
            verification: ECDSA P-256, a payload of \(payload.count) bytes
              read, verified and compared with the image: \((own / Double(rounds) * 1e6).text(0)) µs
              openssl dgst -verify of the same bytes, a process each: \((perProcess * 1e6).text(0)) µs, without its start \
            about \((verification * 1e6).text(0)) µs
              verdicts that a status has: \((Double(servers) / known).text(0)) a second
            """
        )
    }

    /// The time for servers whose status has a verdict, in seconds.
    private func verdicts(_ digest: ImageDigest, pem: String) throws -> Double {
        let platform = PlatformConfiguration(
            images: TenantImages(
                signatures: TenantSignatures(authorities: [ImageAuthority(name: "release", keys: [pem])])
            )
        )
        var server = MCPServer(
            metadata: ObjectMeta(name: "time", namespace: "team"),
            spec: MCPServerSpec(image: "ghcr.io/acme/time@\(digest)")
        )
        guard let request = SignatureRequest.all(ServerInput(server: server, platform: platform), roots: [:]).first
        else {
            throw BenchmarkFailure("nothing has to be verified")
        }
        server.status = MCPServerStatus(
            imageVerifications: [
                ImageVerification(
                    image: "ghcr.io/acme/time",
                    digest: digest.description,
                    rules: request.rulesDigest,
                    time: Timestamp(secondsSinceEpoch: 0)
                )
            ]
        )
        let input = ServerInput(server: server, platform: platform)
        return try ContinuousClock().measure {
            for _ in 0..<servers {
                let request = SignatureRequest.all(input, roots: [:]).first
                guard request?.recorded(in: input.server.status) != nil else {
                    throw BenchmarkFailure("the verdict is not found")
                }
            }
        }.seconds
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkFailure("openssl \(arguments[0]) failed: is it installed?")
        }
    }
}

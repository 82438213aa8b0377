import ArgumentParser
import CommandSupport
import FoundationEssentials
import Registry
import SupplyChain

/// `moorage verify image`.
struct VerifyImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Verify the signatures and attestations of an image, as the controller does.",
        discussion: """
            Reads the signatures from the image's registry: Sigstore bundles that refer to the image, and cosign's tags. An image \
            with a tag is verified as the digest that the tag names now, which is printed.

            Examples:
              moorage verify image --key release.pub ghcr.io/acme/server@sha256:…
              moorage verify image --key a.pub --key b.pub --threshold 2 ghcr.io/acme/server:1.4.2
              moorage verify image --key release.pub --attestation slsaprovenance --builder 'https://ci.example/**' \
            --source git+https://git.example/server ghcr.io/acme/server:1.4.2
            """
    )

    @OptionGroup
    var signer: SignerOptions

    @Option(help: ArgumentHelp("How many of the keys must have signed.", valueName: "number"))
    var threshold = 1

    @Flag(help: "Require that a transparency log has recorded a signature with a key. Needs --trusted-root.")
    var requireTransparencyLog = false

    @Option(
        help: ArgumentHelp(
            "An attestation that the image must have: slsaprovenance, spdx, cyclonedx, vuln, or a type. Repeat it for several.",
            valueName: "type"
        )
    )
    var attestation: [String] = []

    @Option(
        help: ArgumentHelp(
            "Who must have built the image: a pattern for the builder of its SLSA provenance, where * is any text without /, and ** any text.",
            valueName: "pattern"
        )
    )
    var builder: String?

    @Option(
        help: ArgumentHelp("From what it must have been built: a pattern for the source.", valueName: "pattern")
    )
    var source: String?

    @Option(
        help: ArgumentHelp(
            "A config.json with credentials for registries, as docker login writes it.",
            valueName: "file"
        )
    )
    var registryConfig: String?

    @Option(help: ArgumentHelp("A registry that is reached over plain HTTP. Repeat it for several.", valueName: "host"))
    var plainHttp: [String] = []

    @Option(help: ArgumentHelp("Certificates of authorities to trust in addition, in PEM.", valueName: "file"))
    var caFile: String?

    @Argument(help: "The image, with its digest or a tag.")
    var image: String

    func validate() throws {
        guard threshold >= 1, threshold <= max(1, signer.key.count) else {
            throw ValidationError(
                "--threshold \(threshold) is not a number from 1 to \(max(1, signer.key.count)), the keys"
            )
        }
        guard !requireTransparencyLog || signer.trustedRoot != nil else {
            throw ValidationError("--require-transparency-log needs --trusted-root, which has the keys of the logs")
        }
        guard builder == nil && source == nil || attestation.contains(Self.provenance) else {
            throw ValidationError("--builder and --source need --attestation \(Self.provenance), which names them")
        }
    }

    func run() async throws {
        let reference: ImageReference
        do {
            reference = try ImageReference(image)
        } catch {
            throw CommandFailure(error.description)
        }
        let roots = try signer.root().map { [Self.rootName: $0] } ?? [:]
        let policy = SignaturePolicy(
            mode: .enforce,
            authorities: [
                SignatureAuthority(
                    name: "signature",
                    signers: try signer.identity.map { .identities([$0]) }
                        ?? .keys(try signer.keys(), threshold: threshold),
                    trustedRoot: roots.isEmpty ? nil : Self.rootName,
                    requiresLog: requireTransparencyLog
                )
            ],
            attestations: attestation.map(rule)
        )
        let found = try await read(reference)
        let verdict = await ImageSignatures(
            image: reference,
            digest: found.digest,
            evidence: found.evidence,
            roots: roots,
            now: Date()
        ).judge(policy)
        guard verdict.isVerified else {
            let problems = verdict.problems.map { "\n  \($0)" }.joined()
            throw CommandFailure("\(reference.pinned(to: found.digest)) is refused:\(problems)")
        }
        var lines = ["verified: \(reference.pinned(to: found.digest))"]
        lines += verdict.signatures.map { "  \($0.signature.summary)" }
        lines += verdict.attestations.map { "  attested: \($0)" }
        Console.standard.output(lines.joined(separator: "\n") + "\n")
    }

    private func read(_ reference: ImageReference) async throws -> RegistryClient.ImageEvidence {
        var options = RegistryOptions()
        options.plainHTTP = Set(plainHttp)
        options.allowsLocalHosts = true
        options.proxy = try RegistryProxy(environment: ProcessInfo.processInfo.environment)
        options.additionalAuthorities = try caFile.map { try InputFile.read($0, limit: 1 << 20) }
        var keyring = Keyring()
        if let registryConfig {
            do {
                try keyring.add(dockerConfigJSON: try InputFile.read(registryConfig, limit: 1 << 20))
            } catch let error as Keyring.Failure {
                throw CommandFailure("\(registryConfig): \(error)")
            }
        }
        do {
            return try await RegistryClient.run(options) { [keyring] client in
                try await client.signatures(of: reference, keyring: keyring)
            }
        } catch let error as RegistryError {
            throw CommandFailure("the signatures of \(reference) cannot be read: \(error.message)")
        }
    }

    private func rule(_ type: String) -> AttestationRule {
        var rule = AttestationRule(name: type, predicateType: type)
        if type == Self.provenance {
            rule.builder = builder.map(AnchoredPattern.init(pattern:))
            rule.source = source.map(AnchoredPattern.init(pattern:))
        }
        return rule
    }

    private static let rootName = "root"
    private static let provenance = "slsaprovenance"
}

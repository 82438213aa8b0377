import ControllerRuntime
import Crypto
import CRDModels
import Foundation
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import SupplyChain
import Synchronization
import TestSupport
import Testing

#if os(Linux)
    /// Servers whose images must be signed, against a real registry: Debian's docker-registry, which `scripts/install-test-packages`
    /// installs. If it is missing, the tests fail.
    @Suite("The signatures of images")
    struct SignatureTests {
        private static let repository = "acme/time"
        private static let image = TestImage(cmd: ["/server"])
        private let key = P256.Signing.PrivateKey()
        private let next = P256.Signing.PrivateKey()

        private func platform(
            _ port: Int,
            mode: SignatureMode = .enforce,
            keys: [P256.Signing.PrivateKey]
        ) -> PlatformConfiguration {
            PlatformConfiguration(
                images: TenantImages(
                    signatures: TenantSignatures(
                        mode: mode,
                        authorities: [ImageAuthority(name: "release", keys: keys.map(\.publicKey.pemRepresentation))]
                    )
                ),
                registries: PlatformRegistries(plainHTTP: ["127.0.0.1:\(port)"], timeoutSeconds: 5)
            )
        }

        /// Time passes faster, so that something that failed is soon tried again.
        private static var options: OperatorOptions {
            var options = OperatorOptions()
            options.clock = .scaled(by: 20)
            return options
        }

        private func server(_ cluster: TestCluster, _ name: String = "time", image: String) -> MCPServer {
            cluster.server(name, in: "default", spec: MCPServerSpec(image: image))
        }

        private func refused(
            _ cluster: TestCluster,
            _ reason: Reason,
            _ name: String = "time"
        ) async throws -> String {
            let server = try await cluster.wait(
                for: ConditionType.accepted,
                .false,
                reason: reason,
                of: name,
                in: "default"
            )
            let verified = try #require(server.status?.conditions?[type: ConditionType.imageVerified])
            #expect(verified.status == (reason == .signatureRefused ? .false : .unknown))
            #expect(verified.reason == reason.rawValue)
            return verified.message
        }

        private func deployment(_ cluster: TestCluster, _ name: String = "time") async throws -> JSONValue? {
            try await cluster.find(.deployment, name, in: "default")
        }

        @Test("an image that an identity has signed, with a bundle that another client pushed as a referrer, serves")
        func keyless() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await ReferrersRegistry.run(in: folder, port: port) { registry in
                    let signature = try await registry.sign(Self.image)
                    let digest = try await registry.registry.push(Self.image, to: Self.repository, tag: "1")
                    let image = "\(registry.host)/\(Self.repository)@\(digest)"
                    var options = Self.options
                    options.trustedRoots = ["miniature": try TrustedRoot(signature.trustedRoot)]
                    let settings = options
                    func rules(_ identity: String) -> PlatformConfiguration {
                        let signer = ImageIdentity(subject: identity, issuer: signature.issuer)
                        var platform = self.platform(port, keys: [])
                        platform.trustedRoots = ["miniature": TrustedRootSource(file: "/trusted_root.json")]
                        platform.images?.signatures?.authorities = [
                            ImageAuthority(name: "release", identities: [signer], trustedRoot: "miniature")
                        ]
                        return platform
                    }
                    try await withOperator(cluster, platform: rules(signature.identity), options: settings) { _ in
                        try await cluster.apply(server(cluster, image: image))
                        let missing = try await refused(cluster, .signatureRefused)
                        #expect(missing.contains("release: the registry has no signature of the image"), "\(missing)")
                        let subject = try await registry.push(
                            bundle: signature.bundle,
                            about: Self.image,
                            to: Self.repository
                        )
                        #expect(subject == digest)
                        let ready = try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                        let verified = try #require(ready.status?.conditions?[type: ConditionType.imageVerified])
                        #expect(verified.status == .true)
                        #expect(verified.message.contains(signature.identity), "\(verified.message)")
                    }
                    // The bundle is about one image only, and the rule about one identity.
                    let other = TestImage(cmd: ["/other"])
                    let otherDigest = try await registry.registry.push(other, to: Self.repository, tag: "2")
                    _ = try await registry.push(bundle: signature.bundle, about: other, to: Self.repository)
                    try await withOperator(cluster, platform: rules(signature.identity), options: settings) { _ in
                        let replayed = "\(registry.host)/\(Self.repository)@\(otherDigest)"
                        try await cluster.apply(server(cluster, "replayed", image: replayed))
                        let message = try await refused(cluster, .signatureRefused, "replayed")
                        #expect(message.contains("the statement is about other artifacts"), "\(message)")
                    }
                    try await withOperator(cluster, platform: rules("eve@example.com"), options: settings) { _ in
                        try await cluster.apply(server(cluster, "stranger", image: image))
                        let message = try await refused(cluster, .signatureRefused, "stranger")
                        #expect(message.contains("eve@example.com"), "\(message)")
                        #expect(try await deployment(cluster, "stranger") == nil)
                    }
                }
            }
        }

        @Test("an image that is not signed gets no pod; once it is signed, it serves, and the status says by whom")
        func unsigned() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port) { registry in
                    let digest = try await registry.push(Self.image, to: Self.repository, tag: "1")
                    let image = "\(registry.host)/\(Self.repository)@\(digest)"
                    let platform = platform(port, keys: [key])
                    try await withOperator(cluster, platform: platform, options: Self.options) { _ in
                        try await cluster.apply(server(cluster, image: image))
                        let missing = try await refused(cluster, .signatureRefused)
                        #expect(missing.contains("release: the registry has no signature of the image"), "\(missing)")
                        #expect(try await deployment(cluster) == nil)
                        // Somebody else's signature.
                        try await registry.push(
                            [try TestSignature(of: digest, by: next)],
                            of: digest,
                            to: Self.repository
                        )
                        try await eventually("the wrong key is reported") {
                            try await refused(cluster, .signatureRefused).contains(
                                "is not valid for this content and key"
                            )
                        }
                        #expect(try await deployment(cluster) == nil)
                        try await registry.push(
                            [try TestSignature(of: digest, by: next), try TestSignature(of: digest, by: key)],
                            of: digest,
                            to: Self.repository
                        )
                        let ready = try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                        let verified = try #require(ready.status?.conditions?[type: ConditionType.imageVerified])
                        #expect(verified.status == .true)
                        let fingerprint = try VerificationKey(pem: key.publicKey.pemRepresentation).fingerprint
                        #expect(
                            verified.message.contains("release (key \(fingerprint.prefix(16)))"),
                            "\(verified.message)"
                        )
                        #expect(ready.status?.imageVerifications?.map(\.digest) == [digest])
                    }
                }
            }
        }

        @Test("the signature of another image is of no use, and neither is an image without a digest")
        func replayed() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port) { registry in
                    let signed = try await registry.push(Self.image, to: Self.repository, tag: "1")
                    let evil = try await registry.push(TestImage(cmd: ["/evil"]), to: Self.repository, tag: "2")
                    try await registry.push([try TestSignature(of: signed, by: key)], of: evil, to: Self.repository)
                    let name = "\(registry.host)/\(Self.repository)"
                    try await withOperator(cluster, platform: platform(port, keys: [key])) { _ in
                        try await cluster.apply(server(cluster, image: "\(name)@\(evil)"))
                        let message = try await refused(cluster, .signatureRefused)
                        #expect(message.contains("the signature is for another image"), "\(message)")
                        try await cluster.apply(server(cluster, "tag", image: "\(name):1"))
                        try await cluster.wait(
                            for: ConditionType.accepted,
                            .false,
                            reason: .imageDigestRequired,
                            of: "tag",
                            in: "default"
                        )
                        for name in ["time", "tag"] { #expect(try await deployment(cluster, name) == nil) }
                    }
                }
            }
        }

        @Test(
            "while the registry is down, a new image waits and what serves goes on; a restart asks and writes nothing"
        )
        func outage() async throws {
            try await withRegistryFolder { cluster, sandbox, folder, port in
                let name = "127.0.0.1:\(port)/\(Self.repository)"
                let platform = platform(port, keys: [key])
                let digest = try await DockerRegistry.run(in: folder, port: port) { registry in
                    let digest = try await registry.push(Self.image, to: Self.repository, tag: "1")
                    try await registry.push([try TestSignature(of: digest, by: key)], of: digest, to: Self.repository)
                    try await withOperator(cluster, platform: platform) { _ in
                        try await cluster.apply(server(cluster, image: "\(name)@\(digest)"))
                        try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                    }
                    return digest
                }
                let before = try await deployment(cluster)
                sandbox.clearRequests()
                let other = ImageDigest(of: TestImage(cmd: ["/two"]).manifest).description
                try await withOperator(cluster, platform: platform) { _ in
                    // When this one is decided, the operator has seen the other one too.
                    try await cluster.apply(server(cluster, "marker", image: "\(name)@\(other)"))
                    _ = try await refused(cluster, .signatureUnreadable, "marker")
                }
                let writes = sandbox.requests.filter {
                    $0.userAgent.hasPrefix("moorage-operator") && $0.isWrite && $0.name == "time"
                }
                #expect(writes.isEmpty, "\(writes)")
                try await withOperator(cluster, platform: platform, options: Self.options) { _ in
                    try await cluster.apply(server(cluster, image: "\(name)@\(other)"))
                    let message = try await refused(cluster, .signatureUnreadable)
                    #expect(message.contains("127.0.0.1:\(port) cannot be reached"), "\(message)")
                    try await cluster.wait(
                        for: ConditionType.ready,
                        .true,
                        reason: .updateRefused,
                        of: "time",
                        in: "default"
                    )
                    let specification: [String] = ["spec", "template"]
                    #expect(try await deployment(cluster)?[path: specification] == before?[path: specification])
                    // The image that serves was verified; changes of other fields need no registry.
                    try await cluster.apply(server(cluster, image: "\(name)@\(digest)"))
                    try await cluster.wait(for: ConditionType.accepted, .true, of: "time", in: "default")
                }
            }
        }

        @Test(
            "a key is rotated without a new pod: both are accepted, the image is signed again, the old one is removed"
        )
        func rotation() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port) { registry in
                    let digest = try await registry.push(Self.image, to: Self.repository, tag: "1")
                    try await registry.push([try TestSignature(of: digest, by: key)], of: digest, to: Self.repository)
                    let image = "\(registry.host)/\(Self.repository)@\(digest)"
                    let steps = [([key], [key]), ([key, next], [key, next]), ([next], [key, next])]
                    let generations = Mutex<[JSONValue?]>([])
                    let rules = Mutex<Set<String>>([])
                    for (keys, signers) in steps {
                        let signatures = try signers.map { try TestSignature(of: digest, by: $0) }
                        try await registry.push(signatures, of: digest, to: Self.repository)
                        try await withOperator(cluster, platform: platform(port, keys: keys)) { _ in
                            try await cluster.apply(server(cluster, image: image))
                            try await eventually("the image is verified by the new rules") {
                                let status = try await cluster.server(named: "time", in: "default")?.status
                                let isReady = status?.conditions?[type: ConditionType.ready]?.status == .true
                                let verified = (status?.imageVerifications ?? []).map(\.rules)
                                return isReady && rules.withLock { $0.isDisjoint(with: verified) }
                            }
                        }
                        let status = try await cluster.server(named: "time", in: "default")?.status
                        rules.withLock { $0.formUnion((status?.imageVerifications ?? []).map(\.rules)) }
                        let generation = try await deployment(cluster)?[path: ["metadata", "generation"]]
                        generations.withLock { $0.append(generation) }
                    }
                    // What serves goes on, too, if its signature is no longer accepted; but nothing of it is changed.
                    try await withOperator(
                        cluster,
                        platform: platform(port, keys: [P256.Signing.PrivateKey()])
                    ) { _ in
                        _ = try await refused(cluster, .signatureRefused)
                        let generation = try await deployment(cluster)?[path: ["metadata", "generation"]]
                        generations.withLock { $0.append(generation) }
                    }
                    #expect(Set(generations.withLock { $0 }) == [1])
                }
            }
        }

        @Test("with rules that only warn, an image that is not signed runs, and the condition says what is missing")
        func warning() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port) { registry in
                    let digest = try await registry.push(Self.image, to: Self.repository, tag: "1")
                    let image = "\(registry.host)/\(Self.repository)@\(digest)"
                    let platform = platform(port, mode: .warn, keys: [key])
                    try await withOperator(cluster, platform: platform, options: Self.options) { _ in
                        try await cluster.apply(server(cluster, image: image))
                        let ready = try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                        let condition = try #require(ready.status?.conditions?[type: ConditionType.imageVerified])
                        #expect(condition.status == .false)
                        #expect(
                            condition.message.contains("it runs because the rules only warn"),
                            "\(condition.message)"
                        )
                        try await registry.push(
                            [try TestSignature(of: digest, by: key)],
                            of: digest,
                            to: Self.repository
                        )
                        try await cluster.wait(for: ConditionType.imageVerified, .true, of: "time", in: "default")
                    }
                }
            }
        }
    }
#endif

import ControllerRuntime
import CRDModels
import Foundation
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Policy
import Reconcilers
import SandboxCluster
import SupplyChain
import TestSupport
import Testing

#if os(Linux)
    /// Servers with the transport stdio whose spec has no command, against a real registry: Debian's docker-registry, which
    /// `scripts/install-test-packages` installs. If it is missing, the tests fail.
    @Suite("The entry points of images")
    struct EntryPointTests {
        private static let repository = "acme/time"

        private static func platform(_ port: Int) -> PlatformConfiguration {
            PlatformConfiguration(
                images: TenantImages(requireDigest: false),
                stdio: PlatformStdio(image: "registry.example/moorage:1"),
                registries: PlatformRegistries(plainHTTP: ["127.0.0.1:\(port)"], timeoutSeconds: 5)
            )
        }

        /// Time passes faster, so that something that failed is soon tried again.
        private static var options: OperatorOptions {
            var options = OperatorOptions()
            options.clock = .scaled(by: 20)
            return options
        }

        private func server(
            _ cluster: TestCluster,
            _ name: String = "time",
            image: String,
            _ change: (inout MCPServerSpec) -> Void = { _ in }
        ) -> MCPServer {
            var spec = MCPServerSpec(image: image)
            spec.transport = .stdio
            change(&spec)
            return cluster.server(name, in: "default", spec: spec)
        }

        private func container(_ cluster: TestCluster, _ name: String = "time") async throws -> JSONValue? {
            let deployment = try await cluster.find(.deployment, name, in: "default")
            return deployment?[path: ["spec", "template", "spec", "containers"]]?.arrayValue?.first
        }

        /// What the adapter of a server runs.
        private func commandLine(_ cluster: TestCluster, _ name: String = "time") async throws -> [String] {
            let arguments = try await container(cluster, name)?["args"]?.arrayValue?.compactMap(\.stringValue) ?? []
            return arguments.firstIndex(of: "--").map { Array(arguments[($0 + 1)...]) } ?? []
        }

        /// The image and the command line that a Deployment runs.
        private func running(_ cluster: TestCluster, _ name: String = "time") async throws -> String {
            let image = try await container(cluster, name)?["image"]?.stringValue ?? ""
            return "\(image) \(try await commandLine(cluster, name).joined(separator: " "))"
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
            return server.status?.conditions?[type: ConditionType.accepted]?.message ?? ""
        }

        @Test(
            "the adapter runs the image's entry point, and the pod runs the image by the digest that it was read from"
        )
        func read() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port) { registry in
                    let image = TestImage(entrypoint: ["mcp-server-time"], cmd: ["--timezone", "$(TZ)"])
                    let digest = try await registry.push(image, to: Self.repository, tag: "1")
                    try await withOperator(cluster, platform: Self.platform(port)) { _ in
                        let name = "\(registry.host)/\(Self.repository)"
                        try await cluster.apply(server(cluster, image: "\(name):1"))
                        let ready = try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                        // The kubelet replaces $(TZ) in arguments, and not in an entry point; $$ stands for $.
                        #expect(
                            try await commandLine(cluster) == ["mcp-server-time", "--timezone", "$$(TZ)"]
                        )
                        #expect(try await container(cluster)?["image"]?.stringValue == "\(name):1@\(digest)")
                        #expect(
                            ready.status?.entryPoint
                                == ServerEntryPoint(
                                    image: "\(name):1",
                                    digest: digest,
                                    command: ["mcp-server-time"],
                                    args: ["--timezone", "$(TZ)"]
                                )
                        )
                        #expect(ready.status?.image == "\(name):1@\(digest)")
                        // Arguments of the spec replace CMD.
                        try await cluster.apply(server(cluster, image: "\(name):1") { $0.args = ["--utc"] })
                        try await eventually("the arguments are replaced") {
                            try await commandLine(cluster) == ["mcp-server-time", "--utc"]
                        }
                    }
                }
            }
        }

        @Test(
            "an index of two platforms with one entry point is pinned as an index; one whose entry points differ is refused"
        )
        func indexes() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port) { registry in
                    let name = "\(registry.host)/\(Self.repository)"
                    let images = ["amd64", "arm64"].map { TestImage(entrypoint: ["/server"], architecture: $0) }
                    let digest = try await registry.push(index: images, to: Self.repository, tag: "both")
                    let other = TestImage(entrypoint: ["/other"], architecture: "arm64")
                    try await registry.push(index: [images[0], other], to: Self.repository, tag: "differ")
                    try await registry.push(TestImage(), to: Self.repository, tag: "none")
                    try await withOperator(cluster, platform: Self.platform(port)) { _ in
                        for tag in ["both", "differ", "none"] {
                            try await cluster.apply(server(cluster, tag, image: "\(name):\(tag)"))
                        }
                        try await cluster.wait(for: ConditionType.ready, .true, of: "both", in: "default")
                        #expect(try await container(cluster, "both")?["image"]?.stringValue == "\(name):both@\(digest)")
                        #expect(try await commandLine(cluster, "both") == ["/server"])
                        let differ = try await refused(cluster, .entryPointsDiffer, "differ")
                        #expect(
                            differ.contains("linux/amd64 runs [\"/server\"], linux/arm64 runs [\"/other\"]"),
                            "\(differ)"
                        )
                        #expect(differ.contains("set spec.command"))
                        let none = try await refused(cluster, .entryPointMissing, "none")
                        #expect(none.contains("neither ENTRYPOINT nor CMD: set spec.command"), "\(none)")
                        #expect(try await cluster.find(.deployment, "none", in: "default") == nil)
                        // The way out, which needs no registry.
                        try await cluster.apply(
                            server(cluster, "none", image: "\(name):none") { $0.command = ["/run"] }
                        )
                        try await cluster.wait(for: ConditionType.ready, .true, of: "none", in: "default")
                        #expect(try await commandLine(cluster, "none") == ["/run"])
                        let command = try await cluster.server(named: "none", in: "default")
                        #expect(command?.status?.entryPoint == nil)
                    }
                }
            }
        }

        private func pullSecret(_ cluster: TestCluster, _ name: String, password: String, port: Int) async throws {
            let auth = Data("pull:\(password)".utf8).base64EncodedString()
            let file = "{\"auths\":{\"127.0.0.1:\(port)\":{\"auth\":\"\(auth)\"}}}"
            let secret: JSONValue = [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": .string(name), "namespace": "default"],
                "type": "kubernetes.io/dockerconfigjson",
                "data": [".dockerconfigjson": .string(Data(file.utf8).base64EncodedString())],
            ]
            _ = try await cluster.client.create(.secret, secret)
        }

        @Test(
            "a protected registry is read with the pods' pull Secrets; without the right ones, the server says what is missing"
        )
        func protected() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port, isProtected: true) { registry in
                    let image = "\(registry.host)/\(Self.repository):1"
                    try await registry.push(TestImage(cmd: ["/server"]), to: Self.repository, tag: "1")
                    // At the normal speed, nothing is tried again during the test but for a change.
                    try await withOperator(cluster, platform: Self.platform(port)) { _ in
                        try await cluster.apply(server(cluster, image: image))
                        let missing = try await refused(cluster, .registryDenied)
                        #expect(missing.contains("401"), "\(missing)")
                        #expect(missing.contains("no credentials that match 127.0.0.1:\(port)/acme/time"), "\(missing)")
                        #expect(missing.contains("add an imagePullSecret"), "\(missing)")
                        // The Secret does not exist yet; its creation is noticed.
                        try await cluster.apply(
                            server(cluster, image: image) {
                                $0.imagePullSecrets = [LocalObjectReference(name: "registry")]
                            }
                        )
                        try await pullSecret(cluster, "registry", password: "secret", port: port)
                        try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                        #expect(try await commandLine(cluster) == ["/server"])
                        // Another server's credentials are of no use to one that has wrong ones.
                        try await pullSecret(cluster, "wrong", password: "guess", port: port)
                        try await cluster.apply(
                            server(cluster, "thief", image: image) {
                                $0.imagePullSecrets = [LocalObjectReference(name: "wrong")]
                            }
                        )
                        let wrong = try await refused(cluster, .registryDenied, "thief")
                        #expect(wrong.contains("are not accepted"), "\(wrong)")
                        #expect(!wrong.contains("guess"))
                        #expect(try await cluster.find(.deployment, "thief", in: "default") == nil)
                    }
                }
            }
        }

        @Test("the pull Secrets of a ServiceAccount are used if the pod names none")
        func serviceAccount() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port, isProtected: true) { registry in
                    try await registry.push(TestImage(cmd: ["/server"]), to: Self.repository, tag: "1")
                    try await pullSecret(cluster, "registry", password: "secret", port: port)
                    let account: JSONValue = [
                        "metadata": ["name": "puller", "namespace": "default"],
                        "imagePullSecrets": [["name": "registry"]],
                    ]
                    _ = try await cluster.client.create(.serviceAccount, account)
                    let tenant = MCPTenant(
                        metadata: ObjectMeta(name: "acme"),
                        spec: MCPTenantSpec(
                            namespace: TenantNamespace(name: "default", adopt: true),
                            hardening: TenantHardening(serviceAccounts: ["puller"])
                        )
                    )
                    try await withOperator(cluster, platform: Self.platform(port)) { _ in
                        try await cluster.apply(tenant)
                        try await cluster.apply(
                            server(cluster, image: "\(registry.host)/\(Self.repository):1") {
                                $0.serviceAccount = ServiceAccountSettings(name: "puller")
                            }
                        )
                        try await cluster.wait(for: ConditionType.accepted, .true, of: "time", in: "default")
                        try await eventually("the Deployment exists") { try await commandLine(cluster) == ["/server"] }
                        try await cluster.remove(tenant)
                    }
                }
            }
        }

        @Test(
            "while the registry is down, a new image waits and what serves goes on; when it is up, the server continues"
        )
        func outage() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                let name = "127.0.0.1:\(port)/\(Self.repository)"
                try await withOperator(cluster, platform: Self.platform(port), options: Self.options) { _ in
                    try await cluster.apply(server(cluster, image: "\(name):1"))
                    let message = try await refused(cluster, .registryUnavailable)
                    #expect(
                        message.contains("127.0.0.1:\(port) cannot be reached: it refuses the connection"),
                        "\(message)"
                    )
                    #expect(try await cluster.find(.deployment, "time", in: "default") == nil)
                    try await DockerRegistry.run(in: folder, port: port) { registry in
                        // An image that is not there yet is another reason, and is waited for too.
                        _ = try await refused(cluster, .imageNotFound)
                        try await registry.push(TestImage(cmd: ["/one"]), to: Self.repository, tag: "1")
                        try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                    }
                    let before = try await container(cluster)
                    try await cluster.apply(server(cluster, image: "\(name):2"))
                    _ = try await refused(cluster, .registryUnavailable)
                    let held = try await cluster.wait(
                        for: ConditionType.ready,
                        .true,
                        reason: .updateRefused,
                        of: "time",
                        in: "default"
                    )
                    #expect(held.status?.entryPoint?.command == nil)
                    #expect(held.status?.entryPoint?.args == ["/one"])
                    #expect(try await container(cluster) == before)
                    try await DockerRegistry.run(in: folder, port: port) { registry in
                        try await registry.push(TestImage(cmd: ["/two"]), to: Self.repository, tag: "2")
                        try await cluster.wait(
                            for: ConditionType.ready,
                            .true,
                            reason: .serving,
                            of: "time",
                            in: "default"
                        )
                        #expect(try await commandLine(cluster) == ["/two"])
                    }
                }
            }
        }

        @Test(
            "a restarted operator asks no registry and writes nothing, and a tag that moved changes nothing until the spec does"
        )
        func restart() async throws {
            try await withRegistryFolder { cluster, sandbox, folder, port in
                let name = "127.0.0.1:\(port)/\(Self.repository)"
                let digest = try await DockerRegistry.run(in: folder, port: port) { registry in
                    let digest = try await registry.push(TestImage(cmd: ["/one"]), to: Self.repository, tag: "1")
                    try await withOperator(cluster, platform: Self.platform(port)) { _ in
                        try await cluster.apply(server(cluster, image: "\(name):1"))
                        try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                    }
                    try await registry.push(TestImage(cmd: ["/moved"]), to: Self.repository, tag: "1")
                    return digest
                }
                let before = try await container(cluster)
                // The registry is down now, so a request to it would show.
                sandbox.clearRequests()
                try await withOperator(cluster, platform: Self.platform(port)) { _ in
                    try await cluster.letOperatorPass()
                }
                let writes = sandbox.requests.filter {
                    $0.userAgent.hasPrefix("moorage-operator") && $0.isWrite && $0.name == "time"
                }
                #expect(writes.isEmpty, "\(writes)")
                #expect(try await container(cluster) == before)
                // A change of other fields reads nothing either, and a change of the image does.
                try await withOperator(cluster, platform: Self.platform(port)) { _ in
                    try await cluster.apply(server(cluster, image: "\(name):1") { $0.args = ["--verbose"] })
                    try await eventually("the new arguments") { try await commandLine(cluster) == ["--verbose"] }
                    #expect(try await container(cluster)?["image"]?.stringValue == "\(name):1@\(digest)")
                    let moved = try await DockerRegistry.run(in: folder, port: port) { registry in
                        let moved = try await registry.push(TestImage(cmd: ["/two"]), to: Self.repository, tag: "2")
                        try await cluster.apply(server(cluster, image: "\(name):2"))
                        try await eventually("the new entry point") { try await commandLine(cluster) == ["/two"] }
                        return moved
                    }
                    #expect(try await container(cluster)?["image"]?.stringValue == "\(name):2@\(moved)")
                }
            }
        }

        @Test(
            "an operator that is killed after it recorded what it read continues with that, although the tag has moved"
        )
        func killed() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port) { registry in
                    let name = "\(registry.host)/\(Self.repository)"
                    let digest = try await registry.push(TestImage(cmd: ["/one"]), to: Self.repository, tag: "1")
                    try await killing {
                        // It can record what it read, and write nothing else.
                        try await withOperator(
                            cluster,
                            platform: Self.platform(port),
                            before: { request in
                                guard request.method != .get, request.path.contains("/deployments") else { return nil }
                                try await parked()
                                return nil
                            }
                        ) { _ in
                            try await parked()
                        }
                    } once: {
                        try await cluster.apply(server(cluster, image: "\(name):1"))
                        try await eventually("it is recorded") {
                            try await cluster.server(named: "time", in: "default")?.status?.entryPoint != nil
                        }
                    }
                    #expect(try await cluster.find(.deployment, "time", in: "default") == nil)
                    try await registry.push(TestImage(cmd: ["/moved"]), to: Self.repository, tag: "1")
                    try await withOperator(cluster, platform: Self.platform(port)) { _ in
                        try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                        #expect(try await commandLine(cluster) == ["/one"])
                        #expect(try await container(cluster)?["image"]?.stringValue == "\(name):1@\(digest)")
                    }
                }
            }
        }

        @Test(
            "a new version is reviewed with its own entry point, and what serves needs no registry, also after a rollback"
        )
        func reviewed() async throws {
            let port = DockerRegistry.freePort()
            let name = "127.0.0.1:\(port)/\(Self.repository)"
            let images = [TestImage(entrypoint: ["/one"], cmd: ["$HOME"]), TestImage(entrypoint: ["/two"])]
            let digests = images.map { ImageDigest(of: $0.manifest).description }
            var platform = Self.platform(port)
            platform.handshake = PlatformHandshake(mode: .enabled, periodSeconds: 86_400)
            let folder =
                FileManager.default.temporaryDirectory.path() + "moorage-registry-\(UInt64.random(in: .min ... .max))"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await withSandbox(
                configure: { configuration in
                    for (number, digest) in digests.enumerated() {
                        configuration.contracts["\(name):\(number + 1)@\(digest)"] =
                            #"{"name":"time","tools":[{"name":"tool-\#(number)"}]}"#
                    }
                }
            ) { [platform] cluster, sandbox in
                let one = "\(name):1@\(digests[0]) /one $$HOME"
                let two = "\(name):2@\(digests[1]) /two"
                let first = try await DockerRegistry.run(in: folder, port: port) { registry in
                    for (number, image) in images.enumerated() {
                        try await registry.push(image, to: Self.repository, tag: "\(number + 1)")
                    }
                    return try await withOperator(cluster, platform: platform) { _ in
                        try await cluster.apply(server(cluster, image: "\(name):1"))
                        try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                        let first = try await eventually("the first version is stored") {
                            try await cluster.server(named: "time", in: "default")?.status?.revision?.name
                        }
                        try await cluster.apply(server(cluster, image: "\(name):2"))
                        try await eventually("the second version is held") {
                            try await cluster.server(named: "time", in: "default")?.status?.candidate?.state == .held
                        }
                        #expect(try await running(cluster) == one)
                        #expect(try await running(cluster, "time-candidate") == two)
                        return first
                    }
                }
                // The registry is down from here on.
                let held = try #require(try await cluster.server(named: "time", in: "default"))
                #expect(held.status?.entryPoint?.image == "\(name):2")
                sandbox.clearRequests()
                try await withOperator(cluster, platform: platform) { _ in
                    try await cluster.letOperatorPass()
                    // The check of the candidate's pod is not a write.
                    let writes = sandbox.requests.filter {
                        $0.userAgent.hasPrefix("moorage-operator") && $0.isWrite && $0.name.hasPrefix("time")
                            && $0.subresource != "proxy"
                    }
                    #expect(writes.isEmpty, "\(writes)")
                    _ = try await cluster.client.patch(
                        MCPServerRevision.resourceType,
                        name: try #require(held.status?.candidate?.revision),
                        namespace: "default",
                        .merge(["spec": ["approval": ["decision": "Approved", "reason": "a test"]]])
                    )
                    try await eventually("the approved version serves") { try await running(cluster) == two }
                    try await cluster.apply(server(cluster, image: "\(name):2") { $0.rollbackTo = first })
                    try await eventually("the first version serves again") { try await running(cluster) == one }
                    try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                }
            }
        }

        @Test("the image is read from the mirror that the pods pull from")
        func mirror() async throws {
            try await withRegistryFolder { cluster, _, folder, port in
                try await DockerRegistry.run(in: folder, port: port) { registry in
                    let digest = try await registry.push(TestImage(cmd: ["/server"]), to: "hub/acme/time", tag: "1")
                    var platform = Self.platform(port)
                    platform.images?.mirrors = [ImageMirror(source: "docker.io", mirror: "\(registry.host)/hub")]
                    try await withOperator(cluster, platform: platform) { _ in
                        try await cluster.apply(server(cluster, image: "acme/time:1"))
                        let ready = try await cluster.wait(for: ConditionType.ready, .true, of: "time", in: "default")
                        #expect(ready.status?.image == "\(registry.host)/hub/acme/time:1@\(digest)")
                        #expect(ready.status?.entryPoint?.image == "\(registry.host)/hub/acme/time:1")
                    }
                }
            }
        }

        @Test("with registries disabled, the server says that it needs a command")
        func disabled() async throws {
            try await withRegistryFolder { cluster, _, _, port in
                var platform = Self.platform(port)
                platform.registries?.mode = .disabled
                try await withOperator(cluster, platform: platform) { _ in
                    try await cluster.apply(server(cluster, image: "127.0.0.1:\(port)/\(Self.repository):1"))
                    let message = try await refused(cluster, .commandMissing)
                    #expect(message.contains("registries.mode"), "\(message)")
                }
            }
        }
    }
#endif

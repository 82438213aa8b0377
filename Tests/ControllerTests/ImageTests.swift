import CRDModels
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Subprocess
import TestSupport
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@testable import CommandSupport
@testable import Controller

#if os(Linux)
    /// The image, its root file system, and what a restricted container can do in it. If the machine does not support
    /// something, the test fails and is not skipped.
    @Suite("The controller's image", .serialized)
    struct ImageTests {
        @Test("in a read-only root, by number, without capabilities, the binary runs with the libraries of the image")
        func version() async throws {
            let image = try await AssembledImage.current
            let inside = try await image.run("version", "--json")
            let outside = try await Binary.run("version", "--json")
            #expect(inside.status == 0, "\(inside.error)")
            #expect(inside.output == outside.output)
        }

        @Test("the root is read-only, and a mounted folder is writable")
        func readOnly() async throws {
            let image = try await AssembledImage.current
            let refused = try await image.run("crd", "--output-dir", "/crd")
            #expect(refused.status == 1)
            #expect(refused.error.contains("/crd"))
            let taken = try await image.run("crd", "--output-dir", "/out/crd", options: ["--scratch", "/out"])
            #expect(taken.status == 0, "\(taken.error)")
        }

        @Test("a security context that is less strict than restricted is refused")
        func weaker() async throws {
            let image = try await AssembledImage.current
            let context = try AssembledImage.securityContext().replacing("true", with: "false")
            let result = try await AssembledImage.script(
                "run-restricted",
                "--root",
                "\(image.folder)/root",
                "--security-context",
                context,
                "--",
                "/usr/bin/moorage",
                "version"
            )
            #expect(result.status == 125)
            #expect(result.error.contains("the security context must be"))
        }

        @Test(
            "the controller makes a server Ready in a container, and ends on SIGTERM as its first process"
        )
        func controller() async throws {
            let image = try await AssembledImage.current
            try await ControllerCommandTests.withSandbox { client, kubeconfig in
                let port = TestPort.random()
                let path = FilePath(kubeconfig)
                let folder = path.removingLastComponent()
                let result = try await Subprocess.run(
                    .path(AssembledImage.path(of: "run-restricted")),
                    arguments: Arguments(
                        try image.restricted(
                            [
                                "controller", "--kubeconfig", "/cluster/\(path.lastComponent?.string ?? "")",
                                "--leader-election-namespace", "default", "--metrics-bind-address", "127.0.0.1:\(port)",
                                "--health-probe-bind-address", "127.0.0.1:\(port)",
                            ],
                            options: ["--mount", "\(folder.string):/cluster"]
                        )
                    ),
                    input: .none,
                    output: .string(limit: 1 << 20),
                    error: .string(limit: 1 << 20)
                ) { execution in
                    defer { try? execution.send(signal: .terminate) }
                    try await Self.becomesReady(client, port: port)
                }
                #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
                let lease = ControllerCommandTests.lease
                let given = try await client.get(lease, name: "moorage-controller", namespace: "default")
                #expect(given[path: ["spec", "holderIdentity"]]?.stringValue ?? "" == "")
            }
        }

        private static func becomesReady(_ client: KubernetesClient, port: Int) async throws {
            let address = KubernetesClientConfiguration(server: "http://127.0.0.1:\(port)")
            try await withClient(of: address, retryPolicy: .never) { probes in
                try await eventually("ready") { (try? await probes.raw("/readyz")) != nil }
            }
            let server: JSONValue = [
                "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServer",
                "metadata": ["name": "hello", "namespace": "default"],
                "spec": ["image": .string("ghcr.io/acme/hello@\(RenderTests.digest)")],
            ]
            _ = try await client.create(MCPServer.resourceType, server)
            try await eventually("Ready") {
                let server = try await client.get(MCPServer.resourceType, name: "hello", namespace: "default")
                return ReadinessWait.isReady(server) && server["status"] != nil
            }
        }

        @Test("the image has labels and a user")
        func labels() async throws {
            let image = try await AssembledImage.current
            let config = image.report["config"]
            let version = MoorageVersion.current
            #expect(config?["User"]?.stringValue == "65532:65532")
            #expect(config?["Labels"]?["org.opencontainers.image.version"]?.stringValue == version.version)
            #expect(config?["Labels"]?["org.opencontainers.image.revision"]?.stringValue == version.commit ?? "unknown")
            #expect(image.report["platform"]?.stringValue == version.platform)
            // There is no other program: the plug-in of kubectl is another name of the first.
            let folder = "\(image.folder)/root/usr/bin"
            let links = ["kubectl-moorage", "kubectl_complete-moorage"]
            let programs = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(programs.sorted() == links + ["moorage", "moorage-adapter"])
            for link in links {
                #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(link)") == "moorage")
            }
        }

        @Test("Containerfile builds the same image")
        func containerfile() async throws {
            let image = try await AssembledImage.current
            let text = try DocumentationTests.read("Containerfile")
            let last = try #require(text[...].range(ofText: "FROM scratch").map { String(text[$0...]) })
            func argument(_ instruction: String) -> String? {
                last.split(separator: "\n").first { $0.hasPrefix("\(instruction) ") }
                    .map { String($0.dropFirst(instruction.count + 1)) }
            }
            func list(_ key: String) -> [String] {
                image.report["config"]?[key]?.arrayValue?.compactMap(\.stringValue) ?? []
            }
            #expect(argument("USER") == image.report["config"]?["User"]?.stringValue)
            #expect(argument("ENTRYPOINT") == "[\"\(list("Entrypoint").joined(separator: "\", \""))\"]")
            #expect(argument("CMD") == "[\"\(list("Cmd").joined(separator: "\", \""))\"]")
            #expect(argument("ENV") == list("Env").joined(separator: " "))
            let ports = image.report["config"]?["ExposedPorts"]?.objectValue?.keys.sorted() ?? []
            #expect(argument("EXPOSE")?.split(separator: " ").map(String.init) == ports)
            #expect(last.contains("ARG VERSION=\(MoorageVersion.current.version)\n"))
            for label in image.report["config"]?["Labels"]?.objectValue?.keys.sorted() ?? []
            where !label.hasSuffix(".created") {
                #expect(last.contains("\(label)="), "Containerfile has no label \(label)")
            }
        }

        @Test("a registry accepts it and returns it by digest; the same binary results in the same digest")
        func push() async throws {
            let image = try await AssembledImage.current
            let digest = try #require(image.report["digest"]?.stringValue)
            let directory = try TemporaryDirectory()
            let port = TestPort.random()
            let settings = try directory.write(
                """
                version: 0.1
                storage: {filesystem: {rootdirectory: \(directory.path)/registry}}
                http: {addr: "127.0.0.1:\(port)"}
                log: {level: error, accesslog: {disabled: true}}
                """,
                to: "registry.yaml"
            )
            // Debian's package docker-registry, the reference implementation.
            _ = try await Subprocess.run(
                .name("docker-registry"),
                arguments: ["serve", settings],
                input: .none,
                output: .discarded,
                error: .discarded
            ) { execution in
                defer { try? execution.send(signal: .kill) }
                let address = KubernetesClientConfiguration(server: "http://127.0.0.1:\(port)")
                try await withClient(of: address, retryPolicy: .never) { registry in
                    try await eventually("the registry answers") { (try? await registry.raw("/v2/")) != nil }
                }
                let binary = try #require(Binary.path)
                let reference = "127.0.0.1:\(port)/moorage/controller"
                let pushed = try await AssembledImage.script(
                    "assemble-image",
                    "--binary",
                    binary.string,
                    "--push",
                    "\(reference):test",
                    "--plain-http",
                    "--compression",
                    "none"
                )
                #expect(pushed.status == 0, "\(pushed.error)")
                let report = try JSONValue(parsing: Array(pushed.output.utf8))
                #expect(report["reference"]?.stringValue == "\(reference)@\(digest)")
                let manifests =
                    "\(directory.path)/registry/docker/registry/v2/repositories/moorage/controller/_manifests"
                let link = FileManager.default.contents(atPath: "\(manifests)/tags/test/current/link")
                #expect(link.map { String(decoding: $0, as: UTF8.self) } == digest)
            }
        }

        @Test("an error names a file that is not a program, or a library that is missing")
        func failures() async throws {
            let directory = try TemporaryDirectory()
            let text = try directory.write("#!/bin/sh\n", to: "script")
            let result = try await AssembledImage.script(
                "assemble-image",
                "--binary",
                text,
                "--root",
                directory.path + "/root"
            )
            #expect(result.status == 1)
            #expect(result.error.contains("\(text) is not a Linux program"))
            let missing = try await AssembledImage.script(
                "assemble-image",
                "--binary",
                "\(directory.path)/none",
                "--root",
                directory.path + "/root"
            )
            #expect(missing.error.contains("\(directory.path)/none cannot be read"))
        }
    }
#endif

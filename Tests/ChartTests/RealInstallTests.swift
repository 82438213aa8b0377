import Foundation
import TestSupport
import Testing

private func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
}

private let realInstallIsConfigured =
    TestCluster.kubeconfig != nil && variable("MOORAGE_TEST_CONTROLLER_IMAGE") != nil
    && variable("MOORAGE_TEST_IMAGE") != nil

/// The chart on a real cluster, with real Helm and an image of the controller: `MOORAGE_TEST_KUBECONFIG` names the
/// cluster, `MOORAGE_TEST_CONTROLLER_IMAGE` the image, `MOORAGE_TEST_IMAGE` the image of a server. It uses unique
/// namespaces and names, and removes everything.
@Suite(
    "The chart on a real cluster",
    .enabled(if: realInstallIsConfigured, "MOORAGE_TEST_KUBECONFIG and MOORAGE_TEST_CONTROLLER_IMAGE are not set")
)
struct RealInstallTests {
    @Test(
        "with only its own permissions it runs a server, is upgraded, loses its leader, is rolled back and uninstalled"
    )
    func life() async throws {
        let suffix = String(UInt32.random(in: .min ... .max), radix: 36)
        let release = "moorage-\(suffix)"
        let team = "team-\(suffix)"
        let home = FileManager.default.temporaryDirectory.appending(path: release).path()
        defer { try? FileManager.default.removeItem(atPath: home) }
        let environment = ["KUBECONFIG": try #require(TestCluster.kubeconfig), "HOME": home]
        func kubectl(_ arguments: String, input: String = "") async throws -> String {
            let words = arguments.split(separator: " ").map(String.init)
            let result = try await Tool.kubectl().attempt(words, input: input, environment: environment)
            guard result.status == 0 else { throw Tool.Failure(description: "kubectl \(arguments): \(result.error)") }
            return result.output
        }
        func helm(_ arguments: String...) async throws {
            let result = try await Tool.helm().attempt(arguments + ["-n", release], environment: environment)
            guard result.status == 0 else { throw Tool.Failure(description: "helm \(arguments): \(result.error)") }
        }
        let image = try #require(variable("MOORAGE_TEST_CONTROLLER_IMAGE"))
        let colon = try #require(image.lastIndex(of: ":"))
        let values = [
            "fullnameOverride=\(release)", "image.repository=\(image[..<colon])",
            "image.tag=\(image[image.index(after: colon)...])", "scope={\(team)}", "defaultClass.create=false",
        ].joined(separator: ",")
        do {
            for namespace in [release, team] {
                _ = try await kubectl("create namespace \(namespace)")
                _ = try await kubectl("label namespace \(namespace) pod-security.kubernetes.io/enforce=restricted")
            }
            try await helm("install", release, Chart.path, "--set", values, "--wait", "--timeout", "2m")
            let account = "--as=system:serviceaccount:\(release):\(release)-controller"
            let elsewhere = try? await kubectl("auth can-i get secrets -n default \(account)")
            #expect(elsewhere == nil, "the controller can read Secrets of a namespace that it does not manage")
            let server = """
                apiVersion: moorage.dev/v1alpha1
                kind: MCPServer
                metadata: {name: hello, namespace: \(team)}
                spec: {image: "\(TestCluster.image)", resources: {requests: {memory: 16Mi}}}
                """
            // For a while after the CRDs are created, the API server answers 503, because its admission policies do not know them yet.
            try await eventually("the API server knows the new kinds") {
                do {
                    _ = try await kubectl("apply -f -", input: server)
                    return true
                } catch let error as Tool.Failure where error.description.contains("ServiceUnavailable") {
                    return false
                }
            }
            _ = try await kubectl("-n \(team) wait --for=condition=Ready mcpserver/hello --timeout=2m")

            let two = "\(values),replicas=2"
            try await helm("upgrade", release, Chart.path, "--set", two, "--wait", "--timeout", "2m")
            func leader() async throws -> String? {
                let path = "-o jsonpath={.spec.holderIdentity}"
                let holder = try await kubectl("-n \(release) get lease \(release)-controller \(path)")
                return holder.split(separator: "_").first.map(String.init)
            }
            let first = try await eventually("one of the two is the leader") { try await leader() }
            _ = try await kubectl("-n \(release) delete pod \(first) --wait=false")
            try await eventually("another one is the leader") {
                let next = try await leader()
                return next != nil && next != first
            }
            _ = try await kubectl("-n \(team) patch mcpserver hello --type=merge -p {\"spec\":{\"replicas\":2}}")
            _ = try await kubectl(
                "-n \(team) wait --for=jsonpath={.status.readyReplicas}=2 mcpserver/hello --timeout=2m"
            )

            try await helm("rollback", release, "1", "--wait", "--timeout", "2m")
            let replicas = "get deployment \(release)-controller -o jsonpath={.spec.replicas}"
            #expect(try await kubectl("-n \(release) \(replicas)") == "1")
            try await helm("uninstall", release, "--wait", "--timeout", "2m")
            let ready = try await kubectl("-n \(team) get deployment hello -o jsonpath={.status.readyReplicas}")
            #expect(ready == "2", "the server does not continue to run without the controller")
            let left = try await kubectl("get clusterroles,clusterrolebindings -o name")
            #expect(!left.contains(release))
        } catch {
            Issue.record(error)
            _ = try? await helm("uninstall", release)
        }
        _ = try? await kubectl("delete namespace \(team) \(release) --wait=false")
    }
}

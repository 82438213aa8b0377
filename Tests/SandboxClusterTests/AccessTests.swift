import Foundation
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import SandboxCluster
import TestSupport
import Testing

/// RBAC from the perspective of clients, with tokens and impersonation, over TLS. `ConformanceTable.access` has the
/// decisions.
@Suite("Access")
struct AccessTests {
    private static var enforcing: SandboxConfiguration {
        var configuration = SandboxConfiguration()
        configuration.enforcesRBAC = true
        return configuration
    }

    private static let group = "/apis/rbac.authorization.k8s.io/v1"
    private static let accounts = "/api/v1/namespaces/default/serviceaccounts"

    /// Creates a ServiceAccount with these rules in the namespace `default`. Returns its token.
    private func account(_ harness: SandboxHarness, _ name: String, rules: JSONValue) async throws -> String {
        try await harness.call(.post, Self.accounts, ["metadata": ["name": .string(name)]])
        let roles = "\(Self.group)/namespaces/default"
        try await harness.call(.post, "\(roles)/roles", ["metadata": ["name": .string(name)], "rules": rules])
        let binding: JSONValue = [
            "metadata": ["name": .string(name)],
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(name)],
            "subjects": [["kind": "ServiceAccount", "name": .string(name)]],
        ]
        #expect(try await harness.call(.post, "\(roles)/rolebindings", binding).code == 201)
        return try await token(harness, name, ["spec": [:]])
    }

    private func token(_ harness: SandboxHarness, _ name: String, _ body: JSONValue) async throws -> String {
        let answer = try await harness.call(.post, "\(Self.accounts)/\(name)/token", body)
        return try #require(answer.value[path: ["status", "token"]]?.stringValue, "\(answer)")
    }

    /// Runs a body with a client that has a token.
    private func with(
        token: String,
        _ harness: SandboxHarness,
        impersonating user: KubernetesClientConfiguration.Impersonation? = nil,
        _ body: (SandboxHarness) async throws -> Void
    ) async throws {
        var configuration = try await harness.sandbox.clientConfiguration(token: token)
        configuration.impersonation = user
        let transport = try HTTPTransport(configuration)
        do {
            try await body(SandboxHarness(sandbox: harness.sandbox, transport: transport))
        } catch {
            try? await transport.shutdown()
            throw error
        }
        try await transport.shutdown()
    }

    private let podReader: JSONValue = [["apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]]]

    @Test("a token of a ServiceAccount allows what the account's roles allow, and nothing else")
    func tokens() async throws {
        try await withSandbox(Self.enforcing) { harness in
            let token = try await account(harness, "reader", rules: podReader)
            try await with(token: token, harness) { reader in
                #expect(try await reader.call(.get, "/api/v1/namespaces/default/pods").code == 200)
                let refused = try await reader.call(.get, "/api/v1/namespaces/default/secrets")
                #expect(refused.code == 403)
                #expect(
                    refused.value["message"]?.stringValue == """
                        secrets is forbidden: User "system:serviceaccount:default:reader" cannot list resource "secrets" in \
                        API group "" in the namespace "default"
                        """
                )
                let review = try await reader.call(.post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", [:])
                #expect(
                    review.value[path: ["status", "userInfo", "username"]] == "system:serviceaccount:default:reader"
                )
            }
            let names = harness.sandbox.requests.filter { $0.resource == "secrets" }.map(\.user)
            #expect(names == ["system:serviceaccount:default:reader"])
        }
    }

    @Test(
        "a token is only valid for its audience, and while its account and the pod that it is bound to exist"
    )
    func endedTokens() async throws {
        try await withSandbox(Self.enforcing) { harness in
            let token = try await account(harness, "reader", rules: podReader)
            let pod: JSONValue = [
                "metadata": ["name": "p"],
                "spec": ["serviceAccountName": "reader", "containers": [["name": "c", "image": "i"]]],
            ]
            #expect(try await harness.call(.post, "/api/v1/namespaces/default/pods", pod).code == 201)
            let reference: JSONValue = ["kind": "Pod", "apiVersion": "v1", "name": "p"]
            let bound = try await self.token(harness, "reader", ["spec": ["boundObjectRef": reference]])
            let foreign = try await self.token(harness, "reader", ["spec": ["audiences": ["vault"]]])
            func status(_ token: String) async throws -> Int {
                var code = 0
                try await with(token: token, harness) {
                    code = try await $0.call(.get, "/api/v1/namespaces/default/pods").code
                }
                return code
            }
            #expect(try await status(bound) == 200)
            #expect(try await status(foreign) == 401)
            #expect(try await status("nonsense") == 401)
            #expect(try await status(token + "x") == 401)
            try await harness.call(.delete, "/api/v1/namespaces/default/pods/p", query: ["gracePeriodSeconds": "0"])
            #expect(try await status(bound) == 401)
            #expect(try await status(token) == 200)
            try await harness.call(.delete, "\(Self.accounts)/reader")
            try await harness.call(.post, Self.accounts, ["metadata": ["name": "reader"]])
            #expect(try await status(token) == 401, "the new account of the same name has another uid")
        }
    }

    @Test("a TokenReview returns the user, the uid and the audience of a token")
    func tokenReview() async throws {
        try await withSandbox(Self.enforcing) { harness in
            let token = try await account(harness, "reader", rules: podReader)
            let path = "/apis/authentication.k8s.io/v1/tokenreviews"
            let found = try await harness.call(.post, path, ["spec": ["token": .string(token)]]).value["status"]
            #expect(found?["authenticated"] == true)
            #expect(found?[path: ["user", "username"]] == "system:serviceaccount:default:reader")
            #expect(found?["audiences"]?.arrayValue?.count == 1)
            let spec: JSONValue = ["token": .string(token), "audiences": ["vault"]]
            let foreign = try await harness.call(.post, path, ["spec": spec]).value["status"]
            #expect(foreign?["authenticated"] == nil)
        }
    }

    @Test("a client without credentials is anonymous, and can only read the version")
    func anonymous() async throws {
        try await withSandbox(Self.enforcing) { harness in
            var configuration = try await harness.sandbox.clientConfiguration()
            configuration.credentials = .none
            let transport = try HTTPTransport(configuration)
            let anonymous = SandboxHarness(sandbox: harness.sandbox, transport: transport)
            #expect(try await anonymous.call(.get, "/version").code == 200)
            let refused = try await anonymous.call(.get, "/api/v1/pods")
            #expect(refused.code == 403)
            #expect(refused.value["message"]?.stringValue?.contains("User \"system:anonymous\" cannot list") == true)
            try await transport.shutdown()
        }
    }

    @Test("impersonation needs permissions for the user and for each group")
    func impersonation() async throws {
        try await withSandbox(Self.enforcing) { harness in
            let token = try await account(harness, "manager", rules: podReader)
            let role: JSONValue = [
                "metadata": ["name": "as-ann"],
                "rules": [
                    ["apiGroups": [""], "resources": ["users"], "resourceNames": ["ann"], "verbs": ["impersonate"]],
                    ["apiGroups": [""], "resources": ["groups"], "resourceNames": ["staff"], "verbs": ["impersonate"]],
                ],
            ]
            try await harness.call(.post, "\(Self.group)/clusterroles", role)
            let binding: JSONValue = [
                "metadata": ["name": "as-ann"],
                "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "as-ann"],
                "subjects": [["kind": "ServiceAccount", "name": "manager", "namespace": "default"]],
            ]
            try await harness.call(.post, "\(Self.group)/clusterrolebindings", binding)
            let whoami = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
            func review(_ user: String, _ groups: [String]) async throws -> (code: Int, value: JSONValue) {
                var answer: (code: Int, value: JSONValue) = (0, .null)
                try await with(token: token, harness, impersonating: .init(user: user, groups: groups)) {
                    answer = try await $0.call(.post, whoami, [:])
                }
                return answer
            }
            let ann = try await review("ann", ["staff"])
            #expect(ann.value[path: ["status", "userInfo", "groups"]] == ["staff", "system:authenticated"])
            let bob = try await review("bob", [])
            #expect(bob.code == 403)
            #expect(
                bob.value["message"]?.stringValue == """
                    users "bob" is forbidden: User "system:serviceaccount:default:manager" cannot impersonate resource "users" \
                    in API group "" at the cluster scope
                    """
            )
            #expect(try await review("ann", ["system:masters"]).code == 403)
            #expect(try await review("system:serviceaccount:default:reader", []).code == 403)
        }
    }

    @Test("kubectl: --as, auth can-i, auth whoami, and the token of an account")
    func kubectl() async throws {
        try await Kubectl.run(configure: { $0.enforcesRBAC = true }) { kubectl, _ in
            try await kubectl("create", "serviceaccount", "robot")
            try await kubectl("create", "role", "pods", "--verb=get,list", "--resource=pods")
            try await kubectl("create", "rolebinding", "ann", "--role=pods", "--user=ann")
            try await kubectl("create", "rolebinding", "robot", "--role=pods", "--serviceaccount=default:robot")
            #expect(try await kubectl("auth", "can-i", "list", "pods", "--as=ann").hasPrefix("yes"))
            #expect(try await kubectl.attempt(["auth", "can-i", "list", "secrets", "--as=ann"]).status == 1)
            #expect(try await kubectl("auth", "can-i", "--list", "--as=ann").contains("pods"))
            #expect(try await kubectl("auth", "whoami").contains("system:masters"))
            let refused = try await kubectl.attempt(["get", "secrets", "--as=ann"])
            #expect(refused.status == 1)
            #expect(
                refused.error.contains(
                    "Error from server (Forbidden): secrets is forbidden: User \"ann\" cannot list resource \"secrets\""
                )
            )
            let token = try await kubectl("create", "token", "robot").split(separator: "\n").map(String.init)[0]
            _ = try await kubectl("config", "set-credentials", "robot", "--token=\(token)")
            let user = try await kubectl("auth", "whoami", "--user=robot")
            #expect(user.contains("system:serviceaccount:default:robot"))
            #expect(try await kubectl.attempt(["get", "pods", "--user=robot"]).status == 0)
            #expect(try await kubectl.attempt(["get", "nodes", "--user=robot"]).status == 1)
        }
    }

    @Test("without RBAC every client is an administrator, but a token still says who it belongs to")
    func disabled() async throws {
        try await withSandbox { harness in
            let token = try await account(harness, "reader", rules: podReader)
            var headers = HTTPFields()
            headers[.authorization] = "Bearer \(token)"
            let response = try await harness.transport.execute(
                APIRequest(
                    method: .post,
                    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                    headers: headers,
                    body: Array("{}".utf8)
                )
            )
            let text = String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
            #expect(text.contains("system:serviceaccount:default:reader"))
            #expect(try await harness.call(.get, "/api/v1/secrets").code == 200)
        }
    }
}

import HTTPTypes
import KubernetesAPI
import Testing

@testable import KubernetesClient

@Suite struct RequestTests {
    static let policy = RetryPolicy(maximumAttempts: 4, baseDelay: .seconds(1), maximumDelay: .seconds(3))

    @Test(arguments: [
        (RetryState.Outcome.answered(code: 429, retryAfter: .seconds(2)), true, true),
        (.answered(code: 429, retryAfter: nil), true, false),
        (.answered(code: 503, retryAfter: .seconds(2)), true, false),
        (.answered(code: 503, retryAfter: nil), true, false),
        (.answered(code: 504, retryAfter: nil), true, false),
        (.answered(code: 500, retryAfter: .seconds(2)), true, false),
        (.answered(code: 500, retryAfter: nil), false, false),
        (.answered(code: 409, retryAfter: .seconds(2)), false, false),
        (.answered(code: 429, retryAfter: .seconds(3600)), false, false),
        (.notSent, true, true),
        (.answerLost, true, false),
        (.permanentFailure, false, false),
    ])
    func `a request is sent again only where that is right`(_ outcome: RetryState.Outcome, _ get: Bool, _ post: Bool) {
        for (idempotency, expected) in [(Idempotency.idempotent, get), (.notIdempotent, post)] {
            var state = RetryState(policy: Self.policy, idempotency: idempotency)
            let isRetry = if case .retry = state.next(outcome, random: 0.5) { true } else { false }
            #expect(isRetry == expected, "\(outcome) \(idempotency)")
        }
    }

    @Test func `delays double, are capped, and end`() {
        var state = RetryState(policy: Self.policy, idempotency: .idempotent)
        #expect(state.next(.answerLost, random: 1) == .retry(after: .seconds(1)))
        #expect(state.next(.answerLost, random: 1) == .retry(after: .seconds(2)))
        #expect(state.next(.answerLost, random: 1) == .retry(after: .seconds(3)))
        #expect(state.next(.answerLost, random: 1) == .giveUp)
    }

    @Test func `a Retry-After is waited for, never less`() async throws {
        let busy = APIResponse(status: .tooManyRequests, headers: [.retryAfter: "7"])
        let transport = FakeTransport([
            .response(busy), .failure(ClientError(.connectionRefused, "refused")),
            .response(APIResponse(status: .created, body: .bytes(Array(#"{"metadata":{"name":"a"},"data":{}}"#.utf8)))),
        ])
        let clock = InstantClock()
        let observer = Observer()
        var client = KubernetesClient(transport: transport, clock: clock, observer: observer)
        client.random = { 0 }
        let made = try await client.create(Sample(metadata: ObjectMeta(name: "a", namespace: "default"), data: [:]))
        #expect(made.metadata.name == "a")
        #expect(clock.slept == [.seconds(7), .milliseconds(50)])
        #expect(observer.records.map(\.code) == ["429", "<error>", "201"])
        #expect(observer.records.map(\.attempt) == [1, 2, 3])
    }

    @Test func `a create whose answer was lost is not repeated`() async throws {
        let transport = FakeTransport([.failure(ClientError(.connectionLost, "lost"))])
        let client = KubernetesClient(transport: transport, clock: InstantClock())
        await #expect(throws: ClientError.self) {
            _ = try await client.create(Sample(metadata: ObjectMeta(name: "a", namespace: "default"), data: [:]))
        }
        #expect(transport.requests.count == 1)
    }

    @Test func `a proxy's page becomes a Status that can be read`() async throws {
        let page = "<html><head><title>502 Bad Gateway</title></head>" + String(repeating: "<p>no</p>", count: 1000)
        let transport = FakeTransport([.response(APIResponse(status: .badGateway, body: .bytes(Array(page.utf8))))])
        let client = KubernetesClient(transport: transport)
        let error = await #expect(throws: APIError.self) { _ = try await client.raw("/version") }
        #expect(error?.code == 502)
        #expect(error?.status.message?.contains("answered 502: 502 Bad Gateway no no") == true)
        #expect((error?.status.message?.count ?? 0) < 500)
    }

    @Test func `errors carry the server's Status`() async throws {
        let body =
            #"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"x is stale","reason":"Conflict","code":409}"#
        let transport = FakeTransport([.response(APIResponse(status: .conflict, body: .bytes(Array(body.utf8))))])
        let error = await #expect(throws: APIError.self) {
            _ = try await KubernetesClient(transport: transport).get(Sample.self, name: "a", namespace: "b")
        }
        #expect(error?.isConflict == true)
        #expect(error?.isAlreadyExists == false)
        #expect(error?.description == "GET /api/v1/namespaces/b/configmaps/a: Conflict (409): x is stale")
    }

    @Test func `an apply names its kind, its manager and its media type`() async throws {
        let transport = FakeTransport(json: #"{"metadata":{"name":"a"},"data":{}}"#)
        let client = KubernetesClient(transport: transport)
        let result = try await client.apply(
            Sample(metadata: ObjectMeta(name: "a", namespace: "b"), data: ["k": "v"]),
            options: ApplyOptions(fieldManager: "moorage", force: true, dryRun: true)
        )
        #expect(!result.wasCreated)
        let request = try #require(transport.requests.first)
        #expect(
            request.target(basePath: "/k8s")
                == "/k8s/api/v1/namespaces/b/configmaps/a?fieldManager=moorage&force=true&dryRun=All"
        )
        #expect(request.headers[.contentType] == "application/apply-patch+yaml")
        let body = try JSONValue(parsing: request.body ?? [])
        #expect(body["apiVersion"] == "v1")
        #expect(body["kind"] == "ConfigMap")
    }

    @Test(arguments: ["", ".", "..", "a/b", "%2e%2e", "../../secrets/x"])
    func `a name that would change the path is refused`(_ name: String) async throws {
        let transport = FakeTransport([])
        let client = KubernetesClient(transport: transport)
        let error = await #expect(throws: ClientError.self) {
            try await client.delete(TestTypes.configMaps, name: name, namespace: "default")
        }
        #expect(error?.code == .invalidRequest)
        #expect(transport.requests.isEmpty)
    }

    @Test func `what stands in a query is encoded`() {
        let request = APIRequest(path: "/api/v1/ü x", query: [.init("labelSelector", "a in (b,c),d!=é")])
        #expect(request.target() == "/api/v1/%C3%BC%20x?labelSelector=a%20in%20%28b%2Cc%29%2Cd%21%3D%C3%A9")
    }

    @Test func `delete tells gone from going`() async throws {
        let client = KubernetesClient(
            transport: FakeTransport(
                json: #"{"kind":"Status","status":"Success"}"#,
                #"{"kind":"ConfigMap","metadata":{"name":"a","finalizers":["x/y"]}}"#
            )
        )
        guard case .deleted = try await client.delete(Sample.self, name: "a", namespace: "b") else {
            Issue.record("not deleted")
            return
        }
        let options = DeleteOptions(preconditions: .init(uid: "u"), propagationPolicy: .foreground)
        let second = try await client.delete(Sample.self, name: "a", namespace: "b", options: options)
        guard case .pending(let object) = second else {
            Issue.record("not pending")
            return
        }
        #expect(object.metadata.finalizers == ["x/y"])
        let text = String(decoding: options.body ?? [], as: UTF8.self)
        #expect(
            text
                == #"{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u"},"propagationPolicy":"Foreground"}"#
        )
    }
}

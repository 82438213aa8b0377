import HTTPTypes
import KubernetesAPI
import KubernetesClient

@testable import ControllerRuntime

/// A transport whose answers the test provides, request by request.
final class FakeServer: APITransport {
    struct Exchange: Sendable {
        var request: APIRequest
        fileprivate var answer: AsyncThrowingStream<APIResponse, any Error>.Continuation

        /// The value of a query parameter.
        func query(_ name: String) -> String? { request.query.first { $0.name == name }?.value }

        func give(_ body: String, status: Int = 200, retryAfter: Int? = nil) {
            var headers: HTTPFields = [.contentType: "application/json"]
            if let retryAfter { headers[.retryAfter] = String(retryAfter) }
            let response = APIResponse(status: .init(code: status), headers: headers, body: .bytes(Array(body.utf8)))
            answer.yield(response)
            answer.finish()
        }

        func refuse(_ code: Int, _ reason: String, _ message: String = "no", retryAfter: Int? = nil) {
            let body =
                #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\#(message)","#
                + #""reason":"\#(reason)","code":\#(code)}"#
            give(body, status: code, retryAfter: retryAfter)
        }

        func fail(_ code: ClientError.Code) { answer.finish(throwing: ClientError(code, "injected by the test")) }

        /// Starts the body of a watch.
        func stream() -> Stream {
            let (chunks, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
            answer.yield(
                APIResponse(status: .ok, headers: [.contentType: "application/json"], body: .init(chunks))
            )
            answer.finish()
            return Stream(chunks: continuation)
        }
    }

    /// The body of a watch.
    struct Stream: Sendable {
        fileprivate var chunks: AsyncThrowingStream<[UInt8], any Error>.Continuation

        func send(_ type: String, _ object: String) {
            chunks.yield(Array("{\"type\":\"\(type)\",\"object\":\(object)}\n".utf8))
        }
        func raw(_ text: String) { chunks.yield(Array(text.utf8)) }
        func end(_ code: ClientError.Code? = nil) {
            chunks.finish(throwing: code.map { ClientError($0, "injected by the test") })
        }
    }

    let host = "test"
    let exchanges = Inbox<Exchange>()

    func execute(_ request: APIRequest) async throws -> APIResponse {
        let (stream, answer) = AsyncThrowingStream<APIResponse, any Error>.makeStream()
        exchanges.put(Exchange(request: request, answer: answer))
        for try await response in stream { return response }
        throw CancellationError()
    }
}

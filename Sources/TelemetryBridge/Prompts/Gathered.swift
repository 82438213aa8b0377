/// Something that was read, or why it could not be read.
enum Gathered<Value: Sendable>: Sendable {
    case known(Value)
    case missing(String)

    var value: Value? { if case .known(let value) = self { value } else { nil } }
    var reason: String? { if case .missing(let reason) = self { reason } else { nil } }

    /// Reads something; an error becomes its reason.
    static func read(_ what: String, _ work: () async throws -> Value) async -> Gathered {
        do {
            return .known(try await work())
        } catch let error as BackendError {
            return .missing(error.message)
        } catch {
            return .missing(ClusterFailure.explain(error, reading: what))
        }
    }
}

public import KubernetesClient
internal import KubernetesAPI

extension EventAccess {
    /// Writes `events.k8s.io/v1` Events with a client.
    public init(client: KubernetesClient) {
        let type = EventObject.resourceType
        self.init(
            create: { event in
                await Self.outcome { _ = try await client.create(type, JSONValue(encoding: event)) }
            },
            patchSeries: { event in
                await Self.outcome {
                    _ = try await client.patch(
                        type,
                        name: event.metadata.name ?? "",
                        namespace: event.metadata.namespace,
                        .merge(["series": JSONValue(encoding: event.series)])
                    )
                }
            }
        )
    }

    private static func outcome(_ write: () async throws -> Void) async -> EventWriteOutcome {
        do {
            try await write()
            return .written
        } catch let error as APIError where error.isAlreadyExists {
            // Names are unique, so an earlier attempt succeeded and its answer was lost.
            return .written
        } catch let error as APIError where error.isNotFound {
            return .notFound
        } catch let error as APIError where error.isNamespaceTerminating {
            return .namespaceTerminating
        } catch let error as APIError where (400..<500).contains(error.code) && !error.isTooManyRequests {
            return .refused("\(error)")
        } catch {
            return .failed("\(error)")
        }
    }
}

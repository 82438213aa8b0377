internal import KubernetesAPI
internal import KubernetesClient
internal import MCPTransport

/// What tools, prompts and resources read from.
struct BridgeContext: Sendable {
    let cluster: ClusterReader
    let prometheus: PrometheusClient?
    let loki: LokiClient?
    let alertmanager: AlertmanagerClient?
    let limits: BridgeLimits
    let now: @Sendable () -> MicroTimestamp

    /// - Throws: `BackendError` if Prometheus is not configured.
    func requirePrometheus(_ alternative: String) throws(BackendError) -> PrometheusClient {
        guard let prometheus else { throw Self.notConfigured("Prometheus", "prometheus-url", alternative) }
        return prometheus
    }

    /// - Throws: `BackendError` if Loki is not configured.
    func requireLoki() throws(BackendError) -> LokiClient {
        guard let loki else {
            throw Self.notConfigured("Loki", "loki-url", "use tail.pod_logs for the log of one pod")
        }
        return loki
    }

    static func notConfigured(_ name: String, _ option: String, _ alternative: String) -> BackendError {
        BackendError(
            .notConfigured,
            "no \(name) is configured, so this tool has no data; the administrator sets its address with --\(option); "
                + "until then, \(alternative)"
        )
    }

    /// Runs the work of one call within its time limit, and turns errors into messages for the model.
    ///
    /// - Parameter what: what is read, for messages.
    /// - Throws: `ToolFailure`, `ResourceNotFound`, or `CancellationError`.
    func perform<Value: Sendable>(
        _ what: String,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await TimeLimit.run(limits.callTime, work)
        } catch is TimeLimit.Passed {
            throw ToolFailure(
                "\(what) took more than \(limits.callTime); ask for less, such as one namespace or a shorter time"
            )
        } catch let error as ToolFailure {
            throw error
        } catch let error as ResourceNotFound {
            throw error
        } catch let error as BackendError {
            throw ToolFailure(error.message)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw ToolFailure(ClusterFailure.explain(error, reading: what))
        }
    }
}

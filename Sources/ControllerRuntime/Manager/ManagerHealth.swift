/// The checks for a manager's health server.
public enum ManagerHealth {
    /// The process is alive if all loops make progress: those of the caches, of the workers and of the election.
    public static func liveness(
        caches: [any SyncedCache],
        controllers: [Controller],
        elector: LeaderElector? = nil
    ) -> [HealthCheck] {
        var checks = caches.map { cache in
            HealthCheck(name: "cache-\(cache.name)") {
                cache.heartbeats.compactMap(\.overdue).max()
                    .map { "the loop of the cache \(cache.name) has made no progress for \($0)" }
            }
        }
        checks += controllers.map { controller in
            HealthCheck(name: "workers-\(controller.name)") { controller.stall }
        }
        if let elector {
            checks.append(
                HealthCheck(name: "leader-election") {
                    elector.heartbeat.overdue.map { "the leader election has made no progress for \($0)" }
                }
            )
        }
        return checks
    }

    /// The process is ready if the caches have synced and, on the leader, the controllers reconcile.
    public static func readiness(
        caches: [any SyncedCache],
        controllers: [Controller],
        elector: LeaderElector? = nil
    ) -> [HealthCheck] {
        var checks = caches.map { cache in
            HealthCheck(name: "cache-\(cache.name)") {
                if cache.hasSynced { return nil }
                return "\(cache.name) has not been listed yet" + (cache.syncFailure.map { ": \($0)" } ?? "")
            }
        }
        checks += controllers.map { controller in
            HealthCheck(name: "controller-\(controller.name)") {
                let mustReconcile = controller.gate == nil || controller.gate?.isLeading == true
                return mustReconcile && !controller.isReconciling ? "\(controller.name) is not reconciling yet" : nil
            }
        }
        return checks
    }
}

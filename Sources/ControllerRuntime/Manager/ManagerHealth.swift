/// The checks that a manager's health server needs.
public enum ManagerHealth {
    /// Alive means that the loops go on: each cache's, each worker pool's, and the election's.
    public static func liveness(
        caches: [any SyncedCache],
        controllers: [Controller],
        elector: LeaderElector? = nil
    ) -> [HealthCheck] {
        var checks = caches.map { cache in
            HealthCheck(name: "cache-\(cache.name)") {
                cache.heartbeats.compactMap(\.overdue).max()
                    .map { "the loop that keeps \(cache.name) has been silent for \($0)" }
            }
        }
        checks += controllers.map { controller in
            HealthCheck(name: "workers-\(controller.name)") { controller.stall }
        }
        if let elector {
            checks.append(
                HealthCheck(name: "leader-election") {
                    elector.heartbeat.overdue.map { "the election has been silent for \($0)" }
                }
            )
        }
        return checks
    }

    /// Ready means that the caches have synced and, for the leader, that the controllers reconcile.
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
                return mustReconcile && !controller.isReconciling ? "\(controller.name) does not reconcile yet" : nil
            }
        }
        return checks
    }
}

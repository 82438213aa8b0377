public import KubernetesAPI

/// The status that kstatus computes for a custom resource, as Flux, Helm 4 and `kubectl apply --prune` do
/// (sigs.k8s.io/cli-utils, `pkg/kstatus/status`: `checkGenericProperties`, then the Ready condition).
public enum Kstatus: String, Sendable {
    case current, inProgress, failed, terminating

    /// Computes the status of an object.
    public init(_ object: JSONValue) {
        func condition(_ type: String) -> String? {
            object[path: ["status", "conditions"]]?.arrayValue?.first { $0["type"]?.stringValue == type }?["status"]?
                .stringValue
        }
        let generation = object[path: ["metadata", "generation"]]
        let observed = object[path: ["status", "observedGeneration"]]
        if object[path: ["metadata", "deletionTimestamp"]] != nil {
            self = .terminating
        } else if let observed, observed != generation {
            self = .inProgress
        } else if condition("Reconciling") == "True" {
            self = .inProgress
        } else if condition("Stalled") == "True" {
            self = .failed
        } else {
            switch condition("Ready") {
            case "True"?, nil: self = .current
            default: self = .inProgress
            }
        }
    }
}

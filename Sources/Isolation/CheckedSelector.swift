internal import KubernetesAPI

/// A label selector whose operators are known.
struct CheckedSelector: Sendable, Hashable {
    /// One requirement on one label.
    enum Requirement: Sendable, Hashable {
        case isIn(key: String, Set<String>)
        case isNotIn(key: String, Set<String>)
        case exists(key: String)
        case doesNotExist(key: String)

        var key: String {
            switch self {
            case .isIn(let key, _), .isNotIn(let key, _), .exists(let key), .doesNotExist(let key): key
            }
        }

        func isMet(by labels: [String: String]) -> Bool {
            switch self {
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            // A label that is absent is not one of the values.
            case .isNotIn(let key, let values): !(labels[key].map(values.contains) ?? false)
            case .exists(let key): labels[key] != nil
            case .doesNotExist(let key): labels[key] == nil
            }
        }
    }

    /// The requirements, all of which must be met. A selector without any selects everything.
    let requirements: [Requirement]

    /// - Throws: `Failure`, which says what is wrong.
    init(_ selector: LabelSelector) throws(Failure) {
        var requirements: [Requirement] = (selector.matchLabels ?? [:]).sorted { $0.key < $1.key }
            .map { .isIn(key: $0.key, [$0.value]) }
        for (index, given) in (selector.matchExpressions ?? []).enumerated() {
            requirements.append(try Self.requirement(given, field: "matchExpressions[\(index)]"))
        }
        self.requirements = requirements
    }

    /// What is wrong, and in which field of the selector.
    struct Failure: Error {
        var field: String
        var message: String
    }

    private static func requirement(_ given: LabelSelector.Requirement, field: String) throws(Failure) -> Requirement {
        let values = given.values ?? []
        guard !given.key.isEmpty else {
            throw Failure(field: "\(field).key", message: "\"\" is not a label; set the key of the label")
        }
        switch given.operator {
        case "In", "NotIn":
            guard !values.isEmpty else {
                throw Failure(
                    field: "\(field).values",
                    message: "must not be empty with the operator \(given.operator): add the values, or use Exists"
                )
            }
            let set = Set(values)
            return given.operator == "In" ? .isIn(key: given.key, set) : .isNotIn(key: given.key, set)
        case "Exists", "DoesNotExist":
            guard values.isEmpty else {
                throw Failure(
                    field: "\(field).values",
                    message: "must be empty with the operator \(given.operator): remove them, or use In or NotIn"
                )
            }
            return given.operator == "Exists" ? .exists(key: given.key) : .doesNotExist(key: given.key)
        default:
            throw Failure(
                field: "\(field).operator",
                message: "\"\(given.operator)\" is not an operator: use In, NotIn, Exists or DoesNotExist"
            )
        }
    }

    func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.isMet(by: labels) } }
}

/// `metav1.LabelSelector`: selects objects by their labels. An empty selector selects everything.
public struct LabelSelector: Sendable, Hashable, Codable {
    /// Labels that must have exactly these values.
    public var matchLabels: [String: String]?
    /// Additional requirements, all of which must be met.
    public var matchExpressions: [Requirement]?

    /// One requirement on one label.
    public struct Requirement: Sendable, Hashable, Codable {
        /// The label's key.
        public var key: String
        /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
        public var `operator`: String
        /// The values for `In` and `NotIn`.
        public var values: [String]?

        public init(key: String, operator: String, values: [String]? = nil) {
            self.key = key
            self.`operator` = `operator`
            self.values = values
        }
    }

    public init(matchLabels: [String: String]? = nil, matchExpressions: [Requirement]? = nil) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    /// Whether an object with these labels is selected. An unknown operator selects nothing.
    public func matches(_ labels: [String: String]) -> Bool {
        for (key, value) in matchLabels ?? [:] where labels[key] != value { return false }
        for requirement in matchExpressions ?? [] {
            let value = labels[requirement.key]
            let holds =
                switch requirement.operator {
                case "In": value.map { (requirement.values ?? []).contains($0) } ?? false
                case "NotIn": value.map { !(requirement.values ?? []).contains($0) } ?? true
                case "Exists": value != nil
                case "DoesNotExist": value == nil
                default: false
                }
            if !holds { return false }
        }
        return true
    }
}

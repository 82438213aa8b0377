import KubernetesAPI

/// The user who sends a request.
struct UserInfo: Sendable, Hashable {
    var name: String
    var uid = ""
    var groups: [String] = []
    var extra: [String: [String]] = [:]

    /// Members of this group can do everything, regardless of roles.
    static let masters = "system:masters"
    static let authenticated = "system:authenticated"
    static let unauthenticated = "system:unauthenticated"
    static let serviceAccounts = "system:serviceaccounts"

    /// The administrator, whose token is in the sandbox's kubeconfig.
    static let administrator = UserInfo(name: "sandbox", groups: [masters, authenticated])
    /// A user without credentials.
    static let anonymous = UserInfo(name: "system:anonymous", groups: [unauthenticated])

    /// The groups of every ServiceAccount in a namespace.
    static func serviceAccountGroups(_ namespace: String) -> [String] {
        [serviceAccounts, "\(serviceAccounts):\(namespace)"]
    }

    static func serviceAccountName(_ namespace: String, _ name: String) -> String {
        "system:serviceaccount:\(namespace):\(name)"
    }

    /// The namespace and name of the ServiceAccount that a user name belongs to, or `nil`.
    static func serviceAccount(_ userName: String) -> (namespace: String, name: String)? {
        let parts = userName.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount", !parts[2].isEmpty,
            !parts[3].isEmpty
        else { return nil }
        return (parts[2], parts[3])
    }

    /// The user as the `user` of a TokenReview or the `userInfo` of a SelfSubjectReview.
    var json: JSONValue {
        var result: JSONValue = ["username": .string(name)]
        if !uid.isEmpty { result["uid"] = .string(uid) }
        if !groups.isEmpty { result["groups"] = .array(groups.map { .string($0) }) }
        if !extra.isEmpty { result["extra"] = .object(extra.mapValues { .array($0.map { .string($0) }) }) }
        return result
    }
}

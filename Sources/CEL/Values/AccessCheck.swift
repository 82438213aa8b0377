/// What an expression asks the authorizer, as far as it has been said.
package struct AccessCheck: Sendable, Hashable {
    /// How far the question has come.
    enum Stage: Sendable, Hashable {
        case authorizer, path, group, resource
    }

    /// Whose access it is.
    package enum Subject: Sendable, Hashable {
        /// The user who sent the request.
        case requester
        case serviceAccount(namespace: String, name: String)
    }

    var stage = Stage.authorizer
    package var subject = Subject.requester
    /// A path that is not of a resource; `nil` for resources.
    package var path: String?
    package var group = ""
    package var resource = ""
    package var subresource = ""
    package var namespace = ""
    package var name = ""
    package var fieldSelector = ""
    package var labelSelector = ""

    /// The variable `authorizer`.
    package init() {}

    /// The variable `authorizer.requestResource`.
    package init(group: String, resource: String, subresource: String, namespace: String, name: String) {
        stage = .resource
        self.group = group
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
    }

    var type: CELType {
        switch stage {
        case .authorizer: .authorizer
        case .path: .pathCheck
        case .group: .groupCheck
        case .resource: .resourceCheck
        }
    }
}

/// The authorizer's answer.
package struct AccessDecision: Sendable, Hashable {
    package var isAllowed: Bool
    package var reason: String
    /// Why there is no answer; empty if there is one.
    package var error: String

    package init(isAllowed: Bool, reason: String = "", error: String = "") {
        self.isAllowed = isAllowed
        self.reason = reason
        self.error = error
    }
}

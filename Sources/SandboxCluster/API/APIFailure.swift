import KubernetesAPI

/// A rejected request: the status that the client receives.
struct APIFailure: Error, Sendable {
    var status: Status
    /// Seconds for the `Retry-After` header.
    var retryAfter: Int?

    init(_ code: Int, _ reason: String, _ message: String, details: Status.Details? = nil, retryAfter: Int? = nil) {
        self.status = Status(code: code, reason: reason, message: message, details: details)
        self.retryAfter = retryAfter
    }

    static func notFound(_ resource: ResourceDefinition, _ name: String) -> APIFailure {
        APIFailure(
            404,
            "NotFound",
            "\(resource.qualifiedPlural) \"\(name)\" not found",
            details: .init(name: name, group: resource.groupOrNil, kind: resource.plural)
        )
    }

    static func alreadyExists(_ resource: ResourceDefinition, _ name: String) -> APIFailure {
        APIFailure(
            409,
            "AlreadyExists",
            "\(resource.qualifiedPlural) \"\(name)\" already exists",
            details: .init(name: name, group: resource.groupOrNil, kind: resource.plural)
        )
    }

    static func conflict(_ resource: ResourceDefinition, _ name: String, _ why: String) -> APIFailure {
        APIFailure(
            409,
            "Conflict",
            "Operation cannot be fulfilled on \(resource.qualifiedPlural) \"\(name)\": \(why)",
            details: .init(name: name, group: resource.groupOrNil, kind: resource.plural)
        )
    }

    static func modified(_ resource: ResourceDefinition, _ name: String) -> APIFailure {
        conflict(
            resource,
            name,
            "the object has been modified; please apply your changes to the latest version and try again"
        )
    }

    static func forbidden(_ resource: ResourceDefinition, _ name: String, _ why: String) -> APIFailure {
        APIFailure(
            403,
            "Forbidden",
            "\(resource.qualifiedPlural) \"\(name)\" is forbidden: \(why)",
            details: .init(name: name, group: resource.groupOrNil, kind: resource.plural)
        )
    }

    static func invalid(_ resource: ResourceDefinition, _ name: String, _ errors: [FieldError]) -> APIFailure {
        // The group in which the objects are stored: Events of both groups are stored in the core group.
        let group = resource.key.group
        let kind = group.isEmpty ? resource.type.kind : "\(resource.type.kind).\(group)"
        return APIFailure(
            422,
            "Invalid",
            "\(kind) \"\(name)\" is invalid: \(FieldError.message(errors))",
            details: .init(
                name: name,
                group: group.isEmpty ? nil : group,
                kind: resource.type.kind,
                causes: errors.map(\.cause)
            )
        )
    }

    static func badRequest(_ message: String) -> APIFailure { APIFailure(400, "BadRequest", message) }

    static let noSuchPath = APIFailure(
        404,
        "NotFound",
        "the server could not find the requested resource",
        details: .init()
    )

    static func expired(_ message: String) -> APIFailure { APIFailure(410, "Expired", message) }

    /// The history that a paged list needs no longer exists. The token reads the rest in its current state.
    static func expiredContinue(token: String) -> APIFailure {
        var failure = expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list "
                + "without the continue parameter, or use the continue token in this response to retrieve the remainder "
                + "of the results. Continuing with the provided token results in an inconsistent list - objects that were "
                + "created, modified, or deleted between the time the first chunk was returned and now may show up in the "
                + "list."
        )
        failure.status.metadata?.continue = token
        return failure
    }

    static func methodNotAllowed() -> APIFailure {
        APIFailure(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
            details: .init()
        )
    }

    static func unsupportedMedia(_ accepted: String) -> APIFailure {
        APIFailure(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: \(accepted)"
        )
    }
}

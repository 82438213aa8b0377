import KubernetesAPI

extension ClusterState {
    /// Answers one request.
    mutating func handle(_ request: SandboxRequest) -> SandboxReply {
        warnings = []
        createdName = nil
        let before = storage.revision
        var reply: SandboxReply
        let target = request.target
        let verb = self.verb(of: request, target: target)
        defer { requester = nil }
        do throws(APIFailure) {
            if let fault = takeFault(verb: verb, request: request, target: target) { throw fault }
            let user = try authenticate(request, target: target, verb: verb)
            requester = user
            if configuration.enforcesRBAC { try authorize(request.access(target, verb: verb), for: user) }
            if let target, let definition = registry[target.group, target.version, target.plural] {
                reply = try answer(request, target, definition, verb)
            } else if let document = nonResource(request) {
                reply = document
            } else if let target, registry.definitions[target.group] != nil {
                throw .noSuchPath
            } else {
                reply = SandboxReply(code: 404, bytes: Array("404 page not found\n".utf8), contentType: "text/plain")
            }
        } catch {
            reply = SandboxReply(error)
        }
        for warning in warnings {
            let text = warning.replacingQuotes
            reply.headers.append(("Warning", "299 - \"\(text)\""))
        }
        if requests.count < configuration.requestLimit {
            requests.append(
                RequestRecord(
                    verb: verb,
                    path: request.path,
                    user: requester?.name ?? "",
                    group: target?.group ?? "",
                    resource: target?.plural ?? "",
                    namespace: target?.namespace ?? "",
                    name: target?.name ?? createdName ?? "",
                    subresource: target?.subresource,
                    userAgent: request.userAgent,
                    fieldManager: request.fieldManager,
                    code: reply.code,
                    changed: storage.revision != before
                )
            )
        }
        return reply
    }

    private func verb(of request: SandboxRequest, target: SandboxRequest.Target?) -> String {
        guard let target else { return request.method.lowercased() }
        switch request.method {
        case "GET":
            if request.flag("watch") { return "watch" }
            return target.name == nil ? "list" : "get"
        case "POST": return "create"
        case "PUT": return "update"
        case "PATCH": return request.contentType.hasPrefix("application/apply-patch") ? "apply" : "patch"
        case "DELETE": return target.name == nil ? "deletecollection" : "delete"
        default: return request.method.lowercased()
        }
    }

    private mutating func answer(
        _ request: SandboxRequest,
        _ target: SandboxRequest.Target,
        _ resource: ResourceDefinition,
        _ verb: String
    ) throws(APIFailure) -> SandboxReply {
        let form = try responseForm(request)
        let key = ObjectKey(
            resource: resource.key,
            namespace: resource.type.isNamespaced ? target.namespace ?? "" : "",
            name: target.name ?? ""
        )
        switch verb {
        case "list": return try list(request, resource, namespace: target.namespace, form: form)
        case "watch": return try watch(request, resource, target: target, form: form)
        case "get":
            if let subresource = target.subresource, subresource != "status", subresource != "scale" {
                throw missingSubresource(subresource)
            }
            guard let object = storage[key] else { throw .notFound(resource, key.name) }
            if target.subresource == "scale" { return SandboxReply(try scale(of: object.value, resource)) }
            if form == .full, object.value["apiVersion"]?.stringValue == resource.type.apiVersion {
                return SandboxReply(bytes: object.bytes)
            }
            return SandboxReply(render(convert(object.value, to: resource), resource, form: form))
        case "create":
            if resource.isVirtual { return try review(request, resource, namespace: target.namespace) }
            if let subresource = target.subresource {
                return try createSubresource(request, resource, key: key, subresource: subresource)
            }
            guard target.name == nil else { throw .methodNotAllowed() }
            let object = try create(body(request, resource), request, resource, namespace: target.namespace)
            return SandboxReply(code: 201, render(object, resource, form: form))
        case "update", "patch", "apply":
            guard target.name != nil else { throw .methodNotAllowed() }
            if target.subresource == "scale" { return try writeScale(request, resource, key: key, verb: verb) }
            if let subresource = target.subresource, subresource != "status", subresource != "finalize" {
                throw missingSubresource(subresource)
            }
            if target.subresource == "status", !resource.hasStatus { throw .noSuchPath }
            let (object, isNew) = try write(request, resource, key: key, verb: verb, subresource: target.subresource)
            return SandboxReply(code: isNew ? 201 : 200, render(object, resource, form: form))
        case "delete": return try delete(request, resource, key: key, form: form)
        case "deletecollection":
            // Namespaces are deleted one by one.
            if resource.qualifiedPlural == "namespaces" { throw .methodNotAllowed() }
            return try deleteCollection(request, resource, namespace: target.namespace)
        default: throw .methodNotAllowed()
        }
    }

    func missingSubresource(_ name: String) -> APIFailure {
        guard name == "exec" || name == "attach" else { return .noSuchPath }
        return APIFailure(501, "NotImplemented", "the sandbox does not run containers, so \(name) is not available")
    }

    /// The form that the `Accept` header requests: the first supported one.
    private func responseForm(_ request: SandboxRequest) throws(APIFailure) -> ResponseForm {
        if request.accept.isEmpty { return .full }
        for part in request.accept.split(separator: ",") {
            let pieces = part.split(separator: ";").map { String($0.filter { $0 != " " }) }
            guard let media = pieces.first else { continue }
            guard ["application/json", "*/*", "application/*", "application/yaml"].contains(media) else { continue }
            if pieces.contains("as=Table") {
                return .table(includeObject: request.query["includeObject"] ?? "Metadata")
            }
            if pieces.contains("as=PartialObjectMetadata") || pieces.contains("as=PartialObjectMetadataList") {
                return .partialMetadata
            }
            return .full
        }
        throw APIFailure(
            406,
            "NotAcceptable",
            "only the following media types are accepted: application/json, application/yaml"
        )
    }

    /// The object in the request's body.
    func body(_ request: SandboxRequest, _ resource: ResourceDefinition) throws(APIFailure) -> JSONValue {
        let value = try ClusterState.parse(request)
        guard value.objectValue != nil else {
            throw .badRequest("the object provided is unrecognized (must be of type \(resource.type.kind))")
        }
        return value
    }

    static func parse(_ request: SandboxRequest) throws(APIFailure) -> JSONValue {
        let type = request.contentType
        if type.hasSuffix("yaml") {
            do {
                let documents = try YAML.documents(in: request.body)
                return documents.first?.value ?? .null
            } catch {
                throw .badRequest("error decoding YAML: \(error)")
            }
        }
        if type == ProtobufDecoding.mediaType {
            do throws(ProtobufDecoding.Failure) {
                return try ProtobufDecoding.object(in: request.body)
            } catch {
                throw .badRequest(error.message)
            }
        }
        guard type.hasSuffix("json") || type == "*/*" else {
            throw .unsupportedMedia("application/json, application/yaml, \(ProtobufDecoding.mediaType)")
        }
        do {
            return try JSONValue(parsing: request.body)
        } catch {
            throw .badRequest("couldn't get version/kind; json parse error: \(error.message)")
        }
    }

    /// A stored custom resource in the requested version.
    func convert(_ value: JSONValue, to resource: ResourceDefinition) -> JSONValue {
        if value["apiVersion"]?.stringValue == resource.type.apiVersion { return value }
        var value = EventShapes.read(value, resource)
        value["apiVersion"] = .string(resource.type.apiVersion)
        return value
    }

    func render(_ value: JSONValue, _ resource: ResourceDefinition, form: ResponseForm) -> JSONValue {
        switch form {
        case .full: return value
        case .partialMetadata: return partial(value)
        case .table(let includeObject):
            return table([value], resource, revision: value.metadata["resourceVersion"], includeObject: includeObject)
        }
    }

    func partial(_ value: JSONValue) -> JSONValue {
        ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": value.metadata]
    }
}

extension String {
    /// The text escaped for the quoted part of a `Warning` header.
    var replacingQuotes: String {
        var result = ""
        for character in self {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character == "\n" ? " " : character)
        }
        return result
    }
}

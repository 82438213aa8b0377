internal import CRDModels
internal import KubernetesAPI
internal import Policy

/// The cached part of an object that Moorage rendered: only what is needed to detect drift.
///
/// The content is kept as bytes, without status and without managed fields: about a tenth of the memory of a decoded
/// object, and less where a `ContentPool` knows similar ones. It is dropped once it was compared with the render, because a version does not change. Secrets never have
/// content, because their values are not cached.
struct ChildRecord: Sendable, Equatable {
    /// Kind, namespace and name.
    var reference: ObjectReference
    /// The object's identity.
    var uid: String
    /// Its version.
    var resourceVersion: String
    /// The owner that is marked as the controller, or `nil`.
    var owner: Owner?
    /// The value of the label `moorage.dev/tenant`, or `nil` if Moorage does not manage the object.
    var tenantLabel: String?
    /// The owner that an object without owner reference was rendered for, by its labels; `nil` if it has an owner, or
    /// other labels.
    var origin: Origin?
    /// The fingerprint of the render that was applied last, from the annotation that the apply wrote.
    var renderHash: String?
    /// Whether Moorage's fields still belong to the creation, and must be moved before the first apply.
    var isOwnedByCreation: Bool
    /// Whether the object is being deleted.
    var isDeleting: Bool
    /// The other annotations that a decision reads: those with Moorage's prefix.
    var annotations: [String: String]
    /// The object without status and managed fields, as JSON; empty if only metadata is watched, or if it is not needed
    /// any more.
    var content: [UInt8] { keptContent?.bytes ?? [] }
    /// The fingerprint of the render that this version is known to contain: it was compared with it, or is the answer to
    /// a write of it. `nil` if nothing is known.
    private(set) var verifiedHash: String?
    /// The generation, for kinds that have one.
    var generation: Int64?
    /// `spec.replicas`, for kinds that have it.
    var replicas: Int?
    /// What decisions read of the status, as JSON, for kinds whose status a condition depends on.
    var status: [UInt8] = []
    private var keptContent: ChildContent?

    /// The owner of an object.
    struct Owner: Sendable, Hashable, CustomStringConvertible {
        /// The owner's kind and group, such as `MCPServer.moorage.dev`.
        var groupKind: String
        /// The owner's name, in the namespace of what it owns, or cluster-wide.
        var name: String
        /// The owner's identity.
        var uid: String

        /// Whether this has the same name as another owner, even with a different UID: a server that was deleted and
        /// created again.
        func isNamesake(of other: Owner) -> Bool { groupKind == other.groupKind && name == other.name }

        var description: String { "\(groupKind) \(name)" }
    }

    /// The owner that an object was rendered for, according to its labels.
    enum Origin: Sendable, Hashable {
        /// The server of this name, in the namespace of the object.
        case server(String)
        /// The tenant of the object's namespace. Its name does not matter: retained objects of one tenant belong to the
        /// next one.
        case tenant
    }

    /// The annotation that says what happens to an object that is no longer rendered: `Delete`, or otherwise it is
    /// kept. Only read for objects that can be retained.
    static let whenRemovedAnnotation = "moorage.dev/when-removed"

    /// The annotation that holds the fingerprint of what was last applied.
    static let renderHashAnnotation = "moorage.dev/render-hash"

    /// Reads an object that the API server sent.
    ///
    /// - Parameters:
    ///   - type: its kind.
    ///   - bytes: the object as JSON.
    ///   - keepsStatus: whether the status is kept.
    ///   - keepsContent: whether the content is kept until it is compared.
    ///   - pool: the contents of other children of this kind, which take less memory together; `nil` if this is the only
    ///     one.
    /// - Throws: `JSONParseError` for invalid JSON, `DecodingError` for JSON that is not an API object.
    init(
        type: ResourceType,
        bytes: ArraySlice<UInt8>,
        keepsStatus: Bool,
        keepsContent: Bool = true,
        pool: ContentPool? = nil
    ) throws {
        guard !ChildKinds.isContentRead(type) else {
            let value = try JSONValue(parsing: bytes, omittingFieldSets: true)
            try self.init(type: type, value: value, keepsStatus: keepsStatus)
            return
        }
        let value = try JSONValue(parsing: bytes, omittingFieldSets: true, only: ["kind", "metadata"])
        try self.init(type: type, metadata: value["metadata"] ?? [:])
        let raw = try ChildBytes(
            type: type,
            bytes: bytes,
            keepsContent: keepsContent && hasContent(value),
            keepsStatus: keepsStatus
        )
        if !raw.content.isEmpty { keptContent = pool?.content(raw.content) ?? ChildContent(raw.content) }
        status = raw.status
        replicas = raw.replicas
    }

    /// - Throws: `DecodingError` if the value has no name, uid or resourceVersion.
    init(type: ResourceType, value: JSONValue, keepsStatus: Bool) throws {
        var value = value
        try self.init(type: type, metadata: value["metadata"] ?? [:])
        replicas = value[path: ["spec", "replicas"]]?.integerValue.map { Int(clamping: $0) }
        if keepsStatus, let value = value["status"] {
            status = ChildBytes.readPart(ofStatus: value.serialized(), type: type)
        }
        guard hasContent(value) else { return }
        let isManaged = Self.isManaged(value)
        value["status"] = nil
        for field in ["managedFields", "uid", "resourceVersion", "generation", "creationTimestamp"] {
            value[path: ["metadata", field]] = nil
        }
        if !isManaged { value = Self.usedPart(ofForeign: type, value) }
        value["apiVersion"] = .string(type.apiVersion)
        value["kind"] = .string(type.kind)
        keptContent = ChildContent(value.serialized())
    }

    private init(type: ResourceType, metadata: JSONValue) throws {
        guard let name = metadata["name"]?.stringValue, let uid = metadata["uid"]?.stringValue,
            let resourceVersion = metadata["resourceVersion"]?.stringValue
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "a \(type.kind) without name, uid or resourceVersion")
            )
        }
        reference = ObjectReference(type: type, namespace: metadata["namespace"]?.stringValue, name: name)
        self.uid = uid
        self.resourceVersion = resourceVersion
        owner = metadata["ownerReferences"]?.arrayValue?.first { $0["controller"] == true }.flatMap(Owner.init)
        let labels = ManagedLabels { metadata["labels"]?[$0]?.stringValue }
        tenantLabel = labels?.tenant
        origin = owner == nil ? labels?.origin : nil
        isOwnedByCreation = FieldOwnership.isByCreation(metadata["managedFields"])
        isDeleting = metadata["deletionTimestamp"] != nil
        var own: [String: String] = [:]
        for (key, text) in metadata["annotations"]?.objectValue ?? [:] where key.hasPrefix("moorage.dev/") {
            if key == Self.renderHashAnnotation {
                renderHash = text.stringValue
            } else {
                own[key] = text.stringValue
            }
        }
        annotations = own
        generation = metadata["generation"]?.integerValue
    }

    private static func isManaged(_ value: JSONValue) -> Bool {
        ManagedLabels { value[path: ["metadata", "labels", $0]]?.stringValue } != nil
    }

    /// Whether the object has content to keep. The values of Secrets are never kept, and of a ServiceAccount that is not
    /// Moorage's, it only matters that it exists.
    private func hasContent(_ value: JSONValue) -> Bool {
        switch reference.type {
        case .secret: false
        case .serviceAccount where !Self.isManaged(value): false
        default: value["kind"]?.stringValue != "PartialObjectMetadata"
        }
    }

    /// Notes that this version contains the render with this fingerprint. Its content is then dropped, unless decisions
    /// read it.
    mutating func confirm(_ renderHash: String) {
        // Usually both are equal, and share their storage.
        verifiedHash = self.renderHash == renderHash ? self.renderHash : renderHash
        if !ChildKinds.isContentRead(reference.type) { keptContent = nil }
    }

    /// The cached part of an object that is not Moorage's: of a claim, how it can be mounted.
    private static func usedPart(ofForeign type: ResourceType, _ value: JSONValue) -> JSONValue {
        guard type == .persistentVolumeClaim else { return value }
        var spec: [String: JSONValue] = [:]
        for field in ["accessModes", "volumeMode"] { spec[field] = value[path: ["spec", field]] }
        return ["spec": .object(spec)]
    }

    /// The status as a typed value, or `nil` if there is none or it cannot be decoded.
    func status<T: Decodable>(as type: T.Type) -> T? {
        guard !status.isEmpty else { return nil }
        return try? KubernetesJSON.decode(T.self, from: status)
    }
}

extension ChildRecord {
    /// Whether the object belongs to an owner, by its owner reference or, if it has none, by its labels.
    ///
    /// Labels count only if `mayBeRetained` is true, which means that Moorage renders the object without an owner:
    /// everyone who can create an object can label it as ours.
    func belongs(to owner: Owner, mayBeRetained: Bool) -> Bool {
        if let current = self.owner { return current.uid == owner.uid }
        guard mayBeRetained else { return false }
        switch origin {
        case .server(let name): return owner.groupKind == MCPServer.resourceType.groupKind && owner.name == name
        case .tenant: return owner.groupKind == MCPTenant.resourceType.groupKind
        case nil: return false
        }
    }

    /// Whether the object is kept when it is no longer rendered. Only claims are: they hold data.
    var isKeptWhenRemoved: Bool {
        reference.type == .persistentVolumeClaim && annotations[ChildRecord.whenRemovedAnnotation] != "Delete"
    }
}

extension ManagedLabels {
    /// The owner that an object with these labels was rendered for.
    fileprivate var origin: ChildRecord.Origin? {
        if let server { return .server(server) }
        return tenant == nil ? nil : .tenant
    }
}

extension ChildRecord.Owner {
    private static let usual = [MCPServer.resourceType.groupKind, MCPTenant.resourceType.groupKind]

    /// Reads an entry of `metadata.ownerReferences`. Returns `nil` if it is incomplete.
    init?(_ reference: JSONValue) {
        guard let apiVersion = reference["apiVersion"]?.stringValue, let kind = reference["kind"]?.stringValue,
            let name = reference["name"]?.stringValue, let uid = reference["uid"]?.stringValue
        else { return nil }
        let group = apiVersion.split(separator: "/").count == 2 ? apiVersion.prefix { $0 != "/" } : ""
        let groupKind = group.isEmpty ? kind : "\(kind).\(group)"
        // Almost all records have one of two values, so they share their storage.
        self.init(groupKind: Self.usual.first { $0 == groupKind } ?? groupKind, name: name, uid: uid)
    }
}

internal import KubernetesAPI

/// The parts of a child that are kept as the API server sent them. Most children are compared once, and many never, so
/// they are not parsed before that.
struct ChildBytes {
    /// The object without its status and without the metadata that every write changes; empty if it is not wanted.
    private(set) var content: [UInt8] = []
    /// The status; empty if there is none, or if it is not wanted.
    private(set) var status: [UInt8] = []
    /// `spec.replicas`, for kinds that have it.
    private(set) var replicas: Int?

    /// The metadata that is not content.
    private static let volatileMetadata: [StaticString] = [
        "managedFields", "uid", "resourceVersion", "generation", "creationTimestamp",
    ]

    /// - Parameters:
    ///   - type: the object's kind. The items of a list do not name theirs.
    ///   - bytes: the object as JSON.
    ///   - keepsContent: whether the content is wanted.
    ///   - keepsStatus: whether the status is wanted.
    /// - Throws: `DecodingError` if the brackets and quotation marks of the object do not match.
    init(type: ResourceType, bytes: ArraySlice<UInt8>, keepsContent: Bool, keepsStatus: Bool) throws {
        var content: [UInt8] = []
        var status: Range<Int>?
        var replicas: Range<Int>?
        let (isWellFormed, kept, count) = bytes.withUnsafeBufferPointer { buffer in
            if keepsContent {
                content.reserveCapacity(buffer.count)
                content += "{\"apiVersion\":\"\(type.apiVersion)\",\"kind\":\"\(type.kind)\"".utf8
            }
            let isWellFormed = JSONScan.members(buffer) { key, value in
                if JSONScan.equals(buffer, key, "apiVersion") || JSONScan.equals(buffer, key, "kind") { return true }
                if JSONScan.equals(buffer, key, "status") {
                    status = value
                    return true
                }
                if JSONScan.equals(buffer, key, "spec") {
                    _ = JSONScan.members(buffer, from: value.lowerBound) { key, value in
                        guard JSONScan.equals(buffer, key, "replicas") else { return true }
                        replicas = value
                        return false
                    }
                }
                guard keepsContent else { return true }
                content += ",\"".utf8
                content += buffer[key]
                content += "\":".utf8
                if JSONScan.equals(buffer, key, "metadata") {
                    Self.append(value, of: buffer, to: &content) { key, _ in
                        Self.volatileMetadata.contains { JSONScan.equals(buffer, key, $0) }
                    }
                } else {
                    content += buffer[value]
                }
                return true
            }
            if keepsContent { content.append(UInt8(ascii: "}")) }
            let number = replicas.flatMap { Int(String(decoding: buffer[$0], as: UTF8.self)) }
            let kept = keepsStatus ? status.map { Self.readPart(ofStatus: $0, of: buffer, type: type) } : nil
            return (isWellFormed, kept, number)
        }
        guard isWellFormed else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "a \(type.kind) whose brackets or quotation marks do not match")
            )
        }
        self.content = content
        self.status = kept ?? []
        self.replicas = count
    }

    /// The part of a status, as JSON, that decisions read.
    static func readPart(ofStatus status: [UInt8], type: ResourceType) -> [UInt8] {
        status.withUnsafeBufferPointer { readPart(ofStatus: 0..<$0.count, of: $0, type: type) }
    }

    /// The part of a status that decisions read: of a Deployment, everything but conditions that report no failure, which nearly all
    /// conditions are.
    private static func readPart(
        ofStatus status: Range<Int>,
        of buffer: UnsafeBufferPointer<UInt8>,
        type: ResourceType
    ) -> [UInt8] {
        guard type == .deployment else { return Array(buffer[status]) }
        var kept: [UInt8] = []
        append(status, of: buffer, to: &kept) { key, value in
            JSONScan.equals(buffer, key, "conditions") && !reportsFailure(value, of: buffer)
        }
        return kept.withoutSpareCapacity
    }

    /// Whether one of a Deployment's conditions is that pods cannot be created, or that a rollout has taken too long.
    private static func reportsFailure(_ conditions: Range<Int>, of buffer: UnsafeBufferPointer<UInt8>) -> Bool {
        var isFound = false
        _ = JSONScan.elements(buffer, from: conditions.lowerBound) { condition in
            _ = JSONScan.members(buffer, from: condition.lowerBound) { key, value in
                isFound =
                    isFound
                    || JSONScan.equals(buffer, key, "type") && JSONScan.equals(buffer, value, "\"ReplicaFailure\"")
                    || JSONScan.equals(buffer, key, "reason")
                        && JSONScan.equals(buffer, value, "\"ProgressDeadlineExceeded\"")
                return !isFound
            }
        }
        return isFound
    }

    /// Appends the members of an object, except those that are omitted.
    private static func append(
        _ object: Range<Int>,
        of buffer: UnsafeBufferPointer<UInt8>,
        to content: inout [UInt8],
        omitting isOmitted: (_ key: Range<Int>, _ value: Range<Int>) -> Bool
    ) {
        var separator = UInt8(ascii: "{")
        _ = JSONScan.members(buffer, from: object.lowerBound) { key, value in
            if isOmitted(key, value) { return true }
            content.append(separator)
            content.append(UInt8(ascii: "\""))
            content += buffer[key]
            content += "\":".utf8
            content += buffer[value]
            separator = UInt8(ascii: ",")
            return true
        }
        if separator == UInt8(ascii: "{") { content.append(separator) }
        content.append(UInt8(ascii: "}"))
    }
}

extension Array<UInt8> {
    /// The same bytes in an array of exactly their size: a growing array can reserve up to twice its size, and bytes in
    /// a cache live long.
    var withoutSpareCapacity: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, count in
            count = buffer.initialize(fromContentsOf: self)
        }
    }
}

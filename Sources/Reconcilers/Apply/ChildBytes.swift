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
                    Self.append(metadata: value, of: buffer, to: &content)
                } else {
                    content += buffer[value]
                }
                return true
            }
            if keepsContent { content.append(UInt8(ascii: "}")) }
            let number = replicas.flatMap { Int(String(decoding: buffer[$0], as: UTF8.self)) }
            let kept = keepsStatus ? status.map { Array(buffer[$0]) } : nil
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

    private static func append(metadata: Range<Int>, of buffer: UnsafeBufferPointer<UInt8>, to content: inout [UInt8]) {
        var separator = UInt8(ascii: "{")
        _ = JSONScan.members(buffer, from: metadata.lowerBound) { key, value in
            if volatileMetadata.contains(where: { JSONScan.equals(buffer, key, $0) }) { return true }
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

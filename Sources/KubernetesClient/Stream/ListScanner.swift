internal import KubernetesAPI

/// Takes a list apart: its metadata, and the bytes of each item.
enum ListScanner {
    /// Reads a list as the API server sends it.
    ///
    /// - Parameters:
    ///   - bytes: the whole answer.
    ///   - type: the kind that was asked for, for messages.
    ///   - decode: reads one item.
    /// - Throws: `ClientError` with `undecodable` where the answer is no list. An item that cannot be read throws nothing:
    ///   it is told of in `failures`.
    static func scan<Object: Sendable>(
        _ bytes: [UInt8],
        type: ResourceType,
        decode: ObjectDecoder<Object>
    ) throws(ClientError) -> ObjectList<Object> {
        var list = ObjectList<Object>()
        var metadata: Range<Int>?
        var hasItems = false
        // The ranges come first and the decoding after, so that a decoder never runs under the pointer.
        var ranges: [Range<Int>] = []
        let isWellFramed = bytes.withUnsafeBufferPointer { buffer in
            var itemsAreWellFramed = true
            let framed = JSONScan.members(buffer) { key, value in
                if JSONScan.equals(buffer, key, "metadata") { metadata = value }
                if JSONScan.equals(buffer, key, "items") {
                    hasItems = true
                    // Go writes an empty slice that was never made as `null`.
                    if !JSONScan.equals(buffer, value, "null") {
                        itemsAreWellFramed = JSONScan.elements(buffer, from: value.lowerBound) { ranges.append($0) }
                    }
                }
                return itemsAreWellFramed
            }
            return framed && itemsAreWellFramed
        }
        guard isWellFramed else {
            throw ClientError(.undecodable, "the answer to a list of \(type) is not whole JSON (\(bytes.count) bytes)")
        }
        guard hasItems else {
            let kind = JSONScan.topLevelString("kind", of: bytes[...]) ?? "no kind"
            throw ClientError(.undecodable, "the answer to a list of \(type) is no list but \(kind)")
        }
        if let metadata {
            do {
                list.metadata = try KubernetesJSON.decode(ListMeta.self, from: bytes[metadata])
            } catch {
                throw ClientError(.undecodable, "the metadata of a list of \(type) cannot be read", underlying: error)
            }
        }
        list.items.reserveCapacity(ranges.count)
        for range in ranges {
            do {
                list.items.append(try decode(bytes[range]))
            } catch {
                let identity = JSONScan.identity(of: bytes[range])
                list.failures.append(
                    DecodeFailure(
                        type: type,
                        namespace: identity.namespace,
                        name: identity.name,
                        uid: identity.uid,
                        underlying: error
                    )
                )
            }
        }
        return list
    }
}

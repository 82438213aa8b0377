internal import KubernetesAPI

/// Splits a list into its metadata and the bytes of each item.
enum ListScanner {
    /// Decodes a list in the format of the API server.
    ///
    /// - Parameters:
    ///   - bytes: the whole answer.
    ///   - type: the requested kind, for messages.
    ///   - decode: decodes one item.
    /// - Throws: `ClientError` with `undecodable` if the answer is not a list. An item that cannot be decoded is added
    ///   to `failures` instead.
    static func scan<Object: Sendable>(
        _ bytes: [UInt8],
        type: ResourceType,
        decode: ObjectDecoder<Object>
    ) throws(ClientError) -> ObjectList<Object> {
        var list = ObjectList<Object>()
        var metadata: Range<Int>?
        var hasItems = false
        // The items are decoded only after all ranges are known, so that no decoder runs inside the closure.
        var ranges: [Range<Int>] = []
        let isWellFramed = bytes.withUnsafeBufferPointer { buffer in
            var itemsAreWellFramed = true
            let framed = JSONScan.members(buffer) { key, value in
                if JSONScan.equals(buffer, key, "metadata") { metadata = value }
                if JSONScan.equals(buffer, key, "items") {
                    hasItems = true
                    // Go writes a nil slice as `null`.
                    if !JSONScan.equals(buffer, value, "null") {
                        itemsAreWellFramed = JSONScan.elements(buffer, from: value.lowerBound) { ranges.append($0) }
                    }
                }
                return itemsAreWellFramed
            }
            return framed && itemsAreWellFramed
        }
        guard isWellFramed else {
            throw ClientError(
                .undecodable,
                "the answer to a list of \(type) is not complete JSON (\(bytes.count) bytes)"
            )
        }
        guard hasItems else {
            let kind = JSONScan.topLevelString("kind", of: bytes[...]) ?? "missing"
            throw ClientError(.undecodable, "the answer to a list of \(type) is not a list; its kind is \(kind)")
        }
        if let metadata {
            do {
                list.metadata = try KubernetesJSON.decode(ListMeta.self, from: bytes[metadata])
            } catch {
                throw ClientError(
                    .undecodable,
                    "the metadata of a list of \(type) cannot be decoded",
                    underlying: error
                )
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

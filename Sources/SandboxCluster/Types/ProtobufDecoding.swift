import KubernetesAPI

/// Decodes built-in objects in Kubernetes' Protocol Buffers format, which `kubectl create` and other typed clients write
/// without falling back to JSON. It is never written, because every client that sends this format also accepts JSON.
enum ProtobufDecoding {
    static let mediaType = "application/vnd.kubernetes.protobuf"

    /// Why bytes are not a valid object.
    struct Failure: Error {
        var message: String
    }

    /// The field numbers of one type.
    private struct Numbers: Sendable {
        /// The names of the fields by their path of numbers, which has more than one where JSON inlines a message.
        var names: [[Int]: String] = [:]
        /// The paths of the messages that JSON inlines.
        var inlined: Set<[Int]> = []
    }

    private static let numbers: [String: Numbers] = {
        var types: [String: Numbers] = [:]
        var current = ""
        for line in ProtobufNumberTable.text.split(separator: "\n") {
            for word in line.split(separator: " ") {
                guard let sign = word.firstIndex(of: "=") else {
                    current = String(word)
                    continue
                }
                let path = word[word.index(after: sign)...].split(separator: ".").compactMap { Int($0) }
                let name = String(word[..<sign])
                types[current, default: Numbers()].names[path] = name
                for length in 1..<max(1, path.count) {
                    types[current, default: Numbers()].inlined.insert(Array(path.prefix(length)))
                }
            }
        }
        return types
    }()

    /// Fields that are pointers in Go, in which a zero is a value. In other fields, a zero means that the field is
    /// missing.
    private static let meantZeros: Set<String> = [
        "allowPrivilegeEscalation", "automountServiceAccountToken", "backoffLimit", "completions", "controller",
        "enableServiceLinks", "gracePeriodSeconds", "immutable", "optional", "parallelism", "privileged",
        "readOnlyRootFilesystem", "replicas", "revisionHistoryLimit", "runAsGroup", "runAsNonRoot", "runAsUser",
        "terminationGracePeriodSeconds", "ttlSecondsAfterFinished",
    ]

    /// The object in a body: a prefix of four bytes, then a `runtime.Unknown` that contains the object.
    static func object(in body: [UInt8]) throws(Failure) -> JSONValue {
        guard body.starts(with: [0x6B, 0x38, 0x73, 0x00]) else {
            throw Failure(message: "the body does not start with the prefix of the Protocol Buffers form")
        }
        var apiVersion = ""
        var kind = ""
        var raw: ArraySlice<UInt8> = []
        for (number, wire) in try fields(body.dropFirst(4)) {
            switch (number, wire) {
            case (1, .bytes(let bytes)):
                for case (let part, .bytes(let text)) in try fields(bytes) {
                    if part == 1 { apiVersion = String(decoding: text, as: UTF8.self) }
                    if part == 2 { kind = String(decoding: text, as: UTF8.self) }
                }
            case (2, .bytes(let bytes)): raw = bytes
            default: break
            }
        }
        let parts = apiVersion.split(separator: "/").map(String.init)
        let group = parts.count > 1 ? String(parts[0].prefix { $0 != "." }) : "core"
        // Options exist in every group, with the same fields.
        let name = kind == "DeleteOptions" ? "meta.v1.DeleteOptions" : "\(group).\(parts.last ?? "").\(kind)"
        guard BuiltInTypes.shared.types[name] != nil, numbers[name] != nil else {
            throw Failure(message: "no kind \"\(kind)\" is registered for version \"\(apiVersion)\" in this form")
        }
        var value = try message(raw, name)
        value["apiVersion"] = .string(apiVersion)
        value["kind"] = .string(kind)
        return value
    }

    // MARK: Objects

    private static func message(_ bytes: ArraySlice<UInt8>, _ name: String) throws(Failure) -> JSONValue {
        guard let type = BuiltInTypes.shared.types[name] else { return .object([:]) }
        var result: [String: JSONValue] = [:]
        try read(bytes, [], numbers[name] ?? Numbers(), type, into: &result)
        return .object(result)
    }

    private static func read(
        _ bytes: ArraySlice<UInt8>,
        _ way: [Int],
        _ numbers: Numbers,
        _ type: ObjectType,
        into result: inout [String: JSONValue]
    ) throws(Failure) {
        for (number, wire) in try fields(bytes) {
            let path = way + [number]
            if numbers.inlined.contains(path), case .bytes(let content) = wire {
                try read(content, path, numbers, type, into: &result)
                continue
            }
            guard let name = numbers.names[path], let field = type.fields[name] else { continue }
            switch field.type {
            case .list(let element, _):
                let item = try value(wire, element) ?? .null
                result[name] = .array((result[name]?.arrayValue ?? []) + [item])
            case .map(let element):
                guard case .bytes(let entry) = wire else { throw Failure(message: "\(name) is not a map") }
                var key = ""
                var content: JSONValue?
                for (part, inner) in try fields(entry) {
                    if part == 1, case .bytes(let text) = inner { key = String(decoding: text, as: UTF8.self) }
                    if part == 2 { content = try value(inner, element) }
                }
                var members = result[name]?.objectValue ?? [:]
                members[key] = content ?? .string("")
                result[name] = .object(members)
            default:
                guard let item = try value(wire, field.type) else { continue }
                let isZero = item == "" || item == 0 || item == false
                if isZero, !field.isRequired, !meantZeros.contains(name) { continue }
                result[name] = item
            }
        }
    }

    /// One value; `nil` for a time that is not set.
    private static func value(_ wire: Wire, _ type: FieldType) throws(Failure) -> JSONValue? {
        switch (type, wire) {
        case (.scalar(.string), .bytes(let bytes)): return .string(String(decoding: bytes, as: UTF8.self))
        case (.scalar(.bytes), .bytes(let bytes)): return .string(Base64.encode(Array(bytes)))
        case (.scalar(.boolean), .number(let number)): return .bool(number != 0)
        case (.scalar(.integer), .number(let number)): return .integer(Int64(bitPattern: number))
        case (.scalar(.quantity), .bytes(let bytes)):
            for case (1, .bytes(let text)) in try fields(bytes) {
                return .string(String(decoding: text, as: UTF8.self))
            }
            return .string("0")
        case (.scalar(.intOrString), .bytes(let bytes)):
            var isText = false
            var number: JSONValue = 0
            var text: JSONValue = ""
            for (part, inner) in try fields(bytes) {
                switch (part, inner) {
                case (1, .number(let kind)): isText = kind == 1
                case (2, .number(let value)): number = .integer(Int64(bitPattern: value))
                case (3, .bytes(let value)): text = .string(String(decoding: value, as: UTF8.self))
                default: break
                }
            }
            return isText ? text : number
        case (.scalar(.time), .bytes(let bytes)):
            guard let (seconds, _) = try time(bytes) else { return nil }
            return .string(Timestamp(secondsSinceEpoch: seconds).description)
        case (.scalar(.microTime), .bytes(let bytes)):
            guard let (seconds, nanos) = try time(bytes) else { return nil }
            let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
            if overflow { throw Failure(message: "a time is out of range") }
            return .string(MicroTimestamp(microsecondsSinceEpoch: whole &+ nanos / 1_000).description)
        case (.any, .bytes(let bytes)):
            for case (1, .bytes(let json)) in try fields(bytes) {
                return try? JSONValue(parsing: Array(json))
            }
            return nil
        case (.named(let name), .bytes(let bytes)): return try message(bytes, name)
        case (.list(let element, _), .bytes(let bytes)):
            // A list as the value of a map is a message whose first field has the elements.
            var items: [JSONValue] = []
            for case (1, let inner) in try fields(bytes) { items.append(try value(inner, element) ?? .null) }
            return .array(items)
        default: throw Failure(message: "the wire type of a field does not match its type")
        }
    }

    private static func time(_ bytes: ArraySlice<UInt8>) throws(Failure) -> (seconds: Int64, nanos: Int64)? {
        var seconds: Int64?
        var nanos: Int64 = 0
        for case (let part, .number(let number)) in try fields(bytes) {
            if part == 1 { seconds = Int64(bitPattern: number) }
            if part == 2 { nanos = Int64(bitPattern: number) }
        }
        // RFC 3339 ends with the year 9999.
        guard let seconds, seconds > -62_135_596_800, seconds < 253_402_300_800 else { return nil }
        return (seconds, nanos)
    }

    // MARK: Wire format

    private enum Wire {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    /// The fields of a message (https://protobuf.dev/programming-guides/encoding/).
    private static func fields(_ bytes: ArraySlice<UInt8>) throws(Failure) -> [(Int, Wire)] {
        var rest = bytes
        var result: [(Int, Wire)] = []
        while !rest.isEmpty {
            let tag = try varint(&rest)
            let number = Int(truncatingIfNeeded: tag >> 3)
            switch tag & 7 {
            case 0: result.append((number, .number(try varint(&rest))))
            case 1, 5:
                let width = tag & 7 == 1 ? 8 : 4
                guard rest.count >= width else { throw Failure(message: "unexpected end of the message") }
                let little = rest.prefix(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                result.append((number, .number(little)))
                rest = rest.dropFirst(width)
            case 2:
                let length = try varint(&rest)
                guard length <= UInt64(rest.count) else { throw Failure(message: "unexpected end of the message") }
                result.append((number, .bytes(rest.prefix(Int(length)))))
                rest = rest.dropFirst(Int(length))
            default: throw Failure(message: "wire type \(tag & 7) is not used by Kubernetes")
            }
        }
        return result
    }

    private static func varint(_ bytes: inout ArraySlice<UInt8>) throws(Failure) -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = bytes.popFirst() else { throw Failure(message: "unexpected end of the message") }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
        }
        throw Failure(message: "a number is longer than ten bytes")
    }
}

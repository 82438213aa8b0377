/// An optional part of a value that is stored outside of the value: it takes as much space as a pointer where it is not set, and a value
/// with many such parts is cheap to copy.
///
/// For parts that are large and that few values have. It is read, compared, encoded and decoded like an optional.
@propertyWrapper
public struct Boxed<Value: Sendable>: Sendable {
    private indirect enum Storage: Sendable {
        case empty
        case full(Value)
    }

    private var storage: Storage

    public var wrappedValue: Value? {
        get {
            switch storage {
            case .empty: nil
            case .full(let value): value
            }
        }
        set { storage = newValue.map(Storage.full) ?? .empty }
    }

    public init(wrappedValue: Value?) {
        storage = wrappedValue.map(Storage.full) ?? .empty
    }
}

extension Boxed: Equatable where Value: Equatable {
    public static func == (left: Boxed, right: Boxed) -> Bool { left.wrappedValue == right.wrappedValue }
}

extension Boxed: Hashable where Value: Hashable {
    public func hash(into hasher: inout Hasher) { hasher.combine(wrappedValue) }
}

extension Boxed: Decodable where Value: Decodable {
    public init(from decoder: any Decoder) throws { self.init(wrappedValue: try Value?(from: decoder)) }
}

extension Boxed: Encodable where Value: Encodable {
    public func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
}

extension Boxed: CustomReflectable {
    public var customMirror: Mirror { Mirror(reflecting: wrappedValue as Any) }
}

// The compiler calls these for a boxed property of a type whose conformance to Codable it synthesizes.
extension KeyedDecodingContainer {
    /// Decodes a boxed property; a missing key and `null` are read as an empty one.
    public func decode<Value: Decodable>(_ type: Boxed<Value>.Type, forKey key: Key) throws -> Boxed<Value> {
        Boxed(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
    }
}

extension KeyedEncodingContainer {
    /// Encodes a boxed property, unless it is empty.
    public mutating func encode<Value: Encodable>(_ value: Boxed<Value>, forKey key: Key) throws {
        try encodeIfPresent(value.wrappedValue, forKey: key)
    }
}

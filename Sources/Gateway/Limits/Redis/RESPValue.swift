import NIOCore

/// A value of the Redis serialization protocol, version 2 (https://redis.io/docs/latest/develop/reference/protocol-spec/).
enum RESPValue: Sendable, Hashable {
    case simpleString([UInt8])
    case error([UInt8])
    case integer(Int64)
    /// A string of bytes, or the null string.
    case bulkString([UInt8]?)
    /// An array, or the null array.
    case array([RESPValue]?)

    /// The bytes of this value on a connection.
    func write(to buffer: inout ByteBuffer) {
        switch self {
        case .simpleString(let text): Self.write("+", text, to: &buffer)
        case .error(let text): Self.write("-", text, to: &buffer)
        case .integer(let value): Self.write(":", Array(String(value).utf8), to: &buffer)
        case .bulkString(nil): buffer.writeString("$-1\r\n")
        case .bulkString(let bytes?): Self.write(bulkString: bytes, to: &buffer)
        case .array(nil): buffer.writeString("*-1\r\n")
        case .array(let elements?):
            buffer.writeString("*\(elements.count)\r\n")
            for element in elements { element.write(to: &buffer) }
        }
    }

    /// A command, which is an array of strings.
    static func write(command: [[UInt8]], to buffer: inout ByteBuffer) {
        buffer.writeString("*\(command.count)\r\n")
        for part in command { write(bulkString: part, to: &buffer) }
    }

    private static func write(bulkString bytes: [UInt8], to buffer: inout ByteBuffer) {
        buffer.writeString("$\(bytes.count)\r\n")
        buffer.writeBytes(bytes)
        buffer.writeString("\r\n")
    }

    private static func write(_ type: StaticString, _ line: [UInt8], to buffer: inout ByteBuffer) {
        buffer.writeStaticString(type)
        buffer.writeBytes(line)
        buffer.writeString("\r\n")
    }
}

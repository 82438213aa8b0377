/// JSON documents that follow each other without a separator, as `kubectl` accepts them and `jq` prints them. In YAML,
/// which includes JSON, documents need a `---` between them.
enum ConcatenatedJSON {
    /// One of the documents.
    struct Part {
        var bytes: ArraySlice<UInt8>
        /// The line breaks before it.
        var lines: Int
        /// The columns before it on its first line.
        var columns: Int
    }

    /// Splits a text into its documents; `nil` unless it consists of two or more JSON objects.
    static func split(_ bytes: [UInt8]) -> [Part]? {
        var parts: [Part] = []
        var position = 0
        var lines = 0
        var lineStart = 0
        while true {
            while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
                if bytes[position] == 0x0A {
                    lines += 1
                    lineStart = position + 1
                }
                position += 1
            }
            guard position < bytes.count else { break }
            guard bytes[position] == UInt8(ascii: "{"), let end = endOfObject(bytes, from: position) else { return nil }
            parts.append(Part(bytes: bytes[position..<end], lines: lines, columns: position - lineStart))
            for index in position..<end where bytes[index] == 0x0A {
                lines += 1
                lineStart = index + 1
            }
            position = end
        }
        return parts.count > 1 ? parts : nil
    }

    private static func endOfObject(_ bytes: [UInt8], from start: Int) -> Int? {
        var depth = 0
        var position = start
        var isInString = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\\") where isInString: position += 1
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "{") where !isInString, UInt8(ascii: "[") where !isInString: depth += 1
            case UInt8(ascii: "}") where !isInString, UInt8(ascii: "]") where !isInString:
                depth -= 1
                if depth == 0 { return position + 1 }
            default: break
            }
            position += 1
        }
        return nil
    }
}

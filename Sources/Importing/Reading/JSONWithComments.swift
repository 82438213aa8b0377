/// JSON with comments and trailing commas, as editors write their settings, made plain JSON. Lines stay where they are.
enum JSONWithComments {
    static func plain(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var position = 0
        var isString = false
        func byte(_ offset: Int) -> UInt8? {
            bytes.indices.contains(position + offset) ? bytes[position + offset] : nil
        }
        while let current = byte(0) {
            if isString {
                output.append(current)
                if current == UInt8(ascii: "\\"), let escaped = byte(1) {
                    output.append(escaped)
                    position += 1
                } else if current == UInt8(ascii: "\"") {
                    isString = false
                }
                position += 1
                continue
            }
            switch (current, byte(1)) {
            case (UInt8(ascii: "\""), _):
                isString = true
                output.append(current)
                position += 1
            case (UInt8(ascii: "/"), UInt8(ascii: "/")):
                while let next = byte(0), next != UInt8(ascii: "\n") { _ = next; position += 1 }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                position += 2
                while let next = byte(0), !(next == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/")) {
                    if next == UInt8(ascii: "\n") { output.append(next) }
                    position += 1
                }
                position += 2
            case (UInt8(ascii: "]"), _), (UInt8(ascii: "}"), _):
                removeTrailingComma(&output)
                output.append(current)
                position += 1
            default:
                output.append(current)
                position += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func removeTrailingComma(_ output: inout [UInt8]) {
        guard let index = output.lastIndex(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }),
            output[index] == UInt8(ascii: ",")
        else { return }
        output[index] = UInt8(ascii: " ")
    }
}

/// Checks JSON in one pass and finds where values start and end. It builds no tree and does not recurse, so that nesting
/// costs neither stack nor memory beyond the limits.
struct JSONScanner {
    /// An array or object that is open.
    private struct Frame {
        var isObject: Bool
        /// Where its names start in `names`.
        var firstName: Int
    }

    /// The name of a member: its bytes between the quotation marks.
    struct Name {
        var start: Int
        var end: Int
        var hasEscape: Bool
        var hash: UInt64
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: MessageLimits
    private(set) var position: Int
    private var valueCount = 0
    private var frames: [Frame] = []
    private var names: [Name] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: MessageLimits) {
        self.bytes = bytes
        position = 0
        self.limits = limits
        frames.reserveCapacity(8)
        names.reserveCapacity(16)
    }

    // MARK: - Documents and values

    /// Checks that the bytes are exactly one document.
    ///
    /// - Returns: where its value is, without the white space around it.
    mutating func scanDocument() throws(JSONSyntaxError) -> Range<Int> {
        guard bytes.count <= limits.maximumBytes else {
            throw JSONSyntaxError(reason: .tooManyBytes(limit: limits.maximumBytes), offset: limits.maximumBytes)
        }
        let range = try scanValue()
        skipWhitespace()
        guard position == bytes.count else { throw failure(.textAfterDocument) }
        return range
    }

    /// Checks one value.
    mutating func scanValue() throws(JSONSyntaxError) -> Range<Int> {
        skipWhitespace()
        let start = position
        let base = frames.count
        repeat {
            try scanStartOfValue()
            try scanBetweenValues(downTo: base)
        } while frames.count > base
        return start..<position
    }

    /// Scans a scalar, an empty array or object, or the start of an array or object up to its first value.
    private mutating func scanStartOfValue() throws(JSONSyntaxError) {
        while true {
            skipWhitespace()
            valueCount += 1
            guard valueCount <= limits.maximumValues else {
                throw failure(.tooManyValues(limit: limits.maximumValues))
            }
            switch try peek() {
            case UInt8(ascii: "{"):
                try open(isObject: true)
                if try peek() == UInt8(ascii: "}") { return try close() }
                try scanNameAndColon()
            case UInt8(ascii: "["):
                try open(isObject: false)
                if try peek() == UInt8(ascii: "]") { return try close() }
            case UInt8(ascii: "\""):
                _ = try scanString()
                return
            case UInt8(ascii: "t"): return try scanLiteral("true")
            case UInt8(ascii: "f"): return try scanLiteral("false")
            case UInt8(ascii: "n"): return try scanLiteral("null")
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try scanNumber()
            case let byte: throw failure(.unexpectedByte(byte))
            }
        }
    }

    /// After a value: scans closing brackets, and a comma if another value follows.
    private mutating func scanBetweenValues(downTo base: Int) throws(JSONSyntaxError) {
        while frames.count > base, let frame = frames.last {
            skipWhitespace()
            let byte = try peek()
            if byte == UInt8(ascii: ",") {
                position += 1
                if frame.isObject { try scanNameAndColon() }
                return
            }
            guard byte == (frame.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw failure(.unexpectedByte(byte))
            }
            try close()
        }
    }

    private mutating func open(isObject: Bool) throws(JSONSyntaxError) {
        guard frames.count < limits.maximumDepth else { throw failure(.tooDeep(limit: limits.maximumDepth)) }
        frames.append(Frame(isObject: isObject, firstName: names.count))
        position += 1
        skipWhitespace()
    }

    private mutating func close() throws(JSONSyntaxError) {
        position += 1
        guard let frame = frames.popLast(), frame.isObject else { return }
        defer { names.removeSubrange(frame.firstName...) }
        if !limits.allowsDuplicateNames { try checkNames(from: frame.firstName) }
    }

    // MARK: - An object, member by member

    /// Scans an object whose members the caller wants to see.
    ///
    /// - Parameter body: receives each name and the range of its value.
    mutating func scanObject(
        _ body: (Name, Range<Int>) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        skipWhitespace()
        guard try peek() == UInt8(ascii: "{") else { throw failure(.unexpectedByte(bytes[position])) }
        try open(isObject: true)
        if try peek() == UInt8(ascii: "}") { return try close() }
        while true {
            try scanNameAndColon()
            let name = names[names.count - 1]
            try body(name, try scanValue())
            skipWhitespace()
            switch try peek() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"): return try close()
            case let byte: throw failure(.unexpectedByte(byte))
            }
        }
    }

    /// Checks that only white space follows.
    mutating func scanEnd() throws(JSONSyntaxError) {
        skipWhitespace()
        guard position == bytes.count else { throw failure(.textAfterDocument) }
    }

    /// The first byte of the next value, or `nil` at the end.
    mutating func firstByte() -> UInt8? {
        skipWhitespace()
        return position < bytes.count ? bytes[position] : nil
    }

    // MARK: - Names

    private mutating func scanNameAndColon() throws(JSONSyntaxError) {
        skipWhitespace()
        let byte = try peek()
        guard byte == UInt8(ascii: "\"") else { throw failure(.unexpectedByte(byte)) }
        let start = position + 1
        let hasEscape = try scanString()
        if limits.allowsDuplicateNames {
            if frames.count == 1 {
                names.append(Name(start: start, end: position - 1, hasEscape: hasEscape, hash: 0))
            }
        } else {
            names.append(Name(start: start, end: position - 1, hasEscape: hasEscape, hash: 0))
            names[names.count - 1].hash = hash(of: names[names.count - 1])
        }
        skipWhitespace()
        let next = try peek()
        guard next == UInt8(ascii: ":") else { throw failure(.unexpectedByte(next)) }
        position += 1
    }

    /// FNV-1a. It need not withstand an attacker: equal hashes are ordered by their bytes.
    private func hash(of name: Name) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        if name.hasEscape {
            for byte in JSONText.unescape(bytes[name.start..<name.end]) {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        } else {
            for index in name.start..<name.end { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        }
        return hash
    }

    private mutating func checkNames(from first: Int) throws(JSONSyntaxError) {
        let count = names.count - first
        guard count > 1 else { return }
        if count > 8 {
            // Sorting keeps the cost at n log n, whatever names an attacker chooses.
            let bytes = self.bytes
            names[first...].sort { left, right in
                left.hash == right.hash
                    ? Self.text(of: left, in: bytes).lexicographicallyPrecedes(Self.text(of: right, in: bytes))
                    : left.hash < right.hash
            }
            for index in (first + 1)..<names.count { try check(names[index - 1], names[index]) }
        } else {
            for index in (first + 1)..<names.count {
                for other in first..<index { try check(names[other], names[index]) }
            }
        }
    }

    private func check(_ left: Name, _ right: Name) throws(JSONSyntaxError) {
        guard left.hash == right.hash else { return }
        let text = Self.text(of: left, in: bytes)
        if text == Self.text(of: right, in: bytes) {
            let name = String(decoding: text, as: UTF8.self)
            throw JSONSyntaxError(reason: .duplicateName(name), offset: max(left.start, right.start) - 1)
        }
    }

    private static func text(of name: Name, in bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let slice = bytes[name.start..<name.end]
        return name.hasEscape ? JSONText.unescape(slice) : Array(slice)
    }

    // MARK: - Scalars

    private func failure(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: position)
    }

    private func peek() throws(JSONSyntaxError) -> UInt8 {
        guard position < bytes.count else { throw failure(.endsEarly) }
        return bytes[position]
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func scanLiteral(_ text: StaticString) throws(JSONSyntaxError) {
        for index in 0..<text.utf8CodeUnitCount {
            guard try peek() == text.utf8Start[index] else { throw failure(.unexpectedByte(bytes[position])) }
            position += 1
        }
    }

    private mutating func scanNumber() throws(JSONSyntaxError) {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        try scanDigits()
        if bytes[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 { throw failure(.invalidNumber) }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try scanDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try scanDigits()
        }
        guard position - start <= limits.maximumNumberBytes else {
            throw JSONSyntaxError(reason: .numberTooLong(limit: limits.maximumNumberBytes), offset: start)
        }
    }

    private mutating func scanDigits() throws(JSONSyntaxError) {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw failure(position < bytes.count ? .invalidNumber : .endsEarly) }
    }

    /// Scans a string, the quotation marks included.
    ///
    /// - Returns: whether it has an escape.
    private mutating func scanString() throws(JSONSyntaxError) -> Bool {
        position += 1
        var hasEscape = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return hasEscape
            } else if byte == UInt8(ascii: "\\") {
                hasEscape = true
                try scanEscape()
            } else if byte >= 0x80 {
                try scanMultibyteCharacter()
            } else if byte < 0x20 {
                throw failure(.controlCharacter)
            } else {
                position += 1
            }
        }
        throw failure(.endsEarly)
    }

    private mutating func scanEscape() throws(JSONSyntaxError) {
        position += 1
        switch try peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard JSONText.hexadecimalValue(try peek()) != nil else { throw failure(.invalidEscape) }
                position += 1
            }
        default: throw failure(.invalidEscape)
        }
    }

    /// Checks one character of two to four bytes (RFC 3629: the shortest form, no surrogates, nothing above U+10FFFF).
    private mutating func scanMultibyteCharacter() throws(JSONSyntaxError) {
        let first = bytes[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEC, 0xEE...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw failure(.invalidUTF8)
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else {
            throw failure(.invalidUTF8)
        }
        for index in 2..<max(length, 2) where bytes[position + index] & 0xC0 != 0x80 { throw failure(.invalidUTF8) }
        position += length
    }
}

/// Reads the subject of certificates (RFC 5280), which TLS has parsed and verified before. Pure.
enum DistinguishedNames {
    /// The common name of the subject; `nil` if it has none or several, or one that is not plain text.
    static func commonName(ofCertificate bytes: [UInt8]) -> String? {
        var outer = DER(bytes[...])
        guard var certificate = outer.enter(0x30), var fields = certificate.enter(0x30) else { return nil }
        // version, serialNumber, signature, issuer, validity, subject
        _ = fields.enter(0xA0)
        for tag: UInt8 in [0x02, 0x30, 0x30, 0x30] where fields.enter(tag) == nil { return nil }
        guard var subject = fields.enter(0x30) else { return nil }
        var names: [String] = []
        while var set = subject.enter(0x31) {
            while var attribute = set.enter(0x30) {
                guard let kind = attribute.enter(0x06) else { return nil }
                // id-at-commonName, 2.5.4.3
                guard kind.rest.elementsEqual([0x55, 0x04, 0x03]) else { continue }
                // UTF8String or PrintableString
                guard let value = attribute.enter(0x0C) ?? attribute.enter(0x13),
                    let text = String(validating: value.rest, as: UTF8.self),
                    !text.isEmpty, !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
                else { return nil }
                names.append(text)
            }
        }
        return names.count == 1 ? names[0] : nil
    }

    /// The elements of one value in DER.
    private struct DER {
        private(set) var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        /// The content of the next element if it has this tag; otherwise nothing is read.
        mutating func enter(_ tag: UInt8) -> DER? {
            var input = rest
            guard input.popFirst() == tag, let first = input.popFirst() else { return nil }
            var length = Int(first)
            if first >= 0x80 {
                let count = Int(first & 0x7F)
                guard (1...4).contains(count), input.count >= count else { return nil }
                length = input.prefix(count).reduce(0) { $0 << 8 | Int($1) }
                input = input.dropFirst(count)
            }
            guard input.count >= length else { return nil }
            rest = input.dropFirst(length)
            return DER(input.prefix(length))
        }
    }
}

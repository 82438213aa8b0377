/// The formats of names that the API server validates (`k8s.io/apimachinery/pkg/util/validation`).
package enum KubernetesNames {
    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isLower(byte) || isUpper(byte) || isDigit(byte) }
    private static let dash = UInt8(ascii: "-")

    private static func isLabel(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last else { return false }
        return first != dash && last != dash && bytes.allSatisfy { isLower($0) || isDigit($0) || $0 == dash }
    }

    /// A DNS label: at most 63 lower-case letters, digits and dashes.
    static func isDNSLabel(_ text: String) -> Bool { text.utf8.count <= 63 && isLabel(text) }

    /// A DNS subdomain: labels joined by dots, at most 253 characters. Most object names have this format.
    static func isSubdomain(_ text: String) -> Bool {
        text.utf8.count <= 253 && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    /// A name of letters, digits, `-`, `_` and `.`, which begins and ends with a letter or a digit.
    private static func isWord(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), isAlphanumeric(bytes[0]), isAlphanumeric(bytes[bytes.count - 1]) else {
            return false
        }
        return bytes.allSatisfy { isAlphanumeric($0) || $0 == dash || $0 == 0x5F || $0 == 0x2E }
    }

    /// A key of a label or an annotation: a word, or a domain, a slash and a word.
    package static func isQualifiedName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return isWord(parts[0])
        case 2: return isSubdomain(String(parts[0])) && isWord(parts[1])
        default: return false
        }
    }

    /// The value of a label: empty, or a word.
    package static func isLabelValue(_ text: String) -> Bool { text.isEmpty || isWord(text) }

    /// The name of a port: at most 15 lower-case letters, digits and single dashes inside, at least one letter.
    static func isPortName(_ text: String) -> Bool {
        text.utf8.count <= 15 && isLabel(text) && text.utf8.contains(where: isLower) && !text.contains("--")
    }

    /// A key of a Secret or a ConfigMap.
    static func isDataKey(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count) && text != "." && !text.hasPrefix("..")
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == dash || $0 == 0x5F || $0 == 0x2E }
    }

    /// An IPv4 or IPv6 address.
    static func isAddress(_ text: String) -> Bool {
        guard !text.contains("/") else { return false }
        return (try? CIDR(text + (text.contains(":") ? "/128" : "/32"))) != nil
    }
}

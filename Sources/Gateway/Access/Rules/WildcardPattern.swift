/// A pattern in which `*` stands for any number of characters. Upper and lower case differ, and so do different spellings of one character.
struct WildcardPattern: Sendable, Hashable {
    private let pattern: [UInt8]

    init(_ text: String) { pattern = Array(text.utf8) }

    /// Whether the whole text matches. Takes at most the product of both lengths.
    func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        let star = UInt8(ascii: "*")
        var (position, index) = (0, 0)
        // Where the last `*` is, and what it has taken so far.
        var retry: (index: Int, position: Int)?
        while position < text.count {
            if index < pattern.count, pattern[index] == star {
                index += 1
                retry = (index, position)
            } else if index < pattern.count, pattern[index] == text[position] {
                index += 1
                position += 1
            } else if let last = retry {
                retry = (last.index, last.position + 1)
                (index, position) = (last.index, last.position + 1)
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == star }
    }
}

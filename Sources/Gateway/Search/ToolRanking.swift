internal import MCPProtocol
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The words of a tool, with their weights: a word in the name says more than one in the description. Pure.
struct ToolTerms: Sendable, Hashable {
    /// How often each word occurs, times the weight of its place.
    private(set) var weights: [String: Double] = [:]
    /// The sum of the weights.
    private(set) var length = 0.0

    /// - Parameter tool: the definition, as clients see it.
    init(_ tool: RawJSON) {
        add(tool["name"]?.stringValue, 4)
        add(tool["title"]?.stringValue, 3)
        add(tool["description"]?.stringValue, 1)
        for argument in tool[path: ["inputSchema", "properties"]]?.members ?? [] {
            add(argument.name, 1)
            add(argument.value["description"]?.stringValue, 0.5)
        }
    }

    private mutating func add(_ text: String?, _ weight: Double) {
        guard let text else { return }
        for word in Self.words(of: text) {
            weights[word, default: 0] += weight
            length += weight
        }
    }

    /// The words of a text: in lower case, split at capital letters and at everything that is neither a letter nor a digit, without the
    /// endings of the plural. At most 64 KiB are read.
    static func words(of text: String) -> [String] {
        var words: [String] = []
        var word: [Unicode.Scalar] = []
        var wasLower = false
        func end() {
            guard !word.isEmpty else { return }
            var text = String(String.UnicodeScalarView(word)).lowercased()
            word = []
            if text.utf8.count > 3, text.hasSuffix("s"), !["ss", "us", "is"].contains(where: text.hasSuffix) {
                text = text.hasSuffix("ies") && text.utf8.count > 4 ? text.dropLast(3) + "y" : String(text.dropLast())
            }
            words.append(text)
        }
        for scalar in text.unicodeScalars.prefix(65_536) {
            let properties = scalar.properties
            let isWordy = properties.isAlphabetic || properties.numericType != nil
            if !isWordy || wasLower && properties.isUppercase { end() }
            if isWordy { word.append(scalar) }
            wasLower = isWordy && !properties.isUppercase
        }
        end()
        return words
    }
}

/// Ranks tools by how well they fit a query: Okapi BM25 over the words of their definitions. Pure.
struct ToolRanking: Sendable {
    private let tools: [ToolTerms]
    private let averageLength: Double

    init(_ tools: [ToolTerms]) {
        self.tools = tools
        averageLength = tools.isEmpty ? 1 : max(1, tools.reduce(0) { $0 + $1.length } / Double(tools.count))
    }

    /// How soon more of the same word stops counting.
    private static let saturation = 1.2
    /// How much long definitions are discounted.
    private static let lengthWeight = 0.75

    /// The indices of the tools that fit best, best first; of equal ones, the one that comes first. Tools without any of the words are not
    /// among them.
    func best(_ count: Int, for query: String) -> [Int] {
        let words = Set(ToolTerms.words(of: query))
        var scores = [Double](repeating: 0, count: tools.count)
        for word in words.sorted() {
            let matching = tools.indices.filter { tools[$0].weights[word] != nil }
            let (with, without) = (Double(matching.count), Double(tools.count - matching.count))
            let rarity = log(1 + (without + 0.5) / (with + 0.5))
            for index in matching {
                let frequency = tools[index].weights[word] ?? 0
                let discount = 1 - Self.lengthWeight + Self.lengthWeight * tools[index].length / averageLength
                let share = frequency / (frequency + Self.saturation * discount)
                scores[index] += rarity * share * (Self.saturation + 1)
            }
        }
        return tools.indices.filter { scores[$0] > 0 }
            .sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
            .prefix(count).map { $0 }
    }
}

/// The words of tools that were read before.
final class ToolTermsCache: Sendable {
    private let known = Mutex<[RawJSON: ToolTerms]>([:])
    /// How many are kept. What is not kept is read again.
    private static let capacity = 20_000

    func terms(of tool: RawJSON) -> ToolTerms {
        if let terms = known.withLock({ $0[tool] }) { return terms }
        let terms = ToolTerms(tool)
        known.withLock { known in
            if known.count >= Self.capacity { known = [:] }
            known[tool] = terms
        }
        return terms
    }
}

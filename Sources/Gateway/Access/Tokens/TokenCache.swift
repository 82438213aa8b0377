/// Tokens that were verified, by their SHA-256, until they expire. Bounded in number. Pure.
///
/// When it is full, it forgets what was not used since the last time that it was full: two generations.
struct TokenCache<Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        var until: Double
    }

    private var recent: [[UInt8]: Entry] = [:]
    private var old: [[UInt8]: Entry] = [:]
    private let generationLimit: Int

    /// - Parameter limit: the maximum number of tokens.
    init(limit: Int) { generationLimit = limit / 2 }

    /// How many tokens are remembered.
    var count: Int { recent.count + old.count }

    /// - Parameter now: in seconds since 1970, as `until`.
    mutating func value(for hash: [UInt8], now: Double) -> Value? {
        if let entry = recent[hash] {
            if now < entry.until { return entry.value }
            recent[hash] = nil
            return nil
        }
        guard let entry = old.removeValue(forKey: hash), now < entry.until else { return nil }
        insert(hash, entry)
        return entry.value
    }

    mutating func insert(_ value: Value, for hash: [UInt8], until: Double) {
        old[hash] = nil
        insert(hash, Entry(value: value, until: until))
    }

    private mutating func insert(_ hash: [UInt8], _ entry: Entry) {
        guard generationLimit > 0 else { return }
        if recent.count >= generationLimit {
            old = recent
            recent = [:]
        }
        recent[hash] = entry
    }

    mutating func remove(_ hash: [UInt8]) {
        recent[hash] = nil
        old[hash] = nil
    }
}

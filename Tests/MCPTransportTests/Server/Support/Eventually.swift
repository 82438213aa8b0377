/// Something that a test waits for did not happen.
struct DidNotHappen: Error, CustomStringConvertible {
    let description: String
}

/// Waits until something is so, for at most ten seconds.
func eventually(_ what: String, _ isSo: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(10)
    while clock.now < end {
        if try await isSo() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    throw DidNotHappen(description: "did not happen: \(what)")
}

extension Quantity {
    /// The text that the API server stores for this amount: `0.5` becomes `500m`, `1024Mi` becomes `1Gi`
    /// (`resource.Quantity.CanonicalizeBytes`).
    public var canonicalText: String {
        guard nanos != 0 else { return "0" }
        let billion: Int128 = 1_000_000_000
        if text.hasSuffix("i"), nanos.magnitude >= 1024 * billion.magnitude, nanos % billion == 0 {
            return Quantity.text(nanos / billion, base: 1024, suffixes: ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])
        }
        let isExponent = text.dropLast().contains { $0 == "e" || $0 == "E" }
        let suffixes =
            isExponent
            ? ["e-9", "e-6", "e-3", "", "e3", "e6", "e9", "e12", "e15", "e18"]
            : ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
        return Quantity.text(nanos, base: 1000, suffixes: suffixes)
    }

    private static func text(_ amount: Int128, base: Int128, suffixes: [String]) -> String {
        var amount = amount
        var index = 0
        while index < suffixes.count - 1, amount % base == 0 {
            amount /= base
            index += 1
        }
        return "\(amount)\(suffixes[index])"
    }
}

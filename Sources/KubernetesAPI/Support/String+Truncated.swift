extension String {
    /// The first `count` Unicode code points, which is how the API server counts the length of a string.
    ///
    /// A `Character` can consist of any number of code points, so a limit in characters would not limit the length.
    public func truncated(toCodePoints count: Int) -> String {
        guard utf8.count > count else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.prefix(count)))
    }

    /// The longest prefix of the text that fits into `count` bytes of UTF-8, cut between code points.
    public func truncated(toUTF8Bytes count: Int) -> String {
        guard utf8.count > count else { return self }
        var length = 0
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= count else { break }
            scalars.append(scalar)
        }
        return String(scalars)
    }
}

extension String {
    /// The text without control characters, which a terminal would act on, cut to `maximumLength` code points: for texts of
    /// programs that are not trusted.
    public func printable(maximumLength: Int) -> String {
        let shown = unicodeScalars.lazy.filter { $0.properties.generalCategory != .control }.prefix(maximumLength)
        return String(String.UnicodeScalarView(shown))
    }
}

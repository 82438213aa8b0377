extension PercentEncoding {
    /// A text as a name or a value of a query: everything but unreserved characters is escaped (RFC 3986, section 2.3).
    package static func encoded(_ text: String) -> String {
        var output = ""
        append(text, allowing: unreserved, to: &output)
        return output
    }
}

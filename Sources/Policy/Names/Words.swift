internal import KubernetesAPI

/// Text of servers in messages. A server can put anything into its names, so messages contain nothing that a terminal would
/// act on or that changes the direction of text, and are bounded.
package enum Words {
    /// The length of one line, in code points.
    static let maximumLength = 512

    /// A text without control and format characters.
    package static func plain(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
            default: true
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// A name in quotation marks, cut if it is long.
    package static func quoted(_ name: String) -> String {
        let text = plain(name.truncated(toCodePoints: 257))
        let short = text.truncated(toCodePoints: 120)
        return "\"\(short)\(short == text ? "" : "…")\""
    }

    /// A line, cut if it is long.
    package static func bounded(_ text: String) -> String { text.truncated(toCodePoints: maximumLength) }
}

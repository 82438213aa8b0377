/// A path to values that must not be recorded: a JSON pointer (RFC 6901) in which `*` stands for any member or element and `**` for
/// any number of levels, none included.
public struct RedactionPath: Sendable, Hashable, CustomStringConvertible {
    /// One step of a path.
    public enum Step: Sendable, Hashable {
        case member(String)
        case any
        case anyLevels
    }

    /// The steps from the root.
    public let steps: [Step]
    /// The path as it was written.
    public let description: String

    /// Parses a path; `nil` if it is empty, does not begin with a slash, ends with `**`, or has an escape other than `~0` and `~1`.
    public init?(_ text: String) {
        guard text.hasPrefix("/"), text.utf8.count > 1 else { return nil }
        var steps: [Step] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            switch part {
            case "*": steps.append(.any)
            case "**":
                if steps.last != .anyLevels { steps.append(.anyLevels) }
            default:
                guard let name = Self.unescape(part) else { return nil }
                steps.append(.member(name))
            }
        }
        guard steps.last != .anyLevels else { return nil }
        self.steps = steps
        description = text
    }

    private static func unescape(_ part: Substring) -> String? {
        var output = ""
        var iterator = part.unicodeScalars.makeIterator()
        while let scalar = iterator.next() {
            guard scalar == "~" else {
                output.unicodeScalars.append(scalar)
                continue
            }
            switch iterator.next() {
            case "0": output += "~"
            case "1": output += "/"
            default: return nil
            }
        }
        return output
    }
}

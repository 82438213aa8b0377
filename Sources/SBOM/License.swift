/// The license of a package, as far as its text is one that everybody uses.
package enum License {
    /// Recognizes the text of a license.
    ///
    /// - Returns: an SPDX license expression, such as `MIT`; `nil` if the text is not certain to be one of the known licenses.
    package static func recognize(_ text: String) -> String? {
        let words = text.split { $0.isWhitespace || $0 == "#" || $0 == "*" }.joined(separator: " ").lowercased()
        let found = known.filter { license in
            license.phrases.allSatisfy { words.contains($0) } && !license.absent.contains { words.contains($0) }
        }
        // Two licenses in one file: which of them is for what only a person can say.
        return found.count == 1 ? found[0].expression : nil
    }

    private struct Known: Sendable {
        var expression: String
        var phrases: [String]
        var absent: [String] = []
    }

    private static let apache = ["apache license version 2.0, january 2004", "grant of patent license"]
    private static let bsd = "redistributions in binary form must reproduce the above copyright notice"
    private static let endorsement = "endorse or promote products derived from this software"

    /// Identifiers of https://spdx.org/licenses, with sentences that only their texts have.
    private static let known = [
        Known(expression: "Apache-2.0", phrases: apache, absent: ["runtime library exception"]),
        Known(
            expression: "Apache-2.0 WITH Swift-exception",
            phrases: apache + ["runtime library exception to the apache 2.0 license"]
        ),
        Known(
            expression: "MIT",
            phrases: [
                "permission is hereby granted, free of charge, to any person obtaining a copy",
                "the above copyright notice and this permission notice",
            ]
        ),
        Known(expression: "BSD-2-Clause", phrases: [bsd], absent: [endorsement, "advertising materials"]),
        Known(expression: "BSD-3-Clause", phrases: [bsd, endorsement], absent: ["advertising materials"]),
        Known(
            expression: "ISC",
            phrases: ["permission to use, copy, modify, and/or distribute this software for any purpose with"]
        ),
    ]
}

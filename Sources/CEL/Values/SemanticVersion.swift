/// A version such as `1.2.3-rc.1+build`, as Semantic Versioning 2.0.0 defines it.
package struct SemanticVersion: Sendable, Hashable {
    package var major: UInt64
    package var minor: UInt64
    package var patch: UInt64
    var prerelease: [String] = []
    var build: [String] = []

    /// Why a text is not a version.
    struct Problem: Error, Sendable {
        let description: String

        init(_ description: String) { self.description = description }
    }

    init(_ text: String) throws(Problem) {
        if text.isEmpty { throw Problem("Version string empty") }
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw Problem("No Major.Minor.Patch elements found") }
        major = try SemanticVersion.number(parts[0], "Major")
        minor = try SemanticVersion.number(parts[1], "Minor")
        var rest = parts[2]
        if let plus = rest.firstIndex(of: "+") {
            build = try SemanticVersion.identifiers(rest[rest.index(after: plus)...], isBuild: true)
            rest = rest[..<plus]
        }
        if let dash = rest.firstIndex(of: "-") {
            prerelease = try SemanticVersion.identifiers(rest[rest.index(after: dash)...], isBuild: false)
            rest = rest[..<dash]
        }
        patch = try SemanticVersion.number(rest, "Patch")
    }

    /// Accepts a `v` before the version, numbers with leading zeros, and missing numbers.
    init(normalizing text: String) throws(Problem) {
        let plain = text.hasPrefix("v") ? text.dropFirst() : Substring(text)
        var parts = plain.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        for (index, part) in parts.enumerated() where part.utf8.count > 1 {
            let rest = String(part.drop { $0 == "0" })
            parts[index] = rest.first.map { $0.isASCII && $0.isNumber } == true ? rest : "0" + rest
        }
        if parts.count < 3 {
            if parts[parts.count - 1].contains(where: { $0 == "+" || $0 == "-" }) {
                throw Problem("short version cannot contain PreRelease/Build meta data")
            }
            while parts.count < 3 { parts.append("0") }
        }
        try self.init(parts.joined(separator: "."))
    }

    private static func number(_ text: Substring, _ name: String) throws(Problem) -> UInt64 {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Problem("Invalid character(s) found in \(name.lowercased()) number \"\(text)\"")
        }
        if text.count > 1, text.first == "0" {
            throw Problem("\(name) number must not contain leading zeroes \"\(text)\"")
        }
        guard let value = UInt64(text) else {
            throw Problem(
                "strconv.ParseUint: parsing \"\(text)\": \(text.isEmpty ? "invalid syntax" : "value out of range")"
            )
        }
        return value
    }

    private static func identifiers(_ text: Substring, isBuild: Bool) throws(Problem) -> [String] {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let name = isBuild ? "Build meta data" : "Prerelease"
        for part in parts {
            if part.isEmpty { throw Problem("\(name) is empty") }
            guard part.unicodeScalars.allSatisfy({ $0 == "-" || $0 != "_" && CharacterSet.word.contains($0) }) else {
                throw Problem("Invalid character(s) found in \(isBuild ? "build meta data" : "prerelease") \"\(part)\"")
            }
            let isNumber = part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            if !isBuild, isNumber, part.count > 1, part.first == "0" {
                throw Problem("Numeric PreRelease version must not contain leading zeroes \"\(part)\"")
            }
        }
        return parts
    }

    /// -1, 0 or 1 by precedence, which ignores the build.
    func order(_ other: SemanticVersion) -> Int {
        let numbers = ([major, minor, patch], [other.major, other.minor, other.patch])
        if numbers.0 != numbers.1 { return numbers.0.lexicographicallyPrecedes(numbers.1) ? -1 : 1 }
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return prerelease.isEmpty == other.prerelease.isEmpty ? 0 : prerelease.isEmpty ? 1 : -1
        }
        for (first, second) in zip(prerelease, other.prerelease) where first != second {
            switch (UInt64(first), UInt64(second)) {
            case (let one?, let two?): if one != two { return one < two ? -1 : 1 }
            case (_?, nil): return -1
            case (nil, _?): return 1
            case (nil, nil): return first.precedes(second) ? -1 : 1
            }
        }
        return prerelease.count == other.prerelease.count ? 0 : prerelease.count < other.prerelease.count ? -1 : 1
    }
}

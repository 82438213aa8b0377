/// Reads a reference from right to left, digest, tag, registry, repository: this distinguishes `host:5000/name` from
/// `name:tag`.
struct ImageReferenceParser {
    let text: String

    mutating func parse() throws(ImageReferenceError) -> ImageReference {
        guard !text.isEmpty else {
            throw ImageReferenceError(.empty, text, "it is empty: use a name such as ghcr.io/acme/server@sha256:…")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw ImageReferenceError(.whiteSpace, text, "it contains white space or a control character")
        }
        for scheme in ["https://", "http://", "docker://", "oci://"] where text.hasPrefix(scheme) {
            throw ImageReferenceError(.scheme, text, "it starts with \(scheme): remove the scheme")
        }
        var rest = text[...]
        let digest = try takeDigest(&rest)
        let tag = try takeTag(&rest)
        var (registry, repository) = split(rest)
        try check(registry: registry)
        // A host without a dot or a port is recognized only by its upper-case letters, and is not changed.
        if registry.contains(".") || registry.contains(":") { registry = registry.lowercased() }
        if registry == "index.docker.io" { registry = ImageReference.defaultRegistry }
        if registry == ImageReference.defaultRegistry, !repository.isEmpty, !repository.contains("/") {
            repository = "library/" + repository
        }
        try check(repository: repository)
        if rest.utf8.count == 64, rest.utf8.allSatisfy({ $0.isDigit || (0x61...0x66).contains($0) }) {
            throw ImageReferenceError(
                .hexadecimalName,
                text,
                "a name of 64 hexadecimal digits is read as the ID of an image: add a registry, or @sha256:"
            )
        }
        return ImageReference(registry: registry, repository: repository, tag: tag, digest: digest)
    }

    private func takeDigest(_ rest: inout Substring) throws(ImageReferenceError) -> ImageDigest? {
        guard let at = rest.firstIndex(of: "@") else { return nil }
        let digest = rest[rest.index(after: at)...]
        guard !digest.contains("@") else {
            throw ImageReferenceError(
                .severalDigests,
                text,
                "it has more than one @: a reference has at most one digest"
            )
        }
        guard !digest.isEmpty else {
            throw ImageReferenceError(
                .emptyDigest,
                text,
                "nothing follows the @: add sha256: and 64 hexadecimal digits"
            )
        }
        rest = rest[..<at]
        return try ImageDigest(digest, within: text)
    }

    private func takeTag(_ rest: inout Substring) throws(ImageReferenceError) -> String? {
        guard let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/"), !rest[colon...].contains("]") else {
            return nil
        }
        let tag = rest[rest.index(after: colon)...]
        guard !tag.isEmpty else {
            throw ImageReferenceError(.emptyTag, text, "nothing follows the colon: add a tag, or remove the colon")
        }
        guard tag.utf8.count <= ImageReference.maximumTagLength else {
            throw ImageReferenceError(
                .tagLength,
                text,
                "the tag has \(tag.utf8.count) characters, and \(ImageReference.maximumTagLength) are allowed"
            )
        }
        let isWord = { (byte: UInt8) in
            byte.isDigit || byte.isLowercaseLetter || byte.isUppercaseLetter || byte == UInt8(ascii: "_")
        }
        guard let first = tag.utf8.first, isWord(first),
            tag.utf8.allSatisfy({ isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
        else {
            throw ImageReferenceError(
                .tagCharacters,
                text,
                "the tag \"\(tag)\" can contain letters, digits, _, . and -, and must not start with . or -"
            )
        }
        rest = rest[..<colon]
        return String(tag)
    }

    /// The first component is a registry if it cannot be part of a path, or is `localhost` (`splitDockerDomain`).
    private func split(_ name: Substring) -> (registry: String, repository: String) {
        guard let slash = name.firstIndex(of: "/") else {
            return (ImageReference.defaultRegistry, String(name))
        }
        let first = name[..<slash]
        let isRegistry =
            first.contains(".") || first.contains(":") || first == "localhost"
            || first.utf8.contains(where: \.isUppercaseLetter)
        guard isRegistry else { return (ImageReference.defaultRegistry, String(name)) }
        return (String(first), String(name[name.index(after: slash)...]))
    }

    private func check(registry: String) throws(ImageReferenceError) {
        var host = registry[...]
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else {
                throw ImageReferenceError(
                    .registryHost,
                    text,
                    "the bracket of the IPv6 host \"\(registry)\" is not closed"
                )
            }
            let address = host[host.index(after: host.startIndex)..<end]
            let isAddress =
                address.utf8.filter { $0 == UInt8(ascii: ":") }.count >= 2
                && address.utf8.allSatisfy { $0 == UInt8(ascii: ":") || $0.isHexadecimalDigit }
            guard isAddress else {
                throw ImageReferenceError(.registryHost, text, "\"\(address)\" in brackets is not an IPv6 address")
            }
            let after = host[host.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw ImageReferenceError(
                    .registryHost,
                    text,
                    """
                    "\(after)" follows the IPv6 host: only a port is allowed
                    """
                )
            }
            if !after.isEmpty { try check(port: after.dropFirst()) }
            return
        }
        if let colon = host.firstIndex(of: ":") {
            try check(port: host[host.index(after: colon)...])
            host = host[..<colon]
        }
        for label in host.split(separator: ".", omittingEmptySubsequences: false) {
            let isLabel =
                !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy {
                    $0.isDigit || $0.isLowercaseLetter || $0.isUppercaseLetter || $0 == UInt8(ascii: "-")
                }
            guard isLabel else {
                throw ImageReferenceError(
                    .registryHost,
                    text,
                    """
                    "\(host)" is not a valid host name: use letters, digits and - between dots, without - at the \
                    start or end
                    """
                )
            }
        }
    }

    private func check(port: Substring) throws(ImageReferenceError) {
        guard !port.isEmpty, port.utf8.allSatisfy(\.isDigit), let number = Int(port), (1...65_535).contains(number)
        else {
            throw ImageReferenceError(
                .registryPort,
                text,
                "the registry's port \"\(port)\" is not a number from 1 to 65535"
            )
        }
    }

    private func check(repository: String) throws(ImageReferenceError) {
        guard !repository.isEmpty else {
            throw ImageReferenceError(.missingRepository, text, "it has no repository: add one after the registry")
        }
        guard repository.utf8.count <= ImageReference.maximumRepositoryLength else {
            throw ImageReferenceError(
                .repositoryLength,
                text,
                "the repository has \(repository.utf8.count) characters, and "
                    + "\(ImageReference.maximumRepositoryLength) are allowed"
            )
        }
        guard !repository.utf8.contains(where: \.isUppercaseLetter) else {
            throw ImageReferenceError(
                .uppercaseRepository,
                text,
                "the repository \"\(repository)\" must be in lower case"
            )
        }
        for component in repository.split(separator: "/", omittingEmptySubsequences: false) {
            guard !component.isEmpty else {
                throw ImageReferenceError(
                    .emptyPathComponent,
                    text,
                    "the path \"\(repository)\" starts or ends with a slash, or has two consecutive slashes"
                )
            }
            guard isPathComponent(component) else {
                throw ImageReferenceError(
                    .pathComponent,
                    text,
                    """
                    "\(component)" can contain lower-case letters and digits, separated by one dot, one or two _, \
                    or any number of -
                    """
                )
            }
        }
    }

    private func isPathComponent(_ component: Substring) -> Bool {
        var separator: [UInt8] = []
        var seenWord = false
        for byte in component.utf8 {
            if byte.isDigit || byte.isLowercaseLetter {
                guard separator.isEmpty || (seenWord && isSeparator(separator)) else { return false }
                separator.removeAll(keepingCapacity: true)
                seenWord = true
            } else {
                separator.append(byte)
            }
        }
        return seenWord && separator.isEmpty
    }

    private func isSeparator(_ bytes: [UInt8]) -> Bool {
        bytes == [UInt8(ascii: ".")] || bytes == [UInt8(ascii: "_")] || bytes == [UInt8(ascii: "_"), UInt8(ascii: "_")]
            || bytes.allSatisfy { $0 == UInt8(ascii: "-") }
    }
}

extension UInt8 {
    var isHexadecimalDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
            || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(self)
    }
}

extension Route.Member {
    /// What the server publishes of its tools, if that is known.
    var catalogue: Catalogue? { selection.map(\.catalogue) ?? backend.catalogue }

    /// The tools that the route publishes of it; `nil` if that is not known.
    var publishedTools: [Catalogue.Entry]? {
        guard selection != nil else { return catalogue?.entries }
        return catalogue?.entries.filter { advertisedName(of: .tool, $0.originalName) != nil }
    }

    /// The name under which clients of the route see a tool or a prompt of this member. It depends on the route and the name alone,
    /// not on which servers are reachable (M18).
    ///
    /// - Returns: `nil` if the route does not publish it.
    func advertisedName(of kind: NamedPart, _ name: String) -> String? {
        if let selection {
            if let advertised = selection.name(of: kind, name) { return advertised }
            // A prompt that is not in the recorded contract is published all the same, as the server lists it.
            guard kind == .prompt || selection.publishesOthers else { return nil }
        }
        return prefix.map { "\($0)_\(name)" } ?? name
    }

    /// The member's own name of what clients call by this one; `nil` if it is not of this member.
    func originalName(of kind: NamedPart, _ advertised: String) -> String? {
        guard let prefix else { return advertised }
        let start = Array("\(prefix)_".utf8)
        guard advertised.utf8.starts(with: start), advertised.utf8.count > start.count else { return nil }
        let original = String(decoding: advertised.utf8.dropFirst(start.count), as: UTF8.self)
        // What has another name has this one no more.
        guard let selection, selection.name(of: kind, original) != nil || kind == .tool && !selection.publishesOthers
        else { return original }
        return nil
    }
}

extension Route {
    /// The member that a tool or prompt belongs to, and its own name of it.
    func member(for kind: NamedPart, _ advertised: String) -> (index: Int, name: String)? {
        // Names that a virtual server has chosen come before those that only have a prefix.
        for (index, member) in members.enumerated() {
            if let name = member.selection?.original(of: kind, advertised) { return (index, name) }
        }
        for (index, member) in members.enumerated() {
            if let name = member.originalName(of: kind, advertised) { return (index, name) }
        }
        return nil
    }
}

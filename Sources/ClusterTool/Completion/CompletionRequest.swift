package import KubernetesAPI

/// What a shell can offer for the last word of a command line.
package struct CompletionRequest: Sendable, Hashable {
    /// Names that only the cluster knows.
    package enum Names: String, Sendable, Hashable, CaseIterable {
        case server, tenant, revision, tool, namespace
        /// Servers and tenants.
        case target = "name"
    }

    /// A word, and what it means.
    package struct Word: Sendable, Hashable {
        /// The word.
        package var text: String
        /// What it means; empty if nothing is known.
        package var meaning: String

        package init(_ text: String, meaning: String = "") {
            self.text = text
            self.meaning = meaning
        }
    }

    /// The words that are known without the cluster.
    package var words: [Word] = []
    /// The names to read from the cluster; `nil` for none.
    package var names: Names?
    /// Whether a file can be meant.
    package var isFile = false
    /// The values of the options so far, by their long names without dashes.
    package var options: [String: String] = [:]
    /// The arguments so far that are not options.
    package var arguments: [String] = []

    /// - Parameters:
    ///   - description: the commands, as the argument parser describes them (`--experimental-dump-help`).
    ///   - words: the words after the program; the last one is to be completed, and can be empty.
    package init(_ description: JSONValue, words: [String]) {
        var command = Command(description["command"] ?? [:])
        var rest = words.dropLast()[...]
        let last = words.last ?? ""
        while let word = rest.first, let next = command.subcommands.first(where: { $0.text("commandName") == word }) {
            command = Command(next)
            rest = rest.dropFirst()
        }
        var pending: JSONValue?
        var onlyArguments = false
        for word in rest {
            if let option = pending {
                if let name = Command.longName(option) { options[name] = word }
                pending = nil
            } else if !onlyArguments, word == "--" {
                onlyArguments = true
            } else if !onlyArguments, word.hasPrefix("-"), word.count > 1 {
                let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard let option = command.option(String(parts[0])), option.text("kind") == "option" else { continue }
                if parts.count == 2 {
                    if let name = Command.longName(option) { options[name] = String(parts[1]) }
                } else {
                    pending = option
                }
            } else {
                arguments.append(word)
            }
        }
        if let pending {
            offer(pending)
        } else if !onlyArguments, last.hasPrefix("-") {
            self.words = command.optionWords
        } else if !command.subcommands.isEmpty {
            self.words = command.subcommandWords
        } else if let positional = command.positional(at: arguments.count) {
            offer(positional)
        }
        self.words = self.words.filter { $0.text.hasPrefix(last) }
    }

    /// Offers the values of an argument.
    private mutating func offer(_ argument: JSONValue) {
        let kind = argument["completionKind"]?.objectValue ?? [:]
        if let values = kind["list"]?["values"]?.arrayValue {
            words = values.compactMap { $0.stringValue.map { Word($0) } }
        } else if kind["file"] != nil || kind["directory"] != nil {
            isFile = true
        } else if kind["custom"] != nil || kind["customAsync"] != nil {
            // The value of --namespace is called NAME in its help, and that of others can be called OTHER-REVISION.
            let name = Command.longName(argument) ?? argument.text("valueName") ?? ""
            names = name.split(separator: "-").last.flatMap { Names(rawValue: String($0)) }
        } else {
            words = argument.texts("allValues").map { Word($0) }
        }
    }

    /// A command of the description.
    private struct Command {
        let subcommands: [JSONValue]
        private let arguments: [JSONValue]

        init(_ value: JSONValue) {
            subcommands = value.list("subcommands").filter { $0["shouldDisplay"]?.boolValue ?? true }
            arguments = value.list("arguments").filter { $0["shouldDisplay"]?.boolValue ?? true }
        }

        var subcommandWords: [Word] {
            subcommands.map { Word($0.text("commandName") ?? "", meaning: $0.text("abstract") ?? "") }
        }

        var optionWords: [Word] {
            arguments.flatMap { argument in
                argument.list("names").filter { $0.text("kind") == "long" }.map {
                    Word("--\($0.text("name") ?? "")", meaning: argument.text("abstract") ?? "")
                }
            }
        }

        func option(_ word: String) -> JSONValue? {
            arguments.first { argument in
                argument.list("names").contains { name in
                    let dashes = name.text("kind") == "long" ? "--" : "-"
                    return dashes + (name.text("name") ?? "") == word
                }
            }
        }

        func positional(at index: Int) -> JSONValue? {
            let positionals = arguments.filter { $0.text("kind") == "positional" }
            if positionals.indices.contains(index) { return positionals[index] }
            return positionals.last.flatMap { $0["isRepeating"] == true ? $0 : nil }
        }

        static func longName(_ argument: JSONValue) -> String? {
            argument.list("names").first { $0.text("kind") == "long" }?.text("name")
        }
    }
}

extension CompletionRequest {
    /// The answer for kubectl: a word in each line, with a tab before what it means, and last a number that says whether files are
    /// offered too (`ShellCompDirective` of Cobra).
    ///
    /// - Parameter more: names that were read from the cluster.
    package func answer(_ more: [String]) -> String {
        let lines = words.map { word in
            let meaning = word.meaning.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return meaning.isEmpty ? word.text : "\(word.text)\t\(meaning)"
        }
        // 0: the shell may offer files; 4: it must not.
        return (lines + more + [isFile ? ":0" : ":4"]).joined(separator: "\n") + "\n"
    }
}

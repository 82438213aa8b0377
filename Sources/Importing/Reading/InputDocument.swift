internal import KubernetesAPI

/// One document of a file.
struct InputDocument {
    /// Its content. A command line is a list of its words.
    var value: JSONValue
    /// The words of a command line.
    var command: [[TextPart]]?
    /// The line of a field.
    var line: (FieldPath) -> Int?

    /// The documents of a file.
    ///
    /// - Returns: the documents, and what cannot be read, with its line.
    static func read(_ source: ImportSource, as format: ImportFormat?) -> (
        [InputDocument], [(line: Int?, reason: String)]
    ) {
        if let objects = source.objects {
            return (objects.map { InputDocument(value: $0, command: nil, line: { _ in nil }) }, [])
        }
        if format == .docker || format == nil && CommandLines.matches(source.text) { return commands(source) }
        do throws(YAMLError) {
            return (documents(try YAML.documents(in: source.text)), [])
        } catch {
            // Clients write JSON, often with comments, and tabs are not valid in YAML.
            let plain = JSONWithComments.plain(source.text)
            if let documents = try? YAML.documents(in: plain),
                documents.contains(where: { $0.value.objectValue != nil })
            {
                return (self.documents(documents), [])
            }
            if let value = try? JSONValue(parsing: Array(plain.utf8)) {
                return ([InputDocument(value: value, command: nil, line: { _ in nil })], [])
            }
            return ([], [(error.line, error.message)])
        }
    }

    private static func documents(_ documents: [YAMLDocument]) -> [InputDocument] {
        documents.filter { !$0.value.isNull }.map { document in
            InputDocument(value: document.value, command: nil, line: { document.line(of: $0) })
        }
    }

    private static func commands(_ source: ImportSource) -> ([InputDocument], [(line: Int?, reason: String)]) {
        let read = CommandLines(source.text)
        var problems = read.problems.map { (line: Optional($0.number), reason: $0.reason) }
        var documents: [InputDocument] = []
        for line in read.lines {
            var words = line.words
            while let first = words.first?.written, ["$", "sudo"].contains(first) { words.removeFirst() }
            guard let program = words.first?.written, DockerRun.programs.contains(Runner.name(of: program)) else {
                problems.append(
                    (
                        line.number,
                        "\(words.first?.written ?? "the line") is not docker run: only these command lines are read"
                    )
                )
                continue
            }
            documents.append(
                InputDocument(
                    value: .array(words.map { .string($0.written) }),
                    command: words,
                    line: { _ in line.number }
                )
            )
        }
        return (documents, problems)
    }
}

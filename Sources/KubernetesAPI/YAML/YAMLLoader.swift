/// Builds values from libyaml's events.
struct YAMLLoader {
    private struct Anchored {
        var value: JSONValue
        var nodes: Int
    }

    let limits: YAMLLimits
    private var anchors: [String: Anchored] = [:]
    private var lines: [FieldPath: Int] = [:]
    private var nodes = 0
    private var depth = 0

    init(limits: YAMLLimits) {
        self.limits = limits
    }

    func load(_ bytes: [UInt8]) throws(YAMLError) -> [YAMLDocument] {
        var result: Result<[YAMLDocument], YAMLError> = .success([])
        // libyaml needs a pointer even if there is nothing to read.
        guard !bytes.isEmpty else { return [] }
        bytes.withUnsafeBufferPointer { buffer in
            var loader = self
            do throws(YAMLError) {
                var reader = YAMLEventReader(buffer)
                result = .success(try loader.documents(&reader))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    private mutating func documents(_ reader: inout YAMLEventReader) throws(YAMLError) -> [YAMLDocument] {
        var documents: [YAMLDocument] = []
        while true {
            let (event, _) = try reader.next()
            switch event {
            case .streamEnd: return documents
            case .documentStart:
                anchors = [:]
                lines = [:]
                let (first, position) = try reader.next()
                let value = try node(first, position, at: .root, &reader)
                lines[.root] = position.line
                // An empty document between two `---` is read as null, and is not an object.
                if !value.isNull {
                    documents.append(YAMLDocument(value: value, line: position.line, lines: lines))
                }
            default: continue
            }
        }
    }

    private mutating func count(_ amount: Int, _ position: YAMLPosition) throws(YAMLError) {
        nodes += amount
        guard nodes <= limits.maximumNodes else {
            throw YAMLError(
                code: .limit,
                message:
                    "the text contains more than \(limits.maximumNodes) values with aliases resolved: use fewer aliases",
                line: position.line,
                column: position.column
            )
        }
    }

    private mutating func enter(_ position: YAMLPosition) throws(YAMLError) {
        depth += 1
        guard depth <= limits.maximumDepth else {
            throw YAMLError(
                code: .limit,
                message: "nested deeper than \(limits.maximumDepth) levels",
                line: position.line,
                column: position.column
            )
        }
    }

    private mutating func node(
        _ event: YAMLEvent,
        _ position: YAMLPosition,
        at path: FieldPath,
        _ reader: inout YAMLEventReader
    ) throws(YAMLError) -> JSONValue {
        let before = nodes
        try count(1, position)
        let value: JSONValue
        let anchor: String?
        switch event {
        case .alias(let name):
            guard let anchored = anchors[name] else {
                throw YAMLError(
                    code: .unknownAnchor,
                    message: "unknown anchor '\(name)' referenced",
                    line: position.line,
                    column: position.column
                )
            }
            try count(anchored.nodes, position)
            return anchored.value
        case .scalar(let text, let tag, let isPlain, let name):
            value = try YAMLScalar.resolve(text, tag: tag, isPlain: isPlain, position)
            anchor = name
        case .sequenceStart(let name):
            value = try sequence(position, at: path, &reader)
            anchor = name
        case .mappingStart(let name):
            value = try mapping(position, at: path, &reader)
            anchor = name
        default:
            throw YAMLError(
                code: .syntax,
                message: "expected a value",
                line: position.line,
                column: position.column
            )
        }
        if let anchor { anchors[anchor] = Anchored(value: value, nodes: nodes - before) }
        return value
    }

    private mutating func sequence(
        _ position: YAMLPosition,
        at path: FieldPath,
        _ reader: inout YAMLEventReader
    ) throws(YAMLError) -> JSONValue {
        try enter(position)
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        while true {
            let (event, position) = try reader.next()
            if case .sequenceEnd = event { return .array(elements) }
            let elementPath = path.index(elements.count)
            lines[elementPath] = position.line
            elements.append(try node(event, position, at: elementPath, &reader))
        }
    }

    private mutating func mapping(
        _ position: YAMLPosition,
        at path: FieldPath,
        _ reader: inout YAMLEventReader
    ) throws(YAMLError) -> JSONValue {
        try enter(position)
        defer { depth -= 1 }
        var members: [String: JSONValue] = [:]
        var merged: [JSONValue] = []
        while true {
            let (event, position) = try reader.next()
            if case .mappingEnd = event { break }
            if case .scalar(text: "<<", tag: nil, isPlain: true, anchor: _) = event {
                let (valueEvent, valuePosition) = try reader.next()
                merged.append(
                    contentsOf: try mergeSources(node(valueEvent, valuePosition, at: path, &reader), valuePosition)
                )
                continue
            }
            let key = try key(node(event, position, at: path, &reader), position)
            guard members[key] == nil else {
                throw YAMLError(
                    code: .duplicateKey,
                    message: "the mapping has the key \"\(key)\" twice: remove one of them",
                    line: position.line,
                    column: position.column
                )
            }
            let memberPath = path.key(key)
            lines[memberPath] = position.line
            let (valueEvent, valuePosition) = try reader.next()
            members[key] = try node(valueEvent, valuePosition, at: memberPath, &reader)
        }
        // The mapping's own keys override merged ones, and an earlier merged mapping overrides a later one.
        for source in merged {
            members.merge(source.objectValue ?? [:]) { own, _ in own }
        }
        return .object(members)
    }

    private func mergeSources(_ value: JSONValue, _ position: YAMLPosition) throws(YAMLError) -> [JSONValue] {
        switch value {
        case .object: return [value]
        case .array(let elements) where elements.allSatisfy { $0.objectValue != nil }: return elements
        default:
            throw YAMLError(
                code: .invalidValue,
                message: "a merge key (<<) needs a mapping or a sequence of mappings",
                line: position.line,
                column: position.column
            )
        }
    }

    private func key(_ value: JSONValue, _ position: YAMLPosition) throws(YAMLError) -> String {
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .number(let number): return "\(number)"
        case .bool(let flag): return flag ? "true" : "false"
        case .null, .array, .object:
            throw YAMLError(
                code: .invalidKey,
                message: "a key must be a string, not \(value.typeName): put it in quotes",
                line: position.line,
                column: position.column
            )
        }
    }
}

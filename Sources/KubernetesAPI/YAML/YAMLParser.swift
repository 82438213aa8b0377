internal import CYaml

/// Reads and writes YAML as `kubectl` does, as JSON values.
public enum YAML {
    /// Reads all documents of a text. Empty documents, between two `---` or before the first, are skipped. JSON documents may
    /// also follow each other without `---`.
    ///
    /// Scalars are resolved as in `sigs.k8s.io/yaml`, which `kubectl` uses: YAML 1.1's `yes`, `no`, `on`, `off`, `y`
    /// and `n` are booleans, `010` is 8, integers can be written in any form (`1e3` is 1000), timestamps remain text,
    /// merge keys (`<<`) are merged, and keys that are numbers or booleans become text.
    ///
    /// - Parameters:
    ///   - text: the file, in UTF-8.
    ///   - limits: the maximum depth and size of the documents.
    /// - Throws: `YAMLError`, with line and column.
    public static func documents(
        in text: some Collection<UInt8>,
        limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> [YAMLDocument] {
        let bytes = Array(text)
        let loader = YAMLLoader(limits: limits)
        guard let parts = ConcatenatedJSON.split(bytes) else { return try loader.load(bytes) }
        var documents: [YAMLDocument] = []
        for part in parts {
            do throws(YAMLError) {
                documents += try loader.load(Array(part.bytes)).map { $0.moved(down: part.lines) }
            } catch {
                var error = error
                if error.line == 1 { error.column += part.columns }
                error.line += part.lines
                throw error
            }
        }
        return documents
    }

    /// Reads all documents of a text.
    ///
    /// - Throws: `YAMLError`, with line and column.
    public static func documents(in text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> [YAMLDocument]
    {
        try documents(in: Array(text.utf8), limits: limits)
    }

    /// Reads a text with one document; `null` if there is none.
    ///
    /// - Throws: `YAMLError`, also if there is a second document.
    public static func value(of text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> JSONValue {
        let documents = try documents(in: text, limits: limits)
        if documents.count > 1 {
            throw YAMLError(
                code: .syntax,
                message: "a second document starts here, and only one is expected",
                line: documents[1].line,
                column: 1
            )
        }
        return documents.first?.value ?? .null
    }
}

/// The position of a parser's event.
struct YAMLPosition {
    var line: Int
    var column: Int
}

/// An event of libyaml's parser, independent of its memory.
enum YAMLEvent {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias(String)
    case scalar(text: String, tag: String?, isPlain: Bool, anchor: String?)
    case sequenceStart(anchor: String?)
    case sequenceEnd
    case mappingStart(anchor: String?)
    case mappingEnd
}

/// libyaml's parser over bytes that outlive it.
struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// - Parameter bytes: the text; must stay valid as long as the reader is used.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    mutating func next() throws(YAMLError) -> (event: YAMLEvent, position: YAMLPosition) {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let position = YAMLPosition(line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
        let data = event.data
        let result: YAMLEvent =
            switch event.type {
            case YAML_STREAM_START_EVENT: .streamStart
            case YAML_DOCUMENT_START_EVENT: .documentStart
            case YAML_DOCUMENT_END_EVENT: .documentEnd
            case YAML_ALIAS_EVENT: .alias(Self.string(data.alias.anchor) ?? "")
            case YAML_SCALAR_EVENT:
                .scalar(
                    text: String(
                        decoding: UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length),
                        as: UTF8.self
                    ),
                    tag: Self.string(data.scalar.tag),
                    isPlain: data.scalar.style == YAML_PLAIN_SCALAR_STYLE,
                    anchor: Self.string(data.scalar.anchor)
                )
            case YAML_SEQUENCE_START_EVENT: .sequenceStart(anchor: Self.string(data.sequence_start.anchor))
            case YAML_SEQUENCE_END_EVENT: .sequenceEnd
            case YAML_MAPPING_START_EVENT: .mappingStart(anchor: Self.string(data.mapping_start.anchor))
            case YAML_MAPPING_END_EVENT: .mappingEnd
            default: .streamEnd
            }
        return (result, position)
    }

    private static func string(_ pointer: UnsafePointer<UInt8>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func failure() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the text cannot be read"
        let isReader = parser.pointee.error == YAML_READER_ERROR
        let line = isReader ? Int(parser.pointee.mark.line) : Int(parser.pointee.problem_mark.line)
        let column = isReader ? Int(parser.pointee.mark.column) : Int(parser.pointee.problem_mark.column)
        return YAMLError(code: .syntax, message: problem, line: line + 1, column: column + 1)
    }
}

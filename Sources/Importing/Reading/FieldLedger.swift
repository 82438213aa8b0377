internal import KubernetesAPI

/// Records which fields of an input were read and which are reported, so that nothing is lost silently: what is neither is reported
/// when the input ends.
///
/// It is a class because all readers of one input share it. It never leaves the import that created it.
final class FieldLedger {
    /// The input.
    let value: JSONValue
    /// The file.
    let file: String
    /// The kind and name of the input in messages.
    var subject: String
    /// Why fields of this format are not carried over.
    var losses: [FieldLoss]
    private(set) var findings: [ImportFinding] = []
    private let line: (FieldPath) -> Int?
    private var read: Set<FieldPath> = []
    private var lost: Set<FieldPath> = []

    init(
        _ value: JSONValue,
        file: String,
        subject: String,
        losses: [FieldLoss] = [],
        line: @escaping (FieldPath) -> Int?
    ) {
        self.value = value
        self.file = file
        self.subject = subject
        self.losses = losses
        self.line = line
    }

    /// The reader of the whole input.
    var root: FieldReader { FieldReader(ledger: self, path: .root, value: value) }

    /// The line of a field, from 1.
    func line(of path: FieldPath) -> Int? { line(path) }

    /// Whether something was read or reported.
    var isTouched: Bool { !read.isEmpty || !lost.isEmpty }

    /// Reports that there is no manifest of an entry, whatever was read of it: only what was refused counts.
    func refuse(entry: FieldPath) {
        findings.removeAll { $0.kind != .refused && $0.field.isAtOrBelow(entry) }
        let isNamed = findings.contains { $0.kind == .refused && $0.field == entry }
        if !isNamed {
            add(.notCarriedOver, entry, "there is no manifest, because of what is refused", "correct that first")
        }
        lost.insert(entry)
    }

    /// Records that a finding covers the whole input.
    func markReported() { lost.insert(.root) }

    /// Marks a field and all of its members as read.
    func markRead(_ path: FieldPath) { read.insert(path) }

    /// Adds a finding about a field.
    func add(_ kind: ImportFinding.Kind, _ path: FieldPath, _ reason: String, _ solution: String = "") {
        if kind == .notCarriedOver || kind == .refused { lost.insert(path) }
        let value = self.value[path: path].map { Redaction.redacted($0, at: path, in: self.value) }
        findings.append(
            ImportFinding(
                kind: kind,
                file: file,
                line: line(path),
                subject: subject,
                field: path,
                value: path.elements.isEmpty ? nil : value,
                reason: reason,
                solution: solution
            )
        )
    }

    /// Reports everything that was neither read nor reported, and counts all fields.
    func finish() -> ImportedInput {
        var unread: [FieldPath] = []
        if !collect(value, at: .root, into: &unread) { unread = [.root] }
        for path in unread.sorted(by: Self.isBefore) {
            let loss = losses.first { $0.covers(path) }
            add(
                loss?.kind ?? .notCarriedOver,
                path,
                loss?.reason ?? "Moorage has no such field",
                loss?.solution ?? "if the server needs it, look for another way in docs/api.md"
            )
            lost.insert(path)
        }
        var input = ImportedInput(file: file, subject: subject, carriedOver: [], reported: [])
        count(value, at: .root, isRead: false, into: &input)
        findings.sort { left, right in
            (left.line ?? 0, left.field.description) < (right.line ?? 0, right.field.description)
        }
        return input
    }

    private static func isBefore(_ left: FieldPath, _ right: FieldPath) -> Bool { left.description < right.description }

    /// Collects the fields that nobody has read, each as high up as possible.
    ///
    /// - Returns: whether something in the value was read or reported.
    private func collect(_ value: JSONValue, at path: FieldPath, into unread: inout [FieldPath]) -> Bool {
        if read.contains(path) || lost.contains(path) { return true }
        let children = Self.children(of: value, at: path)
        guard !children.isEmpty else { return false }
        var isTouched = losses.contains { $0.isBelow(path) }
        var missing: [FieldPath] = []
        for (path, child) in children {
            var inner: [FieldPath] = []
            if collect(child, at: path, into: &inner) {
                isTouched = true
                missing += inner
            } else {
                missing.append(path)
            }
        }
        if isTouched { unread += missing }
        return isTouched
    }

    private func count(_ value: JSONValue, at path: FieldPath, isRead: Bool, into input: inout ImportedInput) {
        if lost.contains(path) { return countAll(value, at: path, into: &input.reported) }
        let isRead = isRead || read.contains(path)
        let children = Self.children(of: value, at: path)
        guard !children.isEmpty else {
            if isRead { input.carriedOver.append(path) } else { input.reported.append(path) }
            return
        }
        for (path, child) in children { count(child, at: path, isRead: isRead, into: &input) }
    }

    private func countAll(_ value: JSONValue, at path: FieldPath, into paths: inout [FieldPath]) {
        let children = Self.children(of: value, at: path)
        if children.isEmpty { paths.append(path) }
        for (path, child) in children { countAll(child, at: path, into: &paths) }
    }

    /// The members or elements of a value, in a stable order.
    static func children(of value: JSONValue, at path: FieldPath) -> [(FieldPath, JSONValue)] {
        switch value {
        case .object(let members): members.sorted { $0.key < $1.key }.map { (path.key($0.key), $0.value) }
        case .array(let elements): elements.enumerated().map { (path.index($0.offset), $0.element) }
        default: []
        }
    }
}

/// Why a field of a format is not carried over, and what to do instead.
struct FieldLoss: Sendable {
    /// The field, with `*` for any key or index.
    let pattern: [String]
    let reason: String
    let solution: String
    var kind = ImportFinding.Kind.notCarriedOver

    init(_ pattern: String, _ reason: String, _ solution: String = "", kind: ImportFinding.Kind = .notCarriedOver) {
        self.pattern = pattern.split(separator: ".").map(String.init)
        self.reason = reason
        self.solution = solution
        self.kind = kind
    }

    /// Whether this is about a field or one above it.
    func covers(_ path: FieldPath) -> Bool {
        pattern.count <= path.elements.count && zip(pattern, path.elements).allSatisfy(Self.matches)
    }

    /// Whether this is about a field below another one.
    func isBelow(_ path: FieldPath) -> Bool {
        pattern.count > path.elements.count && zip(pattern, path.elements).allSatisfy(Self.matches)
    }

    private static func matches(_ part: String, _ element: FieldPath.Element) -> Bool {
        if part == "*" { return true }
        if case .key(let key) = element { return key == part }
        return false
    }
}

extension [FieldLoss] {
    /// What an API server adds to each object, and what is not configuration.
    static let metadata: [FieldLoss] = {
        let state = "is set by the cluster that the object comes from"
        return ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"].map {
            FieldLoss("metadata.\($0)", state, kind: .note)
        } + [
            FieldLoss("metadata.ownerReferences", "names objects of the other operator"),
            FieldLoss("metadata.finalizers", "belongs to the other operator"),
            FieldLoss("status", "is the observed state, which Moorage determines itself", kind: .note),
        ]
    }()
}

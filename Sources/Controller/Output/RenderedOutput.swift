import CommandSupport
import ArgumentParser
import FoundationEssentials
import KubernetesAPI

/// How rendered objects are written: as one text, or as one file for each object.
struct RenderedOutput: Sendable {
    /// The format.
    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case yaml
        case json
    }

    /// The format.
    var format: Format

    /// All objects as one text: YAML documents, or one JSON object, a `List` if there are several, like `kubectl`.
    func text(_ objects: [JSONValue]) -> String {
        switch format {
        case .yaml:
            return YAML.text(objects)
        case .json:
            if objects.isEmpty { return "" }
            if objects.count == 1, let only = objects.first { return only.indentedJSON() + "\n" }
            let list: JSONValue = ["apiVersion": "v1", "kind": "List", "items": .array(objects)]
            return list.indentedJSON() + "\n"
        }
    }

    /// Writes each object to a separate file: `NAMESPACE/KIND-NAME.yaml`, and cluster-scoped objects directly into the
    /// directory.
    ///
    /// - Returns: the paths that were written, in the order of the objects.
    /// - Throws: `CommandFailure` naming what could not be written.
    func write(_ objects: [JSONValue], to directory: String) throws -> [String] {
        var written: [String] = []
        for object in objects {
            let path = "\(directory)/\(fileName(of: object))"
            let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? directory
            do {
                try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            } catch {
                throw CommandFailure("\(parent): the directory cannot be created", underlying: error)
            }
            try PrivateFile.write(text([object]), to: path)
            written.append(path)
        }
        return written
    }

    /// Names of objects consist of lower-case letters, digits, dots and dashes, except those of RBAC, which can also
    /// contain colons.
    func fileName(of object: JSONValue) -> String {
        let kind = object["kind"]?.stringValue?.lowercased() ?? "object"
        let name = object[path: ["metadata", "name"]]?.stringValue ?? "unnamed"
        let file = "\(kind)-\(name).\(format.rawValue)"
        let safe = String(file.map { $0 == "/" || $0 == "\\" || $0 == ":" ? "_" : $0 })
        guard let namespace = object[path: ["metadata", "namespace"]]?.stringValue, !namespace.isEmpty else {
            return safe
        }
        return "\(namespace)/\(safe)"
    }
}

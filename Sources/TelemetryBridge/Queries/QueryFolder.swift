internal import FoundationEssentials

/// Reads saved queries from a folder, such as a mounted ConfigMap: one file for each.
struct QueryFolder: Sendable {
    /// How many files are read at most.
    static let maximumFiles = 200

    let path: String

    /// The folder's queries, and what is wrong with the other files.
    struct Content: Sendable, Hashable {
        var queries: [SavedQuery] = []
        var problems: [String] = []
    }

    /// - Returns: the content; a folder that cannot be read is a problem.
    func read() -> Content {
        var content = Content()
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            content.problems.append("\(path): the folder cannot be read")
            return content
        }
        // A mounted ConfigMap has hidden folders and links; its files are links themselves.
        let files = names.filter { !$0.hasPrefix(".") }.sorted()
        for name in files.prefix(Self.maximumFiles) {
            guard SavedQuery.Language.allCases.contains(where: { name.hasSuffix(".\($0.rawValue)") }) else { continue }
            let file = "\(path)/\(name)"
            guard let data = try? Data(contentsOf: URL(filePath: file)),
                let text = String(validating: data, as: UTF8.self)
            else {
                content.problems.append("\(file): the file cannot be read, or is not UTF-8")
                continue
            }
            do throws(QueryTemplate.Problem) {
                content.queries.append(try SavedQuery(name: name, text: text))
            } catch {
                content.problems.append("\(file): \(error.description)")
            }
        }
        if files.count > Self.maximumFiles {
            content.problems.append("\(path): only the first \(Self.maximumFiles) files are read")
        }
        return content
    }
}

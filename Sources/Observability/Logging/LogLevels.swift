public import Logging

/// Which log lines are written: a default level, and levels for modules, such as `info,reconcilers=debug,nio=warning`.
///
/// A directive for `runtime` applies to the labels `runtime` and `runtime.queue`. If several match, the longest
/// applies. If none matches the logger's label, the name of the module is matched, so that `AsyncHTTPClient=debug` also
/// works. Case is ignored.
public struct LogLevels: Sendable, Equatable {
    /// The level if no directive matches.
    public var standard: Logger.Level
    /// The levels of modules, by name in lower case.
    public var modules: [String: Logger.Level]

    public init(standard: Logger.Level = .info, modules: [String: Logger.Level] = [:]) {
        self.standard = standard
        self.modules = modules
    }

    /// Parses directives that are separated by commas.
    ///
    /// - Throws: `LogLevelsError`, which names the invalid directive.
    public init(parsing text: String, standard: Logger.Level = .info) throws {
        self.init(standard: standard)
        for part in text.split(separator: ",") {
            let directive = String(part).trimmingSpaces()
            if directive.isEmpty { continue }
            let sides = directive.split(separator: "=", omittingEmptySubsequences: false)
                .map { String($0).trimmingSpaces() }
            switch sides.count {
            case 1:
                self.standard = try Self.level(sides[0], in: directive)
            case 2 where !sides[0].isEmpty:
                modules[sides[0].lowercased()] = try Self.level(sides[1], in: directive)
            default:
                throw LogLevelsError(directive: directive, problem: "it must be LEVEL or MODULE=LEVEL")
            }
        }
    }

    /// The level for a line of a module with this logger label.
    public func level(label: String, module: String? = nil) -> Logger.Level {
        if modules.isEmpty { return standard }
        return match(label) ?? module.flatMap(match) ?? standard
    }

    /// The most verbose of all levels: anything below it is never written.
    var mostVerbose: Logger.Level { modules.values.reduce(standard, min) }

    private func match(_ name: String) -> Logger.Level? {
        var name = name.lowercased()[...]
        while true {
            if let level = modules[String(name)] { return level }
            guard let dot = name.lastIndex(of: ".") else { return nil }
            name = name[..<dot]
        }
    }

    private static func level(_ text: String, in directive: String) throws -> Logger.Level {
        let lower = text.lowercased()
        if let level = Logger.Level(rawValue: lower) { return level }
        switch lower {
        case "warn": return .warning
        case "err": return .error
        default:
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw LogLevelsError(directive: directive, problem: "\"\(text)\" is not a level; the levels are \(known)")
        }
    }
}

/// An invalid log level directive.
public struct LogLevelsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The directive as written.
    public var directive: String
    /// What is wrong with it.
    public var problem: String

    public var description: String { "log level \"\(directive)\": \(problem)" }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

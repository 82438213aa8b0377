import CRDModels
import Foundation
import KubernetesAPI
import Testing

/// A run on a real cluster, with its own namespace and `kubectl`.
final class RealCluster {
    let namespace = "moorage-api-\(UInt32.random(in: .min ... .max))"
    private let directory: URL
    private let kubeconfig: String

    /// The kubeconfig that `MOORAGE_TEST_KUBECONFIG` names, if it is set.
    static let configured = ProcessInfo.processInfo.environment["MOORAGE_TEST_KUBECONFIG"].flatMap { path in
        path.isEmpty ? nil : path
    }

    init(kubeconfig: String) throws {
        self.kubeconfig = kubeconfig
        directory = FileManager.default.temporaryDirectory.appending(path: namespace)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for definition in CustomResourceDefinitions.all {
            try check(run(["apply", "--server-side", "--force-conflicts", "-f", file(definition)]))
        }
        try check(run(["wait", "--for=condition=Established", "crd", "-l", "app.kubernetes.io/part-of=moorage"]))
        try check(run(["create", "namespace", namespace]))
    }

    func cleanUp() {
        _ = try? run(["delete", "namespace", namespace, "--wait=false", "--ignore-not-found"])
        try? FileManager.default.removeItem(at: directory)
    }

    /// - Returns: the server's errors, one line each.
    func create(_ object: JSONValue, dryRun: Bool, isStrict: Bool = true) throws -> [String] {
        let options = dryRun ? ["--dry-run=server"] : []
        let validation = isStrict ? "--validate=strict" : "--validate=ignore"
        return try errors(of: run(["create", validation, "-f", file(object)] + options))
    }

    func replace(_ object: JSONValue, isStrict: Bool = true) throws -> [String] {
        let validation = isStrict ? "--validate=strict" : "--validate=ignore"
        return try errors(of: run(["replace", "--dry-run=server", validation, "-f", file(object)]))
    }

    func get(_ object: JSONValue) throws -> JSONValue {
        let result = try run(["get", "-o", "json", "-f", file(object)])
        try check(result)
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    func patchStatus(of object: JSONValue, to status: JSONValue) throws {
        let patch = String(decoding: JSONValue.object(["status": status]).serialized(), as: UTF8.self)
        try check(run(["patch", "--subresource=status", "--type=merge", "-p", patch, "-f", file(object)]))
    }

    func delete(_ object: JSONValue) {
        _ = try? run(["delete", "--wait=false", "-f", file(object)])
    }

    private struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    private struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private func check(_ result: Result) throws {
        guard result.status == 0 else { throw Failure(description: result.errors) }
    }

    private func file(_ object: JSONValue) throws -> String {
        let name = object[path: ["metadata", "name"]]?.stringValue ?? "object"
        let url = directory.appending(path: "\(name.prefix(80)).json")
        try Data(object.serialized()).write(to: url)
        return url.path
    }

    private func run(_ arguments: [String]) throws -> Result {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["kubectl", "--kubeconfig", kubeconfig] + arguments
        let output = directory.appending(path: "stdout")
        let errors = directory.appending(path: "stderr")
        for url in [output, errors] { try Data().write(to: url) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        )
    }

    /// `kubectl` prints `The KIND "NAME" is invalid: ERROR`, or one line for each error, after `* `.
    private func errors(of result: Result) throws -> [String] {
        if result.status == 0 { return [] }
        guard let range = result.errors.range(of: "is invalid: ") else { throw Failure(description: result.errors) }
        let text = result.errors[range.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasPrefix("* ") else { return [text] }
        return text.split(separator: "\n").filter { $0.hasPrefix("* ") }.map { String($0.dropFirst(2)) }
    }
}

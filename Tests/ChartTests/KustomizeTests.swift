import Foundation
import KubernetesAPI
import TestSupport
import Testing

/// The manifests of `config`, compared with the chart that they are generated from.
@Suite("The kustomize bases")
struct KustomizeTests {
    /// Objects by kind, namespace and name, without the differences between the tools: Helm's labels and checksum, and
    /// kustomize's suffix of a ConfigMap's name. The configuration is compared as parsed values.
    private func normalized(_ documents: [JSONValue]) throws -> [String: JSONValue] {
        var objects: [String: JSONValue] = [:]
        for var object in documents where object != .null {
            for path in [["metadata", "labels"], ["spec", "template", "metadata", "labels"]] {
                guard var labels = object[path: path]?.objectValue else { continue }
                labels["app.kubernetes.io/managed-by"] = nil
                labels["helm.sh/chart"] = nil
                object[path: path] = .object(labels)
            }
            let annotations = ["spec", "template", "metadata", "annotations"]
            if var own = object[path: annotations]?.objectValue {
                own["checksum/config"] = nil
                object[path: annotations] = .object(own)
            }
            let kind = object["kind"]?.stringValue ?? ""
            if kind == "ConfigMap" {
                object[path: ["metadata", "name"]] = .string(Chart.configuration)
                let text = object[path: ["data", "config.yaml"]]?.stringValue ?? ""
                object["data"] = try YAML.documents(in: text)[0].value
            }
            if kind == "Deployment", let volumes = object[path: ["spec", "template", "spec", "volumes"]]?.arrayValue {
                let named = volumes.map { volume in
                    var volume = volume
                    guard let name = volume[path: ["configMap", "name"]]?.stringValue else { return volume }
                    #expect(name.hasPrefix(Chart.configuration))
                    volume[path: ["configMap", "name"]] = .string(Chart.configuration)
                    return volume
                }
                object[path: ["spec", "template", "spec", "volumes"]] = .array(named)
            }
            let name = object[path: ["metadata", "name"]]?.stringValue ?? ""
            objects["\(kind) \(object[path: ["metadata", "namespace"]]?.stringValue ?? "")/\(name)"] = object
        }
        return objects
    }

    private func build(_ folders: [String]) async throws -> [JSONValue] {
        var documents: [JSONValue] = []
        for folder in folders {
            let text = try await Tool.kubectl()("kustomize", "config/\(folder)")
            documents += try YAML.documents(in: text).map(\.value)
        }
        return documents
    }

    @Test(
        "an overlay is equal to the chart's render",
        arguments: [("default", []), ("airgapped", ["--values", "config/airgapped/values.yaml"])]
    )
    func equal(overlay: String, arguments: [String]) async throws {
        var built = try normalized(try await build([overlay, "class"]))
        // Helm creates the namespace itself, with --create-namespace.
        let namespace = built.removeValue(forKey: "Namespace /\(Chart.namespace)")
        #expect(namespace?[path: ["metadata", "labels", "pod-security.kubernetes.io/enforce"]] == "restricted")
        var rendered = try normalized(try await Chart.documents(["--include-crds"] + arguments))
        // Helm makes the keys of sessions at random.
        #expect(rendered.removeValue(forKey: "Secret \(Chart.namespace)/moorage-gateway-session") != nil)
        #expect(built.keys.sorted() == rendered.keys.sorted())
        for (key, object) in rendered {
            if let other = built[key], other != object { Issue.record("\(key) differs\n\(other)\n\(object)") }
        }
    }

    @Test("the image is pinned in one place, and named where the adapter for stdio comes from and is allowed")
    func image() async throws {
        let folders = ["crd", "rbac", "manager", "class", "default", "airgapped", "admission"]
        var places: [String] = []
        for folder in folders where folder != "crd" {
            let path = "\(Tool.packageRoot)/config/\(folder)"
            for file in try FileManager.default.contentsOfDirectory(atPath: path) {
                let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
                if text.contains("newTag:") || text.contains("controller:0.") { places.append("\(folder)/\(file)") }
            }
        }
        let policies = ["images", "pods", "server-images"].flatMap { (name: String) -> [String] in
            ["admission/\(name).yaml", "airgapped/admission-\(name).yaml"]
        }
        let configuration = ["airgapped/config.yaml", "manager/config.yaml", "manager/kustomization.yaml"]
        #expect(Set(places) == Set(policies + configuration))
    }

    @Test("a changed configuration changes the name of the ConfigMap, which restarts the pods")
    func roll() async throws {
        let documents = try await build(["default"]) + build(["airgapped"])
        let names = documents.filter { $0["kind"] == "ConfigMap" }
            .compactMap { $0[path: ["metadata", "name"]]?.stringValue }
        #expect(Set(names).count == 2)
        let used = documents.filter { $0["kind"] == "Deployment" }
            .compactMap {
                $0[path: ["spec", "template", "spec", "volumes"]]?.arrayValue?.first?[path: ["configMap", "name"]]?
                    .stringValue
            }
        // The controller and the gateway of each use the same.
        #expect(used.count == 4)
        #expect(Set(used) == Set(names))
    }

    @Test("the bases are up to date with the chart")
    func generated() async throws {
        let bash = Tool(path: "/bin/bash")
        let folder = FileManager.default.temporaryDirectory.appending(path: "moorage-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["charts", "config", "scripts"] {
            try FileManager.default.copyItem(
                at: URL(filePath: "\(Tool.packageRoot)/\(name)"),
                to: folder.appending(path: name)
            )
        }
        let helm = URL(filePath: try Tool.helm().path).deletingLastPathComponent().path()
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        try await bash(
            folder.appending(path: "scripts/generate-manifests").path(),
            environment: ["PATH": "\(helm):\(path)"]
        )
        let difference = try await Tool(path: "/usr/bin/env").attempt([
            "diff", "-r", "\(Tool.packageRoot)/config", folder.appending(path: "config").path(),
        ])
        #expect(difference.status == 0, "config is out of date, run `make generate`: \(difference.output)")
    }
}

import Foundation
import KubernetesAPI
import MCPTestSupport

/// The objects of `examples/telemetry.yaml`.
enum ExampleManifest {
    static func objects() throws -> [JSONValue] {
        let path = PythonPackages.packageRoot + "/examples/telemetry.yaml"
        return try YAML.documents(in: Data(contentsOf: URL(filePath: path))).map(\.value)
    }
}

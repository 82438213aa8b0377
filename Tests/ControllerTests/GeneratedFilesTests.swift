import CRDModels
import FoundationEssentials
import KubernetesAPI
import Policy
import TestSupport
import Testing

@testable import Controller

@Suite("Generated files")
struct GeneratedFilesTests {
    @Test("the committed definitions are up to date")
    func definitions() throws {
        for file in CustomResourceDefinitions.files {
            let path = "\(Binary.packageRoot)/config/crd/\(file.name)"
            let committed = FileManager.default.contents(atPath: path)
            #expect(committed == Data(file.text.utf8), "config/crd/\(file.name) is out of date: run `make generate`")
        }
    }

    @Test("the committed pages are up to date")
    func documentation() throws {
        for file in GeneratedFiles.documentation {
            let path = "\(Binary.packageRoot)/docs/\(file.name)"
            let committed = FileManager.default.contents(atPath: path)
            #expect(committed == Data(file.text.utf8), "docs/\(file.name) is out of date: run `make generate`")
        }
    }

    @Test("the chart's definitions and the schema of its values are up to date")
    func chart() throws {
        let chart = "\(Binary.packageRoot)/charts/moorage"
        for file in ChartFiles.definitions + AdmissionPolicies.chartTemplates + DashboardFiles.all {
            let committed = FileManager.default.contents(atPath: "\(chart)/\(file.name)")
            #expect(
                committed == Data(file.text.utf8),
                "charts/moorage/\(file.name) is out of date: run `make generate`"
            )
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(chart)/crds").map { "crds/\($0)" }
        #expect(files.sorted() == ChartFiles.definitions.map(\.name).sorted())
        let schema = try #require(FileManager.default.contents(atPath: "\(chart)/\(ChartFiles.schemaName)"))
        let generated = ChartFiles.schema(from: try JSONValue(parsing: Array(schema)))
        #expect(schema == Data(generated.utf8), "\(ChartFiles.schemaName) is behind: run `make generate`")
    }

    @Test("there are no other dashboards and rules than those of the code")
    func dashboards() throws {
        let chart = "\(Binary.packageRoot)/charts/moorage"
        let files = try [DashboardFiles.dashboardFolder, DashboardFiles.ruleFolder].flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: "\(chart)/\(folder)").map { "\(folder)/\($0)" }
        }
        #expect(files.sorted() == DashboardFiles.all.map(\.name).sorted())
    }

    @Test("moorage generate dashboards writes the files, into a directory that does not exist yet")
    func dashboardsCommand() async throws {
        let directory = try TemporaryDirectory()
        let written = try await Binary.run("generate", "dashboards", "--output-dir", directory.path + "/chart")
        #expect(written.status == 0)
        for file in DashboardFiles.all {
            let content = FileManager.default.contents(atPath: "\(directory.path)/chart/\(file.name)")
            let isEqual = content == Data(file.text.utf8)
            #expect(isEqual, "\(file.name)")
        }
    }

    @Test("moorage crd prints every definition, and writes the same to files")
    func command() async throws {
        let printed = try await Binary.run("crd")
        #expect(printed.status == 0)
        let documents = try YAML.documents(in: printed.output)
        #expect(documents.map(\.value) == CustomResourceDefinitions.all)

        let directory = try TemporaryDirectory()
        let written = try await Binary.run("crd", "--output-dir", directory.path + "/crd")
        #expect(written.status == 0)
        let paths = CustomResourceDefinitions.files.map { "\(directory.path)/crd/\($0.name)" }
        #expect(written.output == paths.joined(separator: "\n") + "\n")
    }
}

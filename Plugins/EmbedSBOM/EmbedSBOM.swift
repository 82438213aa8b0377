import Foundation
import PackagePlugin

/// Embeds the packages that a program is built from, so that `moorage version --sbom` can list them.
///
/// The versions come from `Package.resolved`; SwiftPM knows which package depends on which, and where each has its license.
@main
struct EmbedSBOM: BuildToolPlugin {
    /// The names that files with licenses have, in order of preference.
    private static let licenseNames = ["LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "COPYING"]

    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedInventory.swift")
        let root = context.package
        var arguments = ["--output", output.path(percentEncoded: false), "--root", root.id]
        var inputs: [URL] = []
        let resolved = root.directoryURL.appending(path: "Package.resolved")
        if FileManager.default.fileExists(atPath: resolved.path(percentEncoded: false)) {
            arguments += ["--resolved", resolved.path(percentEncoded: false)]
            inputs.append(resolved)
        }
        for package in Self.packages(from: root) {
            let dependencies = Set(package.dependencies.map(\.package.id)).sorted()
            arguments += ["--dependencies", "\(package.id)=\(dependencies.joined(separator: ","))"]
            if let license = Self.license(of: package) {
                arguments += ["--license", "\(package.id)=\(license.path(percentEncoded: false))"]
                inputs.append(license)
            }
        }
        return [
            .buildCommand(
                displayName: "Listing the packages of \(target.name)",
                executable: try context.tool(named: "SBOMGenerator").url,
                arguments: arguments,
                inputFiles: inputs,
                outputFiles: [output]
            )
        ]
    }

    /// A package and everything that it depends on, each once.
    private static func packages(from root: Package) -> [Package] {
        var found: [Package] = []
        var seen: Set<Package.ID> = [root.id]
        var waiting = [root]
        while let package = waiting.popLast() {
            found.append(package)
            waiting += package.dependencies.map(\.package).filter { seen.insert($0.id).inserted }
        }
        return found.sorted { $0.id < $1.id }
    }

    private static func license(of package: Package) -> URL? {
        licenseNames.map { package.directoryURL.appending(path: $0) }.first {
            FileManager.default.fileExists(atPath: $0.path(percentEncoded: false))
        }
    }
}

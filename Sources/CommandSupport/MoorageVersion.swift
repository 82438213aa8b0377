internal import BuildInformation

/// The version of Moorage.
package struct MoorageVersion: Sendable {
    /// The release, by https://semver.org.
    package var version: String
    /// The version of the API that it serves.
    package var apiVersion: String
    /// The platform it was built for, such as `linux/amd64`.
    package var platform: String
    /// The commit that it was built from, if the build set it.
    package var commit: String?
    /// The builder and its run that produced the binary, if the build set it.
    package var build: String?
    /// The time of the build in seconds since 1970, which is reproducible: that of the commit, or 0 if the build did not set it
    /// (https://reproducible-builds.org/docs/source-date-epoch).
    package var created: Int

    /// The running binary.
    package static let current = MoorageVersion(
        version: "0.1.0",
        apiVersion: "moorage.dev/v1alpha1",
        platform: "\(operatingSystem)/\(architecture)",
        commit: text(moorage_build_commit()),
        build: text(moorage_build_number()),
        created: text(moorage_build_time()).flatMap { Int($0) } ?? 0
    )

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer, pointer.pointee != 0 else { return nil }
        return String(cString: pointer)
    }

    private static var operatingSystem: String {
        #if os(Linux)
            "linux"
        #elseif os(macOS)
            "darwin"
        #else
            "unknown"
        #endif
    }

    private static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #else
            "unknown"
        #endif
    }
}

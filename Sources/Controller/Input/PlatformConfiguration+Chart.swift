import CommandSupport
import Policy

extension PlatformConfiguration {
    /// The image of the controller, as the chart has it by default. A release has the version of its chart.
    static let chartImage = "ghcr.io/moorage/controller:\(MoorageVersion.current.version)"

    /// The settings with what the chart adds to them, for commands that read no installation: the image with the adapter for stdio.
    var asInstalled: PlatformConfiguration {
        var platform = self
        var stdio = platform.stdio ?? PlatformStdio()
        stdio.image = stdio.image ?? Self.chartImage
        platform.stdio = stdio
        return platform
    }
}

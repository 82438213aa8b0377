import CommandSupport
import Policy

extension PlatformConfiguration {
    /// The image of the controller, as the chart has it by default. A release has the version of its chart.
    static let chartImage = "ghcr.io/moorage/controller:\(MoorageVersion.current.version)"

    /// The gateway's ServiceAccount of a release named `moorage`.
    static let chartGatewayAccount = "moorage-gateway"

    /// The settings with what the chart adds to them, for commands that read no installation: the image with the adapter for stdio, and the
    /// gateway's ServiceAccount.
    var asInstalled: PlatformConfiguration {
        var platform = self
        var stdio = platform.stdio ?? PlatformStdio()
        stdio.image = stdio.image ?? Self.chartImage
        platform.stdio = stdio
        var gateway = platform.gateway ?? GatewaySettings()
        gateway.serviceAccountName = gateway.serviceAccountName ?? Self.chartGatewayAccount
        platform.gateway = gateway
        return platform
    }
}

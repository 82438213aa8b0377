/// Where the gateway sends spans of the requests that it serves: to a collector, as JSON over HTTP (OTLP). Nothing is sent by default.
public struct GatewayTracing: Sendable, Hashable, Codable {
    /// The collector's URL for traces, such as `https://collector.example.com:4318/v1/traces`.
    public var endpoint: String
    /// Whether the URL can be one of plain HTTP. Defaults to `false`.
    public var allowPlainHTTP: Bool?
    /// A file with the value of the header `Authorization`, such as `Bearer …`. It is read for each request.
    public var authorizationFile: String?
    /// A file with certificates of authorities in PEM, which replaces those of the system. It is read for each request.
    public var caFile: String?
    /// How many of the traces are recorded that begin at the gateway, from 0 to 1. Defaults to 1. In other traces, the client decides.
    public var sampleRatio: Double?
    /// How many spans can wait to be sent; further ones are dropped. Defaults to 4096.
    public var queueLength: Int?
    /// How long one request to the collector can take, in seconds. Defaults to 10.
    public var timeoutSeconds: Int?

    public init(
        endpoint: String,
        allowPlainHTTP: Bool? = nil,
        authorizationFile: String? = nil,
        caFile: String? = nil,
        sampleRatio: Double? = nil,
        queueLength: Int? = nil,
        timeoutSeconds: Int? = nil
    ) {
        self.endpoint = endpoint
        self.allowPlainHTTP = allowPlainHTTP
        self.authorizationFile = authorizationFile
        self.caFile = caFile
        self.sampleRatio = sampleRatio
        self.queueLength = queueLength
        self.timeoutSeconds = timeoutSeconds
    }

    /// The default of `queueLength`.
    public static let defaultQueueLength = 4_096

    /// How long one request to the collector can take.
    public var timeout: Duration { .seconds(timeoutSeconds ?? 10) }

    func validate(field: String) throws(SettingsError) {
        guard endpoint.hasPrefix("https://") || endpoint.hasPrefix("http://"),
            FetchURL.problem(endpoint, allowPlainHTTP: true) == nil
        else {
            throw SettingsError(
                field: "\(field).endpoint",
                "\"\(endpoint)\" must be a URL such as https://collector.example.com:4318/v1/traces, without user and fragment"
            )
        }
        guard FetchURL.problem(endpoint, allowPlainHTTP: allowPlainHTTP ?? false) == nil else {
            throw SettingsError(
                field: "\(field).endpoint",
                """
                "\(endpoint)" must start with https://; set allowPlainHTTP to accept that whoever is in between can read the spans
                """
            )
        }
        try SettingsError.check(path: authorizationFile, field: "\(field).authorizationFile")
        try SettingsError.check(path: caFile, field: "\(field).caFile")
        if let sampleRatio, !(0...1).contains(sampleRatio) {
            throw SettingsError(field: "\(field).sampleRatio", "\(sampleRatio) must be from 0 to 1")
        }
        try SettingsError.check(queueLength, in: 1...1_000_000, field: "\(field).queueLength")
        try SettingsError.check(timeoutSeconds, in: 1...60, field: "\(field).timeoutSeconds")
    }
}

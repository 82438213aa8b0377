internal import Crypto
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOSSL

/// Puts TLS before another channel, with the certificate that is current when a connection begins.
struct ReloadingTLSChannel<Base: ServerChildChannel>: ServerChildChannel {
    typealias Value = Base.Value

    let base: Base
    let certificates: ServerCertificates

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificates.context))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

extension ClientCertificate {
    /// The certificate of a client, which TLS has verified.
    ///
    /// - Returns: `nil` if the client has none.
    static func verified(of channel: any Channel) async -> ClientCertificate? {
        guard let certificate = try? await channel.nioSSL_peerCertificate().get() else { return nil }
        return ClientCertificate(certificate)
    }

    init?(_ certificate: NIOSSLCertificate) {
        guard let bytes = try? certificate.toDERBytes() else { return nil }
        var names: Set<String> = []
        if let name = DistinguishedNames.commonName(ofCertificate: bytes) { names.insert("CN:\(name)") }
        for name in certificate._subjectAlternativeNames() {
            let kind: String
            switch name.nameType {
            case .dnsName: kind = "DNS"
            case .uri: kind = "URI"
            case .email: kind = "email"
            default: continue
            }
            // These names are ASCII (RFC 5280, section 4.2.1.6); others could look like them.
            let text = name.contents.withUnsafeBufferPointer { Array($0) }
            guard !text.isEmpty, text.allSatisfy({ (0x21...0x7E).contains($0) }) else { continue }
            names.insert("\(kind):\(String(decoding: text, as: UTF8.self))")
        }
        self.init(names: names, sha256: Array(SHA256.hash(data: bytes)))
    }
}

import Foundation
public import MCPProtocol
import Subprocess

/// Makes keys and tokens with `joserfc` of PyPI, which `scripts/install-python-tools` puts into `.cache/python`: a library of others, so that
/// a mistake of ours in signatures or keys is not also in the tests.
public enum TokenJudge {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: ".cache/python/mcp").path()

    /// In CI a missing package fails the tests; elsewhere they are skipped.
    public static let canRun =
        ProcessInfo.processInfo.environment["CI"] != nil
        || FileManager.default.fileExists(atPath: folder + "/joserfc")

    /// A token to make.
    public struct Order: Sendable {
        /// The name of the key that signs it.
        public var key: String
        /// The header.
        public var header: RawJSON
        /// The payload, which does not have to be valid.
        public var payload: String

        public init(key: String, header: RawJSON, payload: String) {
            self.key = key
            self.header = header
            self.payload = payload
        }
    }

    /// What was made.
    public struct Made: Sendable {
        /// The public keys by name.
        public var keys: [String: RawJSON]
        /// The tokens, in the order in which they were asked for.
        public var tokens: [String]
    }

    /// The judge cannot be run.
    public struct Unavailable: Error, CustomStringConvertible {
        public let description: String
    }

    /// Keys: `rsa`, `rsa-small`, `p256`, `p384`, `p521`, `ed25519`, `other` (RSA), and `public`, a shared secret of the PEM form of the public
    /// key of `rsa`.
    private static let program = """
        import base64, hashlib, hmac, json, sys, warnings
        warnings.simplefilter("ignore")
        from joserfc import jws
        from joserfc.jwk import ECKey, OKPKey, RSAKey
        keys = {
            "rsa": RSAKey.generate_key(2048), "other": RSAKey.generate_key(2048), "rsa-small": RSAKey.generate_key(1024),
            "p256": ECKey.generate_key("P-256"), "p384": ECKey.generate_key("P-384"), "p521": ECKey.generate_key("P-521"),
            "ed25519": OKPKey.generate_key("Ed25519"),
        }
        tokens = []
        for order in json.load(sys.stdin):
            header, payload = order["header"], order["payload"]
            if order["key"] == "public":
                encode = lambda part: base64.urlsafe_b64encode(part).rstrip(b"=")
                text = encode(json.dumps(header).encode()) + b"." + encode(payload.encode())
                secret = keys["rsa"].as_pem(private=False)
                tokens.append((text + b"." + encode(hmac.new(secret, text, hashlib.sha256).digest())).decode())
            else:
                tokens.append(jws.serialize_compact(header, payload, keys[order["key"]], algorithms=[header["alg"]]))
        print(json.dumps({"keys": {name: key.as_dict(private=False) for name, key in keys.items()}, "tokens": tokens}))
        """

    /// Makes keys, which are new each time, and tokens.
    public static func make(_ orders: [Order]) async throws -> Made {
        let list = RawJSON.array(
            orders.map { ["key": .string($0.key), "header": $0.header, "payload": .string($0.payload)] }
        )
        let result = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", program],
            environment: .inherit.updating(["PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"]),
            input: .string(list.text),
            output: .string(limit: 4 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw Unavailable(description: "python3 with joserfc is needed, run `make tools`: \(result.standardError)")
        }
        let answer = try RawJSON(parsing: result.standardOutput)
        var keys: [String: RawJSON] = [:]
        for member in answer["keys"]?.members ?? [] { keys[member.name] = member.value }
        return Made(keys: keys, tokens: (answer["tokens"]?.elements ?? []).compactMap(\.stringValue))
    }
}

import Foundation
import KubernetesAPI
import TestSupport
import Testing

@testable import Gateway

@Suite("Base64 for URLs") struct Base64URLTests {
    @Test("bytes are written as Foundation writes them, and read again")
    func encode() {
        var random = SeededGenerator(seed: 64)
        for count in 0..<500 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let expected = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
            #expect(Base64URL.encode(bytes) == expected)
            #expect(Base64URL.encode(Data(bytes)) == expected)
            #expect(Base64URL.decode(expected) == bytes)
        }
    }

    @Test(
        "other spellings are refused",
        arguments: ["A", "AAAAA", "AB", "AAB", "AA==", "AA=", "A+A", "A/AA", "AA A", "AA\n", "ÄÄ", "AA.A"]
    )
    func invalid(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}

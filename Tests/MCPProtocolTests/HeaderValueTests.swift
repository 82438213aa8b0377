import FoundationEssentials
import MCPProtocol
import Testing

/// M4: values of headers, plain and encoded.
@Suite struct HeaderValueTests {
    @Test(
        "M4: the specification's examples of encoded values",
        arguments: [
            ("us-west1", "us-west1"), ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
            (" padded ", "=?base64?IHBhZGRlZCA=?="),
            ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
            ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        ]
    )
    func examples(text: String, value: String) {
        #expect(HeaderValue.encode(text) == value)
        #expect(HeaderValue.decode(value) == text)
    }

    @Test("M4: what only resembles the encoded form is plain")
    func plain() {
        for value in [
            "=?base64?", "?=", "=?BASE64?QQ==?=", "=?utf-8?QQ==?=", "x=?base64?QQ==?=", "a\tb", "",
        ] {
            #expect(HeaderValue.decode(value) == value)
            #expect(HeaderValue.encode(value) == value)
        }
        // The start and the end of the form share a character here: nothing is encoded, and clients encode it all the same.
        #expect(HeaderValue.decode("=?base64?=") == "=?base64?=")
        #expect(HeaderValue.encode("=?base64?=") == "=?base64?PT9iYXNlNjQ/PQ==?=")
    }

    @Test("M4: invalid characters, invalid base64 and invalid UTF-8 are refused")
    func refused() {
        for value in [
            "ä", "a\u{0}", "a\r\nb", "\u{7F}", "=?base64?Q?=", "=?base64?QQ?=", "=?base64?QQ=?=", "=?base64?Q===?=",
            "=?base64?QR==?=",
            "=?base64?QUJ=?=", "=?base64?QQ==QQ==?=", "=?base64?Q-==?=", "=?base64? QQ==?=", "=?base64?/w==?=",
            "=?base64?gA==?=",
        ] {
            #expect(HeaderValue.decode(value) == nil, "\(value.debugDescription)")
        }
    }

    @Test("M4: any text comes back as it was, as plain ASCII", arguments: Fuzz.seeds(0x4D01, 0x4D02))
    func roundTrip(seed: UInt64) {
        var random = Fuzz.generator(seed)
        for _ in 0..<Fuzz.cases {
            let text = Fuzz.text(&random)
            let value = HeaderValue.encode(text)
            #expect(HeaderValue.isPlain(value) && HeaderValue.decode(value) == text)
            #expect(HeaderFields([.init("X", " \(value)\t")])[all: "x"] == [value])
            if value != text {
                let encoded = value.dropFirst("=?base64?".count).dropLast(2)
                #expect(Data(base64Encoded: String(encoded)) == Data(text.utf8))
            }
        }
    }
}

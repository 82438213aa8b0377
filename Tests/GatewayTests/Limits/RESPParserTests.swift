import Foundation
import KubernetesAPI
import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// Random replies. `MOORAGE_FUZZ_CASES` sets how many, and `MOORAGE_FUZZ_SEED` the first seed.
@Suite("RESP parser")
struct RESPParserTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let cases = environment["MOORAGE_FUZZ_CASES"].flatMap { Int($0) } ?? 10_000
    private static let seed = environment["MOORAGE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_261_127

    private static func value(_ random: inout SeededGenerator, depth: Int = 0) -> RESPValue {
        func bytes(_ range: ClosedRange<UInt8>, _ count: Int) -> [UInt8] {
            (0..<Int.random(in: 0...count, using: &random)).map { _ in .random(in: range, using: &random) }
        }
        switch Int.random(in: 0...(depth < 4 ? 7 : 5), using: &random) {
        case 0: return .simpleString(bytes(0x20...0x7E, 20))
        case 1: return .error(bytes(0x20...0xFF, 20))
        case 2: return .integer(.random(in: .min ... .max, using: &random))
        case 3: return .bulkString(nil)
        case 4: return .bulkString(bytes(0...255, 300))
        case 5: return .array(nil)
        default:
            return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth + 1) })
        }
    }

    private static func parse(_ text: String, _ limits: RESPLimits = RESPLimits()) throws -> RESPValue? {
        var parser = RESPParser(limits: limits)
        parser.append(ByteBuffer(string: text))
        return try parser.next()
    }

    @Test("replies that arrive in random pieces are the ones that were sent")
    func pieces() throws {
        for index in 0..<Self.cases {
            var random = SeededGenerator(seed: Self.seed &+ UInt64(index))
            let values = (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.value(&random) }
            var bytes = ByteBuffer()
            for value in values { value.write(to: &bytes) }
            var parser = RESPParser()
            var parsed: [RESPValue] = []
            while bytes.readableBytes > 0 {
                let count = min(bytes.readableBytes, Int.random(in: 1...200, using: &random))
                if let piece = bytes.readSlice(length: count) { parser.append(piece) }
                while let value = try parser.next() { parsed.append(value) }
            }
            #expect(parsed == values, "seed \(Self.seed &+ UInt64(index))")
            #expect(parser.bufferedBytes == 0)
        }
    }

    @Test("altered replies give values or an error, in bounded memory")
    func altered() {
        var errors = 0
        for index in 0..<Self.cases {
            let seed = Self.seed &+ UInt64(index)
            var random = SeededGenerator(seed: seed)
            var bytes = ByteBuffer()
            Self.value(&random).write(to: &bytes)
            var altered = Array(bytes.readableBytesView)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !altered.isEmpty {
                let position = Int.random(in: 0..<altered.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: altered[position] = .random(in: 0...255, using: &random)
                case 1: altered.remove(at: position)
                default:
                    altered.insert(Array("*$:-+0123456789\r\n".utf8).randomElement(using: &random) ?? 0, at: position)
                }
            }
            var parser = RESPParser(limits: RESPLimits(maximumBytes: 2_048, maximumElements: 64))
            parser.append(ByteBuffer(bytes: altered))
            do {
                while let value = try parser.next() {
                    var again = ByteBuffer()
                    value.write(to: &again)
                    #expect(again.readableBytes <= altered.count + 64, "seed \(seed)")
                }
            } catch {
                errors += 1
            }
        }
        #expect(errors > 0 && errors < Self.cases)
    }

    @Test(
        "what is not a reply is refused",
        arguments: [
            ("x\r\n", RESPError.unknownType(UInt8(ascii: "x"))), ("+a\n", .badLineEnd), ("+a\rb\r\n", .badLineEnd),
            (":\r\n", .badNumber), (":1a\r\n", .badNumber), (": 1\r\n", .badNumber), (":+-1\r\n", .badNumber),
            (":9223372036854775808\r\n", .badNumber), ("$-2\r\n", .badNumber), ("$1\r\nabc", .badLineEnd),
            ("$99999999999\r\n", .tooLarge), ("*99999999\r\n", .tooLarge),
            (String(repeating: "*1\r\n", count: 20), .tooLarge),
            ("+" + String(repeating: "a", count: 5_000), .tooLarge),
        ]
    )
    func refused(text: String, error: RESPError) {
        #expect(throws: error) { try Self.parse(text) }
    }

    @Test("nested arrays cannot have more elements together than the limit says")
    func elements() {
        let text = "*60\r\n" + String(repeating: "*60\r\n" + String(repeating: ":1\r\n", count: 60), count: 60)
        #expect(throws: RESPError.tooLarge) { try Self.parse(text, RESPLimits(maximumElements: 100)) }
    }
}

/// A frame of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00), as far as forwarding ports needs it.
enum SPDYFrame: Sendable, Hashable {
    case synStream(id: UInt32, headers: [String: String], isLast: Bool)
    case synReply(id: UInt32)
    case reset(id: UInt32, status: UInt32)
    case ping(id: UInt32)
    case goAway(lastID: UInt32)
    case data(id: UInt32, bytes: [UInt8], isLast: Bool)
    /// A frame that needs no answer, such as settings.
    case other

    /// The status of a stream that is no longer wanted.
    static let cancel: UInt32 = 5
}

/// The frames in a stream of bytes.
struct SPDYParser: Sendable {
    /// The bytes are not frames that can be read.
    struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        let description: String
    }

    private var pending: [UInt8] = []
    private var inflate = Inflate(dictionary: SPDYDictionary.bytes, limit: headerLimit)

    /// How large the headers of a stream may be.
    private static let headerLimit = 64 << 10
    /// How large a frame may be.
    private static let frameLimit = 1 << 20

    /// - Returns: the frames that are complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws -> [SPDYFrame] {
        pending += bytes
        var frames: [SPDYFrame] = []
        var rest = pending[...]
        while rest.count >= 8 {
            let word = Self.number(rest.prefix(4))
            let flags = rest[rest.startIndex + 4]
            let length = Int(Self.number(rest[rest.startIndex + 5..<rest.startIndex + 8]))
            guard length <= Self.frameLimit else { throw Failure(description: "a frame has \(length) bytes") }
            guard rest.count >= 8 + length else { break }
            let payload = rest.dropFirst(8).prefix(length)
            frames.append(try frame(word, flags: flags, payload))
            rest = rest.dropFirst(8 + length)
        }
        pending = Array(rest)
        return frames
    }

    private mutating func frame(_ word: UInt32, flags: UInt8, _ payload: ArraySlice<UInt8>) throws -> SPDYFrame {
        guard word & 0x8000_0000 != 0 else {
            return .data(id: word, bytes: Array(payload), isLast: flags & 1 == 1)
        }
        guard word >> 16 & 0x7FFF == 3 else { throw Failure(description: "the frame is not one of SPDY/3") }
        let id = Self.number(payload.prefix(4)) & 0x7FFF_FFFF
        func needs(_ count: Int) throws {
            guard payload.count >= count else { throw Failure(description: "the frame is too short") }
        }
        switch word & 0xFFFF {
        case 1:
            try needs(10)
            let headers = try headers(payload.dropFirst(10))
            return .synStream(id: id, headers: headers, isLast: flags & 1 == 1)
        case 2:
            try needs(4)
            _ = try headers(payload.dropFirst(4))
            return .synReply(id: id)
        case 3:
            try needs(8)
            return .reset(id: id, status: Self.number(payload.dropFirst(4).prefix(4)))
        case 6:
            try needs(4)
            return .ping(id: Self.number(payload.prefix(4)))
        case 7:
            try needs(4)
            return .goAway(lastID: id)
        case 8:
            try needs(4)
            // All headers are compressed as one stream.
            _ = try headers(payload.dropFirst(4))
            return .other
        default: return .other
        }
    }

    private mutating func headers(_ compressed: ArraySlice<UInt8>) throws -> [String: String] {
        var rest = try inflate.inflate(Array(compressed))[...]
        func word() throws -> Int {
            guard rest.count >= 4 else { throw Failure(description: "the headers are not complete") }
            defer { rest = rest.dropFirst(4) }
            return Int(Self.number(rest.prefix(4)))
        }
        func text() throws -> String {
            let length = try word()
            guard rest.count >= length else { throw Failure(description: "the headers are not complete") }
            defer { rest = rest.dropFirst(length) }
            return String(decoding: rest.prefix(length), as: UTF8.self)
        }
        var headers: [String: String] = [:]
        for _ in 0..<(try word()) { headers[try text().lowercased()] = try text() }
        return headers
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}

/// Writes frames. The headers of all replies are one zlib stream.
struct SPDYWriter: Sendable {
    private var hasHeader = false

    mutating func bytes(_ frame: SPDYFrame) -> [UInt8] {
        switch frame {
        case .synReply(let id): Self.control(2, Self.word(id) + compressed([0, 0, 0, 0]))
        case .reset(let id, let status): Self.control(3, Self.word(id) + Self.word(status))
        case .ping(let id): Self.control(6, Self.word(id))
        case .goAway(let id): Self.control(7, Self.word(id) + Self.word(0))
        case .data(let id, let bytes, let isLast): Self.word(id) + Self.head(isLast ? 1 : 0, bytes.count) + bytes
        // A server that forwards ports opens no streams.
        case .synStream, .other: []
        }
    }

    private static func control(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0x80, 3, 0, type] + head(0, payload.count) + payload
    }

    private static func head(_ flags: UInt8, _ length: Int) -> [UInt8] {
        [
            flags, UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8),
            UInt8(truncatingIfNeeded: length),
        ]
    }

    private static func word(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - $0 * 8)) }
    }

    /// The bytes as a stored block (RFC 1951, section 3.2.4), after the header of the stream with the dictionary's checksum (RFC 1950).
    /// An empty block follows, by which readers know that they have everything.
    private mutating func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let header: [UInt8] = hasHeader ? [] : [0x78, 0xBB] + Self.word(SPDYDictionary.checksum)
        hasHeader = true
        return header + Self.stored(bytes) + Self.stored([])
    }

    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let length = UInt16(bytes.count)
        var block: [UInt8] = [0]
        for number in [length, ~length] {
            block += [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
        }
        return block + bytes
    }
}

/// The dictionary of header compression (draft-mbelshe-httpbis-spdy-00, section 2.6.10.1).
enum SPDYDictionary {
    static let bytes: [UInt8] = {
        var bytes: [UInt8] = []
        for word in words.split(separator: " ") {
            let text = Array(word.utf8).map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }
            bytes += [0, 0, 0, UInt8(text.count)] + text
        }
        return bytes + Array(rest.utf8)
    }()

    static let checksum = Adler32.sum(bytes)

    /// Each is preceded by its length. An underscore stands for a space.
    private static let words = """
        options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow \
        authorization cache-control connection content-base content-encoding content-language content-length content-location \
        content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match \
        if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range \
        referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method \
        get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin
        """

    private static let rest = """
        100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative \
        Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal \
        Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, \
        Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,\
        text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.
        """
}

import Crypto

/// The script that counts a call under all of its limits, or under none. Redis runs a script as a whole, so no other call comes between.
///
/// It is the algorithm of ``LimitLedger`` and ``SlidingWindow`` in Lua, by the clock of the server, which all replicas share. Each limit
/// is a hash of seconds and counts.
enum RedisLimitScript {
    /// Keys: one for each limit. Arguments: the length of the window in seconds; `1` if limits are enforced; the time in milliseconds, or
    /// nothing for the server's clock; and the limits. It returns the number of the limit that is exceeded and has the longest wait, or
    /// 0, and the wait in milliseconds.
    static let text = """
        local window = tonumber(ARGV[1])
        local enforced = ARGV[2] == '1'
        local now
        if ARGV[3] == '' then
          local time = redis.call('TIME')
          now = time[1] * 1000 + math.floor(time[2] / 1000)
        else
          now = tonumber(ARGV[3])
        end
        local second = math.floor(now / 1000)
        local longest, longestWait = 0, -1
        for index, key in ipairs(KEYS) do
          local limit = tonumber(ARGV[3 + index])
          local fields = redis.call('HGETALL', key)
          local slots, ended, total = {}, {}, 0
          for at = 1, #fields, 2 do
            local slot, count = tonumber(fields[at]), tonumber(fields[at + 1])
            if slot >= second - window and slot <= second + window then
              slots[#slots + 1] = {slot, count}
              total = total + count
            else
              ended[#ended + 1] = fields[at]
            end
          end
          if #ended > 0 then redis.call('HDEL', key, unpack(ended)) end
          if total >= limit then
            table.sort(slots, function(a, b) return a[1] < b[1] end)
            local wait, rest = window * 1000, total
            for _, slot in ipairs(slots) do
              rest = rest - slot[2]
              if rest < limit then
                wait = (slot[1] + window + 1) * 1000 - now
                break
              end
            end
            if wait > longestWait then longest, longestWait = index, wait end
          end
        end
        if longest == 0 or not enforced then
          for _, key in ipairs(KEYS) do
            redis.call('HINCRBY', key, string.format('%d', second), 1)
            redis.call('PEXPIRE', key, (2 * window + 1) * 1000)
          end
        end
        return {longest, longestWait}
        """

    /// The name under which a server keeps the script.
    static let sha1 = Insecure.SHA1.hash(data: Array(text.utf8)).hexadecimal
}

extension Digest {
    /// The digest in hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * Self.byteCount)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

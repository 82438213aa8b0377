import Crypto

/// The script that counts a call under all of its limits, or under none. Redis runs a script as a whole, so no other call comes between.
///
/// It is the algorithm of ``LimitLedger`` and ``SlidingWindow`` in Lua, by the clock of the server, which all replicas share. Each limit
/// is a hash of seconds and counts. Their total, and the oldest and the newest second are kept beside them, so that most calls need not
/// read the seconds.
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

        -- Reads all slots of a key in the order of time, and removes those that no longer count.
        local function read(key)
          local fields = redis.call('HGETALL', key)
          local slots, ended, total = {}, {}, 0
          for at = 1, #fields, 2 do
            local slot = tonumber(fields[at])
            if slot and slot >= second - window and slot <= second + window then
              slots[#slots + 1] = {slot, tonumber(fields[at + 1])}
              total = total + tonumber(fields[at + 1])
            elseif slot then
              ended[#ended + 1] = fields[at]
            end
          end
          table.sort(slots, function(a, b) return a[1] < b[1] end)
          if #slots == 0 then
            redis.call('DEL', key)
            return slots, 0
          end
          local oldest, newest = slots[1][1], slots[#slots][1]
          if #ended > 0 then
            redis.call('HDEL', key, unpack(ended))
            redis.call('HSET', key, 'total', total, 'oldest', oldest, 'newest', newest)
          end
          return slots, total, oldest, newest
        end

        local longest, longestWait = 0, -1
        local bounds = {}
        for index, key in ipairs(KEYS) do
          local limit = tonumber(ARGV[3 + index])
          local head = redis.call('HMGET', key, 'total', 'oldest', 'newest', 'refusal')
          local total, oldest, newest = tonumber(head[1] or 0), tonumber(head[2] or nil), tonumber(head[3] or nil)
          local slots
          if oldest and (oldest < second - window or newest > second + window) then
            slots, total, oldest, newest = read(key)
          end
          bounds[index] = {oldest, newest}
          if total >= limit then
            local wait
            if limit <= 0 then
              wait = window * 1000
            else
              -- The end of the wait stays the same while nothing is counted and nothing ends.
              local mark = limit .. ':' .. total .. ':' .. oldest .. ':' .. newest .. ':'
              local refusal = head[4]
              local ending
              if refusal and string.sub(refusal, 1, #mark) == mark then
                ending = tonumber(string.sub(refusal, #mark + 1))
              else
                slots = slots or read(key)
                local rest = total
                for _, slot in ipairs(slots) do
                  rest = rest - slot[2]
                  if rest < limit then
                    ending = (slot[1] + window + 1) * 1000
                    break
                  end
                end
                redis.call('HSET', key, 'refusal', mark .. string.format('%d', ending))
              end
              wait = ending - now
            end
            if wait > longestWait then longest, longestWait = index, wait end
          end
        end
        if longest == 0 or not enforced then
          for index, key in ipairs(KEYS) do
            local oldest, newest = bounds[index][1], bounds[index][2]
            redis.call('HINCRBY', key, second, 1)
            redis.call('HINCRBY', key, 'total', 1)
            if not oldest or second < oldest then redis.call('HSET', key, 'oldest', second) end
            if not newest or second > newest then redis.call('HSET', key, 'newest', second) end
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

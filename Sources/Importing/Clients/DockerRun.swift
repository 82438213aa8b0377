internal import KubernetesAPI

/// Converts a command line `docker run`, as people type it or as clients of MCP start it.
struct DockerRun {
    typealias Word = (parts: [TextPart], reader: FieldReader)

    /// The programs with this command line.
    static let programs: Set<String> = ["docker", "podman", "nerdctl"]

    /// Options of `docker run` without a value.
    private static let flags: Set<String> = [
        "d", "detach", "i", "interactive", "t", "tty", "rm", "read-only", "init", "privileged", "P", "publish-all",
        "no-healthcheck", "oom-kill-disable", "sig-proxy", "q", "quiet", "disable-content-trust", "use-api-socket",
    ]

    /// Options of `docker run` with a value.
    private static let options: Set<String> = [
        "e", "env", "env-file", "v", "volume", "mount", "p", "publish", "expose", "name", "entrypoint", "u", "user",
        "m",
        "memory", "cpus", "network", "net", "w", "workdir", "l", "label", "label-file", "restart", "pull", "platform",
        "add-host", "dns", "dns-search", "dns-option", "cap-add", "cap-drop", "security-opt", "tmpfs", "device", "gpus",
        "h",
        "hostname", "domainname", "log-driver", "log-opt", "ulimit", "shm-size", "memory-reservation", "memory-swap",
        "memory-swappiness", "kernel-memory", "cpu-shares", "c", "cpu-period", "cpu-quota", "cpuset-cpus",
        "cpuset-mems", "pid",
        "ipc", "uts", "userns", "cgroupns", "cgroup-parent", "group-add", "stop-timeout", "stop-signal", "health-cmd",
        "health-interval", "health-retries", "health-start-period", "health-start-interval", "health-timeout",
        "annotation",
        "runtime", "cidfile", "a", "attach", "ip", "ip6", "link", "link-local-ip", "mac-address", "network-alias",
        "pids-limit", "storage-opt", "sysctl", "volume-driver", "volumes-from", "isolation", "detach-keys",
        "blkio-weight",
        "oom-score-adj", "device-cgroup-rule", "device-read-bps", "device-write-bps", "device-read-iops",
        "device-write-iops",
        "blkio-weight-device", "cpu-rt-period", "cpu-rt-runtime", "cpu-count", "cpu-percent", "io-maxbandwidth",
        "io-maxiops",
    ]

    /// The name that `--name` gives, if there is one.
    static func containerName(_ words: [Word]) -> String? {
        for (index, word) in words.enumerated() {
            let text = word.parts.written
            if text == "--name", words.indices.contains(index + 1) { return words[index + 1].parts.written }
            if text.hasPrefix("--name=") { return String(text.dropFirst("--name=".count)) }
        }
        return nil
    }

    /// The name of an image without registry and tag.
    static func shortName(ofImage image: String) -> String {
        let path = image.split(separator: "@").first.map(String.init) ?? image
        let last = path.split(separator: "/").last.map(String.init) ?? path
        return last.split(separator: ":").first.map(String.init) ?? last
    }

    /// The index of the image among the words after `docker`; `nil` if there is none.
    static func imageIndex(_ words: [Word]) -> Int? {
        var position = 0
        var ignored: [(name: String, word: Word, value: Word?)] = []
        guard parse(words, &position, &ignored) == nil, words.indices.contains(position) else { return nil }
        return position
    }

    /// Parses `run` and its options, up to the image.
    ///
    /// - Returns: what is wrong, with the word.
    private static func parse(
        _ words: [Word],
        _ position: inout Int,
        _ found: inout [(name: String, word: Word, value: Word?)]
    ) -> (word: Word, reason: String, solution: String)? {
        if words.indices.contains(position), words[position].parts.written == "container" { position += 1 }
        guard words.indices.contains(position), ["run", "create"].contains(words[position].parts.written) else {
            guard let word = words.indices.contains(position) ? words[position] : words.last else { return nil }
            return (word, "only docker run is read", "remove other commands and options before run")
        }
        position += 1
        while words.indices.contains(position) {
            let word = words[position]
            let text = word.parts.written
            if text == "--" {
                word.reader.markRead()
                position += 1
                break
            }
            guard text.hasPrefix("-"), text != "-" else { break }
            position += 1
            if text.hasPrefix("--") {
                if let split = word.parts.split(at: "=") {
                    found.append((String(split.before.dropFirst(2)), word, (split.after, word.reader)))
                    continue
                }
                let name = String(text.dropFirst(2))
                if flags.contains(name) {
                    found.append((name, word, nil))
                } else if options.contains(name) {
                    guard words.indices.contains(position) else { return (word, "has no value", "add one") }
                    found.append((name, word, words[position]))
                    position += 1
                } else {
                    return (
                        word, "is not an option that is known, so it is not clear whether the next word is its value",
                        "write it as \(text)=VALUE, or remove it"
                    )
                }
                continue
            }
            // Short options can be joined, and the last one can have its value in the same word.
            var letters = Array(text.dropFirst())
            while let letter = letters.first {
                letters.removeFirst()
                let name = String(letter)
                if flags.contains(name) {
                    found.append((name, word, nil))
                    continue
                }
                guard options.contains(name) else {
                    return (word, "has -\(name), which is not an option that is known", "remove it")
                }
                if letters.isEmpty {
                    guard words.indices.contains(position) else { return (word, "has no value", "add one") }
                    found.append((name, word, words[position]))
                    position += 1
                } else {
                    // The rest of the word, with its placeholders.
                    let consumed = text.count - letters.count
                    found.append((name, word, (dropping(consumed, of: word.parts), word.reader)))
                    letters = []
                }
            }
        }
        return nil
    }

    private static func dropping(_ count: Int, of parts: [TextPart]) -> [TextPart] {
        guard case .literal(let text)? = parts.first else { return parts }
        var rest = String(text.dropFirst(count))
        if rest.hasPrefix("=") { rest.removeFirst() }
        return [.literal(rest)] + parts.dropFirst()
    }

    /// Converts the words after `docker`.
    static func convert(_ words: [Word], into draft: inout ServerDraft) {
        var position = 0
        var found: [(name: String, word: Word, value: Word?)] = []
        if let problem = parse(words, &position, &found) {
            problem.word.reader.report(.refused, problem.reason, problem.solution)
            return
        }
        guard words.indices.contains(position) else {
            draft.ledger.add(.refused, .root, "the command line names no image", "add one")
            return
        }
        for word in words[..<position]
        where found.allSatisfy({ $0.word.reader.path != word.reader.path && $0.value?.reader.path != word.reader.path })
        {
            word.reader.markRead()
        }
        let image = words[position]
        draft.setImage(text: image.parts.resolved(draft.options.values), from: image.reader)
        // Options come first, since a published port decides about the transport.
        let isPublished = found.contains { ["p", "publish", "expose"].contains($0.name) }
        draft["transport"] = isPublished ? "streamable-http" : "stdio"
        for option in found { apply(option.name, option.word, option.value, isPublished: isPublished, to: &draft) }
        if isPublished {
            image.reader.report(
                .changed,
                "a published port is taken for that of Streamable HTTP at /mcp",
                "set spec.transport to sse, or spec.path, if the server speaks it otherwise"
            )
        }
        let arguments = draft.words(Array(words[(position + 1)...]))
        if !arguments.isEmpty { draft["args"] = .array(arguments) }
    }
}

extension ServerDraft {
    /// Sets the image of a command line.
    mutating func setImage(text parts: [TextPart], from reader: FieldReader) {
        if let chosen = options.images[name] {
            self["image"] = .string(chosen)
            reader.markRead()
            reader.report(.changed, "the image \(chosen) was chosen on the command line in its place")
        } else if let text = parts.literal {
            reader.markRead()
            setImage(text, from: reader)
        } else {
            reader.report(.refused, "the image is left open", "choose one with --image \(name)=IMAGE")
        }
    }
}

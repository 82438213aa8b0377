internal import KubernetesAPI

/// The volumes of a server.
extension ServerDraft {
    /// Adds a volume and where it is mounted.
    mutating func addVolume(_ volume: JSONValue, mount: JSONValue, from reader: FieldReader) {
        let path = mount["mountPath"]?.stringValue ?? ""
        guard path.hasPrefix("/"), !path.contains(":"), path.utf8.count <= 4096 else {
            return reader.lose("\"\(path)\" is not an absolute path without a colon", "correct it")
        }
        guard mountPaths.insert(path).inserted else {
            return reader.lose("two volumes are mounted at \(path)", "remove one of the two")
        }
        var name = volumeName(for: volume["name"]?.stringValue ?? "volume")
        var volume = volume
        if let same = (spec["volumes"]?.arrayValue ?? []).first(where: { existing in
            var left = existing, right = volume
            left["name"] = nil
            right["name"] = nil
            return left == right
        }) {
            name = same["name"]?.stringValue ?? name
        } else {
            volume["name"] = .string(name)
            volumeNames.insert(name)
            spec["volumes"] = .array((spec["volumes"]?.arrayValue ?? []) + [volume])
            note(references: volume)
        }
        var mount = mount
        mount["name"] = .string(name)
        spec["volumeMounts"] = .array((spec["volumeMounts"]?.arrayValue ?? []) + [mount])
    }

    private func volumeName(for text: String) -> String {
        let label = String(ObjectName.label(text).prefix(50))
        let base = label.isEmpty ? "volume" : label.hasSuffix("-") ? String(label.dropLast()) : label
        var name = base
        var number = 2
        while volumeNames.contains(name) {
            name = "\(base)-\(number)"
            number += 1
        }
        return name
    }
}

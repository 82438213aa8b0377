import KubernetesAPI

/// The managers of an object's fields.
struct ManagedFields: Sendable, Hashable {
    var entries: [Entry] = []

    struct Entry: Sendable, Hashable {
        var manager: String
        var isApply: Bool
        var subresource: String?
        var apiVersion: String
        var time: String
        var fields: FieldSet

        func isSame(as identity: Identity) -> Bool {
            manager == identity.manager && isApply == identity.isApply && subresource == identity.subresource
                && apiVersion == identity.apiVersion
        }
    }

    /// The manager of a write, and its operation.
    struct Identity: Sendable {
        var manager: String
        var isApply: Bool
        var subresource: String?
        var apiVersion: String
        /// The time for the entries that this write changes.
        var time: String
    }

    init() {}

    init(_ value: JSONValue?) {
        entries = (value?.arrayValue ?? []).map { entry in
            Entry(
                manager: entry["manager"]?.stringValue ?? "",
                isApply: entry["operation"]?.stringValue == "Apply",
                subresource: entry["subresource"]?.stringValue,
                apiVersion: entry["apiVersion"]?.stringValue ?? "",
                time: entry["time"]?.stringValue ?? "",
                fields: FieldSet(fieldsV1: entry["fieldsV1"] ?? .null)
            )
        }
    }

    var json: JSONValue? {
        if entries.isEmpty { return nil }
        let sorted = entries.sorted { left, right in
            if left.isApply != right.isApply { return left.isApply }
            return (left.time, left.manager, left.subresource ?? "") < (
                right.time, right.manager, right.subresource ?? ""
            )
        }
        return .array(
            sorted.map { entry in
                var value: JSONValue = [
                    "apiVersion": .string(entry.apiVersion), "fieldsType": "FieldsV1",
                    "fieldsV1": entry.fields.fieldsV1, "manager": .string(entry.manager),
                    "operation": .string(entry.isApply ? "Apply" : "Update"), "time": .string(entry.time),
                ]
                if let subresource = entry.subresource { value["subresource"] = .string(subresource) }
                return value
            }
        )
    }

    /// Paths that no manager owns.
    static let ignored: [[String]] = [
        ["apiVersion"], ["kind"], ["metadata", "name"], ["metadata", "namespace"], ["metadata", "generateName"],
        ["metadata", "uid"], ["metadata", "resourceVersion"], ["metadata", "generation"], ["metadata", "selfLink"],
        ["metadata", "creationTimestamp"], ["metadata", "deletionTimestamp"],
        ["metadata", "deletionGracePeriodSeconds"], ["metadata", "managedFields"],
    ]

    /// Assigns the difference between two versions of an object to the manager of an update.
    mutating func update(
        from old: JSONValue?,
        to new: JSONValue,
        as type: FieldType,
        by identity: Identity,
        resets: [[String]]
    ) {
        let comparison = TypedMerge.compare(old ?? .object([:]), new, as: type)
        let ignored = ManagedFields.ignored + resets
        let changed = comparison.added.union(comparison.modified).removing(ignored)
        for index in entries.indices {
            let before = entries[index].fields
            var after = before.subtracting(comparison.removed)
            if !entries[index].isSame(as: identity) { after = after.subtracting(changed) }
            if after != before { entries[index].fields = after }
        }
        if !changed.isEmpty {
            if let index = entries.firstIndex(where: { $0.isSame(as: identity) }) {
                entries[index].fields = entries[index].fields.union(changed)
                entries[index].time = identity.time
            } else {
                entries.append(
                    Entry(
                        manager: identity.manager,
                        isApply: false,
                        subresource: identity.subresource,
                        apiVersion: identity.apiVersion,
                        time: identity.time,
                        fields: changed
                    )
                )
            }
        }
        entries.removeAll { $0.fields.isEmpty }
    }

    /// The result of an apply.
    struct Applied {
        var object: JSONValue
        var managedFields: ManagedFields
    }

    /// Applies a configuration.
    ///
    /// - Throws: `ApplyConflict` if other managers own fields that would change, unless `force` is set.
    func apply(
        _ configuration: JSONValue,
        to live: JSONValue?,
        as type: FieldType,
        by identity: Identity,
        force: Bool,
        resets: [[String]]
    ) throws(ApplyConflict) -> Applied {
        let ignored = ManagedFields.ignored + resets
        let newSet = TypedMerge.fields(of: configuration, as: type).removing(ignored)
        let base = live ?? .object([:])
        var merged = TypedMerge.merge(configuration, into: base, as: type)
        let own = entries.firstIndex { entry in
            entry.manager == identity.manager && entry.isApply && entry.subresource == identity.subresource
        }
        var result = self
        let oldSet = own.map { entries[$0].fields } ?? FieldSet()
        if let own { result.entries.remove(at: own) }

        let comparison = TypedMerge.compare(base, merged, as: type)
        let changed = comparison.added.union(comparison.modified).union(comparison.removed)
        var conflicts: [ApplyConflict.Conflict] = []
        for index in result.entries.indices {
            let hit = result.entries[index].fields.intersection(changed)
            if hit.isEmpty { continue }
            conflicts.append(ApplyConflict.Conflict(entry: result.entries[index], fields: hit))
            result.entries[index].fields = result.entries[index].fields.subtracting(hit)
        }
        if !conflicts.isEmpty, !force { throw ApplyConflict(conflicts: conflicts) }

        let others = result.entries.reduce(FieldSet()) { $0.union($1.fields) }
        let kept = others.union(newSet)
        let dropped = oldSet.subtracting(kept)
        if !dropped.isEmpty {
            merged = TypedMerge.remove(dropped, keeping: kept, from: merged, as: type) ?? .object([:])
        }
        result.entries.append(
            Entry(
                manager: identity.manager,
                isApply: true,
                subresource: identity.subresource,
                apiVersion: identity.apiVersion,
                time: own.map {
                    oldSet == newSet && entries[$0].apiVersion == identity.apiVersion
                        ? entries[$0].time : identity.time
                } ?? identity.time,
                fields: newSet
            )
        )
        result.entries.removeAll { $0.fields.isEmpty && !$0.isApply }
        return Applied(object: merged, managedFields: result)
    }
}

/// The conflicts of an apply: fields that other managers own.
struct ApplyConflict: Error {
    struct Conflict {
        var entry: ManagedFields.Entry
        var fields: FieldSet
    }

    var conflicts: [Conflict]

    private static func describe(_ entry: ManagedFields.Entry) -> String {
        var text = "conflict with \"\(entry.manager)\""
        if let subresource = entry.subresource { text += " with subresource \"\(subresource)\"" }
        text += entry.isApply ? "" : " using \(entry.apiVersion)"
        return text
    }

    /// The rejection with the API server's message.
    var failure: APIFailure {
        let all = conflicts.flatMap { conflict in
            conflict.fields.paths.map { (ApplyConflict.describe(conflict.entry), $0) }
        }
        var text: String
        if all.count == 1 {
            text = "Apply failed with 1 conflict: \(all[0].0): \(all[0].1)"
        } else {
            text = "Apply failed with \(all.count) conflicts: "
            text += conflicts.map { conflict in
                "\(ApplyConflict.describe(conflict.entry)):\n"
                    + conflict.fields.paths.map { "- \($0)" }.joined(separator: "\n")
            }.joined(separator: "\n")
        }
        return APIFailure(
            409,
            "Conflict",
            text,
            details: .init(
                causes: all.map { .init(reason: "FieldManagerConflict", message: $0.0, field: $0.1) }
            )
        )
    }
}

internal import CRDModels
internal import KubernetesAPI

/// Moves Moorage's fields from the creation of an object to server-side apply.
///
/// A creation costs the API server much less than a first apply, so children are created. Their fields then belong to an entry
/// of `metadata.managedFields` with the operation Update. An apply removes a field only if no entry owns it any more, so that
/// entry must become an Apply entry before the first apply. client-go does the same for objects of `kubectl create`
/// (`util/csaupgrade`).
enum FieldOwnership {
    /// Whether an entry of Moorage has the operation Update.
    static func isByCreation(_ managedFields: JSONValue?) -> Bool {
        managedFields?.arrayValue?.contains(where: isCreation) ?? false
    }

    /// The entries with Moorage's fields under the operation Apply.
    ///
    /// - Returns: `nil` if there is nothing to move.
    static func movedToApply(_ managedFields: JSONValue?) -> JSONValue? {
        let entries = managedFields?.arrayValue ?? []
        let created = entries.filter(isCreation)
        guard !created.isEmpty else { return nil }
        var result = entries.filter { !isCreation($0) }
        for var entry in created {
            entry["operation"] = "Apply"
            if let index = result.firstIndex(where: { isApply($0, apiVersion: entry["apiVersion"]) }) {
                result[index]["fieldsV1"] = union(result[index]["fieldsV1"] ?? [:], entry["fieldsV1"] ?? [:])
            } else {
                result.append(entry)
            }
        }
        return .array(result)
    }

    private static func isOurs(_ entry: JSONValue) -> Bool {
        entry["manager"]?.stringValue == Moorage.fieldManager && entry["subresource"] == nil
    }

    private static func isCreation(_ entry: JSONValue) -> Bool { isOurs(entry) && entry["operation"] == "Update" }

    private static func isApply(_ entry: JSONValue, apiVersion: JSONValue?) -> Bool {
        isOurs(entry) && entry["operation"] == "Apply" && entry["apiVersion"] == apiVersion
    }

    /// The union of two field sets in the format FieldsV1: trees in which each member is a field, an element or a mark.
    private static func union(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
        guard case .object(let leftMembers) = left, case .object(let rightMembers) = right else { return left }
        return .object(leftMembers.merging(rightMembers) { union($0, $1) })
    }
}

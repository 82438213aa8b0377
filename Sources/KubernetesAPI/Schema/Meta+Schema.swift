// The schemas of the metadata types that specs and statuses contain.

extension LabelSelector: SchemaProviding {
    /// A selector of objects by their labels. An empty one selects everything.
    public static let schema = Schema.object(
        LabelSelector.self,
        "Selects objects by their labels. All requirements must be met; an empty selector selects everything.",
        [
            "matchLabels": .map("Labels that must have exactly these values.", of: .string().length(0...63))
                .properties(0...64),
            "matchExpressions": .array("Further requirements.", of: Requirement.schema).items(0...32).atomic(),
        ]
    )
}

extension LabelSelector.Requirement: SchemaProviding {
    /// One requirement on one label.
    public static let schema = Schema.object(
        LabelSelector.Requirement.self,
        "A requirement on one label.",
        [
            "key": .string("The label's key.").length(1...317).required(),
            "operator": .string("How the label relates to the values.").values("In", "NotIn", "Exists", "DoesNotExist")
                .required(),
            "values": .array(
                "The values: at least one for In and NotIn, none for Exists and DoesNotExist.",
                of: .string().length(0...63)
            )
            .items(0...64)
            .atomic(),
        ],
        rules: [
            Rule(
                """
                self.operator in ['In', 'NotIn'] ? has(self.values) && self.values.size() > 0 : \
                !has(self.values) || self.values.size() == 0
                """,
                message: "values are required for In and NotIn, and not allowed for other operators",
                fieldPath: ".values"
            ) { requirement, _ in
                let needsValues = ["In", "NotIn"].contains(requirement["operator"]?.stringValue)
                return needsValues == !requirement.elements("values").isEmpty
            }
        ]
    )
}

extension Condition: SchemaProviding {
    /// One aspect of an object's state, as in `metav1.Condition`.
    public static let schema = Schema.object(
        Condition.self,
        "One aspect of the object's state.",
        [
            "type": .string("Which aspect, in CamelCase.").length(1...316)
                .pattern(
                    "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"
                )
                .required(),
            "status": .string("Whether the condition is true.").values("True", "False", "Unknown").required(),
            "observedGeneration": .integer64("The generation of the object that this was decided for."),
            "lastTransitionTime": .timestamp("When status last changed.").required(),
            "reason": .string("The reason, as one CamelCase word that programs can match.").length(1...1024)
                .pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
                .required(),
            "message": .string("The reason in plain text, and what to do.").length(0...Condition.maximumMessageLength)
                .required(),
        ]
    )
}

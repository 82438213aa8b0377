/// What bounds the compilation and evaluation of an expression.
package enum Limits {
    /// How much one evaluation may cost (`PerCallLimit` of `k8s.io/apiserver/pkg/apis/cel`).
    package static let costPerCall: Int64 = 1_000_000

    /// How much all expressions of a policy and its binding may cost in one request (`RuntimeCELCostBudget` there).
    package static let costPerPolicy: Int64 = 10_000_000

    /// How much the match conditions of a policy may cost in one request (`RuntimeCELCostBudgetMatchConditions` there).
    package static let costOfMatchConditions: Int64 = 2_500_000

    /// The greatest number of characters in an expression (the parser's default in cel-go).
    static let expressionLength = 100_000

    /// How deep expressions can be nested in the source (the parser's default in cel-go).
    static let nesting = 250

    /// The greatest height of a syntax tree. `a + b + c` adds a level for each operator without being nested in the source.
    static let height = 400

    /// How deep evaluation can go, including the variables that an expression refers to.
    static let evaluationDepth = 500

    /// How deep the types of elements are followed. Deeper ones count as dynamic.
    static let typeDepth = 8

    /// How many problems of an expression are reported (cel-go's default).
    static let problems = 100

    /// How many instructions a regular expression may need. Counted repetitions are written out.
    static let patternInstructions = 10_000
}

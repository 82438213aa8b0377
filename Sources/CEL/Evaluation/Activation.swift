/// The values that an expression is evaluated with.
package struct Activation {
    /// The variables by name.
    package var values: [String: CELValue]
    /// The expressions of `variables`, which are evaluated when they are first used; errors are those of compilation.
    package var variables: [String: Result<Program, CompileError>] = [:]
    /// Decides the checks of `authorizer`.
    package var authorize: (AccessCheck, _ verb: String) -> AccessDecision = { _, _ in
        AccessDecision(isAllowed: false)
    }

    package init(values: [String: CELValue] = [:]) { self.values = values }
}

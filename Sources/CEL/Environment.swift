/// What an expression can refer to besides the functions of the language: variables, and messages with fields.
package struct Environment: Sendable {
    /// The types of the variables. A name can have dots, such as `authorizer.requestResource`.
    package var variables: [String: CELType]
    /// The types of the fields of named types.
    package var fields: [String: [String: CELType]]
    /// Whether messages of the types `Object`, `Object.spec` and so on, and `JSONPatch`, can be written, as in mutations.
    package var hasPatchTypes = false
    /// Whether the elements of a list or map literal can have different types. Kubernetes does not allow it.
    package var allowsMixedLiterals = false

    package init(variables: [String: CELType] = [:], fields: [String: [String: CELType]] = [:]) {
        self.variables = variables
        self.fields = fields
    }

    /// Compiles an expression.
    ///
    /// - Throws: `CompileError` with all problems: of its syntax, of names that are not declared, and of types that do not fit.
    package func compile(_ text: String) throws(CompileError) -> Program {
        let source = Array(text.unicodeScalars)
        let node: Node
        do throws(SyntaxProblems) {
            node = try Parser.parse(source)
        } catch {
            throw CompileError(error, in: source)
        }
        var checker = TypeChecker(self)
        let (checked, type) = checker.check(node)
        guard checker.problems.isEmpty else { throw CompileError(checker.problems, in: source) }
        do throws(EvaluationError) {
            let folded = try ConstantFolding.fold(checked)
            return Program(text: text, type: checker.final(type), node: folded)
        } catch {
            throw CompileError(constant: error)
        }
    }

    /// Compiles an expression whose types are not checked: problems other than of syntax occur when it is evaluated.
    package func compileUnchecked(_ text: String) throws(CompileError) -> Program {
        let source = Array(text.unicodeScalars)
        do throws(SyntaxProblems) {
            var checker = TypeChecker(self)
            let (checked, _) = checker.check(try Parser.parse(source))
            return Program(text: text, type: .dyn, node: checked)
        } catch {
            throw CompileError(error, in: source)
        }
    }

    /// The types of the fields of a message; `nil` if there is no such type. `dyn` in the place of the name `*` allows any
    /// field.
    func fields(of type: String) -> [String: CELType]? {
        if let known = fields[type] { return known }
        guard hasPatchTypes else { return nil }
        if type == "JSONPatch" {
            // As in the API server, a field with another name exists, but nothing fits its type.
            return ["op": .string, "path": .string, "from": .string, "value": .dyn, "*": .named("")]
        }
        return type == "Object" || type.hasPrefix("Object.") ? ["*": .dyn] : nil
    }
}

/// A compiled expression.
package struct Program: Sendable {
    /// The source.
    package let text: String
    /// The type of the result.
    package let type: CELType
    let node: Node
}

internal import KubernetesAPI

/// Images that contain a program such as `npx`, which downloads a package and runs it.
enum Runner {
    /// The programs that run packages of a registry.
    static let programs = ["npm": "npx", "pypi": "uvx", "nuget": "dnx"]

    /// Where the programs write, since the root of the pod is read-only.
    private static let variables: [String: [(name: String, value: String)]] = [
        "npx": [("npm_config_cache", "/tmp/.npm")],
        "uvx": [("UV_CACHE_DIR", "/tmp/.uv/cache"), ("UV_TOOL_DIR", "/tmp/.uv/tools")],
        "dnx": [("DOTNET_CLI_HOME", "/tmp/.dotnet"), ("NUGET_PACKAGES", "/tmp/.nuget")],
    ]

    /// The last part of the path of a program.
    static func name(of command: String) -> String {
        command.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? command
    }

    /// Sets the image that contains a program: that of the server, or that of the program.
    ///
    /// - Returns: whether there is one. Otherwise the input is refused, with what to do.
    @discardableResult
    static func setImage(for command: String, from reader: FieldReader, in draft: inout ServerDraft) -> Bool {
        let program = name(of: command)
        let alias = programs.first { $0.value == program }?.key
        let image =
            draft.options.images[draft.name] ?? draft.options.runnerImages[program]
            ?? alias.flatMap { draft.options.runnerImages[$0] }
        guard let image else {
            reader.report(
                .refused,
                "\(program) is a program on the user's machine, and a pod needs an image that contains it",
                """
                choose an image of the server with --image \(draft.name)=IMAGE, or an image that contains \(program) with \
                --runner-image \(program)=IMAGE
                """
            )
            return false
        }
        draft.setImage(image, from: reader)
        if draft.options.images[draft.name] == nil, let variables = variables[program] {
            for variable in variables { draft.addVariable(variable.name, [.literal(variable.value)], from: reader) }
            reader.report(
                .changed,
                "the package is downloaded each time a pod starts, into /tmp, which counts against the memory of the pod or the node",
                "build an image that contains the package, and choose it with --image \(draft.name)=IMAGE"
            )
        }
        return true
    }
}

import ArgumentParser

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `moorage install-adapter`.
struct InstallAdapterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install-adapter",
        abstract: "Copy this program with its loader and libraries into a folder, to run in any image.",
        discussion: """
            An init container of servers with the transport stdio runs it. In the folder are then the files loader and \
            moorage, and the libraries in lib. The program is started with its own loader and libraries, so it also runs \
            in images without a C library, or with another one:

              FOLDER/loader --library-path FOLDER/lib FOLDER/moorage adapt -- COMMAND
            """
    )

    @Argument(help: ArgumentHelp("The folder, which must exist.", valueName: "folder"))
    var folder: String

    func run() throws {
        let files = try ProgramFiles.current()
        try makeFolder("\(folder)/lib")
        try copy(files.loader, to: "\(folder)/loader")
        for library in files.libraries {
            let name = ProgramFiles.name(of: library)
            try copy(library, to: "\(folder)/lib/\(name)")
            // The loader looks for a library by the short name, which may be a link to the file.
            let short = ProgramFiles.shortName(of: name)
            if short != name { try link(to: String(name), at: "\(folder)/lib/\(short)") }
        }
        // Last: where it is, everything is.
        try copy(files.program, to: "\(folder)/moorage")
    }

    private func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure("\(path) cannot be created") }
    }

    private func link(to target: String, at path: String) throws {
        unlink(path)
        guard symlink(target, path) == 0 else { throw failure("\(path) cannot be created") }
    }

    private func failure(_ what: String) -> CommandFailure {
        CommandFailure("\(what): \(String(cString: strerror(errno)))")
    }

    /// Copies a file to a name that appears only once it is whole.
    private func copy(_ source: String, to target: String) throws {
        let partial = target + ".partial"
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw failure("\(source) cannot be read") }
        defer { close(input) }
        let output = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o755)
        guard output >= 0 else { throw failure("\(partial) cannot be written") }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("\(source) cannot be read") }
            if count == 0 { break }
            var written = 0
            while written < count {
                let part = buffer.withUnsafeBytes {
                    write(output, $0.baseAddress?.advanced(by: written), count - written)
                }
                if part < 0, errno == EINTR { continue }
                guard part > 0 else { throw failure("\(partial) cannot be written") }
                written += part
            }
        }
        // The umask may have removed the permission to execute it for other users.
        guard fchmod(output, 0o755) == 0, rename(partial, target) == 0 else {
            throw failure("\(target) cannot be written")
        }
    }
}

/// The files that this program consists of.
struct ProgramFiles: Equatable {
    let program: String
    let loader: String
    let libraries: [String]

    /// Reads them from the memory map of this process (Linux).
    static func current() throws -> ProgramFiles {
        let program = try read(link: "/proc/self/exe")
        guard let file = fopen("/proc/self/maps", "re") else {
            throw CommandFailure("/proc/self/maps cannot be read; this command needs Linux")
        }
        defer { fclose(file) }
        var maps = ""
        var line = [CChar](repeating: 0, count: 8_192)
        while fgets(&line, Int32(line.count), file) != nil {
            maps += String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return try ProgramFiles(program: program, maps: maps)
    }

    private static func read(link path: String) throws -> String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { throw CommandFailure("\(path) cannot be read; this command needs Linux") }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// - Parameter maps: the content of `/proc/self/maps` (proc_pid_maps(5)): the path is the sixth column.
    init(program: String, maps: String) throws {
        var paths: Set<String> = []
        for line in maps.split(separator: "\n") {
            let columns = line.split(separator: " ", maxSplits: 5)
            guard columns.count == 6 else { continue }
            // Spaces align the column.
            let path = columns[5].drop { $0 == " " }
            if path.hasPrefix("/") { paths.insert(String(path)) }
        }
        let files = paths.filter { Self.name(of: $0).contains(".so") }.sorted()
        let loaders = files.filter { Self.name(of: $0).hasPrefix("ld-") }
        guard loaders.count == 1, program != loaders[0] else {
            throw CommandFailure(
                "the loader of this program is not known (\(loaders.count) found): run it directly, not by its loader"
            )
        }
        self.program = program
        loader = loaders[0]
        libraries = files.filter { $0 != loaders[0] }
    }

    /// The name of a library with the first number of its version only: `libz.so.1` of `libz.so.1.2.13`.
    static func shortName(of name: Substring) -> Substring {
        guard let start = name.firstRange(of: ".so.")?.upperBound, let end = name[start...].firstIndex(of: ".") else {
            return name
        }
        return name[..<end]
    }

    static func name(of path: String) -> Substring { path.split(separator: "/").last ?? "" }
}

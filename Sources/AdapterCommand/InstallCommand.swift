package import ArgumentParser
import CommandSupport

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `moorage-adapter install`.
package struct InstallCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Copy this program into a folder, to run in any image.",
        discussion: """
            An init container of servers with the transport stdio runs it. The program needs no loader and no library, so the \
            copy also runs in images without a C library, or with another one:

              FOLDER/moorage-adapter adapt -- COMMAND
            """
    )

    @Argument(help: ArgumentHelp("The folder, which must exist.", valueName: "folder"))
    var folder: String

    package init() {}

    package func run() throws {
        let program = try OwnFile.path()
        if let library = try OwnFile.library() {
            throw CommandFailure(
                """
                this build of moorage-adapter needs \(library), which other images may not have: build it with \
                `make release`, which links it statically
                """
            )
        }
        try copy(program, to: "\(folder)/moorage-adapter")
    }

    /// Copies a file to a name that appears only once it is whole.
    private func copy(_ source: String, to target: String) throws {
        let partial = target + ".partial"
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw OwnFile.failure("\(source) cannot be read") }
        defer { close(input) }
        let output = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o755)
        guard output >= 0 else { throw OwnFile.failure("\(partial) cannot be written") }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw OwnFile.failure("\(source) cannot be read") }
            if count == 0 { break }
            var written = 0
            while written < count {
                let part = buffer.withUnsafeBytes {
                    write(output, $0.baseAddress?.advanced(by: written), count - written)
                }
                if part < 0, errno == EINTR { continue }
                guard part > 0 else { throw OwnFile.failure("\(partial) cannot be written") }
                written += part
            }
        }
        // The umask may have removed the permission to execute it for other users.
        guard fchmod(output, 0o755) == 0, rename(partial, target) == 0 else {
            throw OwnFile.failure("\(target) cannot be written")
        }
    }
}

/// The file of this program (Linux).
enum OwnFile {
    static func path() throws(CommandFailure) -> String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw CommandFailure("/proc/self/exe cannot be read; this command needs Linux") }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A shared library that this process uses, `nil` if the program is linked statically.
    static func library() throws(CommandFailure) -> String? {
        guard let file = fopen("/proc/self/maps", "re") else {
            throw CommandFailure("/proc/self/maps cannot be read; this command needs Linux")
        }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 8_192)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if let library = library(ofMapping: text) { return library }
        }
        return nil
    }

    /// - Parameter line: of `/proc/self/maps` (proc_pid_maps(5)): the path is the sixth column.
    static func library(ofMapping line: String) -> String? {
        let columns = line.split(separator: " ", maxSplits: 5)
        guard columns.count == 6 else { return nil }
        // Spaces align the column.
        let path = columns[5].drop { $0 == " " }.prefix { $0 != "\n" }
        guard path.hasPrefix("/"), let name = path.split(separator: "/").last, name.contains(".so") else { return nil }
        return String(path)
    }

    static func failure(_ what: String) -> CommandFailure {
        CommandFailure("\(what): \(String(cString: strerror(errno)))")
    }
}

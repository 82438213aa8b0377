internal import ProcessSpawn

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A pipe of the system, whose ends are closed in programs that are started.
struct ProcessPipe {
    let readEnd: Int32
    let writeEnd: Int32

    /// - Throws: `SystemError` if no pipe can be made.
    init() throws {
        var ends: [Int32] = [0, 0]
        guard process_pipe(&ends) == 0 else { throw SystemError(call: "pipe", code: errno) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    func closeBoth() {
        Self.close(readEnd)
        Self.close(writeEnd)
    }

    static func close(_ descriptor: Int32) { _ = systemClose(descriptor) }
}

#if canImport(Glibc)
    private let systemClose = Glibc.close
#elseif canImport(Musl)
    private let systemClose = Musl.close
#else
    private let systemClose = Darwin.close
#endif

import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Carries messages in both directions, one a line.
package protocol MessageChannel: Sendable {
    /// Reads what is there: lines, or parts of them.
    ///
    /// - Returns: nothing at the end of the input.
    func read() async throws -> [UInt8]

    /// Writes whole lines.
    func write(_ bytes: [UInt8]) async throws

    /// Nothing is read or written any more.
    func shutDown() async
}

/// Reads from one file descriptor and writes to another, whatever they are: pipes, terminals, sockets or files. Each side has a thread
/// of its own, which blocks; ``stop()`` wakes both.
final class DescriptorChannel: MessageChannel {
    private let input: Int32
    private let output: Int32
    private let wakeReader: Int32
    private let wakeWriter: Int32
    private let readThread = NIOThreadPool(numberOfThreads: 1)
    private let writeThread = NIOThreadPool(numberOfThreads: 1)

    /// A call to the system failed.
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let code: Int32

        var description: String { "\(call) failed: \(String(cString: strerror(code)))" }
    }

    /// - Throws: `Failure` if no pipe can be made.
    init(input: Int32, output: Int32) throws {
        self.input = input
        self.output = output
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure(call: "pipe", code: errno) }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        // A process that is started must not keep the pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        readThread.start()
        writeThread.start()
    }

    deinit {
        close(wakeReader)
        close(wakeWriter)
    }

    /// Ends the threads. Nothing may be read or written after that.
    package func shutDown() async {
        stop()
        try? await readThread.shutdownGracefully()
        try? await writeThread.shutdownGracefully()
    }

    /// Wakes both sides, now and later: what is read is the end, and what is not written yet is dropped.
    func stop() {
        var byte: UInt8 = 0
        _ = systemWrite(wakeWriter, &byte, 1)
    }

    /// Reads what is there.
    ///
    /// - Returns: nothing at the end of the input, or after ``stop()``.
    /// - Throws: `Failure` if reading fails.
    package func read() async throws -> [UInt8] {
        try await withTaskCancellationHandler {
            try await readThread.runIfActive {
                var bytes = [UInt8](repeating: 0, count: 1 << 16)
                while true {
                    guard try self.wait(for: self.input, POLLIN) else { return [] }
                    let count = bytes.withUnsafeMutableBytes { buffer in
                        Self.retrying { systemRead(self.input, buffer.baseAddress, buffer.count) }
                    }
                    if count < 0, errno == EAGAIN { continue }
                    guard count >= 0 else { throw Failure(call: "read", code: errno) }
                    bytes.removeLast(bytes.count - count)
                    return bytes
                }
            }
        } onCancel: {
            stop()
        }
    }

    /// Writes all bytes.
    ///
    /// - Throws: `Failure` if writing fails; `CancellationError` after ``stop()``.
    package func write(_ bytes: [UInt8]) async throws {
        try await withTaskCancellationHandler {
            try await writeThread.runIfActive {
                var rest = bytes[...]
                while !rest.isEmpty {
                    guard try self.wait(for: self.output, POLLOUT) else { throw CancellationError() }
                    let count = rest.withUnsafeBytes { buffer in
                        // At most what a pipe that has room takes without blocking (POSIX, PIPE_BUF).
                        Self.retrying { systemWrite(self.output, buffer.baseAddress, min(buffer.count, 4_096)) }
                    }
                    if count < 0, errno == EAGAIN { continue }
                    guard count >= 0 else { throw Failure(call: "write", code: errno) }
                    rest = rest.dropFirst(count)
                }
            }
        } onCancel: {
            stop()
        }
    }

    /// Waits until a descriptor is ready.
    ///
    /// - Returns: `false` after ``stop()``.
    private func wait(for descriptor: Int32, _ events: Int32) throws -> Bool {
        var descriptors = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0),
        ]
        guard Self.retrying({ Int(poll(&descriptors, 2, -1)) }) >= 0 else { throw Failure(call: "poll", code: errno) }
        return descriptors[1].revents == 0
    }

    /// Calls again what a signal has interrupted.
    private static func retrying(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}

#if canImport(Glibc)
    private let systemRead = Glibc.read
    private let systemWrite = Glibc.write
#elseif canImport(Musl)
    private let systemRead = Musl.read
    private let systemWrite = Musl.write
#elseif canImport(Darwin)
    private let systemRead = Darwin.read
    private let systemWrite = Darwin.write
#endif

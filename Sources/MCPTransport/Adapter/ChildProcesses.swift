internal import NIOConcurrencyHelpers
internal import NIOPosix
internal import ProcessSpawn
internal import Synchronization

/// Starts processes and waits for their ends. There is one for the whole program: only one thread may reap children.
final class ChildProcesses: Sendable {
    static let shared = ChildProcesses()

    /// How a process has ended.
    enum Status: Sendable, Hashable, CustomStringConvertible {
        case exited(Int)
        case signaled(Int)

        var description: String {
            switch self {
            case .exited(let code): "exit status \(code)"
            case .signaled(let signal): "signal \(signal)"
            }
        }
    }

    /// The descriptors that a process starts with.
    struct Descriptors: Sendable {
        let input: Int32
        let output: Int32
        let error: Int32
    }

    private struct State {
        var isReaping = false
        var running: [Int32: @Sendable (Status) -> Void] = [:]
    }

    private let state = ConditionLock(value: 0)
    private let children = Mutex(State())
    /// On Linux a process gets a signal when the thread that started it ends, so this one never does.
    private let starter = NIOThreadPool(numberOfThreads: 1)
    private let reaper = NIOThreadPool(numberOfThreads: 1)
    private let adopts = Atomic(false)

    private init() {
        // Writing to a process that has ended is an error, and must not end this one.
        _ = signal(SIGPIPE, SIG_IGN)
        starter.start()
        reaper.start()
    }

    /// From now on, also reaps processes whose parents have ended, as the first process of a container must. Nothing else in the
    /// program may start processes then.
    func adoptOrphans() {
        process_adopt_orphans()
        adopts.store(true, ordering: .relaxed)
        startReaping()
    }

    /// Starts a program in a process group of its own.
    ///
    /// - Parameter onEnd: called once when the process has ended and is reaped.
    /// - Returns: its id, which is also that of its group.
    /// - Throws: `SystemError` if it cannot be started.
    func start(
        _ command: MCPCommand,
        _ descriptors: Descriptors,
        onEnd: @escaping @Sendable (Status) -> Void
    ) async throws -> Int32 {
        try await starter.runIfActive { [self] in
            let arguments = CStrings([command.command] + command.arguments)
            let variables = command.variables.map(CStrings.init)
            var process: Int32 = 0
            // Registered before the reaper can see it.
            let failure = children.withLock { state in
                let failure = process_spawn(
                    command.command,
                    arguments.pointers,
                    variables?.pointers,
                    command.workingDirectory,
                    descriptors.input,
                    descriptors.output,
                    descriptors.error,
                    &process
                )
                if failure == 0 { state.running[process] = onEnd }
                return failure
            }
            guard failure == 0 else { throw SystemError(call: "starting \(command.command)", code: failure) }
            startReaping()
            return process
        }
    }

    // MARK: - Reaping

    /// Wakes the reaper, which sleeps when there are no children.
    private func startReaping() {
        state.lock()
        state.unlock(withValue: 1)
        let isFirst = children.withLock { state in
            defer { state.isReaping = true }
            return !state.isReaping
        }
        if isFirst { reaper.submit { [self] _ in while true { reapNext() } } }
    }

    private func reapNext() {
        let process = process_wait_any()
        if process < 0 {
            // No children: wait for the next start, or look again, since a start that is under way has none yet.
            if state.lock(whenValue: 1, timeoutSeconds: 1) { state.unlock(withValue: 0) }
            return
        }
        guard process > 0 else { return }
        let isOurs = children.withLock { $0.running[process] != nil }
        guard isOurs || adopts.load(ordering: .relaxed) else {
            // A child of some other part of the program, which reaps it. Until then it hides ours.
            for child in children.withLock({ Array($0.running.keys) }) where process_has_ended(child) != 0 {
                reap(child, isOurs: true)
            }
            pause()
            return
        }
        reap(process, isOurs: isOurs)
    }

    /// Reaps a child that has ended.
    private func reap(_ process: Int32, isOurs: Bool) {
        // What it has left behind in its group, while nobody else can have its id.
        if isOurs { kill(-process, SIGKILL) }
        var code: Int32 = 0
        guard process_reap(process, &code) != 0 else { return }
        let onEnd = children.withLock { $0.running.removeValue(forKey: process) }
        onEnd?(code < 0 ? .signaled(Int(-code)) : .exited(Int(code)))
    }

    private func pause() {
        usleep(10_000)
    }
}

/// A call to the system failed.
struct SystemError: Error, CustomStringConvertible {
    let call: String
    let code: Int32

    var description: String { "\(call) failed: \(String(cString: strerror(code)))" }
}

/// Strings as C functions take them: an array of pointers that ends with a null pointer.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        pointers.initialize(repeating: nil, count: count + 1)
        for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}

extension MCPCommand {
    /// The whole environment as `NAME=VALUE`; `nil` if it is that of this process.
    fileprivate var variables: [String]? {
        guard !inheritsEnvironment || !environment.isEmpty else { return nil }
        var all: [String: String] = [:]
        if inheritsEnvironment {
            var next = environ
            while let variable = next.pointee {
                let text = String(cString: variable)
                if let equals = text.firstIndex(of: "=") {
                    all[String(text[..<equals])] = String(text[text.index(after: equals)...])
                }
                next += 1
            }
        }
        for (name, value) in environment { all[name] = value }
        return all.map { "\($0.key)=\($0.value)" }.sorted()
    }
}

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

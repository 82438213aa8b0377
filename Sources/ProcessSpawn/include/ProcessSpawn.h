#ifndef PROCESS_SPAWN_H
#define PROCESS_SPAWN_H

#include <sys/types.h>

/// Starts a program in a process group of its own, with a clean signal state and no descriptors but these three.
///
/// On Linux the process gets SIGKILL when the calling *thread* ends, so the thread must last as long as its processes.
///
/// - Parameters:
///   - program: a path, or a name that is looked up in PATH.
///   - environment: `NULL` for that of the caller.
///   - directory: the working directory, `NULL` for that of the caller.
/// - Returns: 0, or the error of the call that failed, `execvp` included.
int process_spawn(
    const char *program,
    char *const arguments[],
    char *const environment[],
    const char *directory,
    int input,
    int output,
    int error,
    pid_t *process
);

/// Makes a pipe whose ends are closed in programs that are started.
int process_pipe(int ends[2]);

/// Lets the processes whose parents have ended become children of this process, so that it can reap them (Linux).
void process_adopt_orphans(void);

/// Waits for the next child to end, without reaping it.
///
/// - Returns: its id, 0 if a signal interrupted the call, -1 if there is no child.
pid_t process_wait_any(void);

/// Whether a child has ended. It is not reaped, and the call does not wait.
int process_has_ended(pid_t process);

/// Reaps a child that has ended.
///
/// - Returns: whether there was one. `code` is the exit status, or the negative signal.
int process_reap(pid_t process, int *code);

#endif

#define _GNU_SOURCE
#include "ProcessSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

extern char **environ;

int process_pipe(int ends[2]) {
#ifdef __linux__
    return pipe2(ends, O_CLOEXEC);
#else
    if (pipe(ends) != 0) return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
#endif
}

/// Marks all descriptors above standard error to be closed by exec.
static void close_on_exec(void) {
#if defined(__linux__) && defined(SYS_close_range)
    // 4 is CLOSE_RANGE_CLOEXEC (linux/close_range.h), since Linux 5.11.
    if (syscall(SYS_close_range, 3U, ~0U, 4U) == 0) return;
#endif
    long maximum = sysconf(_SC_OPEN_MAX);
    if (maximum < 0 || maximum > 65536) maximum = 65536;
    for (int descriptor = 3; descriptor < maximum; descriptor++) {
        int flags = fcntl(descriptor, F_GETFD);
        if (flags >= 0) fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
    }
}

/// The child's part. Only functions that are safe after fork in a process with threads.
static int become(
    const char *program, char *const arguments[], char *const environment[], const char *directory, int input,
    int output, int error, pid_t parent
) {
    if (setpgid(0, 0) != 0) return errno;
#ifdef __linux__
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    // The parent may have ended before.
    if (getppid() != parent) _exit(127);
#else
    (void)parent;
#endif
    // A handler or an ignored signal of this process means nothing to the program.
    struct sigaction action = {0};
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) return errno;
    close_on_exec();
    if (directory && chdir(directory) != 0) return errno;
    if (environment) environ = (char **)environment;
    execvp(program, arguments);
    return errno;
}

int process_spawn(
    const char *program, char *const arguments[], char *const environment[], const char *directory, int input,
    int output, int error, pid_t *process
) {
    int report[2];
    if (process_pipe(report) != 0) return errno;
    pid_t parent = getpid();
    // No handler of this process may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0) {
        // Descriptors 0 to 2 are about to be replaced.
        int kept = fcntl(report[1], F_DUPFD_CLOEXEC, 3);
        int failure = kept < 0 ? errno
                               : become(program, arguments, environment, directory, input, output, error, parent);
        ssize_t written = write(kept < 0 ? report[1] : kept, &failure, sizeof failure);
        (void)written;
        _exit(127);
    }
    int failure = child < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (child > 0) {
        ssize_t count;
        int code = 0;
        do count = read(report[0], &code, sizeof code);
        while (count < 0 && errno == EINTR);
        if (count == sizeof code) {
            failure = code;
            int status;
            while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
        } else {
            *process = child;
        }
    }
    close(report[0]);
    return failure;
}

void process_adopt_orphans(void) {
#ifdef __linux__
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
}

pid_t process_wait_any(void) {
    siginfo_t info;
    info.si_pid = 0;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) != 0) return errno == EINTR ? 0 : -1;
    return info.si_pid;
}

int process_has_ended(pid_t process) {
    siginfo_t info;
    info.si_pid = 0;
    return waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == process;
}

int process_reap(pid_t process, int *code) {
    int status = 0;
    pid_t reaped;
    do reaped = waitpid(process, &status, WNOHANG);
    while (reaped < 0 && errno == EINTR);
    if (reaped != process) return 0;
    *code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    return 1;
}

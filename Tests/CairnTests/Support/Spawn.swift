import Foundation
import Glibc

/// Starts a process as a shell would: no signal blocked or ignored, nothing open but its three streams.
///
/// `Foundation.Process` hands down the signal mask of whichever worker thread it runs on and its own
/// descriptors: tmux then never ends, and every test of a signal tests something else.
enum Spawn {
  /// Closes what was handed down and changes the folder, for which `posix_spawn` has no standard way.
  private static let enter = """
    for fd in /proc/$$/fd/*; do n=${fd##*/}; if ((n > 2)); then eval "exec $n>&-"; fi; done
    cd "$0" && exec "$@"
    """

  /// Standard input is empty; the two paths are made anew.
  static func start(
    _ program: String, _ arguments: [String], in folder: String, environment: [String: String],
    output: String, errors: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let create = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, create, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, errors, create, 0o644)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var pid: pid_t = 0
    let status = withStrings(["bash", "-c", enter, folder, program] + arguments) { argv in
      withStrings(environment.map { "\($0)=\($1)" }) { envp in
        posix_spawn(&pid, "/bin/bash", &actions, &attributes, argv, envp)
      }
    }
    guard status == 0 else {
      throw PollProblem(
        description: "cannot start \(program): \(String(cString: strerror(status)))")
    }
    return pid
  }

  private static func withStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
  }

  /// Blocks until the process has ended, and returns what `waitpid(2)` says.
  static func wait(_ pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status
  }

  /// The exit code, or nil if a signal ended the process.
  static func code(_ status: Int32) -> Int32? { status & 0x7F == 0 ? status >> 8 & 0xFF : nil }

  /// The signal that ended the process.
  static func signal(_ status: Int32) -> Int32? { status & 0x7F == 0 ? nil : status & 0x7F }
}

import Glibc

/// Starts this program over, once, with the interactive crash prompt of the Swift runtime turned off.
///
/// In a terminal a trap would open a prompt inside our screen and hold the terminal for half a minute.
/// The runtime reads its setting before `main`, so it can only be given from outside. To be called
/// first of all; the tasks inherit nothing of it. Does nothing if the user has chosen a setting, or
/// if the program cannot be started again.
package func disableInteractiveBacktrace() {
  let setting = "SWIFT_BACKTRACE"
  let mark = "CAIRN_BACKTRACE_SET"
  if getenv(mark) != nil {
    unsetenv(mark)
    unsetenv(setting)
    return
  }
  guard getenv(setting) == nil, isatty(STDIN_FILENO) == 1, let path = programPath() else { return }
  setenv(setting, "interactive=no", 1)
  setenv(mark, "1", 1)
  execv(path, CommandLine.unsafeArgv)
  unsetenv(mark)
  unsetenv(setting)
}

/// The real path, so that `ps` goes on showing the program's name.
private func programPath() -> String? {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
  guard length > 0 else { return nil }
  return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

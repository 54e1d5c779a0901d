import Foundation

/// Life without a terminal.
enum Headless {
  /// Hang-ups are ignored from the start, as `nohup` asks for.
  static var isAskedFor: Bool {
    var action = sigaction()
    guard sigaction(SIGHUP, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Points the standard streams that were a terminal nowhere; files and pipes stay.
  ///
  /// What is written to a terminal that is gone fails, and its name may soon be another one's.
  static func enter() {
    let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
    guard nowhere >= 0 else { return }
    defer { close(nowhere) }
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where isCharacterDevice(stream) {
      dup2(nowhere, stream)
    }
  }

  /// A terminal that has hung up does not call itself one any more.
  private static func isCharacterDevice(_ stream: Int32) -> Bool {
    var status = stat()
    return fstat(stream, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
  }
}

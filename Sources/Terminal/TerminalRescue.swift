import CNcurses

extension TerminalLoop {
  /// What gives the terminal back when this process was killed and could not.
  ///
  /// To be called before the terminal is taken, and before the process is cloned that shall do it: a
  /// copy of this one's memory, which calls the function once this one is dead. When the terminal was
  /// given back in good order, or is gone, the function does nothing.
  package static func rescue() -> @convention(c) @Sendable () -> Void {
    cairn_guard_share()
    return { cairn_guard_rescue() }
  }
}

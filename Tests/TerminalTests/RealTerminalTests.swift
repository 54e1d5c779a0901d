import Testing

/// ncurses and the handlers of signals exist once a process, so all tests with a tty come in turn.
@Suite("Terminal", .serialized)
struct RealTerminalTests {}

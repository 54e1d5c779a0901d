import CSpawn
import Glibc
import Model
import Synchronization

extension Launcher {
  static let terminalRows: Int32 = 36
  static let terminalColumns: Int32 = 120
  /// How often a terminal is looked at for a question: two looks without a movement in between make
  /// one, so it is seen within a second.
  private static let lookSeconds = 0.3

  /// Passes on what the process has written.
  func copyOutput(of pid: Int32) {
    guard let child = state.withLock({ $0.children[pid] }), let relay = child.relay,
      !relay.pass(to: child.output.descriptor)
    else { return }
    // Nobody holds the other side; the descriptor is closed when the process has ended.
    cairn_watch_remove(epoll, relay.source)
  }

  func closeRelay(_ relay: OutputRelay, _ output: Spools.Output) {
    cairn_watch_remove(epoll, relay.source)
    relay.finish(to: output.descriptor)
  }

  /// Writes to the process's terminal, as if typed; returns how many bytes it took.
  func write(_ bytes: [UInt8], to process: StartedProcess) -> Int {
    relay(of: process)?.type(bytes) ?? 0
  }

  /// Whether the process's terminal shows what is typed.
  func echoes(_ process: StartedProcess) -> Bool { relay(of: process)?.echoes ?? true }

  private func relay(of process: StartedProcess) -> OutputRelay? {
    state.withLock { state in
      guard let child = state.children[process.pid], child.process == process else { return nil }
      return child.relay
    }
  }

  /// Looks again and again, until the process has ended, whether it asks something.
  func watchTerminal(of process: StartedProcess) {
    guard let relay = relay(of: process), relay.terminal != nil else { return }
    let look = relay.look { ProcessTree(rootedAt: process.pid).members.map(\.pid) }
    switch look {
    case .same: break
    case .asks(let words): state.withLock { $0.tellQuestion }?(process, words)
    case .goesOn: state.withLock { $0.tellQuestion }?(process, nil)
    }
    _ = timers.withLock { timers in
      timers.add(monotonicSeconds() + Self.lookSeconds) { [weak self] in
        self?.watchTerminal(of: process)
      }
    }
  }

  /// Sets who is told, on the thread, of what a process asks, and by nil that it goes on.
  func tellQuestions(_ report: @escaping @Sendable (StartedProcess, String?) -> Void) {
    state.withLock { $0.tellQuestion = report }
  }
}

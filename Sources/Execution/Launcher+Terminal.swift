import CSpawn
import Glibc
import Synchronization

extension Launcher {
  static let terminalRows: Int32 = 36
  static let terminalColumns: Int32 = 120
  /// Output of one terminal that is copied in one turn.
  private static let terminalBytesInTurn = 65_536
  /// Output that is fetched after the end; the kernel itself holds less.
  private static let terminalBytesAtEnd = 1 << 20

  /// Copies what the process has shown to its output.
  func copyOutput(of pid: Int32) {
    guard let child = state.withLock({ $0.children[pid] }), let master = child.terminal,
      !copy(master, child.output)
    else { return }
    // Nobody holds the other side; the descriptor is closed when the process has ended.
    cairn_watch_remove(epoll, master)
  }

  func closeTerminal(_ master: Int32, _ output: Spools.Output) {
    cairn_watch_remove(epoll, master)
    for _ in 0..<(Self.terminalBytesAtEnd / Self.terminalBytesInTurn)
    where !copy(master, output) { break }
    close(master)
  }

  /// Writes to the process's terminal, as if typed; returns how many bytes it took.
  func write(_ bytes: [UInt8], to process: StartedProcess) -> Int {
    state.withLock { state in
      guard let child = state.children[process.pid], child.process == process,
        let master = child.terminal
      else { return 0 }
      return max(0, Glibc.write(master, bytes, bytes.count))
    }
  }

  /// Returns false when there is no more to come.
  private func copy(_ master: Int32, _ output: Spools.Output) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: Self.terminalBytesInTurn, alignment: 1) { buffer in
      let count = read(master, buffer.baseAddress, buffer.count)
      guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
      var done = 0
      while done < count {
        let written = Glibc.write(
          output.descriptor, buffer.baseAddress?.advanced(by: done), count - done)
        // A full disk takes nothing: the rest of this piece is lost, the process goes on.
        if written <= 0 && errno != EINTR { break }
        done += max(0, written)
      }
      return true
    }
  }
}

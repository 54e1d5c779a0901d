import Foundation
import Synchronization

/// Walks a folder again and again from a thread of its own, and remembers the most that it found.
final class FolderWatch: Sendable {
  /// The largest figures of all walks, in bytes; each may be of another one.
  struct Peak {
    var walks = 0
    /// Files, as a walk added them up; beyond the limit only what lay there all at once.
    var fileBytes: Int64 = 0
    var folderBytes: Int64 = 0
  }

  private struct State {
    var peak = Peak()
    var isOver = false
  }

  private let state = Mutex(State())
  private let end = DispatchSemaphore(value: 0)
  private let path: String
  private let limitBytes: Int64

  init(_ path: String, limitBytes: Int64, everyMilliseconds: Int) {
    self.path = path
    self.limitBytes = limitBytes
    Thread.detachNewThread { [self] in
      while !state.withLock(\.isOver) {
        look()
        usleep(UInt32(everyMilliseconds) * 1000)
      }
      end.signal()
    }
  }

  private func look() {
    let walk = FolderWalk(path)
    let bytes =
      walk.fileBytes > limitBytes
      ? walk.fileBytesTogether(with: FolderWalk(path)) : walk.fileBytes
    state.withLock { state in
      state.peak.walks += 1
      state.peak.fileBytes = max(state.peak.fileBytes, bytes)
      state.peak.folderBytes = max(state.peak.folderBytes, walk.folderBytes)
    }
  }

  /// Ends the walks.
  func stop() -> Peak {
    state.withLock { $0.isOver = true }
    end.wait()
    return state.withLock(\.peak)
  }
}

import Glibc
import Model
import Synchronization

/// Knows by one `stat` whether an emptied slot is still empty.
///
/// When a slot has been emptied its folder gets a modification time that no clock shows. Whatever is
/// made, renamed or deleted in it after that sets another, however coarse the clock of the file system
/// is: two times taken from a clock could be the same although something happened in between.
final class SlotMarks: Sendable {
  /// Three nanoseconds past the first second of 1970: a copied folder may bring a time of its own.
  private static let time = timespec(tv_sec: 1, tv_nsec: 3)

  private struct Mark: Equatable {
    var device: UInt64
    var inode: UInt64
    var seconds: Int
    var nanoseconds: Int
    /// Of the last change of the folder's own record: rights that were taken away show here.
    var changeSeconds: Int
    var changeNanoseconds: Int

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
      changeSeconds = status.st_ctim.tv_sec
      changeNanoseconds = status.st_ctim.tv_nsec
    }
  }

  /// By number of the slot.
  private let marks = Mutex<[Mark?]>([])

  /// Remembers an empty folder as the slot's state.
  func mark(_ slot: Int, _ path: String) {
    forget(slot)
    let times = [Self.time, Self.time]
    guard utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0 else { return }
    var status = stat()
    // A file system that rounds the time would show every slot as changed; it gets no mark.
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_mtim.tv_sec == Self.time.tv_sec, status.st_mtim.tv_nsec == Self.time.tv_nsec
    else { return }
    marks.withLock { marks in
      while marks.count <= slot { marks.append(nil) }
      marks[slot] = Mark(status)
    }
  }

  func forget(_ slot: Int) {
    marks.withLock { marks in
      if marks.indices.contains(slot) { marks[slot] = nil }
    }
  }

  /// Whether the slot was emptied and nobody has held it since, as far as this session knows.
  func isMarked(_ slot: Int) -> Bool {
    marks.withLock { marks in marks.indices.contains(slot) && marks[slot] != nil }
  }

  /// Whether the slot is known to be as it was when it was marked.
  func isUntouched(_ slot: Int, _ path: String) -> Bool {
    let mark = marks.withLock { marks in marks.indices.contains(slot) ? marks[slot] : nil }
    guard let mark else { return false }
    var status = stat()
    return lstat(path, &status) == 0 && Mark(status) == mark
  }
}

extension Workspace {
  package func prepareNow(_ place: AttemptPlace) -> AttemptFolders? {
    let task = place.task
    guard task.outputs.isEmpty, task.isolation != .worktree,
      place.attempt < WorkspaceLayout.maximumAttempts,
      place.needed.allSatisfy({ $0.outputs.isEmpty })
    else { return nil }
    let scratch = slot(place.slot)
    guard slots.isUntouched(place.slot, scratch), let inputs = try? inputs(of: place) else {
      return nil
    }
    return AttemptFolders(outputs: [:], scratch: scratch, inputs: inputs)
  }

  package func leavesNothing(_ place: AttemptPlace) -> Bool {
    let task = place.task
    return task.outputs.isEmpty && task.exports.isEmpty
      && place.needed.allSatisfy({ $0.outputs.isEmpty })
      && slots.isUntouched(place.slot, slot(place.slot))
  }
}

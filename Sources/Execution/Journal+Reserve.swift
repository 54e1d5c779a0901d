import GRDB
import Glibc
import Synchronization

/// A file beside the journal that only holds room: given up when the disk is full, so that the facts
/// about that can still be recorded.
enum JournalReserve {
  static let bytes: Int64 = 16 << 20
  /// On a small file system, the share of it that is set aside at most.
  static let shareOfDisk: Int64 = 8

  /// Makes or keeps the file; false where that would leave less free than it takes.
  static func take(_ path: String) -> Bool {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var status = stat()
    var system = statvfs()
    guard fstat(descriptor, &status) == 0, fstatvfs(descriptor, &system) == 0 else { return false }
    let held = Int64(status.st_blocks) * 512
    let block = Int64(clamping: system.f_frsize)
    let wanted = min(bytes, Int64(clamping: system.f_blocks) * block / shareOfDisk)
    if held >= wanted { return true }
    // As much must stay free, else the run would go on only to stop again at once.
    let free = Int64(clamping: system.f_bavail) * block + held
    // Blocks, not a hole: a file that is only long holds no room.
    guard free >= 2 * wanted, posix_fallocate(descriptor, 0, off_t(wanted)) == 0 else {
      unlink(path)
      return false
    }
    return true
  }

  static func release(_ path: String) -> Bool { unlink(path) == 0 }
}

extension Journal {
  private var reserve: String { JournalFile.folder(of: path) + "/reserve" }

  package func takeReserve() -> Bool {
    tail.withLock { $0.prepare() }
    return JournalReserve.take(reserve)
  }

  /// Gives up the reserve, and with it what the log of changes holds twice.
  package func releaseReserve() -> Bool {
    let isReleased = JournalReserve.release(reserve)
    let isCut: Void? = try? queue.writeWithoutTransaction { db in
      _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    return isReleased || isCut != nil
  }
}

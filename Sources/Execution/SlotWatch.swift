import CSpawn
import Glibc
import Synchronization

/// Refuses and tells writes into slots of others, where slots cannot be hidden from one another.
///
/// What it starts asks before each system call that makes, removes, renames or opens something to write
/// (seccomp_unotify(2)); the answer is no where that lies below the folder of slots and not in the slot of
/// the attempt that asks. Everything else is let through, and so is what comes from a process of which
/// nothing says any more whose it is: it has cleared its environment, and so have all above it that live.
/// Reading is not seen. It keeps neighbours apart that mean no harm, as `SlotNamespaces` does: a task that
/// wants to can get around it.
///
/// Such a call costs 20 to 45 µs more, and 120 in the own slot, where it is asked whose it is; no other costs
/// anything (two cores, files written by a shell, against a run with namespaces).
struct SlotWatch {
  private let starter: OpaquePointer
  private let judge: SlotJudge

  /// Begins to watch the slots beside the folder, which has to be there.
  ///
  /// - Throws: `SpawnProblem` saying what the system refused.
  init(beside folder: String) throws(SpawnProblem) {
    guard let real = realpath(folder, nil) else {
      throw SpawnProblem("slot \"\(folder)\" is gone: \(systemReason())")
    }
    defer { free(real) }
    judge = SlotJudge(slots: SlotOwner.parent(of: String(cString: real)))
    var (listener, error) = (Int32(-1), Int32(0))
    guard let starter = cairn_starter_open(&listener, &error) else {
      throw SpawnProblem("cannot watch what tasks write: \(systemReason(error))")
    }
    self.starter = starter
    do throws(ThreadProblem) {
      try OwnThread.start("cairn.watch") { [judge, listener] in judge.answer(listener) }
    } catch {
      close()
      Glibc.close(listener)
      throw SpawnProblem(error.description)
    }
  }

  /// Sets whom trespasses are told; called from a thread of the watch.
  func tell(_ report: @escaping @Sendable (SlotTrespass) -> Void) { judge.tell(report) }

  func spawn(_ launch: inout cairn_launch) -> cairn_started {
    cairn_starter_spawn(starter, &launch)
  }

  /// Ends what it has started, and then by itself.
  func close() {
    cairn_starter_close(starter)
  }
}

/// Answers what the watched ask, on a thread of its own.
private final class SlotJudge: Sendable {
  /// Writes that are told; all later ones of a run are refused in silence.
  private static let maximumTold = 4096

  private struct Told: Hashable {
    var owner: SlotOwner
    var slot: String
  }

  /// Absolute and without links.
  private let slots: String
  private let report = Mutex<(@Sendable (SlotTrespass) -> Void)?>(nil)

  init(slots: String) { self.slots = slots }

  func tell(_ report: @escaping @Sendable (SlotTrespass) -> Void) {
    self.report.withLock { $0 = report }
  }

  /// Nothing here may wait for a thread that starts processes or writes files for them.
  func answer(_ listener: Int32) {
    defer { Glibc.close(listener) }
    let write = UnsafeMutablePointer<cairn_write>.allocate(capacity: 1)
    defer { write.deallocate() }
    var told: Set<Told> = []
    while cairn_write_next(listener, slots, write) == 0 {
      let (owner, foreign) = judge(write)
      cairn_write_answer(listener, write, foreign == nil ? 0 : EACCES)
      if let owner, let foreign { tell(owner, foreign, &told) }
    }
  }

  /// Whose write it is, and its first path that lies in no slot of theirs.
  private func judge(
    _ write: UnsafePointer<cairn_write>
  ) -> (owner: SlotOwner?, foreign: String?) {
    guard let owner = SlotOwner(of: write.pointee.pid, in: slots) else { return (nil, nil) }
    let paths = Self.paths(of: write)
    return (
      owner,
      paths.first { SlotOwner.lies($0, in: slots) && !SlotOwner.lies($0, in: owner.slot) }
    )
  }

  private static func paths(of write: UnsafePointer<cairn_write>) -> [String] {
    (0..<write.pointee.count).map { String(cString: cairn_write_path(write, $0)) }
  }

  private func tell(_ owner: SlotOwner, _ path: String, _ told: inout Set<Told>) {
    let names = path.dropFirst(slots.count + 1).split(separator: "/", maxSplits: 1)
    let slot = names.first.map(String.init) ?? ""
    guard told.count < Self.maximumTold, told.insert(Told(owner: owner, slot: slot)).inserted
    else { return }
    let trespass = SlotTrespass(
      task: owner.task, slot: Int(slot), path: names.dropFirst().first.map(String.init) ?? slot)
    report.withLock { $0 }?(trespass)
  }
}

/// A write that was refused, for it went into a slot of another.
package struct SlotTrespass: Sendable, Equatable {
  /// Name of the task that wrote, as the process had it in its environment.
  package var task: String
  /// Whose slot it was; nil for what lies beside the slots.
  package var slot: Int?
  /// In the slot, or its name.
  package var path: String
}

/// The attempt that a process belongs to, as its environment says, or that of a process above it.
struct SlotOwner: Hashable {
  /// Processes above one another that are asked.
  private static let maximumDepth = 256

  /// Absolute and without links.
  var slot: String
  var task: String
  var attempt: String

  /// Nil when nothing says whose the process is.
  init?(of process: Int32, in slots: String) {
    var pid = process
    for _ in 0..<Self.maximumDepth where pid > 1 {
      if let owner = SlotOwner(ProcessTable.environment(of: pid), in: slots) {
        self = owner
        return
      }
      guard let record = ProcessTable.record(of: pid) else { return nil }
      pid = record.parent
    }
    return nil
  }

  /// Nil for an environment of no attempt that has one of these slots, as of a Cairn inside a task.
  init?(_ environment: [Substring], in slots: String) {
    func value(_ name: String) -> String? {
      environment.last { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    }
    guard let scratch = value("CAIRN_SCRATCH="), let task = value("CAIRN_TASK=") else { return nil }
    let folder = Self.parent(of: scratch)
    guard folder == slots || Self.isLink(folder, to: slots) else { return nil }
    slot = slots + scratch.dropFirst(folder.count)
    self.task = task
    attempt = value("CAIRN_ATTEMPT=") ?? ""
  }

  /// Asked where the project's path has a link in it.
  private static func isLink(_ folder: String, to slots: String) -> Bool {
    guard let real = realpath(folder, nil) else { return false }
    defer { free(real) }
    return String(cString: real) == slots
  }

  static func parent(of path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }

  static func lies(_ path: String, in folder: String) -> Bool {
    path == folder || path.hasPrefix(folder + "/")
  }
}

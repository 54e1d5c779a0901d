import CSpawn
import Glibc
import Synchronization

extension Launcher {
  /// Makes the containment; called once, before the first start.
  func enclose(
    _ wanted: Containment.Kind?, _ lastAct: LastAct?
  ) -> Result<Containment, SpawnProblem> {
    let made = desk.withLock { desk in
      Result { () throws(SpawnProblem) in
        let enclosure = try Enclosure.best(wanted, lastAct)
        desk.enclosure = enclosure
        return (enclosure.containment, enclosure.adopter, enclosure.keeper.pidfd)
      }
    }
    return made.map { containment, adopter, pidfd in
      orphans.watch(adopter)
      if pidfd >= 0 { cairn_watch_add(epoll, pidfd, Mark.keeper) }
      state.withLock { $0.memoryKills = ProcessTable.memoryKills().map { [$0] } ?? [] }
      return containment
    }
  }

  /// The process without which the containment would not hold.
  var keeperPid: Int32? { desk.withLock { $0.enclosure?.keeper.pid } }

  /// Making a namespace takes a few descriptors more than a start, and a watch keeps one; a start would
  /// never come about where there are hardly enough for that.
  fileprivate static let filesForSlots = 128

  /// Tries to hide slots from one another; returns what stands in the way, in words, or nil.
  func trySlots(in folder: String) -> String? {
    desk.withLock { desk in
      guard let mounts = desk.mounts else { return desk.reasonForNoMounts }
      if let reason = desk.reasonForFewFiles { return reason }
      do throws(SpawnProblem) {
        _ = try desk.slots.namespace(of: folder, in: mounts)
        desk.slots.isWanted = true
        return nil
      } catch {
        return error.description
      }
    }
  }

  /// Tries to see what is written into slots from now on; returns what stands in the way, in words, or
  /// nil.
  func tryWatch(beside folder: String) -> String? {
    desk.withLock { desk in
      if let reason = desk.reasonForFewFiles { return reason }
      do throws(SpawnProblem) {
        desk.watch = try SlotWatch(beside: folder)
        return nil
      } catch {
        return error.description
      }
    }
  }

  func tellTrespasses(_ report: @escaping @Sendable (SlotTrespass) -> Void) {
    desk.withLock { $0.watch?.tell(report) }
  }

  /// The keeper has died: without another one the promise would not hold.
  func mendEnclosure() {
    // A start that cannot be contained says so itself.
    _ = desk.withLock { desk in
      Result { () throws(SpawnProblem) in try desk.mend(epoll, orphans) }
    }
  }
}

extension Launcher.Desk {
  /// Starts the keeper again if it has died; false when it lives.
  ///
  /// - Throws: `SpawnProblem` when there can be none.
  mutating func mend(
    _ epoll: Int32, _ orphans: Orphans, after error: Int32 = 0
  ) throws(SpawnProblem) -> Bool {
    guard try enclosure?.mend(epoll, after: error) == true, let enclosure else { return false }
    orphans.watch(enclosure.adopter)
    slots.close()
    return true
  }

  /// The run's mount namespace, where processes are born in one.
  fileprivate var mounts: Int32? {
    enclosure.flatMap { $0.keeper.mountNamespace >= 0 ? $0.keeper.mountNamespace : nil }
  }

  fileprivate var reasonForFewFiles: String? {
    openFiles < Launcher.filesForSlots ? "only \(openFiles) files may be open" : nil
  }

  fileprivate var reasonForNoMounts: String {
    let refusal = enclosure?.containment.refusals.first { $0.kind == .namespace }
    return refusal?.reason ?? "processes are not kept in namespaces"
  }

  /// The mount namespace in which a process sees its slot alone; nil where slots are not hidden.
  mutating func slot(of launch: Launch) throws(SpawnProblem) -> Int32? {
    guard slots.isWanted, let folder = launch.slot, let mounts else { return nil }
    return try slots.namespace(of: folder, in: mounts)
  }
}

import Model

/// Artifacts that nobody needs any more and that lie in the workspace still; each counts until it is
/// gone.
///
/// They are asked to go at once, or when their bytes are needed, the oldest first.
struct Unneeded: Sendable {
  private let dropsEagerly: Bool
  /// Those that nobody asked to go, the oldest first, and their bytes.
  private var dead: [PlanGraph.Surplus] = []
  private var deadBytes: Int64 = 0
  private var leaving: [RunState.ArtifactKey: Int64] = [:]
  /// What running attempts are about to replace: nobody deletes it meanwhile.
  private var old: [RunState.ArtifactKey: Int64] = [:]
  /// Tasks that ever had something to replace.
  private var renewed: Set<TaskID> = []
  private var dropped: [RunState.ArtifactKey] = []
  /// Of all that lies there.
  private(set) var bytes: Int64 = 0

  init(dropsEagerly: Bool) { self.dropsEagerly = dropsEagerly }
}

extension Unneeded {
  /// Whether something is on its way out.
  var isDropping: Bool { !leaving.isEmpty }

  /// Nobody needs an artifact any more.
  mutating func add(_ key: RunState.ArtifactKey, _ bytes: Int64) {
    self.bytes += bytes
    if dropsEagerly {
      drop(key, bytes)
    } else {
      dead.append(PlanGraph.Surplus(key: key, bytes: bytes))
      deadBytes += bytes
    }
  }

  private mutating func drop(_ key: RunState.ArtifactKey, _ bytes: Int64) {
    leaving[key, default: 0] += bytes
    dropped.append(key)
  }

  /// What a task made that runs again: it stays, where there is room, until the new one takes its place.
  mutating func addOld(_ key: RunState.ArtifactKey, _ bytes: Int64) {
    self.bytes += bytes
    renewed.insert(key.task)
    dead.append(PlanGraph.Surplus(key: key, bytes: bytes))
    deadBytes += bytes
  }

  /// Whether the artifact lies there, or has not gone yet.
  func holds(_ key: RunState.ArtifactKey) -> Bool {
    leaving[key] != nil || dead.contains { $0.key == key }
  }

  /// Whether something that the task made is being deleted, so that it must not make it anew yet.
  func isDropping(of task: TaskID) -> Bool { leaving.keys.contains { $0.task == task } }

  /// An attempt begins that replaces what its task made before.
  mutating func begin(_ task: TaskID) {
    guard renewed.contains(task) else { return }
    for artifact in dead where artifact.key.task == task {
      old[artifact.key] = artifact.bytes
      deadBytes -= artifact.bytes
    }
    dead.removeAll { $0.key.task == task }
  }

  /// What an attempt sealed lies where the old one lay.
  mutating func replace(_ key: RunState.ArtifactKey) {
    if let replaced = old.removeValue(forKey: key) { bytes -= replaced }
  }

  /// An attempt has failed: what it did not replace may go again.
  mutating func fail(_ task: TaskID) {
    guard renewed.contains(task) else { return }
    let stays = old.filter { $0.key.task == task }.sorted { $0.key.name < $1.key.name }
    for (key, bytes) in stays {
      old[key] = nil
      dead.append(PlanGraph.Surplus(key: key, bytes: bytes))
      deadBytes += bytes
    }
  }

  /// What will have gone once all that leaves has gone, and what is being replaced.
  var leavingBytes: Int64 { bytes - deadBytes }

  /// Asks the oldest to go, until as many bytes are free once all that leaves has gone.
  mutating func makeRoom(_ missing: Int64) {
    var count = 0
    while leavingBytes < missing, count < dead.count {
      deadBytes -= dead[count].bytes
      drop(dead[count].key, dead[count].bytes)
      count += 1
    }
    dead.removeFirst(count)
  }

  var hasDropped: Bool { !dropped.isEmpty }

  /// Returns the artifacts that should be deleted since the last call.
  mutating func takeDropped() -> [RunState.ArtifactKey] {
    defer { dropped = [] }
    return dropped
  }

  /// Somebody else deletes an artifact.
  mutating func leaves(_ key: RunState.ArtifactKey, _ bytes: Int64) {
    guard leaving[key] == nil else { return }
    if let known = removeDead(key) {
      leaving[key] = known
    } else {
      leaving[key] = bytes
      self.bytes += bytes
    }
  }

  /// An artifact is gone from the disk, or stays though it should go, and counts on.
  mutating func gone(_ key: RunState.ArtifactKey, isDeleted: Bool) {
    if let bytes = leaving.removeValue(forKey: key) {
      if isDeleted { self.bytes -= bytes }
    } else if isDeleted, let bytes = removeDead(key) {
      self.bytes -= bytes
    }
  }

  /// Takes an artifact out of those that nobody asked to go; returns its bytes.
  private mutating func removeDead(_ key: RunState.ArtifactKey) -> Int64? {
    guard let at = dead.firstIndex(where: { $0.key == key }) else { return nil }
    deadBytes -= dead[at].bytes
    return dead.remove(at: at).bytes
  }
}

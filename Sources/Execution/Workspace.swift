import Glibc
package import Model

/// The bounded store of a run in `.cairn/workspace`, see `WorkspaceLayout` for where things lie.
///
/// What was sealed is not flushed to the disk: like the journal it is proof against the death of a
/// process, not against power loss, and a digest of it lies in the journal. Exports are flushed.
package struct Workspace: ArtifactStore {
  package let layout: WorkspaceLayout
  package let run: Int
  /// Where artifacts go that have to make room for a while.
  package let spill: SpillPlace?
  let inherited: [Inheritance]
  private let proof: Proof
  let spillRoom = SpillRoom()
  let slots = SlotMarks()
  let proofs = SealProofs()

  /// What an artifact is known by.
  package enum Proof: Sendable {
    case digests
    /// Nothing, and it stays writable: for measuring what proof costs. Never a run of somebody's.
    case none
  }
  /// Where tasks with a worktree come together; nil in a run that has none.
  package var branch: RunBranch?
  /// Who works in what is lent; nil where nothing is.
  package var borrow: Borrow?

  /// An earlier run whose artifacts stand in where this run has none (`--only`, `--from`).
  package struct Inheritance: Sendable, Equatable {
    package var run: Int
    /// Numbers of the earlier run's tasks.
    package var tasks: [String: TaskID]

    package init(run: Int, tasks: [String: TaskID]) {
      self.run = run
      self.tasks = tasks
    }
  }

  /// Makes the folders of a run.
  ///
  /// `root` is the absolute path of the project; of the inherited runs the one in front is looked into
  /// first. The spill folder is made when it is needed, see `openSpill`; what is spilled needs proof.
  package init(
    root: String, run: Int, inherited: [Inheritance] = [], spill: SpillPlace? = nil,
    proof: Proof = .digests
  ) throws(WorkspaceProblem) {
    precondition(proof == .digests || spill == nil, "a spilled artifact is known by its digest")
    layout = WorkspaceLayout(root: root)
    self.run = run
    self.inherited = inherited
    self.spill = spill
    self.proof = proof
    try layout.makeStateFolder()
    try FileTree.makeFolders("\(layout.logs)/\(run)")
    try FileTree.makeFolders("\(layout.workspace)/slots")
    try FileTree.makeFolders("\(layout.workspace)/\(run)")
  }

  package func log(_ task: TaskGraph.Task, attempt: Int, stream: LogReference.Stream) -> (
    path: String, name: String
  ) {
    layout.log(run: run, task: task.id, name: task.name, attempt: attempt, stream: stream)
  }

  package func spool(_ slot: Int) -> String? { layout.spool(run: run, slot: slot) }
}

// MARK: Places

extension Workspace {
  func folder(of task: TaskGraph.Task) -> String {
    "\(layout.workspace)/\(run)/\(WorkspaceLayout.folder(task.id, task.name))"
  }

  func slot(_ number: Int) -> String { "\(layout.workspace)/slots/\(number)" }

  /// Makes the folder of a slot, empty, and returns its absolute path.
  package func openSlot(_ number: Int) throws(WorkspaceProblem) -> String {
    let folder = slot(number)
    if !Self.isFolder(folder) { try FileTree.remove(folder) }
    try FileTree.makeFolders(folder)
    try FileTree.empty(folder)
    return folder
  }

  func sealed(_ task: TaskGraph.Task, _ artifact: String) -> String {
    "\(folder(of: task))/\(WorkspaceLayout.encoded(artifact))"
  }

  func part(_ place: AttemptPlace, _ artifact: String) -> String {
    "\(sealed(place.task, artifact)).\(place.attempt).part"
  }

  /// Where the artifact lies: in this run, else in the first inherited one that has it.
  func found(_ task: TaskGraph.Task, _ artifact: String) -> String? {
    let name = WorkspaceLayout.encoded(artifact)
    let places =
      [folder(of: task)]
      + inherited.compactMap { earlier in
        earlier.tasks[task.name].map {
          "\(layout.workspace)/\(earlier.run)/\(WorkspaceLayout.folder($0, task.name))"
        }
      }
    return places.map { "\($0)/\(name)" }.first { Self.isFolder($0) }
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  package func holds(_ task: TaskGraph.Task, artifact: String) -> Bool {
    found(task, artifact) != nil
  }
}

// MARK: The life of an attempt

extension Workspace {
  package func prepare(_ place: AttemptPlace) throws(WorkspaceProblem) -> AttemptFolders {
    rotateLogs(place)
    discardLeftovers(of: place.task)
    try prove(place)
    var outputs: [String: String] = [:]
    for output in place.task.outputs {
      let folder = part(place, output.name)
      try FileTree.makeFolders(folder)
      outputs[output.name] = folder
    }
    let trespass = trespass(in: place.slot)
    let scratch = try openSlot(place.slot)
    slots.mark(place.slot, scratch)
    var folders = AttemptFolders(
      outputs: outputs, scratch: scratch, inputs: try inputs(of: place))
    if let trespass {
      folders.news.append(Fact.Notice(.slotTrespassed, trespass, task: place.task.id))
    }
    try leaseWorktree(place, &folders)
    return folders
  }

  /// Between two leases an emptied slot is nobody's.
  private func trespass(in number: Int) -> String? {
    let folder = slot(number)
    guard slots.isMarked(number), !slots.isUntouched(number, folder) else { return nil }
    guard Self.isFolder(folder) else { return "slot \(number) is gone" }
    guard let name = FileTree.plainNames(in: folder).first else { return nil }
    return "\"\(name)\" lay in slot \(number), which nobody held"
  }

  package func seal(_ place: AttemptPlace) throws(WorkspaceProblem) -> [Fact.ArtifactSealed] {
    // All are measured before the first is renamed: an attempt has its artifacts or none.
    var facts: [Fact.ArtifactSealed] = []
    for output in place.task.outputs {
      let folder = part(place, output.name)
      guard Self.isFolder(folder) else {
        throw WorkspaceProblem(
          "artifact \"\(output.name)\" of task \"\(place.task.name)\" is missing: its folder is gone"
        )
      }
      // What lies there still may have readers, and is the same.
      if place.expected != nil, Self.isFolder(sealed(place.task, output.name)) { continue }
      let (measure, digest) = try sealed(folder)
      let compressed =
        proof == .digests ? CompressionSample.compressedBytes(of: folder, measure) : nil
      if let before = place.expected?[output.name], before != digest {
        throw WorkspaceProblem(
          "artifact \"\(output.name)\" of task \"\(place.task.name)\" was made again and is not the "
            + "same: the task is not pure")
      }
      facts.append(
        Fact.ArtifactSealed(
          task: place.task.id, attempt: place.attempt, artifact: output.name,
          bytes: measure.bytes, files: measure.files, digest: digest,
          compressedBytes: compressed))
    }
    for fact in facts {
      let path = sealed(place.task, fact.artifact)
      try replace(path, by: part(place, fact.artifact))
      try? FileTree.remove(packed(place.task, fact.artifact))
      proofs.note(path)
    }
    return facts
  }

  private func sealed(_ folder: String) throws(WorkspaceProblem) -> (FileTree.Measure, String) {
    switch proof {
    case .digests: try FileTree.seal(folder)
    case .none: (try FileTree.measure(folder), "")
    }
  }

  /// Puts a new folder in the place of an old one; a crash in between leaves one of them as `.old`
  /// or `.part`, and the journal says that neither is sealed.
  func replace(_ path: String, by new: String) throws(WorkspaceProblem) {
    let old = path + ".old"
    try FileTree.remove(old)
    if rename(path, old) != 0 && errno != ENOENT { throw FileTree.problem("replace", path) }
    guard rename(new, path) == 0 else { throw FileTree.problem("seal", path) }
    try FileTree.remove(old)
  }

  package func release(_ place: AttemptPlace) -> Int64 {
    discardLeftovers(of: place.task)
    let scratch = slot(place.slot)
    let held = (try? FileTree.measure(scratch))?.bytes ?? 0
    // What cannot be deleted now is tried again, and reported, by the next `prepare`.
    slots.forget(place.slot)
    if (try? FileTree.empty(scratch)) != nil { slots.mark(place.slot, scratch) }
    return held
  }

  package func grown(_ place: AttemptPlace) -> [String: Int64] {
    let worktree = place.task.isolation == .worktree ? worktreeBytes(place.slot) : 0
    var grown = ["": worktree + ((try? FileTree.measure(slot(place.slot)))?.bytes ?? 0)]
    for output in place.task.outputs {
      grown[output.name] = (try? FileTree.measure(part(place, output.name)))?.bytes ?? 0
    }
    return grown
  }

  package func drop(_ task: TaskGraph.Task, artifact: String) throws(WorkspaceProblem) {
    try FileTree.remove(packed(task, artifact))
    try FileTree.remove(try setAside(task, artifact))
  }

  /// Takes its name from a sealed artifact that no process has open, and returns the path to delete.
  ///
  /// A deletion takes its time: were it cut short by a crash, what is left must not look sealed.
  func setAside(_ task: TaskGraph.Task, _ artifact: String) throws(WorkspaceProblem) -> String {
    let path = sealed(task, artifact)
    if let pid = OpenHandles.holderAfterGrace(of: path) {
      throw WorkspaceProblem("\(Self.words(task, artifact)) is still open in process \(pid)")
    }
    let old = path + ".old"
    try FileTree.remove(old)
    if rename(path, old) != 0 && errno != ENOENT { throw FileTree.problem("delete", path) }
    return old
  }

  static func words(_ task: TaskGraph.Task, _ artifact: String) -> String {
    "artifact \"\(artifact)\" of task \"\(task.name)\""
  }

  /// Deletes what attempts left half done; a task has one attempt at a time.
  private func discardLeftovers(of task: TaskGraph.Task) {
    let folder = folder(of: task)
    for name in FileTree.plainNames(in: folder) where Self.isLeftover(name) {
      try? FileTree.remove("\(folder)/\(name)")
    }
  }

  static func isLeftover(_ name: String) -> Bool {
    if name.hasSuffix(".part") || name.hasSuffix(".old") { return true }
    // An artifact may be called `in`.
    return name.hasPrefix("in.") && folder(ofPacked: name) == nil
  }
}

// MARK: Inputs

extension Workspace {
  /// By variable: the folder of one artifact, of all artifacts of a task, or of links to those of a
  /// whole matrix.
  func inputs(of place: AttemptPlace) throws(WorkspaceProblem) -> [String: String] {
    precondition(place.needed.count == place.task.needs.count, "one task a need")
    var inputs: [String: String] = [:]
    for (need, task) in zip(place.task.needs, place.needed) {
      guard let source = try source(of: need, task) else { continue }
      guard let name = need.folder else {
        inputs[need.variable] = source
        continue
      }
      let folder =
        "\(self.folder(of: place.task))/in.\(place.attempt)/\(WorkspaceLayout.encoded(need.variable))"
      try FileTree.makeFolders(folder)
      try link(name, in: folder, to: source)
      inputs[need.variable] = folder
    }
    return inputs
  }

  /// nil for a task that has no artifact.
  private func source(of need: TaskGraph.Need, _ task: TaskGraph.Task) throws(WorkspaceProblem)
    -> String?
  {
    let names = need.artifact.map { [$0] } ?? task.outputs.map(\.name)
    var folders: [String] = []
    for name in names {
      guard let folder = found(task, name) else {
        throw WorkspaceProblem("artifact \"\(name)\" of task \"\(task.name)\" is missing")
      }
      folders.append(folder)
    }
    guard folders.count > 1, let slash = folders[0].lastIndex(of: "/") else { return folders.first }
    return String(folders[0][..<slash])
  }

  private func link(_ name: String, in folder: String, to target: String) throws(WorkspaceProblem) {
    guard !name.isEmpty, !name.contains("/"), name != ".", name != "..", !name.utf8.contains(0)
    else {
      throw WorkspaceProblem("input folder \"\(name)\" is no file name")
    }
    guard symlink(target, "\(folder)/\(name)") == 0 else {
      throw FileTree.problem("link input", "\(folder)/\(name)")
    }
  }
}

extension FileTree {
  /// The names in a folder that are text; empty if it cannot be read.
  static func plainNames(in path: String) -> [String] {
    let folder = openFolder(path)
    guard folder >= 0 else { return [] }
    defer { close(folder) }
    let names = (try? names(in: folder, of: path)) ?? []
    return names.compactMap {
      String(validating: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}

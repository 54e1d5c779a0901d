import Glibc
package import Model

/// What lies in a project's workspace and on its spill file system, entry by entry.
///
/// Looking changes nothing and follows no link. What stands in the place of a run, a task, an artifact
/// or a slot and is none is told as `foreign`, with its bytes.
package struct StoreSurvey: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// A folder with the name of an artifact.
    case artifact
    /// A file that holds a whole artifact in fewer bytes.
    case compressed
    /// What an attempt writes, what it links, or what was half deleted or half brought back.
    case unsealed
    /// A slot that holds something.
    case slot
    /// The pool of worktrees, whose inside is git's and the tasks' own.
    case worktrees
    /// A complete copy on the spill file system, and one that is being made.
    case spilled, halfSpilled
    case foreign
  }

  package struct Entry: Sendable, Equatable {
    package var kind: Kind
    /// Names from the workspace (or the project's folder in the spill place) down to the entry.
    package var names: [String]
    /// Absolute, for people.
    package var path: String
    /// nil where the first name is no run's number.
    package var run: Int?
    /// Allocated; 0 where it cannot be read.
    package var bytes: Int64 = 0
    /// Everything but folders.
    package var files = 0
    /// When its folder changed last, seconds since 1970.
    package var changedSeconds: Int64
    /// Why it is not known how large it is.
    package var problem: String?
    /// Else the names are not those on disk, and nothing can be done to it by name.
    package var isText = true

    package var isSpilled: Bool { kind == .spilled || kind == .halfSpilled }
    /// As the workspace's folders are called: `1/0-fetch/out`.
    package var name: String { names.joined(separator: "/") }
    /// As the artifact's own folder is called, of its compressed form too.
    package var artifactName: String {
      guard kind == .compressed, let folder = names.last.flatMap(Workspace.folder(ofPacked:)) else {
        return name
      }
      return (names.dropLast() + [folder]).joined(separator: "/")
    }
  }

  package fileprivate(set) var entries: [Entry] = []
  /// Allocated by the folders in which the entries lie and by the entries' own, which belong to none.
  package fileprivate(set) var folderBytes: Int64 = 0
  /// What could not be read above the entries.
  package fileprivate(set) var problems: [String] = []
  /// There is no workspace at all.
  package fileprivate(set) var isMissing = false
}

extension WorkspaceLayout {
  /// - Throws: `WorkspaceProblem`: the workspace itself is a link or cannot be read.
  /// - Complexity: O(files of all runs).
  package func storeSurvey(spill: SpillPlace? = nil) throws(WorkspaceProblem) -> StoreSurvey {
    var survey = StoreSurvey()
    if let top = try OpenFolder.open(workspace) {
      survey.addWorkspace(top)
    } else {
      survey.isMissing = true
    }
    if let spill { survey.addSpill(SpillFolder(spill, root: root)) }
    return survey
  }
}

extension WorkspaceLayout {
  /// Allocated bytes of everything in the workspace, by one walk that knows nothing of runs and tasks;
  /// nil where it cannot be read.
  package func measuredBytes() -> Int64? { (try? FileTree.measure(workspace))?.bytes }
}

extension StoreSurvey.Entry {
  /// An artifact in the workspace of which nothing is known but its place.
  package init(_ place: ArtifactPlace, in layout: WorkspaceLayout) {
    self.init(
      kind: .artifact, names: place.path.split(separator: "/").map(String.init),
      path: "\(layout.workspace)/\(place.path)", run: place.run, changedSeconds: 0)
  }

  /// Of its content as it is now; nil where it cannot be read.
  ///
  /// - Complexity: O(bytes).
  package func digest() -> String? { (try? FileTree.digest(path))?.digest }

  /// Whether it is what was sealed; a compressed form is read, but not unpacked.
  ///
  /// - Throws: `WorkspaceProblem` naming what cannot be read.
  /// - Complexity: O(bytes of the whole).
  package func isSound(_ known: RunState.Artifact) throws(WorkspaceProblem) -> Bool {
    guard kind == .compressed else { return try FileTree.digest(path).digest == known.digest }
    do throws(WorkspaceProblem) { return try Workspace.proved(path, as: known) != nil } catch {
      // What is no compressed form any more is damaged.
      if error.isPassing { throw error }
      return false
    }
  }
}

// MARK: The workspace

extension StoreSurvey {
  fileprivate mutating func addWorkspace(_ top: borrowing OpenFolder) {
    for found in found(in: top) {
      if found.isFolder, found.name == "slots" {
        descend(top, found, []) { survey, slots, names in survey.addSlots(slots, names) }
      } else if found.isFolder, found.name == "worktrees" {
        add(.worktrees, found, in: top, [])
      } else if let run = Self.run(found) {
        descend(top, found, []) { survey, folder, names in
          survey.addRun(folder, names, run, isSpilled: false)
        }
      } else {
        add(.foreign, found, in: top, [])
      }
    }
  }

  private mutating func addSlots(_ slots: borrowing OpenFolder, _ names: [String]) {
    for found in found(in: slots) {
      let isSlot = found.isFolder && Int(found.name).map { "\($0)" == found.name } == true
      add(isSlot ? .slot : .foreign, found, in: slots, names)
      guard isSlot, let last = entries.last, last.files == 0, last.bytes == 0,
        last.problem == nil
      else { continue }
      entries.removeLast()
    }
  }

  /// A number from 1 as it is written by us.
  private static func run(_ found: Found) -> Int? {
    guard found.isFolder, let run = Int(found.name), run > 0, "\(run)" == found.name else {
      return nil
    }
    return run
  }

  private mutating func addRun(
    _ folder: borrowing OpenFolder, _ names: [String], _ run: Int, isSpilled: Bool
  ) {
    for found in found(in: folder) {
      if found.isFolder, let dash = found.name.firstIndex(of: "-"),
        UInt32(found.name[..<dash]) != nil
      {
        descend(folder, found, names) { survey, task, names in
          survey.addTask(task, names, run, isSpilled: isSpilled)
        }
      } else {
        add(.foreign, found, in: folder, names, run)
      }
    }
  }

  private mutating func addTask(
    _ folder: borrowing OpenFolder, _ names: [String], _ run: Int, isSpilled: Bool
  ) {
    for found in found(in: folder) {
      let kind: Kind =
        if Workspace.isLeftover(found.name) {
          isSpilled ? .halfSpilled : .unsealed
        } else if found.isFolder, !found.name.contains(".") {
          isSpilled ? .spilled : .artifact
        } else if found.isFile, !isSpilled, Workspace.folder(ofPacked: found.name) != nil {
          .compressed
        } else {
          .foreign
        }
      add(kind, found, in: folder, names, run)
    }
  }
}

// MARK: The spill file system

extension StoreSurvey {
  /// Of the project's own folder only; not as `SpillFolder.open`, which takes rights away from others.
  fileprivate mutating func addSpill(_ spill: SpillFolder) {
    do throws(WorkspaceProblem) {
      guard let place = try OpenFolder.open(spill.place.path),
        let own = try place.folder(spill.name)
      else { return }
      for found in found(in: own) {
        guard let run = Self.run(found) else { continue }
        let before = folderBytes
        descend(own, found, []) { survey, folder, names in
          survey.addRun(folder, names, run, isSpilled: true)
        }
        // Elsewhere: no bytes of the workspace.
        folderBytes = before
      }
    } catch {
      problems.append(error.description)
    }
  }
}

// MARK: Steps

extension StoreSurvey {
  private struct Found {
    /// With replacement characters where the bytes are no text.
    var name: String
    var isText: Bool
    var status: stat
    /// A link is none.
    var isFolder: Bool { isText && status.st_mode & S_IFMT == S_IFDIR }
    var isFile: Bool { isText && status.st_mode & S_IFMT == S_IFREG }
    var blockBytes: Int64 { Int64(status.st_blocks) * FileTree.blockBytes }
  }

  private mutating func found(in folder: borrowing OpenFolder) -> [Found] {
    do throws(WorkspaceProblem) {
      return try FileTree.names(in: folder.descriptor, of: folder.path).compactMap { name in
        var status = stat()
        guard fstatat(folder.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
          return nil
        }
        let bytes = FileTree.bytes(of: name)
        return Found(
          name: String(decoding: bytes, as: UTF8.self),
          isText: String(validating: bytes, as: UTF8.self) != nil, status: status)
      }
    } catch {
      problems.append(error.description)
      return []
    }
  }

  private mutating func descend(
    _ folder: borrowing OpenFolder, _ found: Found, _ names: [String],
    _ visit: (inout StoreSurvey, borrowing OpenFolder, [String]) -> Void
  ) {
    do throws(WorkspaceProblem) {
      // Deleted meanwhile.
      guard let inner = try folder.folder(found.name) else { return }
      folderBytes += found.blockBytes
      visit(&self, inner, names + [found.name])
    } catch {
      problems.append(error.description)
    }
  }

  private mutating func add(
    _ kind: Kind, _ found: Found, in folder: borrowing OpenFolder, _ names: [String],
    _ run: Int? = nil
  ) {
    var entry = Entry(
      kind: kind, names: names + [found.name], path: "\(folder.path)/\(found.name)", run: run,
      changedSeconds: Int64(found.status.st_mtim.tv_sec))
    entry.isText = found.isText
    if found.isFolder {
      folderBytes += found.blockBytes
      do throws(WorkspaceProblem) {
        guard let inner = try folder.folder(found.name) else { return }
        let measure = try FileTree.measure(inner.descriptor, of: inner.path)
        (entry.bytes, entry.files) = (measure.bytes, measure.files)
      } catch {
        entry.problem = error.description
      }
    } else {
      (entry.bytes, entry.files) = (found.blockBytes, 1)
    }
    entries.append(entry)
  }
}

import CSpawn
import Glibc

/// What lies under a project's `.cairn`, and on which file system; looking changes nothing.
package struct StorageSurvey: Sendable, Equatable {
  /// `f_type` of statfs(2).
  package var type: UInt64 = 0
  package var totalBytes: Int64 = 0
  /// What an ordinary user may still write.
  package var freeBytes: Int64 = 0
  package var freeFiles: Int64?
  /// Why nothing can be written here.
  package var refusal: String?

  package init() {}
}

extension StorageSurvey {
  /// Looks at the file system of a folder; nil if the folder cannot be found.
  package static func take(_ folder: String) -> StorageSurvey? {
    var system = statvfs()
    guard statvfs(folder, &system) == 0 else { return nil }
    let block = Int64(clamping: system.f_frsize)
    var survey = StorageSurvey()
    survey.type = cairn_file_system_type(folder)
    survey.totalBytes = Int64(clamping: system.f_blocks).saturating(times: block)
    survey.freeBytes = Int64(clamping: system.f_bavail).saturating(times: block)
    survey.freeFiles = system.f_files == 0 ? nil : Int64(clamping: system.f_ffree)
    if access(folder, W_OK | X_OK) != 0 { survey.refusal = systemReason() }
    return survey
  }
}

extension Int64 {
  fileprivate func saturating(times other: Int64) -> Int64 {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .max : product
  }
}

/// What runs have left on disk.
package struct WorkspaceSurvey: Sendable, Equatable {
  /// Allocated.
  package var workspaceBytes: Int64 = 0
  package var logBytes: Int64 = 0
  package var journalBytes: Int64 = 0
  /// Folders that attempts wrote and never sealed, relative to the workspace.
  package var unsealed: [String] = []
  /// Slots that hold something.
  package var usedSlots: [String] = []
  /// What could not be read.
  package var problems: [String] = []

  package init() {}
}

extension WorkspaceLayout {
  /// - Complexity: O(files of all runs).
  package func survey() -> WorkspaceSurvey {
    var survey = WorkspaceSurvey()
    survey.workspaceBytes = bytes(of: workspace, &survey.problems)
    survey.logBytes = bytes(of: logs, &survey.problems)
    for ending in ["", "-wal", "-shm", "-tail"] {
      var status = stat()
      if stat(journal + ending, &status) == 0 {
        survey.journalBytes += Int64(status.st_blocks) * FileTree.blockBytes
      }
    }
    for run in FileTree.plainNames(in: workspace) where Int(run) != nil {
      for task in FileTree.plainNames(in: "\(workspace)/\(run)") {
        survey.unsealed += FileTree.plainNames(in: "\(workspace)/\(run)/\(task)")
          .filter(Workspace.isLeftover).map { "\(run)/\(task)/\($0)" }
      }
    }
    survey.usedSlots = FileTree.plainNames(in: "\(workspace)/slots").filter {
      !FileTree.plainNames(in: "\(workspace)/slots/\($0)").isEmpty
    }
    return survey
  }

  private func bytes(of folder: String, _ problems: inout [String]) -> Int64 {
    guard Workspace.isFolder(folder) else { return 0 }
    do throws(WorkspaceProblem) { return try FileTree.measure(folder).bytes } catch {
      problems.append(error.description)
      return 0
    }
  }
}

extension Journal {
  /// The shape of the tables that this Cairn writes.
  package static var schemaVersion: Int { JournalSchema.version }
}

import Formats
import Foundation

/// Task Master's `state.json`, which says what tag is current.
///
/// Its own programs write it without a lock; Cairns do under that of the tasks.
struct TaskMasterStateFile {
  /// Absolute.
  private let path: String
  private let name = ".taskmaster/state.json"

  /// `root` is the absolute path of the project.
  init(root: String) { path = root + "/" + name }

  /// Makes a tag the current one; what else the file says stays.
  ///
  /// A file that is not there is made. `time` is as `2026-01-02T03:04:05.678Z`, the lock
  /// that of the tasks.
  ///
  /// - Throws: `FormatProblem` for a file that is no JSON; `ProjectProblem`: `.storage`, `.locked`.
  func use(_ tag: String, at time: String, under lock: TaskMasterLock) throws {
    for _ in 1...TaskMasterStore.maximumRounds {
      guard FileManager.default.fileExists(atPath: path) else {
        if try make(TaskMasterState.text(currentTag: tag, at: time)) { return }
        continue
      }
      let target = try TaskMasterTarget(path, called: name)
      let seen = try target.read()
      let state = try TaskMasterState(seen.bytes, file: name)
      let bytes = try state.switching(to: tag, at: time)
      if try target.replace(seen, with: bytes, lock: lock) { return }
    }
    throw ProjectProblem(.storage, "\(name): somebody rewrites it all the time; try again")
  }

  /// Says early what `use` would say of a file that cannot be read.
  ///
  /// - Throws: `FormatProblem`, `ProjectProblem`.
  func check() throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let bytes = try TaskMasterTarget(path, called: name).read().bytes
    _ = try TaskMasterState(bytes, file: name)
  }

  /// Returns false if somebody else was faster.
  private func make(_ text: String) throws(ProjectProblem) -> Bool {
    let folder = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw ProjectProblem(.storage, "cannot make \(folder): \(error.localizedDescription)")
    }
    return try DecompositionOutput(path, called: name).put(text, isNew: true)
  }
}

import Foundation
import Glibc

/// A file system of a few megabytes, as long as the value lives.
final class SmallDisk: Sendable {
  static let isPossible: Bool = {
    guard getuid() == 0, let project = try? TemporaryProject() else { return false }
    return (try? SmallDisk(project, megabytes: 1)) != nil
  }()

  /// Takes it away when the tests have died in the middle, which runs no `deinit`.
  private static let keeping = "while test -d /proc/$0; do sleep 1; done; umount -l disk"

  private let project: TemporaryProject
  private let keeper: Child

  init(_ project: TemporaryProject, megabytes: Int) throws {
    self.project = project
    try project.shell("mkdir disk")
    keeper = try Child(
      "/bin/bash", ["-c", Self.keeping, "\(getpid())"], in: project.root,
      environment: project.environment, files: project.newFiles())
    try project.shell("mount -t tmpfs -o size=\(megabytes)m tmpfs disk 2>/dev/null")
  }

  deinit { remove() }

  func remove() {
    _ = try? project.shell("umount -l disk 2>/dev/null || true")
    keeper.send(SIGKILL)
  }
}

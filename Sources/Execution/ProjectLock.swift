import Foundation
import Glibc

/// One Cairn a project: a lock on `.cairn/lock` that is held until this value's owner lets it go, or
/// dies.
///
/// The lock decides, never the record in the file: a record of a dead owner means nothing.
package final class ProjectLock: Sendable {
  /// Longest owner record that is read.
  private static let maximumRecordBytes = 4096

  /// Who holds a project.
  package struct Owner: Sendable, Equatable, Codable {
    package var pid: Int32
    package var host: String
    /// Clock ticks since boot, from `/proc`.
    package var startTime: UInt64
    /// Seconds since 1970.
    package var since: Int64
    /// As `/dev/pts/3`; nil without a terminal.
    package var terminal: String?
  }

  /// A look at the lock (`owner(of:)`) holds it for a moment; that is waited for, an owner is not.
  private static let tries = 5
  private static let tryMicroseconds: UInt32 = 20_000

  private let descriptor: Int32

  /// Takes the project, or says who has it.
  ///
  /// - Throws: `JournalProblem`: `.locked` names the owner, `.storage` the system's reason.
  package init(_ layout: WorkspaceLayout) throws(JournalProblem) {
    do { try layout.makeStateFolder() } catch {
      throw JournalProblem(.storage, error.description)
    }
    let path = layout.lock
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else {
      throw JournalProblem(.storage, "cannot open \"\(path)\": \(systemReason())")
    }
    guard Self.take(file) else {
      let number = errno
      let owner = Self.owner(file)
      close(file)
      throw number == EWOULDBLOCK
        ? JournalProblem(.locked, Self.message(owner))
        : JournalProblem(.storage, "cannot lock \"\(path)\": \(systemReason(number))")
    }
    // Only now: a throw after it would run `deinit`, which empties and closes what is not ours.
    descriptor = file
    record(.current())
  }

  deinit {
    // An empty record: the next reader finds no owner that is gone.
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  /// Who holds the project now, nil if nobody does; changes nothing.
  package static func owner(of layout: WorkspaceLayout) -> Owner? {
    let descriptor = open(layout.lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return nil }
    return owner(descriptor)
  }

  /// What the lock file says, whether its writer lives or not; nil if it was left in good order.
  package static func record(of layout: WorkspaceLayout) -> Owner? {
    let descriptor = open(layout.lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return owner(descriptor)
  }

  /// Calls with the lock's descriptor, for a child that is to hold the project as long as it lives,
  /// should it outlive its parent.
  func lend<Value, Failure: Error>(
    to borrow: (Int32) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try borrow(descriptor)
  }

  /// Whether a descriptor is the lock of a project, and holds it.
  static func isHeld(by descriptor: Int32, of layout: WorkspaceLayout) -> Bool {
    var (own, there) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, lstat(layout.lock, &there) == 0 else { return false }
    return own.st_dev == there.st_dev && own.st_ino == there.st_ino
      && flock(descriptor, LOCK_EX | LOCK_NB) == 0
  }

  /// Refuses in the words of who would take the lock; changes nothing.
  ///
  /// - Throws: `JournalProblem`, `.locked`: somebody holds the project.
  package static func requireFree(_ layout: WorkspaceLayout) throws(JournalProblem) {
    if let owner = owner(of: layout) { throw JournalProblem(.locked, message(owner)) }
  }

  private static func take(_ descriptor: Int32) -> Bool {
    for attempt in 1...tries {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK, attempt < tries else { return false }
      usleep(tryMicroseconds)
    }
    return false
  }

  private func record(_ owner: Owner) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(owner) else { return }
    let bytes = [UInt8](data)
    ftruncate(descriptor, 0)
    pwrite(descriptor, bytes, bytes.count, 0)
  }

  private static func owner(_ descriptor: Int32) -> Owner? {
    var bytes = [UInt8](repeating: 0, count: maximumRecordBytes)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return try? JSONDecoder().decode(Owner.self, from: Data(bytes[..<count]))
  }

  private static func message(_ owner: Owner?) -> String {
    guard let owner else { return "another Cairn holds this project" }
    let since = Date(timeIntervalSince1970: Double(owner.since)).formatted(.iso8601)
    let place = owner.terminal.map { " on \($0)" } ?? ""
    return "another Cairn holds this project: pid \(owner.pid)\(place), since \(since)"
  }
}

extension ProjectLock.Owner {
  fileprivate static func current() -> ProjectLock.Owner {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    var terminal = [CChar](repeating: 0, count: 256)
    let hasTerminal = [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO].contains {
      ttyname_r($0, &terminal, terminal.count - 1) == 0
    }
    return ProjectLock.Owner(
      pid: getpid(), host: text(name), startTime: ProcessTable.record(of: getpid())?.startTime ?? 0,
      since: Int64(time(nil)), terminal: hasTerminal ? text(terminal) : nil)
  }

  private static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

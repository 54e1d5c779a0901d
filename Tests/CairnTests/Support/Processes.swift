import Foundation

/// A process as `/proc` shows it; the start time tells it from a later one with the same number.
struct ProcessRow: Hashable {
  var pid: Int32
  /// Clock ticks since boot.
  var startTime: UInt64
  /// As in `R`, `S`, `T`, `Z`.
  var state: Character

  /// nil if there is no such process.
  init?(_ pid: Int32) {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
    // The command stands in parentheses and may itself hold some.
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, let state = fields[0].first, let start = UInt64(fields[19]) else {
      return nil
    }
    self.pid = pid
    self.state = state
    startTime = start
  }

  /// The same process is there and no zombie.
  var isAlive: Bool {
    guard let now = ProcessRow(pid) else { return false }
    return now.startTime == startTime && now.state != "Z"
  }

  /// All of them stand still, and there is one.
  ///
  /// A shell whose child was stopped between vfork(2) and exec(2) waits for it in `D`, and shows no `T`
  /// before it goes on.
  static func areFrozen(_ rows: [ProcessRow]) -> Bool {
    rows.contains { $0.state == "T" } && rows.allSatisfy { $0.state == "T" || $0.state == "D" }
  }

  /// The processes that this one has started or adopted and not buried, zombies too.
  static func children(of pid: Int32) -> [ProcessRow] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    return tasks.flatMap { task -> [ProcessRow] in
      let data = FileManager.default.contents(atPath: "/proc/\(pid)/task/\(task)/children")
      return String(decoding: data ?? Data(), as: UTF8.self).split(separator: " ")
        .compactMap { Int32($0) }.compactMap(ProcessRow.init)
    }
  }

  /// Every process whose command line holds this text.
  static func all(withCommand text: String) -> [ProcessRow] { all(withText: text, in: "cmdline") }

  /// Every process whose environment holds this text.
  static func all(withEnvironment text: String) -> [ProcessRow] {
    all(withText: text, in: "environ")
  }

  private static func all(withText text: String, in file: String) -> [ProcessRow] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let wanted = Data(text.utf8)
    return names.compactMap(Int32.init).filter { pid in
      FileManager.default.contents(atPath: "/proc/\(pid)/\(file)")?.range(of: wanted) != nil
    }.compactMap(ProcessRow.init).filter { $0.state != "Z" }
  }
}

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

  /// Every process whose environment holds this text.
  static func all(withEnvironment text: String) -> [ProcessRow] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let wanted = Data(text.utf8)
    return names.compactMap(Int32.init).filter { pid in
      FileManager.default.contents(atPath: "/proc/\(pid)/environ")?.range(of: wanted) != nil
    }.compactMap(ProcessRow.init).filter { $0.state != "Z" }
  }
}

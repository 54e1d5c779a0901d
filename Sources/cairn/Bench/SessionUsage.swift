import Foundation
import Glibc

/// What all processes of a terminal's session have used until now.
struct SessionUsage {
  /// Seconds on a processor.
  var cpuSeconds = 0.0
  /// Times that a thread waited for something, and so was woken again.
  var wakeups = 0
  /// Times that a thread lost its processor to another.
  var preemptions = 0

  /// Reads /proc; the session has the number of its leader.
  init(of session: pid_t) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for pid in names.compactMap({ pid_t($0) }) where getsid(pid) == session { add(pid) }
  }

  private init() {}

  private mutating func add(_ pid: pid_t) {
    let folder = "/proc/\(pid)/task"
    for thread in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let times = Self.text("\(folder)/\(thread)/schedstat").split(separator: " ")
      cpuSeconds += (times.first.flatMap { Double($0) } ?? 0) / 1e9
      for line in Self.text("\(folder)/\(thread)/status").split(separator: "\n") {
        let words = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
        guard words.count == 2, let count = Int(words[1]) else { continue }
        if words[0] == "voluntary_ctxt_switches:" { wakeups += count }
        if words[0] == "nonvoluntary_ctxt_switches:" { preemptions += count }
      }
    }
  }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  static func - (a: SessionUsage, b: SessionUsage) -> SessionUsage {
    var difference = SessionUsage()
    difference.cpuSeconds = a.cpuSeconds - b.cpuSeconds
    difference.wakeups = a.wakeups - b.wakeups
    difference.preemptions = a.preemptions - b.preemptions
    return difference
  }
}

import Foundation
import Model
import Testing

/// What ten thousand tasks leave: nothing.
@Suite(.timeLimit(.minutes(30)))
struct LeakTests {
  private static let jobs = 8

  /// What Cairn holds while nothing runs.
  private struct Holdings {
    var descriptors: [String]
    var threads: Int
    var zombies: Int
    var residentBytes: Int

    init?(_ pid: Int32) {
      let folder = "/proc/\(pid)"
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder + "/fd"),
        let status = FileManager.default.contents(atPath: folder + "/status")
      else { return nil }
      descriptors = names.compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/fd/\($0)")
      }.sorted()
      let fields = String(decoding: status, as: UTF8.self).split(separator: "\n")
      func number(_ name: String) -> Int {
        let line = fields.first { $0.hasPrefix(name + ":") } ?? ""
        return Int(line.split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst().first ?? "")
          ?? 0
      }
      threads = number("Threads")
      residentBytes = number("VmRSS") * 1024
      zombies = ProcessRow.children(of: pid).count { $0.state == "Z" }
    }
  }

  /// Two gates, at which the run stands still with one process: after the first few tasks, and after
  /// all others.
  @Test("descriptors, zombies, threads, memory and files are as after the first tasks")
  func nothingLeaks() async throws {
    let count = Soak.isOn ? 10_000 : 1_000
    let project = try TemporaryProject(
      """
      tasks:
        warm: { matrix: { n: 1..40 }, exec: ["true"] }
        first: { after: [warm], run: 'touch at-first; while ! test -e go; do sleep 0.05; done' }
        wide: { after: [first], matrix: { n: 1..\(count) }, exec: ["true"] }
        second: { after: [wide], run: 'touch at-second; while ! test -e end; do sleep 0.05; done' }
      """)
    let run = try CairnBinary.start(["run", "--json", "--jobs", "\(Self.jobs)"], in: project)
    try await poll("the first gate") { project.exists("at-first") ? true : nil }
    let before = try await Self.settled(run.pid)
    let filesBefore = try Self.files(project)
    try project.write("", to: "go")
    try await poll("the second gate", limit: 24_000) {
      project.exists("at-second") ? true : run.isAlive ? nil : false
    }
    let after = try await Self.settled(run.pid)
    // An idle slot may keep its empty spool open; nothing grows with the number of tasks.
    let spools = Self.jobs
    #expect(after.descriptors.count <= before.descriptors.count + spools, "\(after.descriptors)")
    #expect(after.zombies == 0)
    // Lanes and pools grow to their bounds; nothing grows with the number of tasks.
    #expect(after.threads <= before.threads + Self.jobs + 16, "\(before.threads) before")
    // The graph's facts are kept, one task some KiB.
    let allowed = before.residentBytes + count * 16_384 + (64 << 20)
    #expect(after.residentBytes < allowed)
    let filesAfter = try Self.files(project)
    #expect(filesAfter == filesBefore, "no file of a task that wrote nothing")
    try project.write("", to: "end")
    let ended = await run.finished()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(try FactLines(ended.output).done.count == count + 42)
    #expect(try project.shell("find .cairn -name '*.spool'") == "", "a spool ends with its run")
    print(
      "\(count) tasks: \(before.descriptors.count) descriptors before, \(after.descriptors.count) "
        + "after; threads \(before.threads), \(after.threads); resident "
        + "\(before.residentBytes >> 20) MiB, \(after.residentBytes >> 20) MiB")
  }

  /// Waits until nothing but the gate's process is left, and nothing changes any more.
  private static func settled(_ pid: Int32) async throws -> Holdings {
    var last: Holdings?
    return try await poll("Cairn standing still", limit: 400) {
      guard let now = Holdings(pid) else { return nil }
      defer { last = now }
      let isStill = last?.descriptors == now.descriptors && last?.threads == now.threads
      return isStill && now.zombies == 0 ? now : nil
    }
  }

  /// Everything in `.cairn` that is no log, no artifact and no slot's spool: names, not sizes.
  private static func files(_ project: TemporaryProject) throws -> String {
    try project.shell(
      "find .cairn -type f ! -name '*.log' ! -name 'slot-*.spool' | grep -v '^.cairn/workspace/1/' | LC_ALL=C sort"
    )
  }
}

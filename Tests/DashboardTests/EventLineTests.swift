import Canvas
import Model
import Testing

@testable import Dashboard

@Suite("An event line")
struct EventLineTests {
  @Test("says every fact of a run that is news, and no other")
  func golden() throws {
    var script = FactScript.release()
    script.add(
      .requestRefused(
        Fact.RequestRefused(
          actor: Actor(kind: .person, name: "ana@pts/3", source: "dashboard"),
          request: .retry([script.id("merge")], downstream: false), reason: "it has not ended")))
    script.add(
      .artifactGrew(
        Fact.ArtifactReference(task: script.id("docs"), artifact: "out", bytes: 12 << 20)))
    script.add(
      .artifactLost(Fact.ArtifactReference(task: script.id("spec"), artifact: "out", bytes: 1)))
    script.add(
      .artifactExported(
        Fact.ArtifactExported(
          task: script.id("docs"), artifact: "out", bytes: 12_288, path: "reports/docs.txt")))
    script.add(.notice(Fact.Notice(code: "workspace.swept", text: "swept 3 old folders")))
    script.add(.runHeld(Fact.Remark("ana@pts/3")))
    script.add(.unknown("artifact.teleported"))
    script.state("test-core", .waiting, "approve me")
    script.state("merge", .skipped, "bench failed")
    script.close(.failed, at: 300, "1 task failed")
    try expectGolden(Self.lines(script, .unicode), "events-unicode")
    try expectGolden(Self.lines(script, .ascii), "events-ascii")
  }

  static func lines(_ script: FactScript, _ glyphs: Glyphs) -> String {
    var run = RunState()
    var lines: [String] = []
    for fact in script.facts {
      run.apply(fact)
      guard let line = EventLine(fact, in: run, utcOffsetSeconds: 0) else { continue }
      var text: [UInt8] = []
      line.append(to: &text, glyphs, subjectColumns: 12)
      lines.append(String(decoding: text, as: UTF8.self))
    }
    return lines.joined(separator: "\n")
  }

  @Test(
    "reads the clock at an offset from UTC",
    arguments: [
      (Int64(0), 0, "00:00:00"), (Int64(86_399_000_000_000), 0, "23:59:59"),
      (FactScript.start, 0, "14:18:00"), (FactScript.start, 19_800, "19:48:00"),
      (FactScript.start, -54_000, "23:18:00"), (Int64(-1_000_000_000), 0, "23:59:59"),
    ])
  func clock(wallTime: Int64, offset: Int, shown: String) {
    #expect(Figures.clock(wallTime, offsetSeconds: offset) == shown)
  }

  @Test("tells why an artifact is lent, and what came of it")
  func lent() {
    var script = FactScript.release()
    let spec = script.id("spec")
    script.add(
      .artifactLent(
        Fact.ArtifactLent(
          task: spec, artifact: "out", bytes: 128 << 10, digest: "d", borrower: "a proof",
          reason: "5 MiB of 64 MiB are free: proves 7 dormant artifacts in its memory")))
    script.add(
      .artifactReturned(
        Fact.ArtifactReference(
          task: spec, artifact: "out", bytes: 12 << 20, reason: "proved 7 dormant artifacts")))
    let lines = Self.lines(script, .ascii).split(separator: "\n").suffix(2)
    #expect(
      lines.first?.hasSuffix(
        "artifact out lent to a proof, 128 KiB: 5 MiB of 64 MiB are free: proves 7 dormant "
          + "artifacts in its memory") == true, "\(lines)")
    #expect(
      lines.last?.hasSuffix("artifact out given back exactly: proved 7 dormant artifacts") == true,
      "\(lines)")
  }

  @Test("tells how small a compressed artifact is, and that it is back")
  func compressed() {
    var script = FactScript.release()
    let fetch = script.id("fetch")
    script.add(
      .artifactCompressed(
        Fact.ArtifactCompressed(
          task: fetch, artifact: "out", bytes: 12 << 20, wholeBytes: 40 << 20)))
    script.add(
      .artifactExpanded(Fact.ArtifactReference(task: fetch, artifact: "out", bytes: 40 << 20)))
    let lines = Self.lines(script, .ascii)
    #expect(lines.contains("artifact out compressed, 12 MiB instead of 40 MiB"))
    #expect(lines.contains("artifact out expanded, 40 MiB"))
  }

  @Test("tells what becomes of a run's branch")
  func branch() {
    var graph = GraphScript("g")
    graph.task("a")
    var script = FactScript(graph.graph)
    let (base, tip) = (String(repeating: "0", count: 40), String(repeating: "1", count: 40))
    script.add(.branchOpened(Fact.BranchOpened(branch: "cairn/3", commit: base)))
    for (commit, files) in [(tip, 2), (base, 1), (base, 0)] {
      script.add(
        .branchMerged(
          Fact.BranchMerged(
            task: script.id("a"), attempt: 1, commit: commit, base: base, files: files)))
    }
    script.add(.notice(Fact.Notice(.branchReady, "2 commits")))
    let lines = Self.lines(script, .ascii).split(separator: "\n").suffix(5)
    let ends = [
      "  branch cairn/3 begins at 000000000000", "  merged 2 files into cairn/3",
      "  merged 1 file into cairn/3", "  changed no file",
      "  what the tasks did is on a branch: 2 commits",
    ]
    for (line, end) in zip(lines, ends) { #expect(line.hasSuffix(end), "\(line)") }
    #expect(lines.count == ends.count)
  }

  @Test("cannot be forged by a task's name or message")
  func forged() {
    var graph = GraphScript("g")
    graph.task("evil\n14:00:00 ✓ run\u{1B}[1A")
    var script = FactScript(graph.graph)
    script.start("evil\n14:00:00 ✓ run\u{1B}[1A", at: 1)
    script.end(
      "evil\n14:00:00 ✓ run\u{1B}[1A", at: 2,
      Outcome(.exit, status: .code(1), message: "a\r\nb\u{7}"))
    script.state("evil\n14:00:00 ✓ run\u{1B}[1A", .failed)
    let text = Self.lines(script, .unicode)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 4)
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0.value != 10 })
  }
}

@Suite("A figure")
struct FigureTests {
  @Test(
    "has a unit and at most four columns",
    arguments: [
      (Int64(0), "0B"), (999, "999B"), (1_000, "1K"), (1_536, "1.5K"), (10_240, "10K"),
      (1_022_976, "999K"), (1_024_000, "1M"), (Int64(412) << 20, "412M"), (9_771_050_598, "9.1G"),
      (Int64.max, "8E"), (-5, "0B"),
    ])
  func bytes(count: Int64, shown: String) {
    #expect(Figures.shortBytes(count) == shown)
    #expect(shown.count <= 4)
  }

  @Test("is marked where it was sampled, and not where the kernel kept it")
  func peak() {
    #expect(Figures.peak(Usage()) == nil)
    #expect(Figures.peak(Usage(peakResidentBytes: 3 << 20)) == "~3 MiB")
    let exact = Usage(peakResidentBytes: 3 << 20, memoryPeakBytes: 2 << 20)
    #expect(Figures.peak(exact) == "2 MiB")
    #expect(Figures.peak(exact, Figures.shortBytes) == "2M")
  }

  @Test(
    "reads as a duration",
    arguments: [
      (0.0, "0:00"), (59.9, "0:59"), (61, "1:01"), (3_725, "1:02:05"), (356_400, "4d03h"),
      (-4, "0:00"), (Double.infinity, "0:00"), (Double.nan, "0:00"),
    ])
  func durations(seconds: Double, shown: String) {
    #expect(Figures.duration(seconds) == shown)
  }

  @Test("never rounds up to a target")
  func rounding() {
    #expect(Figures.percent(0.999) == "99%")
    #expect(Figures.hundredths(0.9499) == "0.94")
    #expect(Figures.hundredths(0.95) == "0.95")
    #expect(Figures.percent(nil) == "-")
  }
}

@Suite("Lines for a screen reader")
struct SpokenLineTests {
  @Test(
    "say in words what the sign would",
    arguments: [
      (TaskState.failed, "exit 1", "core: failed: exit 1"),
      (.failed, "failed: no room", "core: failed: no room"),
      (.paused, "by ana", "core: paused: by ana"), (.done, nil, "core: done"),
    ] as [(TaskState, String?, String)])
  func words(state: TaskState, reason: String?, expected: String) throws {
    var graph = GraphScript("a")
    graph.task("core")
    var script = FactScript(graph.graph)
    script.state("core", state, reason)
    var run = RunState()
    for fact in script.facts { run.apply(fact) }
    let fact = try #require(script.facts.last)
    let line = try #require(EventLine(fact, in: run, utcOffsetSeconds: 0))
    var bytes: [UInt8] = []
    line.appendWords(to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "14:18:00 \(expected)")
  }
}

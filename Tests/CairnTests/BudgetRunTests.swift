import Foundation
import Model
import Testing

/// Real runs under a limit of the workspace.
@Suite(.timeLimit(.minutes(15)))
struct BudgetRunTests {
  /// What `a` makes is needed at the end; in between, `c` has no room beside it.
  private static func skip(
    _ key: String, fill: String = "head -c 4194304 /dev/zero", measure: String = ""
  ) -> String {
    """
    name: skip
    budget: { workspace: 8500KiB, jobs: 2 }
    tasks:
      a: { \(key)run: '\(measure)\(fill) > "$CAIRN_OUT/x"', output: 4MiB }
      b: { needs: [a], run: '\(measure)head -c 4194304 /dev/zero > "$CAIRN_OUT/x"', output: 4MiB }
      c: { needs: [b], run: '\(measure)head -c 1048576 /dev/zero > "$CAIRN_OUT/x"', output: 1MiB }
      d:
        needs: [a, c]
        run: '\(measure)cat "$CAIRN_IN_A/x" "$CAIRN_IN_C/x" | wc -c > "$CAIRN_OUT/n"'
        output: 4KiB
        export: n.txt
    """
  }

  @Test("a budget that no plan meets is refused before anything runs, with the smallest that works")
  func refused() async throws {
    let project = try TemporaryProject(Self.skip(""))
    let run = try await CairnBinary.run(["run", "--plain"], in: project)
    #expect(run.status == 3)
    #expect(run.errors.contains("budget cannot be met"))
    #expect(run.errors.contains("smallest that works"))
    let list = try await CairnBinary.run(["status"], in: project)
    #expect(!list.output.contains("run 1"))
  }

  @Test("what does not fit is spilled to another folder and comes back before who reads it")
  func spills() async throws {
    let project = try TemporaryProject(
      "spill: { path: away, limit: 64MiB }\n" + Self.skip(""))
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.read("n.txt") == "5242880\n")
    let state = try FactLines(run.output).state
    #expect(state.peakBytes <= 8500 << 10)
    #expect(run.output.contains("\"kind\":\"artifact.spilled\""))
    #expect(run.output.contains("\"kind\":\"artifact.restored\""))
    #expect(try project.shell("find away -type f") == "", "nothing stays behind a run that is done")
  }

  @Test(
    "what was spilled once comes back as often as it is read, and an export is no second burden")
  func restoresTwice() async throws {
    let project = try TemporaryProject(
      """
      name: twice
      budget: { workspace: 8500KiB, jobs: 2 }
      spill: { path: away, limit: 64MiB }
      tasks:
        a: { run: 'head -c 4194304 /dev/zero > "$CAIRN_OUT/x"', output: 4MiB }
        b: { needs: [a], run: 'head -c 4194304 /dev/zero > "$CAIRN_OUT/x"', output: 4MiB }
        c: { needs: [b], run: 'head -c 1048576 /dev/zero > "$CAIRN_OUT/x"', output: 1MiB }
        c2: { needs: [c], run: 'echo 1 > "$CAIRN_OUT/x"', output: 4KiB }
        d: { needs: [a, c2], run: 'head -c 4194304 /dev/zero > "$CAIRN_OUT/x"', output: 4MiB }
        e: { needs: [d], run: 'head -c 1048576 /dev/zero > "$CAIRN_OUT/x"', output: 1MiB }
        e2: { needs: [e], run: 'echo 2 > "$CAIRN_OUT/x"', output: 4KiB }
        f:
          needs: [a, e2]
          run: 'cat "$CAIRN_IN_A/x" "$CAIRN_IN_E2/x" > "$CAIRN_OUT/all"; sleep 1'
          output: 4100KiB
          export: all
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.shell("wc -c < all") == "4194306\n")
    let kinds = run.output.components(separatedBy: "\"kind\":\"")
    #expect(kinds.count { $0.hasPrefix("artifact.restored") } == 2)
    #expect(kinds.count { $0.hasPrefix("artifact.spilled") } == 1)
    let lines = try FactLines(run.output)
    #expect(lines.state.peakBytes <= 8500 << 10)
    #expect(lines.admitted(session: 1).count == 8, "nothing was given up")
    #expect(!run.output.contains("waits for room"))
  }

  @Test("what does not fit is compressed, once an earlier run has told how small it becomes")
  func compresses() async throws {
    let project = try TemporaryProject(
      Self.skip("", measure: "du -s -B1 .cairn/workspace | cut -f1 >> measured; "))
    let first = try await CairnBinary.run(["run", "--plain", "--budget", "64MiB"], in: project)
    #expect(first.status == 0, "\(first.errors)")
    let plan = try await CairnBinary.run(["plan", "--budget", "8500KiB"], in: project)
    #expect(plan.output.contains("compressed"))
    _ = try project.shell("rm measured n.txt")
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.read("n.txt") == "5242880\n")
    let state = try FactLines(run.output).state
    #expect(state.peakBytes <= 8500 << 10)
    #expect(state.compressed.isEmpty)
    let kinds = run.output.components(separatedBy: "\"kind\":\"")
    #expect(kinds.count { $0.hasPrefix("artifact.compressed") } == 1)
    #expect(kinds.count { $0.hasPrefix("artifact.expanded") } == 1)
    let measured = try project.read("measured").split(separator: "\n").compactMap { Int($0) }
    #expect(measured.count == 4 && measured.allSatisfy { $0 <= 8500 << 10 }, "\(measured)")
    #expect(try project.shell("find .cairn -name '*.zst*'") == "")
  }

  @Test("what is pure and does not fit is dropped and made again")
  func recomputes() async throws {
    let project = try TemporaryProject(Self.skip("pure: true, "))
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.read("n.txt") == "5242880\n")
    let lines = try FactLines(run.output)
    #expect(lines.admitted(session: 1).filter { $0 == "a" }.count == 2)
    #expect(lines.state.peakBytes <= 8500 << 10)
  }

  @Test(
    "a task that is called pure and is not fails when it is made again, and nobody gets the other")
  func notPure() async throws {
    let project = try TemporaryProject(
      Self.skip("pure: true, ", fill: "head -c 4194304 /dev/urandom"))
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 1, "\(run.errors)")
    #expect(run.output.contains("was made again and is not the same: the task is not pure"))
    #expect(!project.exists("n.txt"))
    #expect(try FactLines(run.output).state.task(named: "d")?.state == .skipped)
  }

  @Test("an attempt that outgrows its share stands still or begins anew, and the run ends")
  func outgrows() async throws {
    let project = try TemporaryProject(
      """
      name: liars
      budget: { workspace: 16MiB, jobs: 3 }
      defaults: { output: 1MiB }
      tasks:
        a:
          matrix: { n: 0..3 }
          run: 'for i in 1 2 3 4 5 6; do head -c 500000 /dev/zero >> "$CAIRN_OUT/x"; sleep 0.3; done'
        b: { needs: [a], run: 'cat "$CAIRN_IN_A"/*/x | wc -c > "$CAIRN_OUT/n"', export: n.txt }
      """)
    let run = try await CairnBinary.run(["run", "--json"], in: project)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try project.read("n.txt") == "12000000\n")
    #expect(try FactLines(run.output).state.peakBytes <= 16 << 20)
  }

  @Test("a run that stalls for want of room says with which budget it goes on, and that works")
  func stalls() async throws {
    let project = try TemporaryProject(
      """
      name: liar
      tasks:
        a:
          run: 'for i in $(seq 15); do head -c 500000 /dev/zero >> "$CAIRN_OUT/x"; sleep 0.1; done'
          output: 1MiB
      """)
    let run = try await CairnBinary.run(["run", "--plain", "--budget", "5MiB"], in: project)
    #expect(run.status == 2)
    let advice = try #require(run.output.firstMatch(of: /`cairn resume --budget (\S+)`/))
    #expect(!run.output.contains("next      cairn resume"), "which would stall again")
    let size = String(advice.1)
    let next = try await CairnBinary.run(["resume", "--plain", "--budget", size], in: project)
    #expect(next.status == 0, "\(next.output)")
  }
}

extension RunState {
  fileprivate func task(named name: String) -> TaskStatus? {
    graph.task(named: name).map { self[$0.id] }
  }
}

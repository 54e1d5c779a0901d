import Foundation
import Testing

/// What the program asks of the kernel, seen by strace.
@Suite(.timeLimit(.minutes(15)), .enabled(if: Strace.isPossible, "needs strace, tmux and ptrace"))
struct FrameWriteTests {
  @Test("a frame is one write, begun and ended as synchronised output")
  func oneWriteAFrame() async throws {
    let project = try TemporaryProject(
      "tasks: { alpha: { run: 'while ! test -e go; do sleep 0.05; done' }, beta: { needs: [alpha], run: 'true' } }"
    )
    let tmux = try Tmux(project, columns: 120, rows: 36)
    try tmux.type(
      "strace -f -y -s 1000000 -e trace=write,writev -o trace '\(CairnBinary.path)' run")
    try await tmux.wait(for: "beta")
    try tmux.press("j", "Enter")
    try await tmux.wait(for: "╭─ beta")
    try tmux.press("Escape")
    // Two keys in one read would be one with Alt.
    try await tmux.wait("the main screen") { !$0.joined().contains("╭─ beta") }
    try tmux.press("t")
    try project.write("", to: "go")
    try await tmux.wait(for: "done: 2 done")
    try tmux.press("q")
    try await tmux.wait(for: "autonomy")
    let writes = try project.read("trace").split(separator: "\n").filter {
      $0.contains("</dev/pts/")
    }
    let frames = writes.filter { $0.contains("?2026h") }
    #expect(frames.count >= 4)
    #expect(frames.allSatisfy { $0.contains("?2026l") })
    let first = try #require(writes.firstIndex { $0.contains("?2026h") })
    let last = try #require(writes.lastIndex { $0.contains("?2026h") })
    #expect(last - first + 1 == frames.count, "nothing is written between the frames")
  }

  @Test("with reduced motion what nobody asked for changes the screen once a second at most")
  func reducedMotion() async throws {
    let project = try TemporaryProject(
      """
      budget: { jobs: 2 }
      tasks: { cut: { matrix: { n: [\((1...40).map(String.init).joined(separator: ", "))] }, run: sleep 0.15, output: none } }
      """)
    let tmux = try Tmux(project, columns: 120, rows: 36)
    try tmux.type(
      "strace -f -y -ttt -s 1000000 -e trace=write -o trace '\(CairnBinary.path)' run --motion reduced"
    )
    try await tmux.wait(for: "done: 40 done")
    try tmux.press("q")
    try await tmux.wait(for: "autonomy")
    let frames = try project.read("trace").split(separator: "\n").filter {
      $0.contains("</dev/pts/") && $0.contains("?2026h")
    }
    let times = frames.compactMap { Double($0.split(separator: " ")[1]) }
    let seconds = try #require(times.last) - (try #require(times.first))
    #expect(seconds > 2)
    // Opening, the laid out graph, the end and the key draw at once.
    #expect(Double(frames.count) <= seconds + 8, "\(frames.count) frames in \(seconds) s")
  }
}

enum Strace {
  static let isPossible: Bool = {
    guard Tmux.isInstalled, let project = try? TemporaryProject() else { return false }
    return (try? project.shell("strace -o /dev/null true 2> /dev/null")) != nil
  }()
}

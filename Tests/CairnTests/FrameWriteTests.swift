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
}

enum Strace {
  static let isPossible: Bool = {
    guard Tmux.isInstalled, let project = try? TemporaryProject() else { return false }
    return (try? project.shell("strace -o /dev/null true 2> /dev/null")) != nil
  }()
}

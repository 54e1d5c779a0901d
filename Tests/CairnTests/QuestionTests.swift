import Foundation
import Model
import Testing

/// An agent that asks on its terminal, and one whose work waits for leave, in a real terminal.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct QuestionTests {
  private func project() throws -> TemporaryProject {
    let project = try TemporaryProject(
      """
      name: asking
      agent: { command: [bash, agent.sh], prompt: file, tty: true }
      isolate: worktree
      approve: always
      tasks:
        write: { prompt: write it, output: none }
      """)
    try project.write(
      """
      read -p 'Allow editing? [y/N] ' x
      test "$x" = y || exit 1
      cp "$1" made.txt
      """, to: "agent.sh")
    let ana = "-c user.name=ana -c user.email=ana@example.org"
    try project.shell("git init -q . && git add -A && git \(ana) commit -qm begin")
    return project
  }

  @Test("a question waits on the screen, is answered there, and the answer is an intervention")
  func asks() async throws {
    let project = try project()
    let tmux = try Tmux(project, columns: 120, rows: 36)
    try tmux.type("exec \(CairnBinary.path) run --trust")
    try await tmux.wait(for: "asks: Allow editing? [y/N]")
    try tmux.press("D")
    try await tmux.wait(for: "write waits for you")
    try tmux.press("Enter")
    try await tmux.wait(for: "answer:")
    try tmux.write("y")
    try tmux.press("Enter")
    try await tmux.wait(for: "approve its work: 1 file changed")
    try await tmux.wait(for: "+write it")
    try tmux.press("y")
    try await poll("the end of the run") {
      try project.shell("'\(CairnBinary.path)' status").contains("done") ? true : nil
    }
    let autonomy = try project.shell("'\(CairnBinary.path)' autonomy")
    #expect(autonomy.contains("answer"), "\(autonomy)")
    #expect(try project.shell("git show cairn/1:made.txt").hasPrefix("write it"))
  }

  @Test("without a person the run ends and says what was asked; the exit code is 2")
  func nobody() async throws {
    let project = try project()
    let run = try await CairnBinary.run(["run", "--trust", "--json"], in: project)
    #expect(run.status == 2, "\(run.errors)")
    let outcome = try #require(try FactLines(run.output).status("write")).attempts.first?.outcome
    #expect(outcome?.class == .question)
    #expect(outcome?.message?.contains("Allow editing? [y/N]") == true)
  }

  @Test("from another terminal the same is answered, approved and told otherwise")
  func elsewhere() async throws {
    let project = try project()
    let run = try CairnBinary.start(["run", "--trust", "--json"], in: project)
    func answered(_ arguments: String) async throws {
      try await poll("an accepted \(arguments)") {
        (try? project.shell("'\(CairnBinary.path)' \(arguments)")) != nil ? true : nil
      }
    }
    try await answered("answer write --text y")
    try await answered("reject write --tell 'with more care'")
    try await answered("answer write --text y")
    try await answered("approve write")
    let finished = await run.finished()
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(try project.shell("git show cairn/1:made.txt").contains("with more care"))
  }
}

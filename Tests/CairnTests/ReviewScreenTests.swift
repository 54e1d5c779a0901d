import Foundation
import Testing

/// The review of a decomposition in a real terminal.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: Tmux.isInstalled, "needs tmux"))
struct ReviewScreenTests {
  private static let document = """
    # Tiny shop

    ## Tasks

    1. Catalogue: list goods with prices
    2. Basket: hold what a buyer wants (after 1)
    3. Checkout: take the money (after 2)

    """

  private func open(_ project: TemporaryProject) async throws -> Tmux {
    let tmux = try Tmux(project, columns: 100, rows: 30, environment: ["EDITOR": "sh ./edit"])
    try tmux.type("PS1='> '; clear; '\(CairnBinary.path)' decompose shop.md; echo left with $?")
    try await tmux.wait(for: "3 items, 0 accepted")
    return tmux
  }

  private func project() throws -> TemporaryProject {
    let project = try TemporaryProject()
    try project.write(Self.document, to: "shop.md")
    // Leaves the terminal as no shell would want it.
    try project.write(#"stty raw -echo; printf 'Basket with a lid\n' > "$1""#, to: "edit")
    return project
  }

  @Test("what is left of it is written: dropped, renamed by hand and in an editor, raised")
  func write() async throws {
    let project = try project()
    let tmux = try await open(project)
    try tmux.press("j", "E")
    try await tmux.wait(for: "Basket with a lid")
    try tmux.press("p", "k", "e", "C-u")
    try tmux.write("Shelf")
    try tmux.press("Enter")
    try await tmux.wait("the name") { $0.contains { $0.contains("1 Shelf") } }
    try tmux.press("G", "d")
    try await tmux.wait(for: "2 items, 0 accepted")
    try tmux.press("w")
    try await tmux.wait(for: "left with 0")
    let file = try project.read("cairn.yaml")
    #expect(file.contains(#""shelf":"#) && file.contains(#"needs: ["shelf"]"#))
    #expect(file.contains(#""basket-with-a-lid":"#) && !file.lowercased().contains("checkout"))
    let plan = try project.shell("'\(CairnBinary.path)' plan")
    #expect(plan.contains("2 tasks"), "\(plan)")
  }

  @Test("leaving asks where something was changed, and writes nothing")
  func leave() async throws {
    let project = try project()
    let tmux = try await open(project)
    try tmux.press("d")
    try await tmux.wait(for: "2 items")
    try tmux.press("u")
    try await tmux.wait(for: "3 items")
    try tmux.press("d", "q")
    try await tmux.wait(for: "Leave without writing?")
    try tmux.press("y")
    try await tmux.wait("the shell") { $0.contains { $0.hasPrefix("left with") } }
    #expect(!FileManager.default.fileExists(atPath: project.path("cairn.yaml")))
  }
}

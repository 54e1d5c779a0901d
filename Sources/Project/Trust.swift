import Execution
import Foundation
package import Model

/// Whether a person agreed that this agent may act on this project.
///
/// Typing `cairn run` is consent to the commands of a graph; an agent decides by itself what it does,
/// so its command line is shown and asked about once. The answer is kept for that very command.
package struct Trust: Sendable {
  private let root: String
  private let path: String
  private let agent: TaskGraph.Agent
  private let hasWorktrees: Bool

  /// `hasWorktrees`: the agent works in worktrees, not in the project's root.
  package init(_ location: ProjectLocation, agent: TaskGraph.Agent, hasWorktrees: Bool = false) {
    self.hasWorktrees = hasWorktrees
    root = location.root
    path = location.stateFolder + "/trusted-agents"
    self.agent = agent
  }

  /// One line a trusted command; words are joined by a byte that no argument can hold.
  ///
  /// Consent to work in worktrees is none to work in a person's own checkout.
  private var line: String {
    (agent.command + (hasWorktrees ? [] : ["in the checkout"])).joined(separator: "\u{1F}")
  }

  package var isGiven: Bool {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
    return text.split(separator: "\n").contains { $0 == line }
  }

  /// Remembers the consent.
  package func give() throws(ProjectProblem) {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    do {
      try WorkspaceLayout(root: root).makeStateFolder()
      try (text + line + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    } catch let problem as WorkspaceProblem {
      throw ProjectProblem(.storage, problem.description)
    } catch {
      throw ProjectProblem(.storage, "cannot write \(path): \(error.localizedDescription)")
    }
  }

  private var workplace: String {
    hasWorktrees
      ? "worktrees of its git repository below \(root)/.cairn/workspace"
      : "\(root) (your own checkout)"
  }

  /// What a person has to know before they agree.
  package var question: String {
    let command = agent.command.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
    return """
      This project hands its tasks to an agent, which decides by itself what it runs and edits.
        command    \(command)
        prompt by  \(agent.prompt.rawValue)
        workplace  \(workplace)
        asks       \(permissions)
        rights     yours: whatever the command may do as this user
      """
  }

  /// Arguments of the known agents that give leave beforehand.
  private static let leaves: Set<String> = [
    "--dangerously-skip-permissions", "--permission-mode", "--allowedTools", "--allowed-tools",
    "--full-auto", "--sandbox", "--ask-for-approval", "--yolo", "--approval-mode", "--yes-always",
    "--yes", "--dangerously-bypass-approvals-and-sandbox", "--auto",
  ]

  /// What the command line itself says of leave, in words.
  private var permissions: String {
    var found: [String] = []
    for (index, word) in agent.command.enumerated() {
      let name = word.split(separator: "=").first.map(String.init) ?? word
      guard Self.leaves.contains(name) else { continue }
      let next = index + 1 < agent.command.count ? agent.command[index + 1] : "-"
      found.append(word.contains("=") || next.hasPrefix("-") ? word : "\(word) \(next)")
    }
    let terminal = agent.tty == true ? "; it has a terminal, on which it may ask you" : ""
    return found.isEmpty
      ? "as its own settings say\(terminal)"
      : "not for what \(found.joined(separator: ", ")) allows\(terminal)"
  }
}

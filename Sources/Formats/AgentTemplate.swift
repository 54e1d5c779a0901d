package import Model

/// A coding agent that Cairn knows how to call without anybody typing at it.
///
/// The flags are those of the programs' own manuals. None of them gives an agent leave to act: that is
/// `args` of the project's file, so that a person has written it down.
package struct AgentTemplate: Sendable, Equatable {
  package let name: String
  /// In front of the model and of `args`, and behind them.
  private let head: [String]
  private let tail: [String]
  private let modelFlag: String
  private let channel: TaskGraph.Agent.Channel
  private let report: TaskGraph.Agent.Report
  /// Arguments that let it work unattended, for people to choose from.
  package let permissionHint: String

  package static let all: [AgentTemplate] = [
    AgentTemplate(
      name: "claude", head: ["claude", "-p", "--output-format", "stream-json", "--verbose"],
      tail: [], modelFlag: "--model", channel: .stdin, report: .events,
      permissionHint: "--permission-mode acceptEdits, --allowedTools …"),
    AgentTemplate(
      name: "codex", head: ["codex", "exec", "--json"], tail: ["-"], modelFlag: "--model",
      channel: .stdin, report: .events, permissionHint: "--sandbox workspace-write"),
    AgentTemplate(
      name: "gemini", head: ["gemini", "--output-format", "stream-json"], tail: [],
      modelFlag: "--model", channel: .stdin, report: .events,
      permissionHint: "--approval-mode auto_edit"),
    AgentTemplate(
      name: "opencode", head: ["opencode", "run", "--format", "json"], tail: [],
      modelFlag: "--model", channel: .argument, report: .events,
      permissionHint: "none: its own configuration says"),
    AgentTemplate(
      name: "aider", head: ["aider", "--no-auto-commits", "--no-check-update", "--no-pretty"],
      tail: ["--message-file"], modelFlag: "--model", channel: .file, report: .text,
      permissionHint: "--yes-always"),
  ]

  package static func named(_ name: String) -> AgentTemplate? { all.first { $0.name == name } }

  /// The agent with a model of one's own, and more arguments.
  package func agent(model: String? = nil, arguments: [String] = []) -> TaskGraph.Agent {
    let chosen = model.map { [modelFlag, $0] } ?? []
    var agent = TaskGraph.Agent(command: head + chosen + arguments + tail, prompt: channel)
    agent.name = name
    agent.report = report == .text ? nil : report
    return agent
  }
}

import Formats
import Model
import Testing

@Suite("Agents, leave and stops are read as they are written")
struct AgentKeyTests {
  private func agent(_ text: String) throws -> TaskGraph.Agent {
    try #require(try graph("agent: \(text)\ntasks: { a: { prompt: x } }").agent)
  }

  @Test(arguments: [
    ("claude", ["claude", "-p", "--output-format", "stream-json", "--verbose"]),
    (
      "{ use: claude, model: big, args: [--permission-mode, acceptEdits] }",
      [
        "claude", "-p", "--output-format", "stream-json", "--verbose", "--model", "big",
        "--permission-mode", "acceptEdits",
      ]
    ),
    ("{ use: codex, model: m }", ["codex", "exec", "--json", "--model", "m", "-"]),
    ("gemini", ["gemini", "--output-format", "stream-json"]),
    ("opencode", ["opencode", "run", "--format", "json"]),
    (
      "aider",
      ["aider", "--no-auto-commits", "--no-check-update", "--no-pretty", "--message-file"]
    ),
    ("{ command: [./agent, -x], args: [y] }", ["./agent", "-x", "y"]),
  ])
  func commands(_ text: String, _ command: [String]) throws {
    #expect(try agent(text).command == command)
  }

  @Test func aReadyMadeAgentSaysWhatItPrints() throws {
    #expect(try agent("claude").report == .events)
    #expect(try agent("aider").report == nil)
    #expect(try agent("aider").prompt == .file)
    #expect(try agent("{ use: claude, output: text }").report == nil)
  }

  @Test func allOfAnAgentIsRead() throws {
    let agent = try agent(
      "{ command: [x], prompt: argument, name: bot, output: events, tty: true, asks: 'Allow .*', "
        + "env: { KEY: v }, dir: sub, limits: { turns: 5, tokens: 1000, cost: 2.5 } }")
    #expect(agent.prompt == .argument)
    #expect(agent.words == "bot")
    #expect(agent.tty == true)
    #expect(agent.asks == "Allow .*")
    #expect(agent.environment == [TaskGraph.Variable("KEY", "v")])
    #expect(agent.directory == "sub")
    #expect(agent.limits == TaskGraph.Agent.Limits(turns: 5, tokens: 1000, costDollars: 2.5))
  }

  @Test(arguments: [
    ("cluade", "no agent is ready-made under the name \"cluade\""),
    ("{ use: claude, command: [x] }", "excludes \"use\""),
    ("{ prompt: stdin }", "has neither \"command\" nor \"use\""),
    ("{ command: [x], model: m }", "needs \"use\""),
    ("{ command: [x], asks: y }", "needs \"tty: true\""),
    ("{ command: [x], tty: true, asks: '(' }", "expected a regular expression"),
    ("{ command: [x], limits: { cost: 0 } }", "expected a number above 0"),
    ("{ command: [x], limits: { time: 5m } }", "it is \"timeout\""),
  ])
  func refusals(_ text: String, _ words: String) {
    #expect {
      try graph("agent: \(text)\ntasks: { a: { prompt: x } }")
    } throws: { error in
      "\(error)".contains(words)
    }
  }

  @Test func leaveIsOfATaskOrOfAll() throws {
    let graph = try graph(
      "approve: on-failure\ntasks: { a: { run: x }, b: { run: x, approve: always } }")
    #expect(graph.tasks.map(\.approval) == [.onFailure, .always])
  }
}

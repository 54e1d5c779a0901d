import Execution
import Model
import Testing

@Suite("Engine: what a process gets")
struct EngineLaunchTests {
  @Test func theEnvironmentTellsWhereThingsAre() async throws {
    let graph = TaskGraph(
      ["a": [], "b": ["a"]],
      [
        "b": { task in
          task.environment = [
            TaskGraph.Variable("LANG", "de"), TaskGraph.Variable("CAIRN_TOKEN", "forged"),
          ]
          task.outputs = [TaskGraph.Output(name: "bam"), TaskGraph.Output(name: "qc-1")]
          task.directory = "sub"
        }
      ])
    let scenario = try Scenario(graph)
    await scenario.run()
    let launch = try #require(scenario.executor.launches.last)
    #expect(launch.directory == "/project/sub")
    #expect(launch.input == nil)
    #expect(
      launch.environment == [
        "PATH=/bin", "SECRET=x", "LANG=de", "CAIRN_OUT_BAM=/ws/b/bam.part",
        "CAIRN_OUT_QC_1=/ws/b/qc-1.part", "CAIRN_SCRATCH=/ws/slots/0", "CAIRN_IN_A=/ws/a",
        "CAIRN_TASK=b", "CAIRN_ATTEMPT=1", "CAIRN_RUN=1", "CAIRN_TOKEN=token",
      ])
  }

  @Test func aPureTaskSeesLittleOfTheOutside() async throws {
    let graph = TaskGraph(["a": []], ["a": { $0.isPure = true }])
    let scenario = try Scenario(graph)
    await scenario.run()
    let environment = try #require(scenario.executor.launches.first?.environment)
    #expect(environment.prefix(3) == ["PATH=/bin", "LANG=C", "CAIRN_OUT=/ws/a/out.part"])
  }

  @Test func scriptsGoToTheirInterpreterAndVerificationToTheShell() async throws {
    let graph = TaskGraph(
      ["a": []],
      [
        "a": {
          $0.action = .shell(script: "print(1)", interpreter: ["python3", "-c"])
          $0.verify = "test 1"
        }
      ])
    let scenario = try Scenario(graph)
    await scenario.run()
    #expect(
      scenario.executor.launches.map(\.arguments) == [
        ["python3", "-c", "print(1)"], ["bash", "-euo", "pipefail", "-c", "test 1"],
      ])
    #expect(
      scenario.executor.launches.map(\.log) == ["/logs/1/a.1.log", "/logs/1/a.1.verify.log"])
  }

  static func prompt(_ channel: TaskGraph.Agent.Channel, _ text: String = "Do it.") -> TaskGraph {
    var graph = TaskGraph(
      ["a": []],
      [
        "a": {
          $0.action = .prompt(text)
          $0.verify = "test"
          $0.retries = 1
        }
      ])
    graph.agent = TaskGraph.Agent(command: ["agent", "-p"], prompt: channel)
    return graph
  }

  @Test("a prompt is given as the agent wants it", arguments: TaskGraph.Agent.Channel.allCases)
  func channels(channel: TaskGraph.Agent.Channel) async throws {
    let scenario = try Scenario(Self.prompt(channel))
    await scenario.run()
    let launch = try #require(scenario.executor.launches.first)
    let path = "/logs/1/a.1.prompt.md"
    #expect(scenario.logs[path] == "Do it.")
    switch channel {
    case .stdin:
      #expect(launch.input == path)
      #expect(launch.arguments == ["agent", "-p"])
    case .argument: #expect(launch.arguments == ["agent", "-p", "Do it."])
    case .file: #expect(launch.arguments == ["agent", "-p", path])
    }
  }

  @Test func aRetriedPromptShowsWhatWentWrongWithoutControlBytes() async throws {
    let scenario = try Scenario(Self.prompt(.stdin), plays: ["a!": [.fails(), .works]]) {
      $0.promptTailBytes = 12
    }
    try scenario.logs.write(Array("long gone, \u{1B}]0;title\u{7} end".utf8), to: "/logs/1/a.1.log")
    try scenario.logs.write(Array("2 tests\tfailed\n".utf8), to: "/logs/1/a.1.verify.log")
    await scenario.run()
    #expect(
      scenario.logs["/logs/1/a.2.prompt.md"] == """
        Do it.

        ## End of attempt 1, which failed

        0;title end


        ## End of its verification

        ests\tfailed


        """)
  }

  @Test func aPromptTooLongForAnArgumentIsAnOutcome() async throws {
    let text = String(repeating: "x", count: 200)
    let scenario = try Scenario(Self.prompt(.argument, text)) { $0.promptArgumentBytes = 100 }
    await scenario.run()
    #expect(scenario.executor.launches.isEmpty)
    #expect(scenario.lines().contains { $0.contains("task.state a failed (the prompt of task") })
  }

  @Test func aPromptWithoutAnAgentIsAnOutcome() async throws {
    var graph = Self.prompt(.stdin)
    graph.agent = nil
    let scenario = try Scenario(graph)
    await scenario.run()
    #expect(scenario.lines().contains { $0.hasSuffix("attempt.ended a #1 spawn") })
    #expect(!scenario.lines().contains { $0.contains("#2") })
  }
}

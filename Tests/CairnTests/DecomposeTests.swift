import Foundation
import Testing

/// The binary, with agents that are shell scripts.
@Suite("cairn decompose") struct DecomposeTests {
  private static let document = "# Shop\n## Tasks\n1. Add a\n2. Add b\n"
  private static let answer =
    #"{"tasks":[{"title":"Cut","description":"Cut it.","atomic":true},"#
    + #"{"title":"Sew","description":"Sew it.","atomic":true,"dependencies":[1],"line":4}]}"#

  private func project(agent script: String) throws -> TemporaryProject {
    let project = try TemporaryProject()
    try project.write(Self.document, to: "prd.md")
    try project.shell("cat > agent.sh <<'END'\n#!/bin/sh\n\(script)\nEND\nchmod +x agent.sh")
    return project
  }

  private static let asking = ["decompose", "prd.md", "--yes", "--trust", "--agent", "./agent.sh"]

  @Test func threeCommandsLeadFromADocumentToAFinishedGraph() async throws {
    let script =
      "cat > /dev/null; mkdir -p made; touch \"made/$CAIRN_TASK\"; echo done > \"$CAIRN_OUT/x\""
    let project = try project(agent: script)
    try project.write(
      "from: task-master\nagent: { command: [./agent.sh] }\nverify: test -e \"made/$CAIRN_TASK\"\n",
      to: "cairn.yaml")
    let decomposed = try await CairnBinary.run(
      ["decompose", "prd.md", "--yes", "--outline"], in: project)
    #expect(decomposed.status == 0, "\(decomposed.errors)")
    #expect(decomposed.output.hasPrefix("wrote .taskmaster/tasks/tasks.json: 2 tasks"))
    let planned = try await CairnBinary.run(["plan"], in: project)
    #expect(planned.status == 0, "\(planned.errors)")
    let ran = try await CairnBinary.run(["run", "--plain", "--trust"], in: project)
    #expect(ran.status == 0, "\(ran.errors)")
    #expect(project.exists("made/1") && project.exists("made/2"))
    #expect(!project.exists(".taskmaster/tasks/tasks.json.lock"))
  }

  @Test func withoutATerminalNothingIsWritten() async throws {
    let project = try project(agent: "exit 1")
    let shown = try await CairnBinary.run(["decompose", "prd.md"], in: project)
    #expect(shown.status == 0)
    #expect(shown.outputLines == ["1 Add a  (line 3)", "2 Add b  after 1  (line 4)"])
    #expect(shown.errors.contains("nothing was written"))
    #expect(!project.exists("cairn.yaml") && !project.exists(".cairn"))
  }

  @Test func whatIsThereIsNotOverwritten() async throws {
    let project = try project(agent: "exit 1")
    let command = ["decompose", "prd.md", "--yes"]
    #expect(try await CairnBinary.run(command, in: project).status == 0)
    let first = try project.read("cairn.yaml")
    let again = try await CairnBinary.run(command, in: project)
    #expect(again.status == 77 && again.errors.contains("cairn.yaml exists already"))
    #expect(try project.read("cairn.yaml") == first)
    #expect(
      try await CairnBinary.run(command + ["--outline", "--append"], in: project).status == 0)
    let longer = try project.read("cairn.yaml")
    #expect(longer.hasPrefix(first) && longer.contains("\"add-a-2\""))
    #expect(try await CairnBinary.run(command + ["--outline", "--force"], in: project).status == 0)
    #expect(try project.read("cairn.yaml").contains("add-a-2") == false)
  }

  @Test func anAgentIsAskedAgainWithWhatWasWrong() async throws {
    let script = """
      cat > prompt; echo x >> tries; case $(wc -l < tries | tr -d ' ') in
      1) echo '{"tasks": [' ;;
      2) grep -q 'does not parse' prompt && echo 'Sure: {"tasks": [{"title": ""}]}' ;;
      *) grep -q 'tasks.0..title: is empty' prompt && echo "So: "; cat answer ;;
      esac
      """
    let project = try project(agent: script)
    try project.write(Self.answer, to: "answer")
    let finished = try await CairnBinary.run(
      Self.asking + ["-o", "out.json"], in: project)
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(try project.read("tries") == "x\nx\nx\n")
    let text = try project.read("out.json")
    #expect(text.contains("\"title\": \"Sew\"") && text.contains("Source: prd.md, line 4"))
    #expect(try project.shell("ls .cairn/decompose") == "")
  }

  @Test func anAgentThatNeverAnswersRightIsAClearError() async throws {
    let project = try project(agent: "cat > /dev/null; echo x >> tries; echo 'I would rather not.'")
    let finished = try await CairnBinary.run(Self.asking, in: project)
    #expect(finished.status == 65)
    #expect(finished.errors.contains("no good answer from the agent in 3 tries: no JSON object"))
    #expect(try project.read("tries") == "x\nx\nx\n")
    #expect(try project.shell("cat .cairn/decompose/*/1-3.answer") == "I would rather not.\n")
    #expect(!project.exists("cairn.yaml"))
  }

  @Test func aHundredMegabytesInOneLineAreRefused() async throws {
    let project = try project(agent: "head -c 100000000 /dev/zero | tr '\\\\0' x; exec sleep 600")
    let finished = try await CairnBinary.run(Self.asking, in: project)
    #expect(finished.status == 65)
    #expect(finished.errors.contains("the answer is longer than 16 MiB"))
    let sizes = try project.shell("stat -c %s .cairn/decompose/*/*.answer").split(separator: "\n")
    #expect(sizes == ["16777216", "16777216", "16777216"])
  }

  @Test func anAgentHasToBeTrustedAndThere() async throws {
    let project = try project(agent: "exit 1")
    let asked = try await CairnBinary.run(
      ["decompose", "prd.md", "--yes", "--agent", "./agent.sh"], in: project)
    #expect(asked.status == 77 && asked.errors.contains("has not been trusted"))
    let missing = try await CairnBinary.run(
      ["decompose", "prd.md", "--yes", "--trust", "--agent", "./nobody"], in: project)
    #expect(missing.status == 69 && missing.errors.contains("cannot be started"))
    let slow = try await CairnBinary.run(
      ["decompose", "prd.md", "--yes", "--trust", "--agent", "sleep 600", "--timeout", "0.2"],
      in: project)
    #expect(slow.status == 69 && slow.errors.contains("took longer than"))
  }

  @Test func tasksAreDividedAndJudged() async throws {
    let project = try project(
      agent: """
        if grep -q complexityScore; then
        echo '{"complexityScore":7,"recommendedSubtasks":3,"expansionPrompt":"Split.","reasoning":"Big."}'
        else cat answer; fi
        """)
    try project.write(Self.answer, to: "answer")
    #expect(
      try await CairnBinary.run(["parse-prd", "-i", "prd.md", "--yes"], in: project).status == 0)
    let agent = ["--trust", "--agent", "./agent.sh"]
    let expanded = try await CairnBinary.run(["expand", "--id", "2"] + agent, in: project)
    #expect(expanded.status == 0, "\(expanded.errors)")
    #expect(expanded.output == "2 Add b: 2 subtasks\n")
    let again = try await CairnBinary.run(["expand", "--id", "2"] + agent, in: project)
    #expect(again.status == 77 && again.errors.contains("--force"))
    let judged = try await CairnBinary.run(
      ["analyze-complexity", "--from", "2"] + agent, in: project)
    #expect(judged.status == 0, "\(judged.errors)")
    let report = try project.read(".taskmaster/reports/task-complexity-report.json")
    #expect(
      report.contains(
        "\"taskId\": 2,\n      \"taskTitle\": \"Add b\",\n      \"complexityScore\": 7"))
    #expect(report.contains("\"tasksAnalyzed\": 1,\n    \"totalTasks\": 2"))
  }

  @Test func anAgentWordsATask() async throws {
    let project = try project(
      agent: """
        cat > prompt; echo x >> tries
        grep -q 'there is no task "9"' prompt && sed -i 's/9/1/' answer; cat answer
        """)
    try project.write(
      #"{"title":"Paint","description":"Paint it.","priority":"low","dependencies":[9]}"#,
      to: "answer")
    let file = ".taskmaster/tasks/tasks.json"
    let old = #"{"tasks":[{"id":1,"title":"Saw"},{"id":7,"title":"Nail"}]}"#
    try project.write(old, to: file)
    let asking = ["add-task", "--prompt", "Make it red", "--trust", "--agent", "./agent.sh"]
    let refused = try await CairnBinary.run(asking + ["--title", "x"], in: project)
    #expect(refused.status == 64 && !project.exists("tries"))
    let missing = try await CairnBinary.run(asking + ["--dependencies", "9"], in: project)
    #expect(missing.status == 66 && !project.exists("tries"))
    #expect(try project.read(file) == old)
    let added = try await CairnBinary.run(asking + ["--dependencies", "7", "--json"], in: project)
    #expect(added.status == 0, "\(added.errors)")
    #expect(added.output.contains(#""taskId" : "8""#))
    #expect(try project.read("tries") == "x\nx\n")
    let prompt = try project.read("prompt")
    #expect(prompt.contains("\nMake it red\n") && prompt.contains("\n7 (pending): Nail\n"))
    let new = try project.read(file)
    #expect(
      new.hasPrefix(old.dropLast(2) + #",{"id":8,"title":"Paint","description":"Paint it.""#))
    #expect(new.contains(#""dependencies":[1,7],"priority":"low""#))
    try project.write("{}", to: "answer")
    let never = try await CairnBinary.run(asking, in: project)
    #expect(never.status == 65 && never.errors.contains("no good answer"))
    #expect(try project.read(file) == new)
  }

  @Test(
    "bad documents say so",
    arguments: [
      ("printf ''", 65, "the document is empty"),
      ("printf 'a\\000b'", 65, "not a text: NUL at offset 1"),
    ])
  func bad(script: String, code: Int32, words: String) async throws {
    let project = try TemporaryProject()
    try project.shell("\(script) > prd.md")
    let finished = try await CairnBinary.run(["decompose", "prd.md", "--yes"], in: project)
    #expect(finished.status == code && finished.errors.contains("prd.md"))
    #expect(finished.errors.contains(words))
  }
}

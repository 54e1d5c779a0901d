import Testing

/// What `cairn plan` reads, and what it refuses.
@Suite(.timeLimit(.minutes(15)))
struct PlanInputTests {
  @Test("a trace is drawn, listed and not run")
  func otherCommands() async throws {
    let project = try TemporaryProject.trace()
    let graph = try await CairnBinary.run(["graph", "trace.json", "--format", "dot"], in: project)
    #expect(graph.output.contains("decode-2"))
    let list = try await CairnBinary.run(["list", "trace.json"], in: project)
    #expect(list.output.hasPrefix("branches: 8 tasks\n"))
    for command in ["run", "resume"] {
      let run = try await CairnBinary.run([command, "trace.json", "--plain"], in: project)
      #expect(run.status == 65)
      #expect(
        run.errors == "cairn: trace.json: a recorded workflow has no commands to run; "
          + "`cairn plan` and `cairn simulate` read it\n")
    }
    #expect(!project.exists(".cairn"))
  }

  @Test("foreign names do nothing but be read")
  func hostile() async throws {
    let project = try TemporaryProject()
    try project.write(
      """
      {"name": "x\\u001b[2J\\u202ey", "schemaVersion": "1.5", "workflow": {"specification": {"tasks": [
        {"name": "a\\u001b]52;c;AAAA\\u0007", "id": "a", "parents": [], "inputFiles": [],
         "outputFiles": ["f\\u001b[31m"]},
        {"name": "b", "id": "b", "parents": ["a"], "inputFiles": ["f\\u001b[31m"],
         "outputFiles": []}],
        "files": [{"id": "f\\u001b[31m", "sizeInBytes": 5}]}}}
      """, to: "t.json")
    for options in [[], ["--json"], ["--compare"], ["--budget", "1B"]] {
      let plan = try await CairnBinary.run(["plan", "t.json"] + options, in: project)
      let text = plan.output + plan.errors
      #expect(!text.isEmpty)
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{202E}" })
    }
  }

  @Test(
    "what is wrong with a plan's input",
    arguments: [
      (["--budget", "0"], "--budget \"0\": expected a size, as 512MiB or 4GiB", 64),
      (["--budget=-1GiB"], "--budget \"-1GiB\": expected a size, as 512MiB or 4GiB", 64),
      (["--budget", "lots"], "--budget \"lots\": expected a size, as 512MiB or 4GiB", 64),
      (
        ["--budget", "9999999TiB"], "--budget \"9999999TiB\": expected a size, as 512MiB or 4GiB",
        64
      ),
      (["--budget", "64"], "--budget \"64\": expected a size, as 512MiB or 4GiB", 64),
      (["--jobs", "0"], "--jobs 0: expected 1 to 10000", 64),
      (["--set", "A=1"], "--set A: trace.json is a recorded workflow without params", 64),
    ])
  func badOptions(options: [String], message: String, status: Int32) async throws {
    let project = try TemporaryProject.trace()
    let plan = try await CairnBinary.run(["plan", "trace.json"] + options, in: project)
    #expect(plan.errors == "cairn: \(message)\n")
    #expect(plan.status == status)
    #expect(plan.output == "")
  }

  @Test(
    "a file that is no sound trace",
    arguments: [
      ("no.json", nil, "no.json: no such file or folder", 66),
      (
        "t.json", #"{"schemaVersion": "9.9", "workflow": {"specification": {"tasks": []}}}"#,
        "t.json:1:19: ", 65
      ),
      ("t.json", #"{"schemaVersion": "1.5", "workflow": {"specification": "#, "t.json:1:", 65),
      (
        "t.json",
        #"{"schemaVersion": "1.5", "workflow": {"specification": {"tasks": [{"id": "a", "#
          + #""name": "a", "outputFiles": ["f"]}], "files": [{"id": "f", "sizeInBytes": -1}]}}}"#,
        "t.json:1:", 65
      ),
    ] as [(String, String?, String, Int32)])
  func badFiles(name: String, text: String?, message: String, status: Int32) async throws {
    let project = try TemporaryProject()
    if let text { try project.write(text, to: name) }
    let plan = try await CairnBinary.run(["plan", name], in: project)
    #expect(plan.errors.hasPrefix("cairn: \(message)"), "\(plan.errors)")
    #expect(plan.errorLines.count == 1)
    #expect(plan.status == status)
    #expect(plan.output == "")
  }
}

import Testing

/// Something a person might do wrong, and all that Cairn should say about it.
struct BadInput: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var files: [String: String]
  var arguments: [String]
  var status: Int32
  /// The only line on standard error, without `cairn: `.
  var message: String

  /// A `cairn.yaml`, given to `cairn run`.
  static func file(
    _ name: String, _ text: String, _ arguments: [String] = ["run", "--plain"], status: Int32 = 65,
    says message: String
  ) -> BadInput {
    BadInput(
      testDescription: name, files: ["cairn.yaml": text], arguments: arguments, status: status,
      message: message)
  }

  /// A command line, with a sound `cairn.yaml`.
  static func command(
    _ name: String, _ arguments: [String], status: Int32 = 64, says message: String
  ) -> BadInput {
    .file(name, sound, arguments, status: status, says: message)
  }

  /// A Task Master file, drawn; `list` shows one of which no graph can be made.
  static func backlog(_ name: String, _ json: String, says message: String) -> BadInput {
    BadInput(
      testDescription: name, files: [".taskmaster/tasks/tasks.json": json], arguments: ["graph"],
      status: 65, message: message)
  }

  private static let sound = """
    params: { LIMIT: 3 }
    tasks:
      fetch: { run: "true" }
      build: { run: "true", needs: [fetch] }
    """
}

extension BadInput {
  static let yaml: [BadInput] = [
    .file("an empty file", "", says: "cairn.yaml: the file is empty; \"cairn init\" writes one"),
    .file(
      "YAML with an open bracket", "tasks:\n  a: { run: [ }\n",
      says: "cairn.yaml:2:15: not valid YAML: did not find expected node content "
        + "(while parsing a flow node that begins at line 2)"),
    .file(
      "YAML with a tab", "tasks:\n\ta: 1\n",
      says: "cairn.yaml:2:1: not valid YAML: found character that cannot start any token "
        + "(while scanning for the next token that begins at line 2)"),
    .file(
      "an alias without an anchor", "tasks: *gone\n",
      says: "cairn.yaml:1:8: not valid YAML: found undefined alias"),
    .file(
      "two documents", "tasks: { a: { run: x } }\n---\ntasks: {}\n",
      says: "cairn.yaml:2:1: expected one YAML document, found another"),
    .file(
      "a task given twice", "tasks:\n  a: { run: x }\n  a: { run: y }\n",
      says: "cairn.yaml:2:3: \"a\" is given more than once"),
    .file(
      "a list at the top", "- a\n- b\n",
      says: "cairn.yaml:1:1: expected a map with \"tasks\", found a list"),
    .file("no tasks", "name: x\n", says: "cairn.yaml: no \"tasks\""),
    .file("nothing under tasks", "tasks:\n", says: "cairn.yaml:1:7: \"tasks\": no task is defined"),
  ]

  static let keys: [BadInput] = [
    .file(
      "an unknown key of a task", "tasks:\n  a:\n    run: x\n    retires: 2\n",
      says: "cairn.yaml:4:5: unknown key \"retires\" in task \"a\"; did you mean \"retries\"?"),
    .file(
      "an unknown key at the top", "task: {}\n",
      says: "cairn.yaml:1:1: unknown key \"task\"; did you mean \"tasks\"?"),
    .file(
      "an unknown key of budget", "budget: { job: 2 }\ntasks: { a: { run: x } }\n",
      says: "cairn.yaml:1:11: unknown key \"job\" in \"budget\"; did you mean \"jobs\"?"),
    .file(
      "a key that is not built", "tasks:\n  a: { run: x, progress: x }\n", status: 78,
      says: "cairn.yaml:2:16: \"progress\" is not built yet, found in task \"a\""),
    .file(
      "a section that is not built", "include: x\ntasks: { a: { run: x } }\n",
      status: 78, says: "cairn.yaml:1:1: \"include\" is not built yet, found at the top"),
    .file(
      "a workspace of nothing", "budget: { workspace: 0 }\ntasks: { a: { run: x } }\n",
      says: "cairn.yaml:1:22: \"workspace\" of \"budget\": must be more than nothing"),
    .file(
      "a spill file system without a limit", "spill: { path: /tmp }\ntasks: { a: { run: x } }\n",
      says: "cairn.yaml:1:8: \"spill\": has no \"limit\""),
    .file(
      "memory that grows by something else", "tasks:\n  a: { run: x, memory: 2GiB * try }\n",
      says: "cairn.yaml:2:24: \"memory\" of task \"a\": expected a size, or one such as "
        + "2GiB * attempt, found \"2GiB * try\""),
    .file(
      "tasks beside from", "from: task-master\ntasks: { a: { run: x } }\n",
      says: "cairn.yaml:2:1: \"tasks\" and \"from\" exclude each other"),
    .file(
      "an unknown source", "from: jira\n",
      says: "cairn.yaml:1:7: \"from\": expected task-master, found \"jira\""),
  ]

  static let values: [BadInput] = [
    .file(
      "a duration without a unit", "tasks:\n  a: { run: x, timeout: 10 }\n",
      says: "cairn.yaml:2:25: \"timeout\" of task \"a\": expected a duration such as 500ms, 30s, "
        + "10m or 1h30m, found \"10\""),
    .file(
      "an unknown unit of time", "tasks:\n  a: { run: x, timeout: 10min }\n",
      says:
        "cairn.yaml:2:25: \"timeout\" of task \"a\": unknown unit \"min\", expected ms, s, m or h"),
    .file(
      "an unknown unit of size", "tasks:\n  a: { run: x, memory: 2Gib }\n",
      says:
        "cairn.yaml:2:24: \"memory\" of task \"a\": unknown unit \"Gib\", expected B, KiB, MiB, "
        + "GiB, TiB, KB, MB, GB or TB; did you mean \"GiB\"?"),
    .file(
      "retries that are no number", "tasks:\n  a: { run: x, retries: many }\n",
      says: "cairn.yaml:2:25: \"retries\" of task \"a\": expected a whole number, found \"many\""),
    .file(
      "negative retries", "tasks:\n  a: { run: x, retries: -1 }\n",
      says: "cairn.yaml:2:25: \"retries\" of task \"a\": expected 0 to 1000, found -1"),
    .file(
      "a task that takes more than the budget",
      "budget: { jobs: 2, memory: 1GiB }\n"
        + "tasks: { a: { run: x }, b: { run: x, cpus: 3, memory: 2GiB } }\n", status: 3,
      says: "budget cannot be met: task \"b\" takes 3 cpus, of 2 and declares 2 GiB of memory, "
        + "of 1 GiB; the smallest that works: budget: { jobs: 3, memory: 2147483648B }"),
    .file(
      "a task that takes more than --jobs", "tasks: { b: { run: x, cpus: 3 } }\n",
      ["run", "--plain", "--jobs", "1"], status: 3,
      says: "budget cannot be met: task \"b\" takes 3 cpus, of 1; the smallest that works: "
        + "budget: { jobs: 3 }"),
    .file(
      "a task that takes a resource that nobody has",
      "budget: { resources: { gpu: 1 } }\n"
        + "tasks: { a: { run: x }, b: { run: x, resources: { gpu: 2, licence: 1 } } }\n", status: 3,
      says: "budget cannot be met: task \"b\" takes 2 gpu, of 1 and takes 1 licence, of none; "
        + "the smallest that works: budget: { resources: { gpu: 2, licence: 1 } }"),
    .file(
      "a task that takes more than --resource",
      "budget: { resources: { gpu: 9 } }\ntasks: { b: { run: x, resources: { gpu: 2 } } }\n",
      ["simulate", "--plain", "--resource", "gpu=1"], status: 3,
      says: "budget cannot be met: task \"b\" takes 2 gpu, of 1; the smallest that works: "
        + "budget: { resources: { gpu: 2 } }"),
    .file(
      "a plan of a task that takes more than there is",
      "budget: { resources: { gpu: 9 } }\ntasks: { b: { run: x, resources: { gpu: 2 } } }\n",
      ["plan", "--resource", "gpu=0"], status: 3,
      says: "budget cannot be met: task \"b\" takes 2 gpu, of none; the smallest that works: "
        + "budget: { resources: { gpu: 2 } }"),
    .file(
      "no jobs at all", "budget: { jobs: 0 }\ntasks: { a: { run: x } }\n",
      says: "cairn.yaml:1:17: \"jobs\" of \"budget\": expected 1 to 10000, found 0"),
    .file(
      "needs as text", "tasks:\n  a: { run: x, needs: b }\n",
      says: "cairn.yaml:2:23: \"needs\" of task \"a\": expected a list or a map, found \"b\""),
    .file(
      "a task that is text", "tasks:\n  a: make\n",
      says: "cairn.yaml:2:6: task \"a\": expected a map such as { run: … }, found \"make\""),
    .file(
      "a task with nothing to do", "tasks:\n  a: { timeout: 1s }\n",
      says: "cairn.yaml:2:3: task \"a\" has nothing to do: expected run, exec or prompt"),
    .file(
      "run and exec", "tasks:\n  a: { run: x, exec: [y] }\n",
      says: "cairn.yaml:2:16: task \"a\" has both \"run\" and \"exec\""),
    .file(
      "an unknown condition", "tasks:\n  a: { run: x, when: sucess }\n",
      says: "cairn.yaml:2:22: \"when\" of task \"a\": expected success, failure or always, "
        + "found \"sucess\"; did you mean \"success\"?"),
    .file(
      "an export out of the project", "tasks:\n  a: { run: x, export: ../out }\n",
      says: "cairn.yaml:2:24: \"export\" of task \"a\": path \"../out\" leads out of the project"),
    .file(
      "two exports to one path",
      "tasks:\n  a: { run: x, export: r.txt }\n  b: { run: x, export: r.txt }\n",
      says: "cairn.yaml:3:24: tasks \"a\" and \"b\" both export \"r.txt\""),
    .file(
      "a variable of Cairn's", "tasks:\n  a: { run: x, env: { CAIRN_OUT: y } }\n",
      says: "cairn.yaml:2:23: \"CAIRN_OUT\" of \"env\": variables that begin with CAIRN_ are "
        + "Cairn's own"),
    .file(
      "a prompt without an agent", "tasks:\n  a: { prompt: do it }\n",
      says: "cairn.yaml:2:3: task \"a\" has a prompt and the file no \"agent\""),
  ]

  static let names: [BadInput] = [
    .file(
      "an empty name", "tasks:\n  \"\": { run: x }\n",
      says: "cairn.yaml:2:3: task \"\": a name must not be empty"),
    .file(
      "a name with a slash", "tasks:\n  a/b: { run: x }\n",
      says: "cairn.yaml:2:3: task \"a/b\": a name must not hold \"/\""),
    .file(
      "a name that moves the cursor", "tasks:\n  \"a\\e[2J\": { run: x }\n",
      says: "cairn.yaml:2:3: task \"a\\u{1B}[2J\": a name must not hold control characters"),
    .file(
      "a name that is too long", "tasks:\n  \(String(repeating: "n", count: 121)): { run: x }\n",
      says: "cairn.yaml:2:3: task \"\(String(repeating: "n", count: 120))…\": "
        + "a name has at most 120 characters, found 121"),
  ]

  static let graphs: [BadInput] = [
    .file(
      "an unknown need", "tasks:\n  fetch: { run: x }\n  b: { run: x, needs: [fetsh] }\n",
      says: "cairn.yaml:3:24: task \"b\" needs \"fetsh\", which is not defined; "
        + "did you mean \"fetch\"?"),
    .file(
      "a need of a group", "tasks:\n  a: { run: x, group: g }\n  b: { run: x, needs: [g] }\n",
      says: "cairn.yaml:3:24: task \"b\" needs \"g\", which is a group; name its tasks"),
    .file(
      "an unknown artifact",
      "tasks:\n  a: { run: x, outputs: { bam: 1MiB } }\n  b: { run: x, needs: [a.bat] }\n",
      says: "cairn.yaml:3:24: task \"b\" needs \"a.bat\", but task \"a\" has no artifact \"bat\"; "
        + "did you mean \"bam\"?"),
    .file(
      "a task that needs itself", "tasks:\n  a: { run: x, needs: [a] }\n",
      says: "cairn.yaml:2:3: tasks wait for each other: a → a"),
    .file(
      "a cycle",
      "tasks:\n  a: { run: x, needs: [c] }\n  b: { run: x, needs: [a] }\n  c: { run: x, after: [b] }\n",
      says: "cairn.yaml:2:3: tasks wait for each other: a → b → c → a"),
    .file(
      "two needs in one variable",
      "tasks:\n  a-b: { run: x }\n  a_b: { run: x }\n  c: { run: x, needs: [a-b, a_b] }\n",
      says: "cairn.yaml:4:29: needs \"a-b\" and \"a_b\" of task \"c\" are both CAIRN_IN_A_B; "
        + "name them: needs: { a: …, b: … }"),
    .file(
      "a matrix that explodes", "tasks:\n  a: { run: x, matrix: { i: 0..999, j: 0..99 } }\n",
      says: "cairn.yaml:2:37: matrix of task \"a\" has more than 10000 instances"),
    .file(
      "a range that explodes", "tasks:\n  a: { run: x, matrix: { i: 0..9223372036854775807 } }\n",
      says: "cairn.yaml:2:29: matrix of task \"a\" has more than 10000 instances"),
    .file(
      "a range that runs backwards", "tasks:\n  a: { run: x, matrix: { i: 9..0 } }\n",
      says: "cairn.yaml:2:29: \"i\" of task \"a\": range \"9..0\" runs backwards"),
  ]

  static let commands: [BadInput] = [
    .command(
      "a missing file", ["run", "gone.yaml"], status: 66, says: "gone.yaml: no such file or folder"),
    .command(
      "a folder without a project", ["list", "/var"], status: 66,
      says:
        "/var: holds neither cairn.yaml nor .taskmaster/tasks/tasks.json; `cairn init` writes one"),
    .command(
      "an unknown task", ["run", "--plain", "biuld"],
      says: "cairn.yaml defines no task \"biuld\"; did you mean \"build\"?"),
    .command(
      "an unknown task to show", ["show", "biuld"],
      says: "cairn.yaml defines no task \"biuld\"; did you mean \"build\"?"),
    .command(
      "--set without a value", ["run", "--plain", "--set", "LIMIT"],
      says: "--set LIMIT: expected NAME=VALUE"),
    .command(
      "--set of an unknown parameter", ["run", "--plain", "--set", "LIMT=4"],
      says: "cairn.yaml: --set LIMT: no such key in \"params\"; did you mean \"LIMIT\"?"),
    .command(
      "--jobs 0", ["run", "--plain", "--jobs", "0"], says: "--jobs 0: expected 1 to 10000"),
    .command(
      "--memory without a unit", ["run", "--plain", "--memory", "much"],
      says: "--memory much: expected a size, as 512MiB or 4GiB"),
    .command(
      "--resource without a count", ["run", "--plain", "--resource", "gpu"],
      says: "--resource gpu: expected NAME=COUNT, as gpu=2, with 0 to 1000000"),
    .command(
      "--resource of less than nothing", ["run", "--plain", "--resource", "gpu=-1"],
      says: "--resource gpu=-1: expected NAME=COUNT, as gpu=2, with 0 to 1000000"),
    .command(
      "--only beside a target", ["run", "--plain", "--only", "build", "fetch"],
      says: "task names, --only and --from exclude one another"),
    .command(
      "--only without an earlier run", ["run", "--plain", "--only", "build"], status: 66,
      says: "task \"build\" needs the artifact \"out\" of \"fetch\", which no earlier run left; "
        + "run that task first"),
    .command(
      "resume before any run", ["resume", "--plain"], status: 66,
      says: "there is no run to resume; `cairn run` starts one"),
    .command(
      "the status of no run", ["status"], status: 66,
      says: "cairn.yaml: no run yet; `cairn run` starts one"),
    .command(
      "the log of no run", ["logs", "fetch"], status: 66,
      says: "cairn.yaml: no run yet; `cairn run` starts one"),
    .command(
      "the workspace of no run", ["workspace"], status: 66,
      says: "cairn.yaml: no run yet; `cairn run` starts one"),
    .command(
      "a name for the list of the workspace", ["workspace", "list", "fetch"],
      says: "list takes no names; as in: cairn workspace explain fetch"),
    .command(
      "no name to explain", ["workspace", "explain"],
      says: "which artifact? as in: cairn workspace explain TASK"),
    .command(
      "an artifact of no run", ["workspace", "explain", "fetch"], status: 66,
      says: "cairn.yaml: no run yet; `cairn run` starts one"),
    .command(
      "nothing to prune of no run", ["workspace", "prune"], status: 66,
      says: "cairn.yaml: no run yet; `cairn run` starts one"),
    .command(
      "init over a file", ["init"], status: 77,
      says: "./cairn.yaml exists already; it was left as it is"),
  ]

  static let backlogs: [BadInput] = [
    .backlog(
      "JSON that ends early", "{\"tasks\": [",
      says:
        ".taskmaster/tasks/tasks.json:1:12: not valid JSON: expected a value, found the end of the file"
    ),
    .backlog(
      "a cycle of subtasks",
      """
      {"tasks": [{"id": 1, "title": "t", "subtasks": [
        {"id": 1, "title": "a", "dependencies": [2]},
        {"id": 2, "title": "b", "dependencies": [1]}]}]}
      """,
      says: ".taskmaster/tasks/tasks.json:2: tasks wait for each other: 1.1 → 1.2 → 1.1"),
    .backlog(
      "a task that is a number", "{\"tasks\": [1]}",
      says: ".taskmaster/tasks/tasks.json:1:12: expected a task, found \"1\""),
  ]

  static let all = yaml + keys + values + names + graphs + commands + backlogs
}

extension BadFile {
  /// Keys that are known, with values that they cannot have.
  static let values: [BadFile] = [
    BadFile(
      "resources: { gpu: 1 }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:1: unknown key \"resources\"; what there is stands in the budget: budget: { resources: { gpu: 2 } }"
    ),
    BadFile(
      "tasks:\n  a: { run: x, resources: gpu }\n",
      "cairn.yaml:2:27: \"resources\" of task \"a\": expected a map, found \"gpu\""),
    BadFile(
      "tasks:\n  a: { run: x, resources: { gpu: -1 } }\n",
      "cairn.yaml:2:34: \"gpu\" of \"resources\": expected 0 to 1000000, found -1"),
    BadFile(
      "tasks:\n  a: { run: x, resources: { gpu: 0.5 } }\n",
      "cairn.yaml:2:34: \"gpu\" of \"resources\": expected a whole number, found \"0.5\""),
    BadFile(
      "tasks:\n  a: { run: x, resources: { gpu: } }\n",
      "cairn.yaml:2:34: \"gpu\" of \"resources\": expected a whole number, found nothing"),
    BadFile(
      "tasks:\n  a: { run: x, resources: { \"gpu 0\": 1 } }\n",
      "cairn.yaml:2:29: \"resources\" of task \"a\": \"gpu 0\" is no name for a resource; at most 40 of A-Z a-z 0-9 _ -, a letter or _ first"
    ),
    BadFile(
      "budget: { resources: { gpu: 1000001 } }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:29: \"gpu\" of \"resources\": expected 0 to 1000000, found 1000001"),
    BadFile(
      "budget: { resources: { \((0...16).map { "r\($0): 1" }.joined(separator: ", ")) } }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:22: \"resources\" of \"budget\": more than 16 names"),
    BadFile(
      "tasks:\n  a: { run: [x] }\n",
      "cairn.yaml:2:13: \"run\" of task \"a\": expected text, found a list"),
    BadFile(
      "tasks:\n  a: { run: \"\" }\n", "cairn.yaml:2:13: \"run\" of task \"a\": must not be empty"),
    BadFile(
      "tasks:\n  a: { run: }\n",
      "cairn.yaml:2:13: \"run\" of task \"a\": expected text, found nothing"),
    BadFile(
      "tasks:\n  a: { exec: ls }\n",
      "cairn.yaml:2:14: \"exec\" of task \"a\": expected a list, found \"ls\""),
    BadFile(
      "tasks:\n  a: { exec: [] }\n",
      "cairn.yaml:2:14: \"exec\" of task \"a\": expected a program and its arguments"),
    BadFile(
      "tasks:\n  a: { exec: [x, \"\\0\"] }\n",
      "cairn.yaml:2:18: \"exec\" of task \"a\": text holds a NUL character"),
    BadFile(
      "tasks:\n  a: { run: x, retries: two }\n",
      "cairn.yaml:2:25: \"retries\" of task \"a\": expected a whole number, found \"two\""),
    BadFile(
      "tasks:\n  a: { run: x, retries: \"2\" }\n",
      "cairn.yaml:2:25: \"retries\" of task \"a\": expected a whole number, found \"2\""),
    BadFile(
      "tasks:\n  a: { run: x, retries: -1 }\n",
      "cairn.yaml:2:25: \"retries\" of task \"a\": expected 0 to 1000, found -1"),
    BadFile(
      "tasks:\n  a: { run: x, timeout: 10 }\n",
      "cairn.yaml:2:25: \"timeout\" of task \"a\": expected a duration such as 500ms, 30s, 10m or 1h30m, found \"10\""
    ),
    BadFile(
      "tasks:\n  a: { run: x, timeout: 10min }\n",
      "cairn.yaml:2:25: \"timeout\" of task \"a\": unknown unit \"min\", expected ms, s, m or h"),
    BadFile(
      "tasks:\n  a: { run: x, timeout: 0s }\n",
      "cairn.yaml:2:25: \"timeout\" of task \"a\": must be more than nothing"),
    BadFile(
      "tasks:\n  a: { run: x, output: 64 }\n",
      "cairn.yaml:2:24: \"output\" of task \"a\": expected a size such as 64MiB or 2GB, found \"64\""
    ),
    BadFile(
      "tasks:\n  a: { run: x, memory: 64mb }\n",
      "cairn.yaml:2:24: \"memory\" of task \"a\": unknown unit \"mb\", expected B, KiB, MiB, GiB, TiB, KB, MB, GB or TB; did you mean \"MB\"?"
    ),
    BadFile(
      "tasks:\n  a: { run: x, memory: 99999999999TiB }\n",
      "cairn.yaml:2:24: \"memory\" of task \"a\": \"99999999999TiB\" is too large"),
    BadFile(
      "tasks:\n  a: { run: x, pure: \"yes\" }\n",
      "cairn.yaml:2:22: \"pure\" of task \"a\": expected true or false, found \"yes\""),
    BadFile(
      "tasks:\n  a: { run: x, when: faliure }\n",
      "cairn.yaml:2:22: \"when\" of task \"a\": expected success, failure or always, found \"faliure\"; did you mean \"failure\"?"
    ),
    BadFile(
      "reuse: 80%\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:8: \"reuse\": expected a number from 0 to 1, found \"80%\""),
    BadFile(
      "budget: { jobs: 0 }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:17: \"jobs\" of \"budget\": expected 1 to 10000, found 0"),
    BadFile(
      "budget: { workspace: 0 }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:22: \"workspace\" of \"budget\": must be more than nothing"),
    BadFile(
      "budget: { workspace: -1GiB }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:22: \"workspace\" of \"budget\": expected a size such as 64MiB or 2GB, "
        + "found \"-1GiB\""),
    BadFile(
      "budget: 2GiB\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:9: \"budget\": expected a map, found \"2GiB\""),
    BadFile(
      "spill: /tmp\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:8: \"spill\": expected a map, found \"/tmp\""),
    BadFile(
      "spill: { path: /tmp }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:8: \"spill\": has no \"limit\""),
    BadFile(
      "spill: { limit: 1GB }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:8: \"spill\": has no \"path\""),
    BadFile(
      "spill: { path: \" \", limit: 1GB }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:16: \"path\" of \"spill\": must not be empty"),
    BadFile(
      "spill: { path: /tmp, limit: 0 }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:29: \"limit\" of \"spill\": must be more than nothing"),
    BadFile(
      "spill: { path: /tmp, size: 1GB }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:22: unknown key \"size\" in \"spill\""),
    BadFile(
      "tasks:\n  a: { run: x, recompute: often }\n",
      "cairn.yaml:2:27: \"recompute\" of task \"a\": expected never, found \"often\""),
    BadFile(
      "tasks:\n  a: { run: x, env: { A: [1] } }\n",
      "cairn.yaml:2:26: \"A\" of \"env\": expected text, found a list"),
    BadFile(
      "tasks:\n  a: { run: x, env: { CAIRN_OUT: y } }\n",
      "cairn.yaml:2:23: \"CAIRN_OUT\" of \"env\": variables that begin with CAIRN_ are Cairn's own"),
    BadFile(
      "params: { no-dash: 1 }\ntasks: { a: { run: x } }\n",
      "cairn.yaml:1:11: \"no-dash\" of \"params\": expected a name of letters, digits and _ that a shell can use"
    ),
    BadFile(
      "tasks:\n  a: { run: x, dir: /etc }\n",
      "cairn.yaml:2:21: \"dir\" of task \"a\": expected a path from the project's root, found \"/etc\""
    ),
    BadFile(
      "tasks:\n  a: { run: x, export: a/../../b }\n",
      "cairn.yaml:2:24: \"export\" of task \"a\": path \"a/../../b\" leads out of the project"),
    BadFile(
      "tasks:\n  a: { run: x, output: none, export: b }\n",
      "cairn.yaml:2:38: \"export\" of task \"a\": the task has no artifact"),
    BadFile(
      "tasks:\n  a: { run: x, outputs: { b: 1B, c: null }, export: d }\n",
      "cairn.yaml:2:53: \"export\" of task \"a\": the task has several artifacts; name them: { b: path }"
    ),
    BadFile(
      "tasks:\n  a: { run: x, outputs: { bam: 1B }, export: { bma: d } }\n",
      "cairn.yaml:2:48: \"export\" of task \"a\": the task has no artifact \"bma\"; did you mean \"bam\"?"
    ),
  ]
}

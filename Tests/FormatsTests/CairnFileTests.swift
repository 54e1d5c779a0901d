import Formats
import Model
import Testing

@Suite("A Cairn file becomes a graph") struct CairnFileTests {
  @Test func everyKeyOfATaskArrives() throws {
    let task = try #require(
      try graph(
        """
        tasks:
          fetch:
            run: curl "$URL"
            env: { URL: https://example.org/, EMPTY: "" }
            dir: sub/folder
            outputs: { bam: 2GiB, qc: null }
            memory: 1.5GiB
            cpus: 2
            timeout: 1h30m
            retries: 3
            backoff: 250ms
            verify: test -s "$CAIRN_OUT_BAM"
            keep: true
            export: { bam: out/a.bam }
            when: always
            priority: -5
            inputs: ["src/**/*.c", Makefile]
            pure: true
        """
      ).task(named: "fetch"))
    #expect(
      task.action
        == .shell(script: "curl \"$URL\"", interpreter: ["bash", "-euo", "pipefail", "-c"]))
    #expect(task.environment == [.init("URL", "https://example.org/"), .init("EMPTY", "")])
    #expect(task.directory == "sub/folder")
    #expect(
      task.outputs == [.init(name: "bam", expectedBytes: 2 << 30), .init(name: "qc")])
    #expect(task.memoryBytes == 3 << 29)
    #expect(task.cpus == 2)
    #expect(task.timeoutSeconds == 5400)
    #expect(task.retries == 3)
    #expect(task.backoff.firstSeconds == 0.25)
    #expect(task.verify == "test -s \"$CAIRN_OUT_BAM\"")
    #expect(task.keep == true)
    #expect(task.exports == [.init(artifact: "bam", path: "out/a.bam")])
    #expect(task.when == .always)
    #expect(task.priority == -5)
    #expect(task.inputs == ["src/**/*.c", "Makefile"])
    #expect(task.isPure)
    #expect(task.line == 2)
    #expect(task.standing == .pending)
  }

  @Test func aPlainTaskHasOneArtifactAndNoneIsNone() throws {
    let graph = try graph(
      """
      tasks:
        plain: { run: x }
        sized: { run: x, output: 120MB, export: r.txt }
        bare: { run: x, output: none }
        last: { run: x, needs: [bare] }
      """)
    #expect(
      graph.tasks.map(\.outputs) == [
        [.init(name: "out")], [.init(name: "out", expectedBytes: 120_000_000)], [],
        [.init(name: "out")],
      ])
    #expect(graph.task(named: "sized")?.exports == [.init(artifact: "out", path: "r.txt")])
    #expect(graph.before("last") == ["bare"])
    #expect(graph.tasks.map(\.id.index) == [0, 1, 2, 3])
  }

  @Test func theTopLevelArrives() throws {
    let file = try load(
      """
      name: nightly
      budget: { jobs: 4, memory: 4GiB }
      reuse: 0.75
      agent: { command: [helper, -p], prompt: argument }
      verify: make test
      tasks:
        one: { prompt: "Do it." }
        two: { prompt: "Do more.", verify: "true" }
        three: { run: x }
      """)
    #expect(file.graph.name == "nightly")
    #expect(file.jobs == 4)
    #expect(file.memoryBytes == 4 << 30)
    #expect(file.reuseTarget == 0.75)
    #expect(file.graph.agent == .init(command: ["helper", "-p"], prompt: .argument))
    #expect(file.graph.tasks.map(\.verify) == ["make test", "true", nil])
    #expect(file.graph.tasks[0].action == .prompt("Do it."))
    #expect(file.taskMaster == nil)
  }

  @Test func defaultsApplyWhereATaskSaysNothing() throws {
    let graph = try graph(
      """
      defaults:
        timeout: 10m
        retries: 2
        backoff: 2s
        output: 1MiB
        memory: 64MiB
        cpus: 3
        shell: sh
        env: { A: "1", B: "2" }
      tasks:
        a: { run: x }
        b: { run: x, timeout: 5s, retries: 0, output: none, shell: [python3, -c], env: { A: "9", C: "3" } }
        c: { run: x, shell: "perl -e" }
      """)
    let a = graph.tasks[0]
    #expect(a.timeoutSeconds == 600)
    #expect(a.retries == 2)
    #expect(a.backoff.firstSeconds == 2)
    #expect(a.outputs == [.init(name: "out", expectedBytes: 1 << 20)])
    #expect(a.memoryBytes == 64 << 20)
    #expect(a.cpus == 3)
    #expect(a.action == .shell(script: "x", interpreter: ["sh", "-eu", "-c"]))
    let b = graph.tasks[1]
    #expect(b.timeoutSeconds == 5)
    #expect(b.retries == 0)
    #expect(b.outputs.isEmpty)
    #expect(b.action == .shell(script: "x", interpreter: ["python3", "-c"]))
    #expect(b.environment == [.init("A", "9"), .init("B", "2"), .init("C", "3")])
    #expect(graph.tasks[2].action == .shell(script: "x", interpreter: ["perl", "-e"]))
  }

  @Test func parametersAreVariablesOfEveryTask() throws {
    let text = """
      params: { size: 10, where: here }
      tasks:
        a: { exec: [make, "$size", "${where}s", "$other"], env: { OUT: "to $where" } }
      """
    let plain = try graph(text).tasks[0]
    #expect(plain.action == .exec(arguments: ["make", "10", "heres", "$other"]))
    #expect(
      plain.environment == [.init("size", "10"), .init("where", "here"), .init("OUT", "to here")])
    let set = try graph(text, parameters: ["where": "there"]).tasks[0]
    #expect(set.action == .exec(arguments: ["make", "10", "theres", "$other"]))
  }

  @Test func aMatrixIsAGroupOfItsInstances() throws {
    let graph = try graph(
      """
      tasks:
        shard:
          matrix: { n: 0..2, kind: [a, b] }
          run: echo $n
          env: { X: "part-$n" }
          dir: work/$kind
          export: out/$n-$kind.txt
      """)
    #expect(
      graph.tasks.map(\.name) == [
        "shard[n=0,kind=a]", "shard[n=0,kind=b]", "shard[n=1,kind=a]", "shard[n=1,kind=b]",
        "shard[n=2,kind=a]", "shard[n=2,kind=b]",
      ])
    #expect(graph.groups == [.init(name: "shard")])
    #expect(graph.tasks.allSatisfy { $0.group == 0 && $0.line == 2 })
    let third = graph.tasks[3]
    #expect(third.environment == [.init("n", "1"), .init("kind", "b"), .init("X", "part-1")])
    #expect(third.directory == "work/b")
    #expect(third.exports.map(\.path) == ["out/1-b.txt"])
    #expect(
      third.action == .shell(script: "echo $n", interpreter: ["bash", "-euo", "pipefail", "-c"]))
  }

  @Test func groupsHoldTasksAndMatrices() throws {
    let graph = try graph(
      """
      tasks:
        a: { run: x, group: prepare }
        b: { matrix: { n: [1] }, run: x, group: prepare }
      """)
    #expect(graph.groups == [.init(name: "prepare"), .init(name: "b", parent: 0)])
    #expect(graph.tasks.map(\.group) == [0, 1])
  }

  @Test func aWholeMatrixIsOneNeedAnInstance() throws {
    let graph = try graph(
      """
      tasks:
        shard: { matrix: { n: 0..1 }, run: x }
        merge: { run: x, needs: [shard] }
      """)
    #expect(
      graph.tasks[2].needs == [
        .init(task: TaskID(0), variable: "SHARD", folder: "n=0"),
        .init(task: TaskID(1), variable: "SHARD", folder: "n=1"),
      ])
  }

  @Test func anInstanceCanNeedItsCounterpart() throws {
    let graph = try graph(
      """
      tasks:
        parse: { matrix: { n: 0..1, m: [a] }, run: x, outputs: { log: 1B, err: 1B } }
        sort: { matrix: { n: 0..1 }, run: x, needs: ["parse[m=a,n=$n]"] }
        logs: { run: x, needs: { first: "parse[n=0,m=a].log", rest: parse.err } }
      """)
    #expect(graph.tasks[2].needs == [.init(task: TaskID(0), variable: "PARSE")])
    #expect(graph.tasks[3].needs == [.init(task: TaskID(1), variable: "PARSE")])
    #expect(
      graph.tasks[4].needs == [
        .init(task: TaskID(0), artifact: "log", variable: "FIRST"),
        .init(task: TaskID(0), artifact: "err", variable: "REST", folder: "n=0,m=a"),
        .init(task: TaskID(1), artifact: "err", variable: "REST", folder: "n=1,m=a"),
      ])
  }

  @Test func needsNameArtifactsAndOtherNames() throws {
    let graph = try graph(
      """
      tasks:
        setup: { run: x, output: none }
        align: { run: x, outputs: { bam: 1B, qc: 1B } }
        v1.2: { run: x }
        use: { run: x, needs: [align.bam, {ref: align}, v1.2], after: [setup, align] }
      """)
    #expect(
      graph.tasks[3].needs == [
        .init(task: TaskID(1), artifact: "bam", variable: "ALIGN_BAM"),
        .init(task: TaskID(1), variable: "REF"),
        .init(task: TaskID(2), variable: "V1_2"),
      ])
    #expect(graph.tasks[3].after == [TaskID(0), TaskID(1)])
    #expect(graph.before("use") == ["setup", "align", "v1.2"])
  }

  @Test func anchorsAndMergeKeysWork() throws {
    let graph = try graph(
      """
      tasks:
        a: &base
          run: x
          retries: 4
          env: &env { A: "1" }
        b:
          <<: *base
          retries: 1
        c:
          <<: [{ cpus: 2 }, *base]
          env: { <<: *env, B: "2" }
      """)
    #expect(graph.tasks.map(\.retries) == [4, 1, 4])
    #expect(graph.tasks[2].cpus == 2)
    #expect(graph.tasks[2].environment == [.init("B", "2"), .init("A", "1")])
  }

  @Test func aByteOrderMarkIsNoPartOfTheText() throws {
    let file = try CairnFile.load(
      [0xEF, 0xBB, 0xBF] + Array("tasks: { a: { run: x } }".utf8), file: "cairn.yaml",
      options: LoadOptions(defaultInterpreter: ["sh", "-eu", "-c"], defaultName: "folder"))
    #expect(file.graph.name == "folder")
    #expect(file.graph.tasks[0].action == .shell(script: "x", interpreter: ["sh", "-eu", "-c"]))
  }

  @Test func aTaskMasterProjectHasAReferenceInsteadOfTasks() throws {
    let file = try load(
      """
      from: task-master
      tag: feature
      trust: true
      agent: { command: [helper], prompt: file }
      verify: npm test
      defaults: { timeout: 20m, retries: 1 }
      budget: { jobs: 3 }
      """)
    let reference = try #require(file.taskMaster)
    #expect(reference.tag == "feature")
    #expect(reference.trust)
    #expect(reference.agent == .init(command: ["helper"], prompt: .file))
    #expect(reference.template.verify == "npm test")
    #expect(reference.template.timeoutSeconds == 1200)
    #expect(reference.template.retries == 1)
    #expect(file.graph.tasks.isEmpty)
    #expect(file.jobs == 3)
  }
}

@Suite("Did you mean") struct SuggestionTests {
  @Test(arguments: [
    ("retires", "retries"), ("RETRIES", "retries"), ("retrys", "retries"), ("time", "timeout"),
    ("timeouts", "timeout"), ("rn", "run"),
  ])
  func nearWordsAreFound(typed: String, meant: String) {
    #expect(Suggestion.nearest(typed, in: ["needs", "run", "retries", "timeout"]) == meant)
  }

  @Test(arguments: ["colour", "x", "", "ab"])
  func farWordsAreNot(typed: String) {
    #expect(Suggestion.nearest(typed, in: ["needs", "run", "retries", "timeout"]) == nil)
  }
}

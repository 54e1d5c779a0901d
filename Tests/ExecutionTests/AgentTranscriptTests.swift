import Model
import Testing

@testable import Execution
@testable import Planning

struct AgentDialect: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var events: [String]
  var shown: String
  var usage: AgentUsage
}

@Suite("What an agent streams becomes lines, and is added up")
struct AgentTranscriptTests {
  static let dialects = [
    AgentDialect(
      testDescription: "Claude Code",
      events: [
        #"{"type":"system","subtype":"init","model":"m-1","tools":["Bash"]}"#,
        #"{"type":"assistant","message":{"id":"a","content":[{"type":"thinking","thinking":"hm"}],"#
          + #""usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":2}}}"#,
        #"{"type":"assistant","message":{"id":"a","content":[{"type":"text","text":"I look."}],"#
          + #""usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":2}}}"#,
        #"{"type":"assistant","message":{"id":"b","content":[{"type":"tool_use","name":"Bash","#
          + #""input":{"command":"make\ntest"}}],"usage":{"input_tokens":1,"output_tokens":1}}}"#,
        #"{"type":"user","message":{"content":[{"type":"tool_result","is_error":true,"#
          + #""content":"no rule"}]}}"#,
        #"{"type":"result","subtype":"success","is_error":false,"num_turns":2,"result":"I look.","#
          + #""total_cost_usd":0.25,"usage":{"input_tokens":20,"output_tokens":4}}"#,
      ],
      shown: "model m-1\nI look.\n→ Bash make test\n✗ no rule\n",
      usage: AgentUsage(turns: 2, inputTokens: 20, outputTokens: 4, costDollars: 0.25)),
    AgentDialect(
      testDescription: "Codex",
      events: [
        #"{"type":"thread.started","thread_id":"x"}"#, #"{"type":"turn.started"}"#,
        #"{"type":"item.started","item":{"type":"command_execution","command":"ls"}}"#,
        #"{"type":"item.completed","item":{"type":"command_execution","command":"ls","exit_code":2}}"#,
        #"{"type":"item.completed","item":{"type":"reasoning","text":"secret"}}"#,
        #"{"type":"item.completed","item":{"type":"file_change","changes":[{"path":"a"},{"path":"b"}]}}"#,
        #"{"type":"item.completed","item":{"type":"agent_message","text":"Done."}}"#,
        #"{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":60,"output_tokens":7}}"#,
      ],
      shown: "→ run ls\n✗ exit 2\n→ edit a, b\nDone.\n",
      usage: AgentUsage(turns: 3, inputTokens: 100, outputTokens: 7)),
    AgentDialect(
      testDescription: "Gemini CLI",
      events: [
        #"{"type":"init","session_id":"s","model":"g-2"}"#,
        #"{"type":"message","role":"user","content":"the prompt"}"#,
        #"{"type":"message","role":"assistant","content":"I ","delta":true}"#,
        #"{"type":"message","role":"assistant","content":"write.","delta":true}"#,
        #"{"type":"tool_use","tool_name":"write_file","parameters":{"file_path":"a.txt"}}"#,
        #"{"type":"tool_result","status":"error","output":"denied"}"#,
        #"{"type":"result","status":"success","stats":{"input_tokens":9,"output_tokens":3}}"#,
      ],
      shown: "model g-2\nI write.\n→ write_file a.txt\n✗ denied\n",
      usage: AgentUsage(turns: 1, inputTokens: 9, outputTokens: 3)),
    AgentDialect(
      testDescription: "OpenCode",
      events: [
        #"{"type":"step_start","part":{"type":"step-start"}}"#,
        #"{"type":"text","part":{"text":"Hello."}}"#,
        #"{"type":"tool_use","part":{"tool":"bash","state":{"status":"error","input":{"command":"ls"},"error":"no"}}}"#,
        #"{"type":"step_finish","part":{"cost":0.5,"tokens":{"input":10,"output":2,"reasoning":1,"#
          + #""cache":{"read":4,"write":3}}}}"#,
        #"{"type":"step_finish","part":{"cost":0.25,"tokens":{"input":1,"output":1}}}"#,
      ],
      shown: "Hello.\n→ bash ls\n✗ no\n",
      usage: AgentUsage(turns: 2, inputTokens: 18, outputTokens: 4, costDollars: 0.75)),
  ]

  private func read(_ text: String, in pieces: [Int] = []) -> (String, AgentUsage?) {
    var transcript = AgentTranscript()
    var shown: [UInt8] = []
    var rest = Array(text.utf8)[...]
    for size in pieces {
      let piece = Array(rest.prefix(size))
      shown += piece.withUnsafeBytes { transcript.read($0) }
      rest = rest.dropFirst(size)
    }
    shown += Array(rest).withUnsafeBytes { transcript.read($0) }
    shown += transcript.finish()
    return (String(decoding: shown, as: UTF8.self), transcript.usage)
  }

  @Test("each dialect is read as its program writes it", arguments: Self.dialects)
  func reads(_ dialect: AgentDialect) {
    let (shown, usage) = read(dialect.events.joined(separator: "\n") + "\n")
    #expect(shown == dialect.shown)
    #expect(usage == dialect.usage)
  }

  @Test("it does not matter where what arrives is cut", arguments: 0..<50)
  func cuts(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let dialect = Self.dialects[Int(seed) % Self.dialects.count]
    let text = dialect.events.joined(separator: "\n")
    let pieces = (0..<40).map { _ in Int.random(in: 0...60, using: &random) }
    #expect(read(text, in: pieces).0 == dialect.shown)
  }

  @Test(
    "what is no event is shown as it is",
    arguments: [
      "plain text\n", "{\"no\": \"type\"}\n", "{broken\n", "[1, 2]\n", "\u{1B}[31mred\n",
      String(repeating: "[", count: 10_000) + "\n", "{\"type\": 3}\n",
    ])
  func others(_ text: String) {
    #expect(read(text).0 == text)
    #expect(read(text).1 == nil)
  }

  @Test(
    "a number that is none counts as nothing, and sums stop at the largest",
    arguments: [
      (#"{"type":"result","total_cost_usd":1e999}"#, AgentUsage()),
      (#"{"type":"result","total_cost_usd":-1,"num_turns":-4}"#, AgentUsage()),
      (
        #"{"type":"result","num_turns":1e300,"usage":{"input_tokens":9e18,"output_tokens":9e99}}"#,
        AgentUsage(turns: .max, inputTokens: .max, outputTokens: .max)
      ),
      (
        #"{"type":"step_finish","part":{"cost":9e8,"tokens":{"input":9e18,"output":-1}}}"#,
        AgentUsage(turns: 2, inputTokens: .max, costDollars: AgentUsage.maximumDollars)
      ),
    ])
  func hostileNumbers(event: String, expected: AgentUsage) throws {
    let usage = try #require(read("\(event)\n\(event)\n").1)
    #expect(usage == expected)
    #expect(usage.tokens >= 0)
    _ = try JSONText.encode(usage)
  }

  @Test("of 100 MB on one line only the length is told, and little of it is held")
  func hugeLine() {
    var transcript = AgentTranscript()
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    var shown: [UInt8] = []
    shown += Array(#"{"type":"text","text":""#.utf8).withUnsafeBytes { transcript.read($0) }
    for _ in 0..<100 { shown += piece.withUnsafeBytes { transcript.read($0) } }
    shown += Array("\"}\n{\"type\":\"text\",\"text\":\"after\"}\n".utf8).withUnsafeBytes {
      transcript.read($0)
    }
    #expect(String(decoding: shown, as: UTF8.self) == "[a line of 100 MiB is left out]\nafter\n")
  }

  @Test(
    "numbers that no agent can mean do not trap",
    arguments: [
      "-1", "1e300", "9223372036854775807", "\"many\"", "null",
    ])
  func hostileNumbers(_ number: String) {
    let event =
      #"{"type":"step_finish","part":{"cost":0,"tokens":{"input":\#(number),"output":\#(number)}}}"#
    let (_, usage) = read(event + "\n" + event + "\n")
    #expect(usage?.turns == 2)
    #expect((usage?.inputTokens ?? -1) >= 0)
  }
}

@Suite("The end of what a terminal shows")
struct TerminalTailTests {
  private func tail(_ text: String) -> TerminalTail {
    var tail = TerminalTail()
    Array(text.utf8).withUnsafeBytes { tail.read($0) }
    return tail
  }

  @Test(arguments: [
    ("Allow? [y/N] ", "Allow? [y/N]"),
    ("\u{1B}[1mAllow\u{1B}[0m?\r\n> ", ">"),
    ("10%\r20%\rContinue? ", "Continue?"),
    ("\u{1B}]0;title\u{7}Name: ", "Name:"),
    ("asked?\r\n\r\n", "asked?"),
    ("abc\u{8}\u{8}X? ", "aX?"),
  ])
  func words(_ text: String, _ words: String) {
    #expect(tail(text).lastWords == words)
  }

  @Test(arguments: [
    ("Allow? ", true), ("Name:", true), ("[y/N] ", true), ("working", false), ("done.\n", false),
    ("", false),
  ])
  func questions(_ text: String, _ isOne: Bool) {
    #expect(tail(text).looksLikeQuestion == isOne)
  }

  @Test("a flood leaves little behind")
  func flood() {
    let tail = tail(
      String(repeating: "x", count: 1_000_000) + String(repeating: "y\n", count: 1000))
    #expect(tail.lines.count <= TerminalTail.maximumLines)
    #expect(tail.lines.allSatisfy { $0.count <= TerminalTail.maximumLine })
  }
}

@Suite("A process that asks on its terminal")
struct TerminalQuestionTests {
  let folder: TemporaryFolder
  let executor: ProcessExecutor

  init() throws {
    folder = try TemporaryFolder()
    executor = try ProcessExecutor()
  }

  private func launch(_ script: String) -> Launch {
    Launch(
      arguments: ["bash", "-c", script], environment: ["PATH=/usr/bin:/bin"],
      directory: folder.path, log: folder.path + "/log", tty: true)
  }

  @Test("is told with its words, takes the answer, and goes on")
  func answers() async throws {
    let (stream, bell) = AsyncStream.makeStream(of: String.self)
    executor.tellQuestions { bell.yield($1 ?? "goes on") }
    let process = try executor.start(
      launch("read -p 'Allow? [y/N] ' x; sleep 0.7; echo got $x")
    ) { _ in bell.yield("ended") }
    var heard = stream.makeAsyncIterator()
    #expect(await heard.next() == "Allow? [y/N]")
    #expect(executor.echoes(process))
    #expect(executor.write(Array("yes\r".utf8), to: process) == 4)
    #expect(await heard.next() == "goes on")
    #expect(await heard.next() == "ended")
    #expect(folder.read("log")?.contains("got yes") == true)
  }

  @Test("does not show what is typed where it asks for a secret")
  func secrets() async throws {
    let (stream, bell) = AsyncStream.makeStream(of: String.self)
    executor.tellQuestions { bell.yield($1 ?? "goes on") }
    let process = try executor.start(
      launch("read -s -p 'Password: ' x; echo; echo ${#x}")
    ) { _ in bell.yield("ended") }
    var heard = stream.makeAsyncIterator()
    #expect(await heard.next() == "Password:")
    #expect(!executor.echoes(process))
    _ = executor.write(Array("abc\r".utf8), to: process)
    while let word = await heard.next(), word != "ended" {}
    #expect(folder.read("log")?.contains("abc") == false)
  }

  @Test("its prompt may be its input, and the terminal what it asks on")
  func inputBesides() async throws {
    try folder.write("prompt", "do it\n")
    let (stream, bell) = AsyncStream.makeStream(of: String.self)
    executor.tellQuestions { bell.yield($1 ?? "goes on") }
    var asks = launch("read task; read -p \"$task? \" x < /dev/tty; echo $x")
    asks.input = folder.path + "/prompt"
    let process = try executor.start(asks) { _ in bell.yield("ended") }
    var heard = stream.makeAsyncIterator()
    #expect(await heard.next() == "do it?")
    _ = executor.write(Array("go\r".utf8), to: process)
    while let word = await heard.next(), word != "ended" {}
    #expect(folder.read("log")?.contains("go") == true)
  }

  @Test("one that works in silence asks nothing, whatever it has shown")
  func silence() async throws {
    let (stream, bell) = AsyncStream.makeStream(of: String.self)
    executor.tellQuestions { bell.yield($1 ?? "goes on") }
    _ = try executor.start(launch("printf 'Compiling: '; sleep 1.5")) { _ in bell.yield("ended") }
    var heard = stream.makeAsyncIterator()
    #expect(await heard.next() == "ended")
  }

  @Test("one that waits for many things at once is known by what it shows")
  func patterns() async throws {
    let (stream, bell) = AsyncStream.makeStream(of: String.self)
    executor.tellQuestions { bell.yield($1 ?? "goes on") }
    var asks = launch("echo 'Do you want to go on?'; echo ' 1. Yes'; sleep 30")
    asks.asks = "Do you want .*\\?"
    let process = try executor.start(asks) { _ in bell.yield("ended") }
    var heard = stream.makeAsyncIterator()
    #expect(await heard.next() == "1. Yes")
    executor.signal(process, 9)
    #expect(await heard.next() == "ended")
  }

  @Test("events on a pipe become lines in the log, and their numbers are told with the exit")
  func events() async throws {
    let (stream, bell) = AsyncStream.makeStream(of: ProcessExit.self)
    var agent = launch(
      #"echo '{"type":"text","part":{"text":"hi"}}'; echo '{"type":"step_finish","part":{"cost":1}}'"#
    )
    agent.tty = false
    agent.showsEvents = true
    _ = try executor.start(agent) { bell.yield($0) }
    var exits = stream.makeAsyncIterator()
    let exit = try #require(await exits.next())
    #expect(folder.read("log") == "hi\n")
    #expect(exit.usage.agent == AgentUsage(turns: 1, costDollars: 1))
  }
}

import Glibc
import Model

/// Turns the events that an agent streams into lines for people, and adds up what it says it used.
///
/// One JSON object a line, in the dialects of Claude Code (`--output-format stream-json`), Codex
/// (`exec --json`), Gemini CLI (`--output-format stream-json`) and OpenCode (`run --format json`), which
/// are told apart by their words. What is no such object is passed on as it is: an agent that dies
/// says why in plain text.
struct AgentTranscript: Sendable {
  /// Longest line that is read; of a longer one only its length is told.
  static let maximumLineBytes = 8 << 20
  /// Longest summary of what a tool was called with, in characters.
  static let maximumSummary = 200

  private(set) var usage: AgentUsage?
  private var line: [UInt8] = []
  /// Bytes of a line that is too long, so far.
  private var skipped = 0
  /// Pieces of an answer that came without an end of a line.
  private var partial = ""
  /// The answer that was counted last.
  private var lastAnswer: String?
  private var hasSpoken = false

  /// Returns what to show of the next bytes.
  ///
  /// - Complexity: O(bytes).
  mutating func read(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var shown: [UInt8] = []
    var start = 0
    while let end = Self.endOfLine(bytes, from: start) {
      take(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      shown += endLine()
      start = end + 1
    }
    take(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    return shown
  }

  private static func endOfLine(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress,
      let found = memchr(base + start, 0x0A, bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// Returns what is left to show when there is no more to come.
  mutating func finish() -> [UInt8] {
    let last = line.isEmpty && skipped == 0 ? [] : endLine()
    return last + flush()
  }

  private mutating func take(_ bytes: UnsafeRawBufferPointer) {
    if skipped > 0 || line.count + bytes.count > Self.maximumLineBytes {
      skipped += line.count + bytes.count
      line = []
    } else {
      line += bytes
    }
  }

  private mutating func endLine() -> [UInt8] {
    defer {
      line.removeAll(keepingCapacity: line.count < 1 << 16)
      skipped = 0
    }
    if skipped > 0 {
      return flush() + Array("[a line of \(ByteText.words(Int64(skipped))) is left out]\n".utf8)
    }
    guard line.first == UInt8(ascii: "{"),
      let event = try? JSONText.decode(AgentValue.self, from: line), let kind = event["type"]?.words
    else { return flush() + line + [UInt8(ascii: "\n")] }
    return Array(show(kind, event).utf8)
  }

  private mutating func flush() -> [UInt8] {
    guard !partial.isEmpty else { return [] }
    defer { partial = "" }
    return Array((partial + "\n").utf8)
  }
}

// What the events mean.
extension AgentTranscript {
  private mutating func show(_ kind: String, _ event: AgentValue) -> String {
    if kind == "message", event["role"]?.words == "assistant" {
      hasSpoken = true
      let text = if case .text(let text)? = event["content"] { text } else { "" }
      partial += text
      return event["delta"]?.isTrue == true ? "" : flushed()
    }
    let before = flushed()
    let lines = lines(kind, event).map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }
    return before + lines.joined()
  }

  private mutating func flushed() -> String { String(decoding: flush(), as: UTF8.self) }

  private mutating func lines(_ kind: String, _ event: AgentValue) -> [String] {
    switch kind {
    case "assistant": return answer(event["message"] ?? event)
    case "user": return results(event["message"] ?? event)
    case "system", "init": return event["model"]?.words.map { ["model \($0)"] } ?? []
    case "item.started": return began(event["item"])
    case "item.completed": return item(event["item"])
    case "turn.completed":
      spend(event["usage"])
      return []
    case "tool_use": return tool(event["part"] ?? event)
    case "tool_result": return event["status"]?.words == "error" ? [failure(event)] : []
    case "text": return said(event["part"]?["text"] ?? event["text"])
    case "step_finish": return step(event["part"] ?? event)
    case "result": return result(event)
    case "turn.failed", "error": return [failure(event)]
    default: return []
    }
  }

  private mutating func said(_ value: AgentValue?) -> [String] {
    guard let words = value?.words else { return [] }
    hasSpoken = true
    return [words]
  }

  /// Claude Code: one line a part of an answer, all with the answer's id.
  private mutating func answer(_ message: AgentValue) -> [String] {
    let id = message["id"]?.words
    if id == nil || id != lastAnswer {
      count(turns: 1)
      spend(message["usage"])
    }
    lastAnswer = id
    return (message["content"]?.items ?? []).flatMap { part -> [String] in
      switch part["type"]?.words {
      case "text": said(part["text"])
      case "tool_use": [call(part["name"], part["input"])]
      default: []
      }
    }
  }

  private func results(_ message: AgentValue) -> [String] {
    (message["content"]?.items ?? []).compactMap { part in
      part["is_error"]?.isTrue == true ? failure(part) : nil
    }
  }

  /// Codex.
  private func began(_ item: AgentValue?) -> [String] {
    guard kind(of: item) == "command_execution" else { return [] }
    return [call(.text("run"), item)]
  }

  private mutating func item(_ item: AgentValue?) -> [String] {
    let kind = kind(of: item)
    if kind != "reasoning", kind != "todo_list" { count(turns: 1) }
    switch kind {
    case "agent_message", "assistant_message": return said(item?["text"])
    case "command_execution":
      guard let code = item?["exit_code"]?.number, code != 0 else { return [] }
      return ["✗ exit \(Int(exactly: code) ?? -1)"]
    case "file_change":
      let paths = (item?["changes"]?.items ?? []).compactMap { $0["path"]?.words }
      return ["→ edit \(Self.short(paths.joined(separator: ", ")))"]
    case "mcp_tool_call", "web_search": return [call(item?["tool"] ?? .text("search"), item)]
    case "error": return item.map { [failure($0)] } ?? []
    default: return []
    }
  }

  private func kind(of item: AgentValue?) -> String? {
    (item?["type"] ?? item?["item_type"])?.words
  }

  /// Gemini and OpenCode.
  private mutating func tool(_ part: AgentValue) -> [String] {
    if part["tool"] == nil { count(turns: 1) }
    let name = part["tool_name"] ?? part["tool"] ?? part["name"]
    let input = part["parameters"] ?? part["state"]?["input"] ?? part["input"]
    let error = part["state"]?["status"]?.words == "error" ? part["state"].map(failure) : nil
    return [call(name, input)] + [error].compactMap { $0 }
  }

  private mutating func step(_ part: AgentValue) -> [String] {
    count(turns: 1)
    let tokens = part["tokens"]
    let cache = tokens?["cache"]
    add(
      AgentUsage(
        inputTokens: Self.sum(tokens?["input"], cache?["read"], cache?["write"]),
        outputTokens: Self.sum(tokens?["output"], tokens?["reasoning"]),
        costDollars: part["cost"]?.dollars))
    return []
  }

  /// The end: what it says of the whole is worth more than what was added up.
  private mutating func result(_ event: AgentValue) -> [String] {
    let stats = event["usage"] ?? event["stats"]
    var whole = usage ?? AgentUsage()
    if let turns = event["num_turns"]?.count { whole.turns = Int(clamping: turns) }
    if stats?["input_tokens"] != nil {
      let total = Self.tokens(stats)
      (whole.inputTokens, whole.outputTokens) = (total.inputTokens, total.outputTokens)
    }
    if let cost = event["total_cost_usd"]?.dollars { whole.costDollars = cost }
    usage = whole
    let isError = event["is_error"]?.isTrue == true || event["status"]?.words == "error"
    if isError { return [failure(event)] }
    return hasSpoken ? [] : said(event["result"] ?? event["response"])
  }
}

// Numbers.
extension AgentTranscript {
  private mutating func count(turns: Int) { add(AgentUsage(turns: turns)) }

  private mutating func add(_ more: AgentUsage) { usage = (usage ?? AgentUsage()) + more }

  private mutating func spend(_ value: AgentValue?) {
    if value != nil { add(Self.tokens(value)) }
  }

  private static func tokens(_ value: AgentValue?) -> AgentUsage {
    AgentUsage(
      inputTokens: sum(
        value?["input_tokens"], value?["cache_read_input_tokens"],
        value?["cache_creation_input_tokens"]),
      outputTokens: sum(value?["output_tokens"]))
  }

  private static func sum(_ values: AgentValue?...) -> Int64 {
    values.reduce(0) { $0.addingCapped($1?.count ?? 0) }
  }
}

// Words.
extension AgentTranscript {
  /// Members of a call's input that say what it is about, the most telling first.
  private static let telling = [
    "command", "file_path", "filePath", "path", "pattern", "query", "url", "description", "prompt",
  ]

  private func call(_ name: AgentValue?, _ input: AgentValue?) -> String {
    let about = Self.telling.lazy.compactMap { input?[$0]?.words }.first
    return "→ "
      + Self.short([name?.words ?? "tool", about].compactMap { $0 }.joined(separator: " "))
  }

  private func failure(_ event: AgentValue) -> String {
    let error = event["error"]
    let texts = [
      event["message"], error?["message"], error?["data"]?["message"], error, event["result"],
      event["content"], event["content"]?.items.first?["text"], event["subtype"], event["output"],
    ]
    return "✗ " + Self.short(texts.lazy.compactMap { $0?.words }.first ?? "failed")
  }

  private static func short(_ text: String) -> String {
    let line = String(text.map { $0.isNewline ? " " : $0 })
    return line.count > maximumSummary ? line.prefix(maximumSummary - 1) + "…" : line
  }
}

/// Finds the JSON object in what an agent printed: alone, in a block of code, between other words, or in
/// the envelope in which some agents wrap what they say.
struct AnswerText {
  /// Most beginnings of objects that are tried.
  private static let maximumTries = 64
  /// What is repeated of an answer without any, in bytes.
  private static let maximumQuoted = 200
  /// How deep envelopes lie in each other.
  private static let maximumEnvelopes = 2

  enum Found {
    case value(Value)
    /// What a person or an agent has to know.
    case nothing(String)
  }

  /// Returns the first object that has all of these keys, else what is wrong with the likeliest.
  static func object(in text: String, with keys: [String], depth: Int = 0) -> Found {
    let trimmed = text.trimmed
    guard !trimmed.isEmpty else { return .nothing("the answer is empty") }
    if let whole = try? JSONReader.read(trimmed) {
      if has(whole, keys) { return .value(whole) }
      if let inner = whole["result"], has(inner, keys) { return .value(inner) }
      if depth < maximumEnvelopes, let inner = enveloped(whole) {
        return object(in: inner, with: keys, depth: depth + 1)
      }
      return .value(whole)
    }
    if depth < maximumEnvelopes, let inner = streamed(trimmed) {
      return object(in: inner, with: keys, depth: depth + 1)
    }
    return search(Array(trimmed.utf8), keys)
  }

  private static func has(_ value: Value, _ keys: [String]) -> Bool {
    value.map != nil && keys.allSatisfy { value[$0] != nil }
  }

  /// The words of `{"type": "result", "result": "…"}`, or of a list of events that ends in one.
  private static func enveloped(_ value: Value) -> String? {
    if let event = value.list?.last(where: { $0["type"]?.text == "result" }) {
      return event["result"]?.text
    }
    for key in ["result", "response", "content", "text"] {
      if let text = value[key]?.text { return text }
    }
    return nil
  }

  /// The same where each event stands on a line of its own.
  private static func streamed(_ text: String) -> String? {
    let lines = text.split(separator: "\n").suffix(maximumTries)
    guard let first = lines.first, first.hasPrefix("{") else { return nil }
    for line in lines.reversed() where line.hasPrefix("{") {
      guard let value = try? JSONReader.read(String(line)), value["type"]?.text == "result" else {
        continue
      }
      return value["result"]?.text
    }
    return nil
  }

  private static func search(_ bytes: [UInt8], _ keys: [String]) -> Found {
    var other: Value?
    var problem: String?
    var start = bytes.startIndex
    for _ in 0..<maximumTries {
      guard let open = bytes[start...].firstIndex(of: UInt8(ascii: "{")) else { break }
      let end = objectEnd(bytes, from: open)
      do throws(FormatProblem) {
        let value = try JSONReader.read(
          String(decoding: bytes[open..<(end ?? bytes.count)], as: UTF8.self))
        if has(value, keys) { return .value(value) }
        other = other ?? value
        start = end ?? bytes.count
      } catch {
        problem = problem ?? error.description
        start = open + 1
      }
    }
    if let other { return .value(other) }
    if let problem { return .nothing("the JSON object does not parse: \(problem)") }
    let lead = String(decoding: bytes.prefix(maximumQuoted), as: UTF8.self)
    return .nothing("no JSON object in the answer, which begins \(lead.quoted)")
  }

  /// Behind the brace that closes the one at `open`; nil if none does.
  private static func objectEnd(_ bytes: [UInt8], from open: Int) -> Int? {
    var depth = 0
    var isText = false
    var index = open
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\") where isText: index += 1
      case UInt8(ascii: "\""): isText.toggle()
      case UInt8(ascii: "{") where !isText: depth += 1
      case UInt8(ascii: "}") where !isText:
        depth -= 1
        if depth == 0 { return index + 1 }
      default: break
      }
      index += 1
    }
    return nil
  }
}

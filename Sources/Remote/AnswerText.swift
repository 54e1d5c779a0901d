import Foundation
import Glibc
import Model

/// Asks and answers as lines.
enum AnswerText {
  /// An ask that cannot be read.
  struct Malformed: Error {
    /// 0 when not even its number can be read.
    var id: Int
    var description: String
  }

  private struct Head: Decodable {
    var cairn: Int?
    var id: Int?
  }

  static func ask(_ line: [UInt8]) throws(Malformed) -> AskMessage {
    let data = Data(line)
    do { return try checked(JSONDecoder().decode(AskMessage.self, from: data)) } catch {
      if let problem = error as? Malformed { throw problem }
      let head = try? JSONDecoder().decode(Head.self, from: data)
      let id = head?.id ?? 0
      guard let head else { throw Malformed(id: id, description: "this is no JSON object") }
      guard head.cairn == Wire.version else { throw wrongVersion(id, head.cairn) }
      throw Malformed(id: id, description: "this ask is not known")
    }
  }

  private static func checked(_ message: AskMessage) throws(Malformed) -> AskMessage {
    guard message.cairn == Wire.version else { throw wrongVersion(message.id, message.cairn) }
    return message
  }

  private static func wrongVersion(_ id: Int, _ version: Int?) -> Malformed {
    let given = version.map(String.init) ?? "none"
    return Malformed(
      id: id, description: "this Cairn speaks version \(Wire.version), the message has \(given)")
  }

  static func line(_ id: Int, _ reply: Reply) -> [UInt8] {
    encoded(AnswerMessage(id: id, answer: reply))
  }

  static func encoded(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { return [] }
    return Array(data) + [UInt8(ascii: "\n")]
  }
}

extension AnswerText {
  /// Asks the run and returns the answer's line.
  @concurrent
  static func line(
    _ id: Int, to ask: Ask, from source: any RunSource, user: uid_t, limits: RemoteLimits
  ) async -> [UInt8] {
    switch ask {
    case .facts(let sequence):
      return line(id, facts: await source.facts(after: sequence), limit: limits.batchBytes)
    case .signals: return line(id, .signals(WireSignals(await source.signals())))
    case .window(let log, let position):
      return line(id, .window(WireWindow(await source.window(log.value, at: position.value))))
    case .find(let text, let log, let offset, let backwards):
      let found = await source.find(text, in: log.value, from: offset, backwards: backwards)
      return line(id, .found(offset: found))
    case .request(let request, let label, let origin):
      let actor = Actor(
        kind: .person, name: userName(user) + "@" + place(in: label), source: word(origin))
      return line(id, .answer(await source.send(request, by: actor)))
    case .hello, .forget:
      return line(id, .failure(code: .protocolMismatch, message: "this ask is not known"))
    }
  }

  /// As many facts as fit, but at least one.
  private static func line(_ id: Int, facts: [Fact], limit: Int) -> [UInt8] {
    var line = Array(#"{"cairn":\#(Wire.version),"id":\#(id),"answer":{"facts":{"batch":["#.utf8)
    for (offset, fact) in facts.enumerated() {
      let bytes = encoded(fact).dropLast()
      if offset > 0 {
        guard line.count + bytes.count < limit else { break }
        line.append(UInt8(ascii: ","))
      }
      line += bytes
    }
    return line + Array("]}}}\n".utf8)
  }

  /// The name of a user, or its number.
  private static func userName(_ user: uid_t) -> String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 4096)
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil,
      let name = entry.pw_name
    else { return "uid \(user)" }
    return String(cString: name)
  }

  /// What the client says of its terminal: the part behind the last `@`, without what could steer one.
  private static func place(in label: String) -> String {
    let part = label.split(separator: "@").last.map(String.init) ?? ""
    let safe = part.unicodeScalars.filter {
      $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
    }
    let text = String(String.UnicodeScalarView(safe.prefix(RemoteLimits.labelCharacters)))
    return text.isEmpty ? "socket" : text
  }

  /// `command`, `dashboard` and the like.
  private static func word(_ origin: String) -> String {
    let letters = origin.utf8.filter { (0x61...0x7A).contains($0) || $0 == 0x2D }
    let text = String(decoding: letters.prefix(16), as: UTF8.self)
    return text.isEmpty ? "socket" : text
  }
}

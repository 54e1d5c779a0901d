import Model

/// What travels on the socket: JSON objects, one a line.
///
///     → {"cairn":1,"id":1,"ask":{"hello":{"project":"/home/ana/work"}}}
///     ← {"cairn":1,"id":1,"answer":{"hello":{…}}}
///     → {"cairn":1,"id":2,"ask":{"facts":{"after":0}}}
///     ← {"cairn":1,"id":2,"answer":{"facts":{"batch":[…]}}}
///
/// Answers come in any order; each carries the number of its ask. A question for facts is answered when
/// there is one, so a reader of facts is a loop of questions and a slow one gets larger batches.
enum Wire {
  /// Of the envelope and of what is in it; the facts have the same.
  static let version = Fact.version
}

struct AskMessage: Codable {
  var cairn = Wire.version
  /// Chosen by the client; answers repeat it.
  var id: Int
  var ask: Ask
}

struct AnswerMessage: Codable {
  var cairn = Wire.version
  /// 0 when the ask could not be read.
  var id: Int
  var answer: Reply
}

enum Ask: Codable, Equatable {
  /// The first message of a client.
  case hello(project: String)
  /// Facts behind a number; answered when there is one.
  case facts(after: Int)
  case signals
  case window(log: WireLog, at: WirePosition)
  case find(text: String, log: WireLog, from: Int64, backwards: Bool)
  /// `by` is the client's word on where it sits; who it is, its credentials say.
  case request(Request, by: String, source: String)
  /// The answer to this ask is not wanted any more; not answered.
  case forget(ask: Int)
}

enum Reply: Codable, Equatable {
  case hello(Greeting)
  /// Empty at the end of the log.
  case facts(batch: [Fact])
  case signals(WireSignals)
  case window(WireWindow)
  /// Without a field: nothing further in that direction.
  case found(offset: Int64?)
  case answer(Answer)
  case failure(code: RemoteProblem.Code, message: String)
}

/// Who answers at a socket.
package struct Greeting: Sendable, Equatable, Codable {
  /// Version of Cairn.
  package var cairnVersion: String
  package var run: Int
  /// Absolute path of the project, without symbolic links.
  package var project: String
  package var pid: Int32

  package init(cairnVersion: String, run: Int, project: String, pid: Int32) {
    self.cairnVersion = cairnVersion
    self.run = run
    self.project = project
    self.pid = pid
  }
}

extension Ask {
  private enum Key: String, CodingKey {
    case hello, facts, signals, window, find, request, forget
  }
  private enum Field: String, CodingKey {
    case project, after, log, at, text, from, backwards, request, by, source, ask
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    func fields(_ key: Key) -> KeyedEncodingContainer<Field> {
      container.nestedContainer(keyedBy: Field.self, forKey: key)
    }
    switch self {
    case .hello(let project):
      var hello = fields(.hello)
      try hello.encode(project, forKey: .project)
    case .facts(let after):
      var facts = fields(.facts)
      try facts.encode(after, forKey: .after)
    case .signals: _ = fields(.signals)
    case .window(let log, let position):
      var window = fields(.window)
      try window.encode(log, forKey: .log)
      try window.encode(position, forKey: .at)
    case .find(let text, let log, let offset, let backwards):
      var find = fields(.find)
      try find.encode(text, forKey: .text)
      try find.encode(log, forKey: .log)
      try find.encode(offset, forKey: .from)
      try find.encode(backwards, forKey: .backwards)
    case .request(let request, let label, let source):
      var asked = fields(.request)
      try asked.encode(request, forKey: .request)
      try asked.encode(label, forKey: .by)
      try asked.encode(source, forKey: .source)
    case .forget(let ask):
      var forget = fields(.forget)
      try forget.encode(ask, forKey: .ask)
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let key = container.allKeys.first, container.allKeys.count == 1 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected one known ask"))
    }
    let fields = try container.nestedContainer(keyedBy: Field.self, forKey: key)
    switch key {
    case .hello: self = .hello(project: try fields.decode(String.self, forKey: .project))
    case .facts: self = .facts(after: max(0, try fields.decode(Int.self, forKey: .after)))
    case .signals: self = .signals
    case .window:
      self = .window(
        log: try fields.decode(WireLog.self, forKey: .log),
        at: try fields.decode(WirePosition.self, forKey: .at))
    case .find:
      self = .find(
        text: try fields.decode(String.self, forKey: .text),
        log: try fields.decode(WireLog.self, forKey: .log),
        from: max(0, try fields.decode(Int64.self, forKey: .from)),
        backwards: try fields.decode(Bool.self, forKey: .backwards))
    case .request:
      self = .request(
        try fields.decode(Request.self, forKey: .request),
        by: try fields.decode(String.self, forKey: .by),
        source: try fields.decode(String.self, forKey: .source))
    case .forget: self = .forget(ask: try fields.decode(Int.self, forKey: .ask))
    }
  }
}

extension Reply {
  private enum Key: String, CodingKey {
    case hello, facts, signals, window, found, answer, failure
  }
  private enum Field: String, CodingKey { case batch, offset, code, message }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .hello(let greeting): try container.encode(greeting, forKey: .hello)
    case .facts(let batch):
      var facts = container.nestedContainer(keyedBy: Field.self, forKey: .facts)
      try facts.encode(batch, forKey: .batch)
    case .signals(let signals): try container.encode(signals, forKey: .signals)
    case .window(let window): try container.encode(window, forKey: .window)
    case .found(let offset):
      var found = container.nestedContainer(keyedBy: Field.self, forKey: .found)
      try found.encodeIfPresent(offset, forKey: .offset)
    case .answer(let answer): try container.encode(answer, forKey: .answer)
    case .failure(let code, let message):
      var failure = container.nestedContainer(keyedBy: Field.self, forKey: .failure)
      try failure.encode(code, forKey: .code)
      try failure.encode(message, forKey: .message)
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let key = container.allKeys.first, container.allKeys.count == 1 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected one known answer"))
    }
    func fields() throws -> KeyedDecodingContainer<Field> {
      try container.nestedContainer(keyedBy: Field.self, forKey: key)
    }
    switch key {
    case .hello: self = .hello(try container.decode(Greeting.self, forKey: key))
    case .facts: self = .facts(batch: try fields().decode([Fact].self, forKey: .batch))
    case .signals: self = .signals(try container.decode(WireSignals.self, forKey: key))
    case .window: self = .window(try container.decode(WireWindow.self, forKey: key))
    case .found:
      self = .found(offset: try fields().decodeIfPresent(Int64.self, forKey: .offset))
    case .answer: self = .answer(try container.decode(Answer.self, forKey: key))
    case .failure:
      self = .failure(
        code: (try? fields().decode(RemoteProblem.Code.self, forKey: .code)) ?? .protocolMismatch,
        message: try fields().decode(String.self, forKey: .message))
    }
  }
}

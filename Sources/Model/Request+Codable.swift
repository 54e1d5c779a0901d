extension Request {
  private enum Key: String, CodingKey { case verb, tasks, number, downstream, asDone, words, text }

  /// The stable word of the request, in JSON and for people.
  package var verb: String {
    switch self {
    case .pause: "pause"
    case .resume: "resume"
    case .hold: "hold"
    case .continue: "continue"
    case .step: "step"
    case .stepWave: "step-wave"
    case .freezeAll: "freeze-all"
    case .thawAll: "thaw-all"
    case .stop: "stop"
    case .signal: "signal"
    case .retry: "retry"
    case .skip: "skip"
    case .approve: "approve"
    case .reject: "reject"
    case .answer: "answer"
    case .cancelRun: "cancel-run"
    case .killRun: "kill-run"
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(verb, forKey: .verb)
    if !tasks.isEmpty { try container.encode(tasks, forKey: .tasks) }
    switch self {
    case .signal(_, let number): try container.encode(number, forKey: .number)
    case .retry(_, let downstream): try container.encode(downstream, forKey: .downstream)
    case .skip(_, let asDone): try container.encode(asDone, forKey: .asDone)
    case .reject(_, let words): try container.encodeIfPresent(words, forKey: .words)
    case .answer(_, let text): try container.encodeIfPresent(text, forKey: .text)
    default: break
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let tasks = try container.decodeIfPresent([TaskID].self, forKey: .tasks) ?? []
    switch try container.decode(String.self, forKey: .verb) {
    case "pause": self = .pause(tasks)
    case "resume": self = .resume(tasks)
    case "hold": self = .hold
    case "continue": self = .continue
    case "step": self = .step(tasks.first)
    case "step-wave": self = .stepWave
    case "freeze-all": self = .freezeAll
    case "thaw-all": self = .thawAll
    case "stop": self = .stop(tasks)
    case "signal":
      self = .signal(tasks, number: try container.decode(Int32.self, forKey: .number))
    case "retry":
      self = .retry(tasks, downstream: try container.decode(Bool.self, forKey: .downstream))
    case "skip": self = .skip(tasks, asDone: try container.decode(Bool.self, forKey: .asDone))
    case "approve": self = .approve(tasks)
    case "reject":
      self = .reject(tasks, words: try container.decodeIfPresent(String.self, forKey: .words))
    case "answer":
      guard let task = tasks.first else {
        throw DecodingError.dataCorruptedError(
          forKey: .tasks, in: container, debugDescription: "an answer to no task")
      }
      self = .answer(task, text: try container.decodeIfPresent(String.self, forKey: .text))
    case "cancel-run": self = .cancelRun
    case "kill-run": self = .killRun
    case let verb:
      throw DecodingError.dataCorruptedError(
        forKey: .verb, in: container, debugDescription: "unknown request \"\(verb)\"")
    }
  }
}

extension RunConfig.Selection {
  private enum Key: String, CodingKey { case targets, only, from }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .targets(let names): try container.encode(names, forKey: .targets)
    case .only(let names): try container.encode(names, forKey: .only)
    case .from(let names): try container.encode(names, forKey: .from)
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let names = try container.decodeIfPresent([String].self, forKey: .targets) {
      self = .targets(names)
    } else if let names = try container.decodeIfPresent([String].self, forKey: .only) {
      self = .only(names)
    } else {
      self = .from(try container.decode([String].self, forKey: .from))
    }
  }
}

extension ExitStatus {
  private enum Key: String, CodingKey { case code, signal }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .code(let code): try container.encode(code, forKey: .code)
    case .signal(let number): try container.encode(number, forKey: .signal)
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let code = try container.decodeIfPresent(Int32.self, forKey: .code) {
      self = .code(code)
    } else {
      self = .signal(try container.decode(Int32.self, forKey: .signal))
    }
  }
}

extension TaskGraph.Action {
  private enum Key: String, CodingKey { case run, shell, exec, prompt }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .shell(let script, let interpreter):
      try container.encode(script, forKey: .run)
      try container.encode(interpreter, forKey: .shell)
    case .exec(let arguments): try container.encode(arguments, forKey: .exec)
    case .prompt(let text): try container.encode(text, forKey: .prompt)
    case .gate: break
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let script = try container.decodeIfPresent(String.self, forKey: .run) {
      self = .shell(
        script: script, interpreter: try container.decode([String].self, forKey: .shell))
    } else if let arguments = try container.decodeIfPresent([String].self, forKey: .exec) {
      self = .exec(arguments: arguments)
    } else if let text = try container.decodeIfPresent(String.self, forKey: .prompt) {
      self = .prompt(text)
    } else {
      self = .gate
    }
  }
}

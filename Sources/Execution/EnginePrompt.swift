import Model

/// What an agent is told: the task's text and, on a retry, the end of what went wrong.
struct EnginePrompt: Sendable {
  struct Written: Sendable {
    var text: String
    var path: String
  }

  let text: String
  /// Where it is kept.
  let path: String
  /// What people said of earlier attempts, the oldest first.
  let words: [String]
  /// Logs of the attempt that failed before, with what they are called.
  let failures: [(title: String, path: String)]
  let tailBytes: Int

  func write(_ logs: any LogStore) throws(WorkspaceProblem) -> Written {
    var full = text
    for failure in failures {
      let bytes = logs.window(failure.path, at: .end).bytes.suffix(tailBytes)
      guard !bytes.isEmpty else { continue }
      full += "\n\n## \(failure.title)\n\n\(Self.plain(bytes))\n"
    }
    if !words.isEmpty {
      full += "\n\n## What a person asked for after looking at the work\n\n"
      full += words.map { Self.plain($0.utf8) }.joined(separator: "\n\n") + "\n"
    }
    try logs.write(Array(full.utf8), to: path)
    return Written(text: full, path: path)
  }

  /// Text without control characters, but for line ends and tabs.
  static func plain(_ bytes: some Collection<UInt8>) -> String {
    let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars.filter { scalar in
      scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control
    }
    return String(String.UnicodeScalarView(scalars))
  }
}

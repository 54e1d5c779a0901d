import ArgumentParser
import Canvas
import Foundation
import Model
import Project

struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Print what a task wrote.")

  @OptionGroup var project: ProjectArguments
  @Option(help: "The run's number; the last one by default.")
  var run: Int?
  @Option(help: "The attempt; the last one by default.")
  var attempt: Int?
  @Flag(help: "What its verification wrote instead.")
  var verify = false

  func run() async throws {
    guard let name = project.names.first else {
      throw ProjectProblem(.usage, "whose log? as in: cairn logs TASK")
    }
    let record = try ProjectHistory(project.location()).record(run)
    let task = try record.task(named: name)
    guard let number = attempt ?? record.state[task.id].lastAttempt?.number else {
      throw ProjectProblem(.missing, "task \"\(name)\" has not run yet")
    }
    let log = LogReference(task: task.id, attempt: number, stream: verify ? .verify : .output)
    try await LogPrinter(source: record.source, log: log).printAll()
  }
}

/// Copies a log to standard output, window by window.
///
/// A program gets the bytes as they are; on a terminal they are made safe first, because a task's
/// output may try to steer it.
struct LogPrinter {
  /// A longer line is made safe piece by piece.
  private static let pieceLength = 1_000

  let source: any RunSource
  let log: LogReference

  func printAll() async throws {
    let isSafe = isatty(STDOUT_FILENO) == 0
    var offset: Int64 = 0
    var open: [UInt8] = []
    while true {
      let window = await source.window(log, at: .offset(offset))
      if let problem = window.problem { throw ProjectProblem(.missing, problem) }
      if window.bytes.isEmpty { break }
      offset = window.offset + Int64(window.bytes.count)
      if isSafe {
        FileHandle.standardOutput.write(Data(window.bytes))
      } else {
        open = printLines(open + window.bytes)
      }
    }
    if !open.isEmpty { printSafely(open[...]) }
  }

  /// Prints the whole lines and returns what stands behind the last of them.
  private func printLines(_ bytes: [UInt8]) -> [UInt8] {
    let newline = UInt8(ascii: "\n")
    guard let end = bytes.lastIndex(of: newline) else {
      guard bytes.count > LogWindow.maximumBytes else { return bytes }
      printSafely(bytes[...])
      return []
    }
    for line in bytes[..<end].split(separator: newline, omittingEmptySubsequences: false) {
      printSafely(line)
    }
    return Array(bytes[(end + 1)...])
  }

  private func printSafely(_ line: ArraySlice<UInt8>) {
    var rest = String(decoding: line, as: UTF8.self)[...]
    var safe = ""
    while !rest.isEmpty {
      safe += SafeText(rest.prefix(Self.pieceLength)).string
      rest = rest.dropFirst(Self.pieceLength)
    }
    FileHandle.standardOutput.write(Data((safe + "\n").utf8))
  }
}

import Foundation
import Testing

@Suite(.timeLimit(.minutes(15)))
struct BadInputTests {
  @Test("bad input ends with one clear message and its exit code", arguments: BadInput.all)
  func saysWhatIsWrong(input: BadInput) async throws {
    let project = try TemporaryProject()
    for (name, text) in input.files { try project.write(text, to: name) }
    let finished = try await CairnBinary.run(input.arguments, in: project)
    #expect(finished.errors == "cairn: \(input.message)\n")
    #expect(finished.status == input.status)
    #expect(finished.output == "")
    let looked = try await CairnBinary.run(["status"], in: project)
    #expect(looked.status != 0, "no run was begun")
  }

  @Test func tableHasAtLeastFortyRows() { #expect(BadInput.all.count >= 40) }

  @Test(
    "a command line that makes no sense is shown the usage",
    arguments: [
      ["run", "--no-such-option"], ["frobnicate", "--x"], ["graph", "--format", "png"],
      ["completions", "tcsh"], ["run", "--jobs", "two"], ["workspace", "--sort", "age"],
    ])
  func usage(arguments: [String]) async throws {
    let project = try TemporaryProject("tasks: { a: { run: 'true' } }")
    let finished = try await CairnBinary.run(arguments, in: project)
    #expect(finished.status == 64)
    #expect(finished.errors.contains("Error: "))
    #expect(finished.errors.contains("Usage: cairn"))
  }

  @Test(
    "a limit of a session that is none begins nothing",
    arguments: [
      ["--hours", "nan"], ["--hours", "inf"], ["--hours", "0"], ["--cost", "nan"],
      ["--cost", "1e308"], ["--tasks", "0"], ["--turns", "9223372036854775807"],
    ])
  func limits(arguments: [String]) async throws {
    let project = try TemporaryProject("tasks: { a: { run: touch begun } }")
    let finished = try await CairnBinary.run(["run", "--plain"] + arguments, in: project)
    #expect(finished.status == 64, "\(finished.errors)")
    #expect(finished.errors.hasPrefix("cairn: \(arguments[0]) "), "\(finished.errors)")
    #expect(!project.exists("begun"))
  }

  @Test("a file that may not be read")
  func unreadable() async throws {
    let project = try TemporaryProject("tasks: {}")
    try project.shell("chmod 0 cairn.yaml")
    let finished = try await CairnBinary.runBound(["list"], in: project)
    #expect(finished.errors == "cairn: cairn.yaml: cannot be read (permission denied?)\n")
    #expect(finished.status == 66)
  }

  @Test(
    "things that are no files",
    arguments: [
      ("mkdir cairn.yaml", "cairn.yaml: is not a regular file"),
      ("mkfifo cairn.yaml", "cairn.yaml: is not a regular file"),
      ("ln -s /dev/zero cairn.yaml", "cairn.yaml: is not a regular file"),
    ])
  func noFile(making: String, message: String) async throws {
    let project = try TemporaryProject()
    try project.shell(making)
    let finished = try await CairnBinary.run(["list"], in: project)
    #expect(finished.errors == "cairn: \(message)\n")
    #expect(finished.status == 66)
  }

  @Test("a file that is too long is not read")
  func tooLong() async throws {
    let project = try TemporaryProject()
    try project.shell("truncate -s 65M cairn.yaml")
    let finished = try await CairnBinary.run(["list"], in: project)
    #expect(finished.errors.contains("cairn.yaml: is 68157440 bytes long"))
    #expect(finished.status == 65)
  }

  @Test("bytes that are no UTF-8")
  func notUTF8() async throws {
    let project = try TemporaryProject()
    try project.shell("printf 'name: \\377\\376\\ntasks: {}\\n' > cairn.yaml")
    let finished = try await CairnBinary.run(["list"], in: project)
    #expect(finished.status == 65)
    #expect(finished.errors.hasPrefix("cairn: cairn.yaml:1:7: "))
  }
}

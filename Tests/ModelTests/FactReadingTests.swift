import Foundation
import Model
import Testing

/// What is read without the coding is what the coding reads, whatever stands there.
@Suite("facts read without their coding") struct FactReadingTests {
  private static let samples =
    FactTests.samples + [
      .graphDefined(
        .init(
          graph: TaskGraph(name: "g", tasks: [fullTask], agent: .init(command: ["a"])),
          fingerprints: ["é"]))
    ]

  private static var fullTask: TaskGraph.Task {
    var task = TaskGraph.Task(
      id: TaskID(7), name: "t\"", action: .shell(script: "x", interpreter: ["sh", "-c"]))
    task.title = "T"
    task.group = 0
    task.environment = [.init("A", "b")]
    task.directory = "d"
    task.needs = [.init(task: TaskID(1), artifact: "o", variable: "V", folder: "f")]
    task.after = [TaskID(2)]
    task.outputs = [.init(name: "out", expectedBytes: 5)]
    task.cpus = 3
    task.memoryBytes = 6
    task.memoryGrows = true
    task.timeoutSeconds = 0.5
    task.graceSeconds = 1.5
    task.retries = 4
    task.backoff = Backoff(firstSeconds: 2, factor: 3, capSeconds: 4)
    task.limits = .init(openFiles: 9)
    task.tty = true
    task.mayRecompute = false
    task.chain = "c"
    task.isolation = .worktree
    task.caches = ["k"]
    task.approval = .always
    task.weight = 2.5
    task.resources = ["gpu": 2, "licence": 1]
    task.verify = "v"
    task.keep = false
    task.exports = [.init(artifact: "out", path: "p")]
    task.when = .always
    task.priority = -2
    task.inputs = ["*.c"]
    task.isPure = true
    task.standing = .review
    task.isRemoved = true
    task.line = 11
    return task
  }

  private static func text(_ kind: Fact.Kind) throws -> [UInt8] {
    try JSONText.encode(
      Fact(sequence: 9, session: 2, elapsedSeconds: 0.1, wallTime: 1_700_000_000, kind: kind))
  }

  private static func expectSame(_ text: [UInt8]) {
    let coded = try? JSONText.decode(Fact.self, from: text)
    let read = try? JSONText.fact(from: text)
    #expect(read == coded, "\(String(decoding: text, as: UTF8.self))")
  }

  /// What a task and its rarer fields hold, as text.
  private static func fields(_ task: TaskGraph.Task) -> [String: String] {
    var all: [String: String] = [:]
    func add(_ value: Any) {
      for child in Mirror(reflecting: value).children {
        guard let name = child.label, name != "boxedPolicy" else {
          // Optional, box, policy.
          add(child.value)
          continue
        }
        if ["some", "policy"].contains(name) {
          add(child.value)
        } else {
          all[name] = String(describing: child.value)
        }
      }
    }
    add(task)
    return all
  }

  @Test("the sample says something of every field of a task")
  func sampleIsFull() {
    var plain = TaskGraph.Task(id: TaskID(0), name: "p", action: .gate)
    plain.chain = "p"
    let (none, full) = (Self.fields(plain), Self.fields(Self.fullTask))
    #expect(none.count == full.count && none.count > 30)
    #expect(none.filter { full[$0.key] == $0.value }.keys.sorted() == [])
  }

  @Test("every kind", arguments: samples)
  func whole(kind: Fact.Kind) throws {
    let text = try Self.text(kind)
    #expect(try JSONText.fact(from: text).kind == kind)
  }

  @Test("every kind, with any one value missing, null, or of another type", arguments: samples)
  func damaged(kind: Fact.Kind) throws {
    let text = try Self.text(kind)
    let fact = try JSONSerialization.jsonObject(with: Data(text))
    for other in variants(of: fact) {
      let text = try JSONSerialization.data(withJSONObject: other)
      Self.expectSame(Array(text))
    }
  }

  /// The value with each of its parts changed, one at a time.
  private func variants(of value: Any) -> [Any] {
    switch value {
    case let object as [String: Any]:
      object.flatMap { key, old -> [Any] in
        let news = variants(of: old) + [NSNull(), "x", 1.5, [1], [String: Int]()]
        return news.map { new -> Any in object.merging([key: new]) { _, new in new } }
          + [object.filter { $0.key != key }]
      }
    case let list as [Any]:
      list.indices.flatMap { index -> [Any] in
        (variants(of: list[index]) + [NSNull(), "x"]).map { new -> Any in
          var list = list
          list[index] = new
          return list
        }
      }
    default: []
    }
  }
}

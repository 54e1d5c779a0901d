import Foundation
import Model
import Testing

@Suite("Named resources") struct ResourcesTests {
  @Test("equal counts are equal values, however they came about")
  func equality() {
    var resources: Resources = ["licence": 1, "gpu": 2, "disk": 3]
    resources["disk"] = 0
    resources["gpu"] -= 1
    #expect(resources == ["gpu": 1, "licence": 1, "port": 0, "debt": -4])
    #expect(resources.items.map(\.name) == ["gpu", "licence"])
    #expect(resources["nothing"] == 0)
  }

  @Test("what goes beyond others is found by name")
  func beyond() {
    let asked: Resources = ["a": 1, "b": 2]
    #expect(asked.first(beyond: ["a": 1, "b": 2, "c": 1]) == nil)
    #expect(asked.first(beyond: ["a": 1, "b": 1])?.name == "b")
    #expect(asked.first(beyond: [:])?.name == "a")
  }

  @Test(
    "names are those that need no quotes anywhere",
    arguments: [
      ("gpu", true), ("_", true), ("A-100_x", true), (String(repeating: "a", count: 40), true),
      ("", false), ("1gpu", false), ("-gpu", false), ("gpu:0", false), ("gpü", false),
      ("a b", false), (String(repeating: "a", count: 41), false), ("@", false), ("[", false),
    ])
  func names(_ text: String, _ isName: Bool) {
    #expect(Resources.isName(text) == isName)
  }

  @Test("as JSON they are an object in the order of the names")
  func coding() throws {
    let resources: Resources = ["licence": 1, "gpu": 2]
    let text = try JSONText.encode(resources)
    #expect(String(decoding: text, as: UTF8.self) == #"{"gpu":2,"licence":1}"#)
    #expect(try JSONText.decode(Resources.self, from: text) == resources)
    let strange = Data(#"{"b":-1,"a":0,"c":3}"#.utf8)
    #expect(try JSONDecoder().decode(Resources.self, from: strange) == ["c": 3])
  }

  @Test("a fact says nothing of resources where there are none")
  func absent() throws {
    let kinds: [Fact.Kind] = [
      .taskAdmitted(.init(task: TaskID(1), attempt: 1, admission: .first, cpus: 1, memoryBytes: 0)),
      .graphDefined(
        .init(
          graph: TaskGraph(name: "g", tasks: [.init(id: TaskID(0), name: "a", action: .gate)]),
          fingerprints: [""])),
      .runOpened(
        .init(
          run: 1, cairn: "1", host: .init(name: "h", cores: 1, memoryBytes: 1, diskFreeBytes: 1),
          config: RunConfig(jobs: 1), isResumed: false, token: "")),
    ]
    for kind in kinds {
      let fact = Fact(sequence: 1, session: 1, elapsedSeconds: 0, wallTime: 0, kind: kind)
      let text = try JSONText.encode(fact)
      #expect(!String(decoding: text, as: UTF8.self).contains("resources"))
      #expect(try JSONText.fact(from: text) == fact)
    }
  }
}

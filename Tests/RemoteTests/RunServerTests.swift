import Foundation
import Model
import Remote
import Testing

@Suite("A run over a socket", .timeLimit(.minutes(15)))
struct RunServerTests {
  @Test("a reader gets what was, what comes, and the end")
  func follows() async throws {
    let bench = try Bench()
    bench.run.say("past", times: 3)
    let client = try await bench.client()
    #expect(client.greeting.run == 7 && client.greeting.cairnVersion == "1.2.3")
    var seen = await client.facts(after: 0)
    #expect(seen.count == 3)
    async let next = client.facts(after: 3)
    try await eventually("a waiting reader") { bench.run.waitingReaders == 1 }
    bench.run.say("live")
    seen += await next
    bench.run.end()
    #expect(await client.facts(after: 4).isEmpty)
    #expect(seen == bench.run.facts)
  }

  @Test("large logs come in batches, each of at least one fact")
  func batches() async throws {
    let bench = try Bench { $0.batchBytes = 400 }
    bench.run.say("a long word " + String(repeating: "x", count: 300), times: 2)
    bench.run.say("short", times: 20)
    bench.run.end()
    let client = try await bench.client()
    var seen: [Fact] = []
    var batches = 0
    while true {
      let batch = await client.facts(after: seen.count)
      if batch.isEmpty { break }
      seen += batch
      batches += 1
    }
    #expect(seen == bench.run.facts)
    #expect(batches > 2 && batches < 22)
  }

  @Test("samples, windows and hits arrive as they were")
  func looks() async throws {
    let bench = try Bench()
    let client = try await bench.client()
    #expect(await client.signals() == bench.run.signals())
    let log = LogReference(task: TaskID(1), attempt: 2)
    #expect(await client.window(log, at: .end).bytes == ScriptedRun.log)
    let other = LogReference(task: TaskID(9), attempt: 4, stream: .verify)
    for position in [LogPosition.end, .offset(5), .before(9)] {
      let window = await client.window(other, at: position)
      #expect(window.problem == "verify of 4 at \(position)")
      #expect(window.bytes.count == LogWindow.maximumBytes)
    }
    #expect(await client.find("pebble", in: log, from: 10, backwards: false) == 16)
    #expect(await client.find("pebble", in: log, from: 10, backwards: true) == nil)
  }

  @Test("requests are answered, and who asks is whom the kernel names")
  func requests() async throws {
    let bench = try Bench()
    let client = try await bench.client()
    let claimed = Actor(kind: .cairn, name: "root@pts/3\u{1b}[31m", source: "com mand!")
    #expect(await client.send(.hold, by: claimed) == .accepted)
    #expect(
      await client.send(.stop([TaskID(1)]), by: claimed) == .refused(reason: "only holds are taken")
    )
    let actor = try #require(bench.run.requests.first?.actor)
    #expect(actor.kind == .person)
    #expect(actor.name == "\(NSUserName())@pts/3[31m")
    #expect(actor.source == "command")
  }

  @Test("a cancelled reader returns at once, and nothing waits for it any more")
  func cancels() async throws {
    let bench = try Bench()
    let client = try await bench.client()
    let reader = Task { await client.facts(after: 0) }
    try await eventually("a waiting reader") { bench.run.waitingReaders == 1 }
    reader.cancel()
    #expect(await reader.value.isEmpty)
    try await eventually("no waiting reader") { bench.run.waitingReaders == 0 }
    #expect(await client.send(.hold, by: .nobody) == .accepted)
  }

  @Test("what a client waited for ends with it")
  func leaves() async throws {
    let bench = try Bench()
    do {
      let raw = try bench.raw()
      await raw.greet()
      for id in 2...5 { raw.say(#"{"cairn":1,"id":\#(id),"ask":{"facts":{"after":0}}}"#) }
      try await eventually("its readers") { bench.run.waitingReaders == 4 }
    }
    try await eventually("no readers") { bench.run.waitingReaders == 0 }
  }

  @Test("a server that ends is a loss that can be told, and its socket is gone")
  func stops() async throws {
    let bench = try Bench()
    let client = try await bench.client()
    async let batch = client.facts(after: 0)
    try await eventually("a waiting reader") { bench.run.waitingReaders == 1 }
    bench.server.stop()
    #expect(await batch.isEmpty)
    #expect(client.loss != nil)
    #expect(!FileManager.default.fileExists(atPath: bench.server.path))
    #expect(await client.send(.hold, by: .nobody) != .accepted)
    await #expect(throws: RemoteProblem.self) { try await bench.client() }
  }

  @Test("another project's run is not taken for this one")
  func wrongProject() async throws {
    let bench = try Bench()
    await #expect(throws: RemoteProblem.self) {
      _ = try await RemoteSource.connect(project: "/home/ana/other", places: bench.places)
    }
  }
}

extension Actor {
  static let nobody = Actor(kind: .person, name: "nobody", source: "test")
}

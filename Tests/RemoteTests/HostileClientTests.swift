import Foundation
import Model
import Remote
import Testing

@Suite("Clients that mean harm, or are only slow", .timeLimit(.minutes(15)))
struct HostileClientTests {
  /// What a client may send that is no ask, behind a hello or instead of it.
  static let nonsense: [(name: String, bytes: [UInt8])] = [
    ("no JSON", Array("hello\n".utf8)),
    ("an empty line", Array("\n".utf8)),
    ("bytes that are no text", [0xFF, 0x00, 0xC0, 0x80, 0x0A]),
    ("another version", Array(#"{"cairn":2,"id":9,"ask":{"signals":{}}}"#.utf8) + [0x0A]),
    ("no version", Array(#"{"id":9,"ask":{"signals":{}}}"#.utf8) + [0x0A]),
    ("an unknown ask", Array(#"{"cairn":1,"id":9,"ask":{"dance":{}}}"#.utf8) + [0x0A]),
    ("two asks", Array(#"{"cairn":1,"id":9,"ask":{"signals":{},"facts":{}}}"#.utf8) + [0x0A]),
    (
      "an unknown request",
      Array(
        #"{"cairn":1,"id":9,"ask":{"request":{"request":{"verb":"rm"},"by":"","source":""}}}"#.utf8)
        + [0x0A]
    ),
    (
      "a number beyond all",
      Array(#"{"cairn":1,"id":9,"ask":{"facts":{"after":1e99}}}"#.utf8) + [0x0A]
    ),
    ("deep nesting", Array(String(repeating: "[", count: 30_000).utf8) + [0x0A]),
    ("a line without an end", [UInt8](repeating: 0x61, count: 70_000)),
  ]

  @Test("what is no ask is answered with an error, and closed", arguments: nonsense.indices)
  func malformed(index: Int) async throws {
    let bench = try Bench { $0.askBytes = 65_536 }
    for isGreeted in [true, false] {
      let raw = try bench.raw()
      if isGreeted { await raw.greet() }
      raw.send(Self.nonsense[index].bytes)
      let answer = try #require(await raw.hear(), "\(Self.nonsense[index].name)")
      #expect(answer.contains("failure"))
      #expect(await raw.hear() == nil)
    }
    try await eventually("both counted") { bench.server.counts.malformed == 2 }
    #expect(bench.run.requests.isEmpty)
    let client = try await bench.client()
    #expect(await client.send(.hold, by: .nobody) == .accepted)
  }

  @Test("nothing is answered before hello")
  func noHello() async throws {
    let bench = try Bench()
    let raw = try bench.raw()
    raw.say(#"{"cairn":1,"id":4,"ask":{"signals":{}}}"#)
    #expect(await raw.hear()?.contains("expected hello first") == true)
    #expect(await raw.hear() == nil)
  }

  @Test("an ask may come in any pieces")
  func pieces() async throws {
    let bench = try Bench()
    let raw = try bench.raw()
    for byte in Array((RawClient.hello + "\n").utf8) { raw.send([byte]) }
    #expect(await raw.hear()?.contains(#""run":7"#) == true)
  }

  @Test("one client more than the limit is told so")
  func tooManyClients() async throws {
    let bench = try Bench { $0.clients = 2 }
    let first = try await bench.client()
    let second = try await bench.client()
    await #expect(throws: RemoteProblem.self) { try await bench.client() }
    #expect(bench.server.counts.refused == 1)
    #expect(await first.send(.hold, by: .nobody) == .accepted)
    #expect(await second.send(.hold, by: .nobody) == .accepted)
  }

  @Test("one unanswered ask more than the limit is refused, the others wait on")
  func tooManyAsks() async throws {
    let bench = try Bench { $0.asks = 2 }
    let raw = try bench.raw()
    await raw.greet()
    for id in 2...4 { raw.say(#"{"cairn":1,"id":\#(id),"ask":{"facts":{"after":0}}}"#) }
    #expect(await raw.hear()?.contains(#""id":4"#) == true)
    bench.run.say("for all")
    #expect(await raw.hear()?.contains("for all") == true)
    #expect(await raw.hear()?.contains("for all") == true)
  }

  @Test("a client that takes nothing is dropped; the run and the others never wait for it")
  func stalled() async throws {
    let bench = try Bench { $0.stall = .milliseconds(300) }
    let raw = try bench.raw()
    await raw.greet()
    let ask = #"{"log":{"task":9,"attempt":1,"stream":"output"},"at":{}}"#
    for id in 2...200 { raw.say(#"{"cairn":1,"id":\#(id),"ask":{"window":\#(ask)}}"#) }
    let client = try await bench.client()
    #expect(await client.send(.hold, by: .nobody) == .accepted)
    try await eventually("the stalled client dropped") { bench.server.counts.stalled == 1 }
    #expect(await client.send(.hold, by: .nobody) == .accepted)
  }

  @Test("a client that falls too far behind is dropped before its time is up")
  func behind() async throws {
    let bench = try Bench {
      $0.queuedBytes = 100_000
      $0.readPauseBytes = 1 << 30
      $0.asks = 1000
    }
    let raw = try bench.raw()
    await raw.greet()
    let ask = #"{"log":{"task":9,"attempt":1,"stream":"output"},"at":{}}"#
    for id in 2...200 { raw.say(#"{"cairn":1,"id":\#(id),"ask":{"window":\#(ask)}}"#) }
    try await eventually("the client dropped") { bench.server.counts.stalled == 1 }
  }

  @Test("silence ends a connection: before hello, and when nothing is asked")
  func silent() async throws {
    let bench = try Bench {
      $0.hello = .milliseconds(50)
      $0.idle = .milliseconds(50)
    }
    let mute = try bench.raw()
    #expect(await mute.hear() == nil)
    let idle = try bench.raw()
    idle.say(RawClient.hello)
    while await idle.hear() != nil {}
    #expect(bench.server.counts.silent == 2)
  }

  @Test("a client that waits for facts is not idle")
  func patient() async throws {
    let bench = try Bench { $0.idle = .milliseconds(20) }
    let raw = try bench.raw()
    // In one piece, so that nothing is idle in between.
    raw.say(RawClient.hello + "\n" + #"{"cairn":1,"id":2,"ask":{"facts":{"after":0}}}"#)
    #expect(await raw.hear() != nil)
    try await Task.sleep(for: .milliseconds(200))
    bench.run.say("at last")
    #expect(await raw.hear()?.contains("at last") == true)
  }

  static let canBeNobody =
    getuid() == 0
    && ["/usr/bin/setpriv", "/usr/bin/perl"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: $0)
    }

  @Test(
    "another user's process is turned away, even where it reaches the socket",
    .enabled(if: canBeNobody, "needs root, setpriv and perl"))
  func otherUser() async throws {
    let bench = try Bench()
    #expect(chmod(bench.folder, 0o755) == 0)
    #expect(chmod(bench.places[0].folder, 0o755) == 0)
    #expect(chmod(bench.server.path, 0o666) == 0)
    let script = """
      use Socket; $SIG{PIPE} = "IGNORE"; socket(S, PF_UNIX, SOCK_STREAM, 0) or die; \
      connect(S, sockaddr_un($ARGV[0])) or die "no connection: $!"; \
      syswrite(S, $ARGV[1]."\\n"); while (sysread(S, my $b, 4096)) { print $b; }
      """
    let command =
      "setpriv --reuid=65534 --regid=65534 --clear-groups perl -e '\(script)' "
      + "'\(bench.server.path)' '\(RawClient.hello)' > \(bench.folder)/said 2>&1"
    #expect(await offPool { system(command) } == 0)
    let said = try String(contentsOfFile: bench.folder + "/said", encoding: .utf8)
    #expect(said.contains("another user"))
    #expect(!said.contains(#""run":7"#))
    #expect(bench.server.counts.refused == 1)
  }
}

import Foundation
import Glibc
import Model
import Testing

@testable import Remote

@Suite("Where a run listens")
struct SocketPlaceTests {
  @Test(
    "the runtime folder comes first, /tmp last; a relative one does not count",
    arguments: [
      ("/run/ana" as String?, ["/run/ana/cairn/", "/run/user/7/cairn/", "/tmp/cairn-7/"]),
      ("/run/user/7", ["/run/user/7/cairn/", "/tmp/cairn-7/"]),
      (nil, ["/run/user/7/cairn/", "/tmp/cairn-7/"]),
      ("", ["/run/user/7/cairn/", "/tmp/cairn-7/"]),
      ("run", ["/run/user/7/cairn/", "/tmp/cairn-7/"]),
      ("/" + String(repeating: "x", count: 90), ["/run/user/7/cairn/", "/tmp/cairn-7/"]),
    ])
  func candidates(runtime: String?, folders: [String]) {
    let places = SocketPlace.candidates(project: "/p", runtimeFolder: runtime, user: 7)
    #expect(places.map(\.path) == folders.map { $0 + SocketPlace.hash("/p") + ".sock" })
    #expect(places.allSatisfy { $0.path.utf8.count <= SocketPlace.maximumPathBytes })
  }

  @Test("projects have sockets of their own, the same every time")
  func hash() {
    #expect(SocketPlace.hash("") == "cbf29ce484222325")
    #expect(SocketPlace.hash("a") == "af63dc4c8601ec8c")
    #expect(SocketPlace.hash("/p") != SocketPlace.hash("/q"))
  }

  @Test("the folder and the socket are for us alone, also where the folder lay open")
  func modes() throws {
    let bench = try Bench()
    #expect(mode(bench.places[0].folder) == 0o700)
    #expect(mode(bench.server.path) == 0o600)
    bench.server.stop()
    #expect(chmod(bench.places[0].folder, 0o755) == 0)
    let socket = try bench.places[0].listen()
    #expect(mode(bench.places[0].folder) == 0o700)
    #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test("the socket of a dead Cairn is replaced")
  func stale() async throws {
    let bench = try Bench()
    bench.server.stop()
    _ = try bench.places[0].listen()
    #expect(throws: RemoteProblem.self) { try bench.places[0].connect() }
    let greeting = Greeting(cairnVersion: "1", run: 8, project: Bench.project, pid: 1)
    let server = try RunServer.start(bench.run, greeting: greeting, places: bench.places)
    #expect(try await bench.client().greeting.run == 8)
    server.stop()
  }

  @Test("a dead socket in one place does not hide a run in the next")
  func nextPlace() async throws {
    let bench = try Bench()
    let other = try Bench.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: other) }
    let dead = SocketPlace.candidates(project: Bench.project, runtimeFolder: other)[0]
    _ = try dead.listen()
    let client = try await RemoteSource.connect(
      project: Bench.project, places: [dead, bench.places[0]])
    #expect(client.greeting.run == 7)
  }

  /// What could stand where the folder should.
  enum Trap: CaseIterable {
    case link, file, openParent, stranger
  }

  @Test("a folder that somebody else could have put there is refused", arguments: Trap.allCases)
  func traps(trap: Trap) throws {
    let folder = try Bench.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let place = SocketPlace.candidates(project: "/p", runtimeFolder: folder)[0]
    switch trap {
    case .link: #expect(symlink("/tmp", place.folder) == 0)
    case .file: #expect(FileManager.default.createFile(atPath: place.folder, contents: nil))
    case .openParent: #expect(chmod(folder, 0o777) == 0)
    case .stranger:
      // Only root can give a folder away.
      guard getuid() == 0 else { return }
      #expect(mkdir(place.folder, 0o700) == 0 && chown(place.folder, 65534, 65534) == 0)
    }
    #expect(throws: RemoteProblem.self) { try place.listen() }
    if trap != .openParent { #expect(throws: RemoteProblem.self) { try place.connect() } }
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    return status.st_mode & 0o777
  }
}

@Suite("Lines out of pieces")
struct LineBufferTests {
  @Test("every split of the bytes gives the same lines")
  func splits() throws {
    let bytes = Array("one\n\ntwo and more\nrest".utf8)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        var buffer = LineBuffer(limit: 100)
        var lines = try buffer.take(bytes[..<first])
        lines += try buffer.take(bytes[first..<second])
        lines += try buffer.take(bytes[second...])
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["one", "", "two and more"])
      }
    }
  }

  @Test("a line longer than the limit is refused, ended or not")
  func limit() throws {
    var buffer = LineBuffer(limit: 3)
    #expect(try buffer.take(Array("abc\n".utf8)).count == 1)
    #expect(throws: LineBuffer.Problem.self) { try buffer.take(Array("abcd\n".utf8)) }
    var open = LineBuffer(limit: 3)
    #expect(throws: LineBuffer.Problem.self) { try open.take(Array("abcd".utf8)) }
  }
}

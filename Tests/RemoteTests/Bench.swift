import Foundation
import Glibc
import Model
import Synchronization
import Testing

@testable import Remote

/// A server for a scripted run, in a folder of its own.
final class Bench: Sendable {
  static let project = "/home/ana/work"

  let run = ScriptedRun()
  let server: RunServer
  let folder: String
  let places: [SocketPlace]

  init(_ change: (inout RemoteLimits) -> Void = { _ in }) throws {
    folder = try Self.makeFolder()
    places = SocketPlace.candidates(project: Self.project, runtimeFolder: folder)
    var limits = RemoteLimits()
    change(&limits)
    let greeting = Greeting(cairnVersion: "1.2.3", run: 7, project: Self.project, pid: getpid())
    server = try RunServer.start(run, greeting: greeting, places: [places[0]], limits: limits)
  }

  deinit {
    server.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  static func makeFolder() throws -> String {
    let path = "/tmp/cairn-remote-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    return path
  }

  func client() async throws -> RemoteSource {
    try await RemoteSource.connect(project: Self.project, places: places)
  }

  func raw() throws -> RawClient { try RawClient(places[0].path) }
}

/// A client that may say anything.
///
/// It waits on threads of its own: on a thread of the pool it could wait for an answer that the pool
/// has to find.
final class RawClient: Sendable {
  private let descriptor: Int32
  private let bytes = Mutex<[UInt8]>([])

  static let hello = #"{"cairn":1,"id":1,"ask":{"hello":{"project":"\#(Bench.project)"}}}"#

  init(_ path: String) throws {
    let socket = try Socket.make()
    #expect(socket.withAddress(path, Glibc.connect) == 0)
    descriptor = dup(socket.descriptor)
    // From here on a plain blocking descriptor.
    #expect(fcntl(descriptor, F_SETFL, 0) == 0)
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// A server that closes meanwhile is no fault of the test.
  func send(_ bytes: [UInt8]) {
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  func say(_ line: String) { send(Array((line + "\n").utf8)) }

  func greet() async {
    say(Self.hello)
    #expect(await hear()?.contains(#""run":7"#) == true)
  }

  /// The next line; nil once the server has closed.
  func hear() async -> String? {
    await offPool { [self] in
      while true {
        if let line = takeLine() { return line }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        bytes.withLock { $0 += buffer[..<count] }
      }
    }
  }

  private func takeLine() -> String? {
    bytes.withLock { bytes in
      guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      defer { bytes.removeFirst(end + 1) }
      return String(decoding: bytes[..<end], as: UTF8.self)
    }
  }
}

/// Runs what blocks on a thread of its own.
func offPool<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) async -> Answer {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
}

/// Asks again and again, for at most a minute; for what nothing announces.
func eventually(_ what: String, _ ask: () async throws -> Bool) async throws {
  for _ in 0..<3000 {
    if try await ask() { return }
    try await Task.sleep(for: .milliseconds(20))
  }
  Issue.record("never saw \(what)")
}

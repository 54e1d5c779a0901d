import CSpawn
import Dispatch
import Glibc
import Synchronization

/// Threads of our own, for what must not wait for a pool.
///
/// Where a pool finds no room for a thread it tries again for ever and tells nobody; here whoever asks
/// for a thread hears that there is none.
package enum OwnThread {
  /// Runs the body on a detached thread, of whose name the system shows 15 bytes.
  package static func start(
    _ name: String, _ body: @escaping @Sendable () -> Void
  ) throws(ThreadProblem) {
    var traits = pthread_attr_t()
    pthread_attr_init(&traits)
    defer { pthread_attr_destroy(&traits) }
    pthread_attr_setdetachstate(&traits, Int32(PTHREAD_CREATE_DETACHED))
    let box = Unmanaged.passRetained(Body(name, body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, &traits,
      { box in
        guard let box else { return nil }
        Unmanaged<Body>.fromOpaque(box).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw ThreadProblem(thread: name, code: code)
    }
  }

  /// Works out two values at once, or one after the other where there is no room for a thread.
  static func both<First: Sendable, Second>(
    _ first: @escaping @Sendable () -> First, _ second: () -> Second
  ) -> (First, Second) {
    let answer = Pending<First>()
    let isAlone = (try? start("cairn.reader") { answer.fill(first()) }) == nil
    let other = second()
    return (isAlone ? first() : answer.wait(), other)
  }

  private final class Body: Sendable {
    private let name: String
    private let body: @Sendable () -> Void

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }

    func run() {
      tell(name)
      body()
    }

    /// For `top -H` and debuggers; Swift sees no function of the C library for it.
    private func tell(_ name: String) {
      let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
      guard file >= 0 else { return }
      _ = write(file, name, name.utf8.count)
      close(file)
    }
  }
}

/// There was no room for one more thread.
package struct ThreadProblem: Error, Equatable, CustomStringConvertible {
  package var thread: String
  package var code: Int32

  package var description: String {
    "there is no room for the thread \"\(thread)\" (\(String(cString: strerror(code)))): "
      + "`ulimit -v` or `ulimit -u` is too low"
  }
}

/// A value that another thread works out.
private final class Pending<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let isThere = DispatchSemaphore(value: 0)

  func fill(_ value: Value) {
    self.value.withLock { $0 = value }
    isThere.signal()
  }

  func wait() -> Value {
    isThere.wait()
    guard let value = value.withLock({ $0 }) else { preconditionFailure("nothing was filled in") }
    return value
  }
}

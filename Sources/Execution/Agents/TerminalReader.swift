import CSpawn
import Glibc

/// Whether a process waits for somebody to type on its terminal.
enum TerminalReader {
  /// Numbers of the calls that read from one descriptor; the layout of `/proc/PID/syscall` is the
  /// kernel's, see proc(5).
  #if arch(x86_64)
    private static let readCall = "0"
  #else
    private static let readCall = "63"
  #endif

  /// True if one of them stands in a read of this terminal, nil where the kernel does not say.
  ///
  /// A program that waits for many things at once (with poll or epoll) is not known to wait for this
  /// one; its agent's `asks` tells by what it shows.
  ///
  /// - Complexity: O(processes), three looks at `/proc` each.
  static func isRead(_ terminal: String, by processes: [Int32]) -> Bool? {
    var hasAnswer = false
    for pid in processes {
      guard let call = line("/proc/\(pid)/syscall") else { continue }
      hasAnswer = true
      let fields = call.split(separator: " ")
      guard fields.count > 1, fields[0] == readCall,
        let file = Int(fields[1].dropFirst(2), radix: 16),
        let target = target("/proc/\(pid)/fd/\(file)")
      else { continue }
      if target == terminal || target == "/dev/tty" { return true }
    }
    return hasAnswer ? false : nil
  }

  /// What the terminal behind a descriptor of this process is called.
  static func name(of descriptor: Int32) -> String? { target("/proc/self/fd/\(descriptor)") }

  private static func line(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
      count = max(0, Glibc.read(file, buffer.baseAddress, buffer.count))
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private static func target(_ path: String) -> String? {
    let bytes = [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
      count = buffer.withMemoryRebound(to: CChar.self) { text in
        text.baseAddress.map { max(0, readlink(path, $0, text.count)) } ?? 0
      }
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

import Glibc
import SystemPackage

/// What `/proc` says now; every answer may be stale when it arrives.
enum ProcessTable {
  /// Longest `/proc` file that is read; an environment may be this long.
  static let maximumBytes = 4 << 20

  static func record(of pid: Int32) -> ProcessRecord? {
    readOnce("/proc/\(pid)/stat") { ProcessRecord($0) }
  }

  /// What tells the namespace of our own pid from all others that live; nil if that cannot be read.
  static func namespace() -> UInt64? {
    var status = stat()
    return stat("/proc/self/ns/pid", &status) == 0 ? UInt64(status.st_ino) : nil
  }

  /// Returns all processes that can be seen.
  ///
  /// - Complexity: O(processes of the machine).
  static func pids() -> [Int32] { pids(in: "/proc") }

  private static func pids(in path: String) -> [Int32] { names(in: path).compactMap { Int32($0) } }

  /// Names of a folder's entries; none if it cannot be read.
  static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  /// Returns the processes of an open `children` list; empty where there is none.
  static func pids(inList list: Int32) -> [Int32] {
    guard list >= 0, lseek(list, 0, SEEK_SET) == 0, let text = read(list, atMost: maximumBytes)
    else { return [] }
    return pids(in: text)
  }

  private static func pids(in text: [UInt8]) -> [Int32] {
    text.split(separator: 0x20).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
  }

  /// Returns the children of all threads of a process, zombies too; empty where the kernel lists none.
  static func children(of record: ProcessRecord) -> [Int32] {
    let tasks = "/proc/\(record.pid)/task"
    let threads = record.threads > 1 ? pids(in: tasks) : [record.pid]
    return threads.flatMap { thread in
      read("\(tasks)/\(thread)/children", atMost: maximumBytes).map(pids(in:)) ?? []
    }
  }

  /// Bytes read from and written to disks by a process and its ended children; nil when not told.
  static func traffic(of pid: Int32) -> (readBytes: Int64, writtenBytes: Int64)? {
    readOnce("/proc/\(pid)/io") { text in
      // Lines as in `rchar: 1`, in this order: rchar, wchar, syscr, syscw, read_bytes, write_bytes.
      var fields = FieldScanner(text, from: 0)
      fields.skip(9)
      guard let read = fields.next() else { return nil }
      fields.skip(1)
      return fields.next().map { (read, $0) }
    }
  }

  /// Processes that the kernel has killed for want of memory since boot.
  static func memoryKills() -> UInt64? {
    guard let text = text("/proc/vmstat"),
      let line = text.split(separator: "\n").last(where: { $0.hasPrefix("oom_kill ") })
    else { return nil }
    return UInt64(line.dropFirst("oom_kill ".count))
  }

  static func text(_ path: String) -> String? {
    read(path, atMost: maximumBytes).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What a process was started with; it may have written over it.
  static func environment(of pid: Int32) -> [Substring] {
    // By bytes: where characters end is a question that costs ten times as much.
    read("/proc/\(pid)/environ", atMost: maximumBytes)?.split(separator: 0)
      .map { Substring(decoding: $0, as: UTF8.self) } ?? []
  }

  /// Whether the process was started with this `NAME=value` in its environment.
  static func environment(of pid: Int32, holds entry: String) -> Bool {
    environment(of: pid).contains { $0 == entry }
  }

  /// Longest file that is read in one piece.
  private static let pieceBytes = 2048

  /// Lends a short file, which the kernel gives whole; nil if it cannot be read.
  ///
  /// Sampling asks for three of them a process, so nothing is allocated.
  private static func readOnce<Value>(
    _ path: String, _ body: (UnsafeRawBufferPointer) -> Value?
  ) -> Value? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: pieceBytes, alignment: 1) { piece in
      let count = Glibc.read(file, piece.baseAddress, piece.count)
      return count > 0 ? body(UnsafeRawBufferPointer(rebasing: piece[..<count])) : nil
    }
  }

  static func read(_ path: String, atMost limit: Int) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return read(file, atMost: limit)
  }

  private static func read(_ file: Int32, atMost limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { chunk in
      while bytes.count < limit {
        let count = Glibc.read(file, chunk.baseAddress, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return count == 0 ? bytes : nil }
        bytes += chunk[..<count]
      }
      return bytes
    }
  }
}

/// The system's words for the last failed call, as in "No such file or directory".
func systemReason(_ number: Int32 = errno) -> String { Errno(rawValue: number).description }

/// Whether a failed call found no room in the system, which others may make.
func isShortage(_ number: Int32) -> Bool {
  [EMFILE, ENFILE, EAGAIN, ENOMEM].contains(number)
}

func pause(microseconds: UInt32) { usleep(microseconds) }

/// Seconds of a clock that never jumps.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

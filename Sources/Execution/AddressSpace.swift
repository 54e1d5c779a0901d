import CSpawn
import Dispatch
import Glibc

/// The room that this process has for memory and threads, below the limits that it was started with.
///
/// Swift's pool waits for ever for a thread that the system does not give, and a failed allocation is
/// the end of the program. So both are looked at before anything begins.
package enum AddressSpace {
  /// What a thread's stack takes where address space is limited; the standard is 8 MiB each.
  private static let stackBytes = 2 << 20
  /// What a small graph takes when it runs.
  private static let leastBytes: UInt64 = 96 << 20
  /// Threads besides those of Swift's pool: its manager, one that starts processes, one that writes
  /// lines, two that serve other terminals, one that reads.
  private static let ownThreads = 6

  /// Makes do with a limit on the address space, if there is one.
  ///
  /// - Parameter cores: Threads of Swift's pool.
  /// - Throws: `ScarcityProblem` where there is too little to begin.
  package static func prepare(cores: Int) throws(ScarcityProblem) {
    if let limit = limitBytes() {
      cairn_save_address_space(stackBytes)
      let used = usedBytes()
      guard used + leastBytes <= limit else {
        throw .addressSpace(limit: limit, least: used + leastBytes)
      }
    }
    try probe(cores + ownThreads)
  }

  /// Starts as many threads as will be needed, and lets them go.
  private static func probe(_ count: Int) throws(ScarcityProblem) {
    let gate = DispatchSemaphore(value: 0)
    var started = 0
    defer { for _ in 0..<started { gate.signal() } }
    for _ in 0..<count {
      do throws(ThreadProblem) {
        try OwnThread.start("cairn.probe") { gate.wait() }
      } catch {
        throw .threads(error, needed: count, had: started)
      }
      started += 1
    }
  }

  private static func limitBytes() -> UInt64? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
    return limit.rlim_cur == .max ? nil : UInt64(limit.rlim_cur)
  }

  /// The first number of `/proc/self/statm` is in pages.
  private static func usedBytes() -> UInt64 {
    guard let file = fopen("/proc/self/statm", "re") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    return strtoull(line, nil, 10) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }
}

/// There is too little of something to begin at all.
package enum ScarcityProblem: Error, Equatable, CustomStringConvertible {
  case addressSpace(limit: UInt64, least: UInt64)
  case threads(ThreadProblem, needed: Int, had: Int)

  package var description: String {
    switch self {
    case .addressSpace(let limit, let least):
      "too little address space: `ulimit -v` is \(limit >> 10), at least \(least >> 10) is needed"
    case .threads(let problem, let needed, let had):
      "too few threads: \(needed) are needed and \(had) were to be had; \(problem)"
    }
  }
}

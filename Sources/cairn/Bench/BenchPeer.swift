import Foundation
import Glibc
import Model
import Project

/// Something that runs the graph, and how long it took.
enum BenchPeer: CaseIterable {
  case bare, cairn, dashboard, make, ninja

  /// Seconds of one run.
  struct Measure {
    var seconds: Double
    /// Of the whole program, where `seconds` is a part of it.
    var programSeconds: Double?
    /// Processor seconds of the peer and of all it started.
    var cpuSeconds = 0.0
  }

  var name: String {
    switch self {
    case .bare: "posix_spawn and wait4, in a loop"
    case .cairn: "cairn run --plain"
    case .dashboard: "cairn run, dashboard of 200x60"
    case .make: "make"
    case .ninja: "ninja"
    }
  }

  var isInstalled: Bool {
    switch self {
    case .bare, .cairn, .dashboard: true
    case .make, .ninja: BenchProcess.find(name) != nil
    }
  }

  /// - Throws: `BenchProblem` if the peer failed.
  func measure(_ shape: BenchShape, in folder: String) throws -> Measure {
    let before = Self.cpuSeconds()
    var measure = try run(shape, in: folder)
    measure.cpuSeconds = Self.cpuSeconds() - before
    return measure
  }

  /// Of this process, and of its children that have ended.
  static func cpuSeconds(of whom: [__rusage_who] = [RUSAGE_SELF, RUSAGE_CHILDREN]) -> Double {
    whom.map { who in
      var usage = rusage()
      getrusage(Int32(who.rawValue), &usage)
      return [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }
        .reduce(0, +)
    }.reduce(0, +)
  }

  private func run(_ shape: BenchShape, in folder: String) throws -> Measure {
    switch self {
    case .bare: return Measure(seconds: try BareLoop.seconds(shape))
    case .make, .ninja:
      let quiet = self == .make ? ["-s"] : ["--quiet"]
      let process = try BenchProcess.start(
        [name] + quiet + ["-j\(shape.jobs)"], in: folder)
      return Measure(seconds: try process.wait())
    case .cairn:
      let process = try BenchProcess.start([Self.program, "run", "--plain", "--fresh"], in: folder)
      return try session(folder, programSeconds: process.wait())
    case .dashboard:
      let process = try BenchTerminal.start(
        [Self.program, "run", "--fresh"], in: folder, columns: 200, rows: 60)
      try process.quit { try Self.isClosed(folder) }
      return try session(folder, programSeconds: nil)
    }
  }

  private static let program = Bundle.main.executablePath ?? CommandLine.arguments[0]

  private static func record(_ folder: String) throws -> RunRecord {
    try ProjectHistory(try ProjectLocation.find(path: folder, from: "/")).record(nil)
  }

  /// On a busy machine the screen may be still before there is a run.
  static func isClosed(_ folder: String) throws -> Bool {
    (try? record(folder))?.state.closed != nil
  }

  /// The session's own time, as the journal has it.
  private func session(_ folder: String, programSeconds: Double?) throws -> Measure {
    let state = try Self.record(folder).state
    guard state.closed?.ending == .done else {
      throw BenchProblem(description: "\(name) did not bring its graph to an end")
    }
    try FileManager.default.removeItem(atPath: folder + "/.cairn")
    return Measure(seconds: state.elapsedSeconds, programSeconds: programSeconds)
  }
}

struct BenchProblem: Error, CustomStringConvertible {
  var description: String
}

/// The least that starting and waiting for processes can cost.
enum BareLoop {
  static func seconds(_ shape: BenchShape) throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    var (started, alive) = (0, 0)
    while started < shape.tasks || alive > 0 {
      while alive < shape.jobs, started < shape.tasks {
        try spawn()
        started += 1
        alive += 1
      }
      var status: Int32 = 0
      var usage = rusage()
      guard wait4(-1, &status, 0, &usage) > 0 else {
        throw BenchProblem(description: "cannot wait for a process")
      }
      alive -= 1
    }
    return (clock.now - start) / .seconds(1)
  }

  private static func spawn() throws {
    var pid: pid_t = 0
    let code = BenchShape.program.withCString { path in
      var arguments: [UnsafeMutablePointer<CChar>?] = [UnsafeMutablePointer(mutating: path), nil]
      return posix_spawn(&pid, path, nil, nil, &arguments, environ)
    }
    guard code == 0 else {
      throw BenchProblem(description: "cannot start \(BenchShape.program)")
    }
  }
}

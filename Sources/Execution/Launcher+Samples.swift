import Glibc
import Model
import Synchronization

extension Launcher {
  /// Samples whose count of kills for want of memory is remembered: the kernel may count one a little
  /// before its end is seen.
  private static let memoryKillSamples = 3

  /// Sums what the attempts use; one row a process, zeros for one that has ended.
  ///
  /// - Complexity: O(processes of the attempts and orphans), three reads each.
  func sample(_ processes: [StartedProcess]) -> [Signals.TaskSample] {
    let children = state.withLock { state in
      processes.map { process in
        state.children[process.pid].flatMap { $0.process == process ? $0 : nil }
      }
    }
    // Else Cairn's own memory would count as theirs.
    for child in children { child?.awaitExec() }
    let roots = roots(of: children)
    let samples = zip(children, roots).map { child, roots in
      child.map { Self.sample($0, roots) } ?? Signals.TaskSample()
    }
    note(samples, of: processes)
    return samples
  }

  /// The first process of each attempt, and its orphans.
  private func roots(of children: [Child?]) -> [[ProcessRecord]] {
    var roots = children.map { child in
      child.flatMap { ProcessTable.record(of: $0.process.pid) }.map { [$0] } ?? []
    }
    guard orphans.isAnyLeft else { return roots }
    let marks = children.map { child in child.flatMap { AttemptMark($0.launch.environment) } }
    for record in orphans.records() {
      var row = children.firstIndex { $0?.process.pid == record.session }
      if row == nil {
        let environment = ProcessTable.environment(of: record.pid)
        row = marks.firstIndex { $0?.marks(environment) == true }
      }
      if let row { roots[row].append(record) }
    }
    return roots
  }

  private static func sample(_ child: Child, _ roots: [ProcessRecord]) -> Signals.TaskSample {
    let page = Int64(sysconf(Int32(_SC_PAGESIZE)))
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    var sample = Signals.TaskSample(outputBytes: child.output.sizeNow)
    for record in ProcessTree(roots: roots).members where !record.isZombie {
      sample.processes += 1
      sample.residentBytes += record.residentPages * page
      sample.cpuSeconds += Double(record.cpuTicks + record.endedTicks) / ticks
      guard let traffic = ProcessTable.traffic(of: record.pid) else { continue }
      sample.readBytes += traffic.readBytes
      sample.writtenBytes += traffic.writtenBytes
    }
    return sample
  }

  /// Keeps the peaks, for no kernel without a cgroup remembers that of a tree.
  private func note(_ samples: [Signals.TaskSample], of processes: [StartedProcess]) {
    let kills = ProcessTable.memoryKills()
    state.withLock { state in
      for (process, sample) in zip(processes, samples) {
        guard let child = state.children[process.pid], child.process == process else { continue }
        state.children[process.pid]?.peakBytes = max(child.peakBytes, sample.residentBytes)
      }
      guard let kills else { return }
      state.memoryKills.append(kills)
      if state.memoryKills.count > Self.memoryKillSamples { state.memoryKills.removeFirst() }
    }
  }
}

extension Spools.Output {
  /// Bytes written so far.
  var sizeNow: Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) - startBytes : 0
  }
}

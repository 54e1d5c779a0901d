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
    let size = child.output.sizeNow
    var sample = Signals.TaskSample(
      outputBytes: size,
      progress: child.output.progress(child.progress, from: child.progressBytes, to: size))
    sample.agent = child.relay?.usage
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
        state.children[process.pid]?.progress = sample.progress
        state.children[process.pid]?.progressBytes = sample.outputBytes
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

  /// How far the output says that the process is.
  ///
  /// `old` is what it said when it was `known` bytes long; nothing is read while it has not grown.
  func progress(
    _ old: OutputProgress?, from known: Int64, to size: Int64
  ) -> OutputProgress? {
    guard size > 0, size != known else { return old }
    let start = max(0, size - Int64(OutputProgress.maximumBytes))
    guard let tail = tail(from: startBytes + start) else { return old }
    return .after(old, tail: tail, isCut: start > 0)
  }

  private func tail(from offset: Int64) -> [UInt8]? {
    // A file of ours; that of a slot may meanwhile be a log, and then there is nothing to read here.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return [UInt8](unsafeUninitializedCapacity: OutputProgress.maximumBytes) { buffer, count in
      count = max(0, pread(file, buffer.baseAddress, buffer.count, off_t(offset)))
    }
  }
}

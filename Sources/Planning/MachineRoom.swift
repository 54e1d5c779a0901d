package import Model

/// What an attempt takes of the machine, from its admission to its end.
package struct Claim: Sendable, Equatable {
  package var cores: Int
  package var memoryBytes: Int64
  package var resources: Resources
  /// Name of a chain, of which one attempt runs at a time.
  package var chain: String?

  package init(
    cores: Int = 1, memoryBytes: Int64 = 0, resources: Resources = [:], chain: String? = nil
  ) {
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.resources = resources
    self.chain = chain
  }

  package static let oneCore = Claim()
  package static let nothing = Claim(cores: 0)
}

/// What there is of cores, memory and named resources, and what of it is free.
///
/// An attempt takes its whole claim at once or waits without any, a claim is never more than there is,
/// and all of it comes back when the attempt ends. So nobody waits for room here while holding some,
/// and that waiting cannot end in a deadlock.
package struct MachineRoom: Sendable, Equatable {
  package let cores: Int
  /// nil is no limit.
  package let memoryBytes: Int64?
  package let resources: Resources
  private var freeCores: Int
  private var freeMemoryBytes: Int64
  private var freeResources: Resources
  /// Chains of which an attempt runs.
  private var busyChains: Set<String> = []

  package init(cores: Int, memoryBytes: Int64? = nil, resources: Resources = [:]) {
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.resources = resources
    freeCores = cores
    freeMemoryBytes = memoryBytes ?? 0
    freeResources = resources
  }
}

extension MachineRoom {
  /// Returns what an attempt takes after so many that failed by themselves.
  ///
  /// Whoever asks for more than there is takes all there is; of memory and named resources such a task
  /// is held, or refused before the run.
  package func claim(of task: TaskGraph.Task, misses: Int = 0) -> Claim {
    Claim(
      cores: min(max(1, task.cpus), cores), memoryBytes: memoryBytes(task, misses),
      resources: within(task.resources), chain: task.chain)
  }

  private func memoryBytes(_ task: TaskGraph.Task, _ misses: Int) -> Int64 {
    guard let bytes = task.memoryBytes else { return 0 }
    let (grown, overflow) = bytes.multipliedReportingOverflow(
      by: task.memoryGrows ? Int64(1 + misses) : 1)
    return min(overflow ? .max : grown, memoryBytes ?? .max)
  }

  private func within(_ asked: Resources) -> Resources {
    guard asked.first(beyond: resources) != nil else { return asked }
    var claim = asked
    for item in asked.items { claim[item.name] = min(item.count, resources[item.name]) }
    return claim
  }

  /// Whether the task takes one core and nothing else that is counted.
  package func isOneCore(_ task: TaskGraph.Task) -> Bool {
    (task.cpus <= 1 || cores == 1) && (memoryBytes == nil || task.memoryBytes ?? 0 == 0)
      && task.resources.isEmpty && task.chain == nil
  }

  /// Why the task can never be admitted, in words; nil if it can.
  func objection(to task: TaskGraph.Task) -> String? {
    if let limit = memoryBytes, let asked = task.memoryBytes, asked > limit {
      return "asks for \(asked) bytes of memory, the limit is \(limit)"
    }
    return task.resources.first(beyond: resources).map {
      "asks for \($0.count) of the resource \($0.name), the limit is \(resources[$0.name])"
    }
  }
}

extension MachineRoom {
  /// Whether no core is free.
  package var isFull: Bool { freeCores <= 0 }

  /// What is free of a named resource, or of a chain by the name that `shortage` gives it.
  package func free(_ name: String) -> Int {
    guard name.hasPrefix(Self.chainPrefix) else { return freeResources[name] }
    return busyChains.contains(String(name.dropFirst(Self.chainPrefix.count))) ? 0 : 1
  }

  /// No resource can be called like this.
  private static let chainPrefix = "chain "

  package func fits(_ claim: Claim) -> Bool {
    claim.cores <= freeCores && (memoryBytes == nil || claim.memoryBytes <= freeMemoryBytes)
      && shortage(of: claim) == nil
  }

  /// A named resource, or a chain, that the claim has to wait for.
  package func shortage(of claim: Claim) -> String? {
    if let chain = claim.chain, busyChains.contains(chain) { return Self.chainPrefix + chain }
    return claim.resources.isEmpty ? nil : claim.resources.first(beyond: freeResources)?.name
  }

  package mutating func take(_ claim: Claim) {
    freeCores -= claim.cores
    // Without a limit the sum of what files declare knows no bound.
    if memoryBytes != nil { freeMemoryBytes -= claim.memoryBytes }
    for item in claim.resources.items { freeResources[item.name] -= item.count }
    if let chain = claim.chain { busyChains.insert(chain) }
  }

  package mutating func giveBack(_ claim: Claim) {
    freeCores += claim.cores
    if memoryBytes != nil { freeMemoryBytes += claim.memoryBytes }
    for item in claim.resources.items { freeResources[item.name] += item.count }
    if let chain = claim.chain { busyChains.remove(chain) }
  }
}

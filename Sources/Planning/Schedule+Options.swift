package import Model

extension Schedule {
  package struct Options: Sendable, Equatable {
    package var jobs: Int
    package var memoryBytes: Int64?
    package var resources: Resources
    package var failFast: Bool
    package var startsHeld: Bool
    package var seed: UInt64
    /// Most retries of the session; nil is no limit but the tasks' own.
    package var retryBudget: Int?
    /// A task that the file shows in review counts as done.
    package var trustsReview: Bool
    /// A person is there to decide what waits for one; else the run ends without.
    package var isAttended: Bool
    /// Tasks that want a person's leave wait for it; a simulation has nobody to ask.
    package var asksLeave = false
    package var stops = StopRules()
    /// Expected seconds of each task for the longest remaining path; nil takes what the graph says of
    /// their work, else counts tasks.
    package var weights: [Double]?

    package init(
      jobs: Int, memoryBytes: Int64? = nil, resources: Resources = [:], failFast: Bool = false,
      startsHeld: Bool = false, seed: UInt64 = 1, retryBudget: Int? = nil,
      trustsReview: Bool = false, isAttended: Bool = false, weights: [Double]? = nil
    ) {
      self.isAttended = isAttended
      self.jobs = max(1, jobs)
      self.memoryBytes = memoryBytes
      self.resources = resources
      self.failFast = failFast
      self.startsHeld = startsHeld
      self.seed = seed
      self.retryBudget = retryBudget
      self.trustsReview = trustsReview
      self.weights = weights
    }

    /// What there is when nothing is admitted.
    var room: MachineRoom {
      MachineRoom(cores: jobs, memoryBytes: memoryBytes, resources: resources)
    }

    package init(_ config: RunConfig, trustsReview: Bool = false, weights: [Double]? = nil) {
      self.init(
        jobs: config.jobs, memoryBytes: config.memoryBytes, resources: config.resources ?? [:],
        failFast: config.failFast, startsHeld: config.startsHeld, seed: config.seed,
        retryBudget: config.retryBudget, trustsReview: trustsReview,
        isAttended: config.isAttended ?? false, weights: weights)
      stops = config.stops ?? StopRules()
    }
  }

  /// What earlier sessions of the run left of a task.
  package struct Prior: Sendable, Equatable {
    package var attempts = 0
    package var isDone = false
    /// Skipped by a person, who is asked before it runs after all.
    package var isSkipped = false
    /// The reason that the log gives for the state it is in.
    package var reason: String?
    /// Attempts whose end nobody saw, in a row and up to now.
    package var interruptions = 0
    /// Attempts of the run that failed by themselves.
    package var misses = 0
    /// Was done, and runs again only for the sake of its artifacts.
    package var isRecompute = false
    /// Why the task runs again, for people.
    package var note: String?

    package init() {}
  }
}

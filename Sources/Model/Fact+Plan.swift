extension Fact {
  /// What the run follows from here on.
  package struct PlanAdopted: Sendable, Equatable, Codable {
    /// One entry a move, in the sequence in which they are safe one at a time.
    package var order: [Move]
    /// Expected bytes of the artifacts that the plan counts.
    package var sizes: [Size]
    /// Limit of the workspace; nil where there is none.
    package var budgetBytes: Int64?
    /// Largest footprint of the best sequence, one move at a time; that of `order`, which ends sooner
    /// on several workers, may be more, within the budget.
    package var peakBytes: Int64
    /// No order without recompute or spill needs less.
    package var boundBytes: Int64
    /// How that was proved, in one word.
    package var boundBy: String
    /// Sizes that nobody declared and no earlier run tells.
    package var guesses: Int
    /// Expected seconds from here to the end; nil while nothing is known of times.
    package var makespanSeconds: Double?
    /// Executed seconds over those of one run of each task.
    package var workFactor: Double
    package var seed: UInt64
    /// Moves of the local search that found the order.
    package var moves: Int

    package init(
      order: [Move], sizes: [Size], budgetBytes: Int64?, peakBytes: Int64, boundBytes: Int64,
      boundBy: String, guesses: Int, makespanSeconds: Double?, workFactor: Double, seed: UInt64,
      moves: Int
    ) {
      self.order = order
      self.sizes = sizes
      self.budgetBytes = budgetBytes
      self.peakBytes = peakBytes
      self.boundBytes = boundBytes
      self.boundBy = boundBy
      self.guesses = guesses
      self.makespanSeconds = makespanSeconds
      self.workFactor = workFactor
      self.seed = seed
      self.moves = moves
    }

    /// Encoded as a task's number, or as `spill`, `restore`, `compress` or `expand`, a number and an
    /// artifact's name.
    package enum Move: Sendable, Equatable {
      /// A second run of the same task is a recompute.
      case run(TaskID)
      case spill(TaskID, artifact: String)
      case restore(TaskID, artifact: String)
      case compress(TaskID, artifact: String)
      case expand(TaskID, artifact: String)
    }

    package struct Size: Sendable, Equatable, Codable {
      package var task: TaskID
      package var artifact: String
      package var bytes: Int64

      package init(task: TaskID, artifact: String, bytes: Int64) {
        self.task = task
        self.artifact = artifact
        self.bytes = bytes
      }
    }
  }
}

extension Fact.PlanAdopted {
  /// The tasks that run, in sequence; one that is made again stands there again.
  package var tasks: [TaskID] {
    order.compactMap { move in
      guard case .run(let task) = move else { return nil }
      return task
    }
  }
}

extension Fact.PlanAdopted.Move: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let task = try? container.decode(TaskID.self) {
      self = .run(task)
      return
    }
    let words = try container.decode(String.self)
      .split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, let number = UInt32(words[1]) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no move of a plan")
    }
    let name = String(words[2])
    switch words[0] {
    case "spill": self = .spill(TaskID(number), artifact: name)
    case "restore": self = .restore(TaskID(number), artifact: name)
    case "compress": self = .compress(TaskID(number), artifact: name)
    case "expand": self = .expand(TaskID(number), artifact: name)
    default:
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no move of a plan")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .run(let task): try container.encode(task)
    case .spill(let task, let name): try container.encode("spill \(task.rawValue) \(name)")
    case .restore(let task, let name): try container.encode("restore \(task.rawValue) \(name)")
    case .compress(let task, let name): try container.encode("compress \(task.rawValue) \(name)")
    case .expand(let task, let name): try container.encode("expand \(task.rawValue) \(name)")
    }
  }
}

package import Model

// Graphs and loads to measure with.
extension TaskGraph {
  /// Tasks that need nothing and make nothing.
  package static func wide(_ count: Int) -> TaskGraph {
    TaskGraph(name: "wide", tasks: (0..<count).map { plain($0) })
  }

  /// One task behind the other.
  package static func chain(_ count: Int) -> TaskGraph {
    TaskGraph(
      name: "chain",
      tasks: (0..<count).map { index in
        var task = plain(index)
        if index > 0 { task.after = [TaskID(index - 1)] }
        return task
      })
  }

  /// Layers of `width` tasks; each needs up to `needs` tasks of the layer in front, drawn at random.
  package static func layered(
    _ count: Int, width: Int, needs: Int, seed: UInt64
  ) -> TaskGraph {
    precondition(width > 0, "a layer has a task")
    var random = SplitMix64(seed: seed)
    return TaskGraph(
      name: "layered",
      tasks: (0..<count).map { index in
        var task = plain(index)
        let start = index / width * width
        guard start > 0 else { return task }
        task.after = (0..<needs).map { _ in
          TaskID(start - width + Int(random.next() % UInt64(width)))
        }
        return task
      })
  }

  private static func plain(_ index: Int) -> Task {
    Task(id: TaskID(index), name: "t\(index)", action: .gate)
  }
}

extension Simulation.Load {
  /// Durations between a tenth and ten times a second, evenly spread over their logarithm's bits.
  package static func random(_ count: Int, seed: UInt64) -> Self {
    var random = SplitMix64(seed: seed)
    return Self(
      seconds: (0..<count).map { _ in
        let bits = random.next()
        let share = Double(bits >> 11) / Double(1 << 53)
        return 0.1 + share * share * 9.9
      }, seed: seed)
  }
}

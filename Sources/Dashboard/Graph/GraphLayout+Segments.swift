extension GraphLayout {
  /// For each rank, the ways of edges from it to the next, by the rows in which they begin and end.
  ///
  /// `Crossings.count(heights:)` of each, in sum, is `crossings`; other drawings can be counted alike.
  package var segments: [[(from: Double, to: Double)]] {
    graph.order.indices.map { rank in
      graph.gutters[rank].flatMap { index in
        let link = graph.links[index]
        let way = (from: Double(rows[link.from]), to: Double(rows[link.to]))
        return Array(repeating: way, count: link.weight)
      }
    }
  }
}

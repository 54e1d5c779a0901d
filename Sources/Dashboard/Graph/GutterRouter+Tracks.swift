extension GutterRouter {
  func gutter(_ sequence: [Int]) -> Gutter {
    let hasBus = nets.contains(where: \.isInBus)
    var tracks = hasBus ? nil : inOrder(sequence)
    if tracks == nil, !hasBus { tracks = firstFit(sequence, limit: Gutter.trackLimit) }
    if let tracks { return gutter(tracks: tracks, bus: nil) }
    let some = firstFit(sequence, limit: Gutter.trackLimit - 1, allowsBus: true) ?? [:]
    let bus = (some.values.max() ?? -1) + 1
    return gutter(tracks: some, bus: bus)
  }

  private func gutter(tracks: [Int: Int], bus: Int?) -> Gutter {
    var routes = routes
    var busCount = 0
    for index in routes.indices {
      guard let net = netOf[index] else { continue }
      routes[index].track = tracks[net] ?? bus
      let last = detourNetOf[index]
      if let last, let track = tracks[last] ?? bus { routes[index].detour?.track = track }
      // Within the bus there is nothing to go around.
      if routes[index].detour?.track == routes[index].track { routes[index].detour = nil }
      if tracks[net] == nil || last.map({ tracks[$0] == nil }) ?? false {
        busCount += graph.links[routes[index].link].weight
      }
    }
    let count = bus.map { $0 + 1 } ?? (tracks.values.max() ?? -1) + 1
    return Gutter(routes: routes, tracks: count, bus: bus, busCount: busCount)
  }

  /// Every net right of those before it that it meets; nil if that takes too many tracks.
  private func inOrder(_ sequence: [Int]) -> [Int: Int]? {
    var tracks: [Int: Int] = [:]
    for (index, net) in sequence.enumerated() {
      let met = sequence[..<index].lazy.filter { nets[$0].span.overlaps(nets[net].span) }
      let track = (met.compactMap { tracks[$0] }.max() ?? -1) + 1
      guard track < Gutter.trackLimit else { return nil }
      tracks[net] = track
    }
    return tracks
  }

  /// Every net in the first track where it meets nobody and breaks no claim.
  private func firstFit(
    _ sequence: [Int], limit: Int, allowsBus: Bool = false
  ) -> [Int: Int]? {
    var tracks: [Int: Int] = [:]
    var spans = Array(repeating: [ClosedRange<Int>](), count: limit)
    /// The last track of a net that enters in a row; the limit stands for the bus.
    var lastTrack = Array(repeating: -1, count: open.count)
    for net in sequence {
      let first = (nets[net].rights.lazy.map { lastTrack[$0] }.max() ?? -1) + 1
      let track = (first..<max(first, limit)).first { track in
        !spans[track].contains { $0.overlaps(nets[net].span) }
      }
      let isInBus = nets[net].isInBus || track == nil
      if isInBus, !allowsBus { return nil }
      if let track, !isInBus {
        tracks[net] = track
        spans[track].append(nets[net].span)
      }
      for row in nets[net].lefts {
        lastTrack[row] = max(lastTrack[row], isInBus ? limit : track ?? limit)
      }
    }
    return tracks
  }
}

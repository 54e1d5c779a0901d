import Testing

@testable import Planning

/// The flow of small networks against every cut there is.
@Suite("Least cuts")
struct BoundFlowTests {
  struct Case {
    var nodes: Int
    var arcs: [(from: Int, to: Int, bytes: Int64, back: Int64)] = []
    var roles: [FlowNetwork.Role]

    init(_ random: inout SplitMix64) {
      nodes = Int.random(in: 2...9, using: &random)
      roles = (0..<nodes).map { _ in
        [.free, .free, .source, .sink].randomElement(using: &random) ?? .free
      }
      for _ in 0..<Int.random(in: 0...3 * nodes, using: &random) {
        let from = Int.random(in: 0..<nodes, using: &random)
        let to = (from + Int.random(in: 1..<nodes, using: &random)) % nodes
        let back = Bool.random(using: &random) ? Int64.random(in: 0...9, using: &random) : 0
        arcs.append((from, to, Int64.random(in: 0...20, using: &random), back))
      }
    }

    func network() -> FlowNetwork {
      var network = FlowNetwork(nodes: nodes)
      for arc in arcs {
        network.addArc(from: arc.from, to: arc.to, bytes: arc.bytes, back: arc.back)
      }
      network.roles = roles
      return network
    }

    func bytes(ofCut finished: Int) -> Int64 {
      arcs.reduce(0) { sum, arc in
        switch (finished >> arc.from & 1, finished >> arc.to & 1) {
        case (1, 0): sum + arc.bytes
        case (0, 1): sum + arc.back
        default: sum
        }
      }
    }

    var leastCut: Int64 {
      (0..<1 << nodes).filter { finished in
        (0..<nodes).allSatisfy { node in
          roles[node] == .free || (roles[node] == .source) == (finished >> node & 1 == 1)
        }
      }.map(bytes(ofCut:)).min() ?? 0
    }
  }

  @Test(arguments: 1...400 as ClosedRange<UInt64>)
  func aFlowIsTheLeastOfAllCuts(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let one = Case(&random)
    var network = one.network()
    let least = one.leastCut
    #expect(network.leastCut(enough: .max) == least)
    let finished = (0..<one.nodes).reduce(0) { $0 | (network.isFinished($1) ? 1 << $1 : 0) }
    #expect(one.bytes(ofCut: finished) == least)
    #expect(network.leastCut(enough: .max) == least)
    for enough in [1, least / 2, least, least + 1] {
      #expect(min(network.leastCut(enough: enough), enough) == min(least, enough))
    }
  }

  @Test(arguments: 1...400 as ClosedRange<UInt64>)
  func aKeptFlowGoesOnWithMoreSourcesSinksAndArcs(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var one = Case(&random)
    var network = one.network()
    _ = network.leastCut(enough: Int64.random(in: 0...60, using: &random))
    network.keepFlow()
    let arcs = network.arcCount
    network.addArc(from: 0, to: one.nodes - 1, bytes: 7)
    for node in 0..<one.nodes where one.roles[node] == .free {
      one.roles[node] = [.free, .source, .sink].randomElement(using: &random) ?? .free
    }
    network.roles = one.roles
    let before = one.leastCut
    one.arcs.append((0, one.nodes - 1, 7, 0))
    #expect(network.leastCut(enough: .max, goingOn: true) == one.leastCut)
    network.removeArcs(downTo: arcs)
    #expect(network.leastCut(enough: .max) == before)
  }

  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func aFlowThatIsStoppedBoundsTheCutFromBelow(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let one = Case(&random)
    var network = one.network()
    network.visitLimit = Int.random(in: 0...20, using: &random)
    let bytes = network.leastCut(enough: .max)
    #expect(network.isExact ? bytes == one.leastCut : bytes <= one.leastCut)
    network.visitLimit = .max
    network.keepFlow()
    #expect(network.leastCut(enough: .max, goingOn: true) == one.leastCut)
    #expect(network.isExact)
  }
}

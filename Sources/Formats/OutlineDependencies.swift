/// Finds for what each item waits.
///
/// What the text says of an item goes first. Where it says nothing of it, its place counts: numbered points
/// of a plan follow one another, a phase follows the phase in front of it, tests follow what they test.
/// What would close a cycle is left out, and told.
struct OutlineDependencies {
  /// Most phrases about what comes first that are read; no document of people's has so many.
  private static let maximumPhrases = 20_000

  private let outline: Outline
  private var drafts: [OutlineWork.Draft]
  private let titles: OutlineTitles
  private var order: DecompositionOrder
  private(set) var notes: [FormatProblem] = []
  /// What a chain of dependencies says of an item, as lines.
  private(set) var remarks: [Int: [String]] = [:]
  /// Its needs are known from the text, so its place says nothing.
  private var isSettled: [Bool]
  private var isParallel: [Bool]
  /// It follows the point in front of it.
  private var isInLine: [Bool]
  private var phrases = 0

  var needs: [[Int]] { order.needs.map { $0.sorted() } }

  init(_ work: OutlineWork) {
    outline = work.outline
    drafts = work.drafts
    titles = OutlineTitles(drafts)
    order = DecompositionOrder(parents: drafts.map(\.item.parent))
    isSettled = drafts.map(\.isFirst)
    isParallel = [Bool](repeating: false, count: drafts.count)
    isInLine = isParallel
    for index in drafts.indices { readText(of: index) }
    if work.chosen != [.order] { readOrder(work.sections) }
    let siblings = Dictionary(grouping: drafts.indices) { drafts[$0].item.parent }
    for parent in [nil] + drafts.indices.map(Optional.some) {
      guard let members = siblings[parent] else { continue }
      followPoints(members)
      followPhases(members, siblings)
    }
    followWork(siblings[nil] ?? [])
  }

  private mutating func add(_ need: Int, to item: Int, line: Int) -> Bool {
    guard order.count < Decomposition.maximumNeeds else { return false }
    if order.add(need, to: item) { return true }
    let (own, other) = (drafts[item].item.title.quoted, drafts[need].item.title.quoted)
    notes.append(
      FormatProblem(line: line, message: "\(own) after \(other) would close a cycle: left out"))
    return false
  }
}

// What the text says.
extension OutlineDependencies {
  private mutating func readText(of index: Int) {
    for sentence in drafts[index].stated {
      settle(index, OutlinePhrase(objects: sentence.text, strength: .strong), sentence.line, [])
    }
    for sentence in drafts[index].sentences { read(sentence, of: index, behind: []) }
  }

  private mutating func read(_ sentence: OutlineWork.Sentence, of index: Int, behind: [Int]) {
    if OutlinePhrase.isFirst(sentence.text) { isSettled[index] = true }
    if OutlinePhrase.isParallel(sentence.text) { isParallel[index] = true }
    for phrase in OutlinePhrase.all(in: sentence.text) {
      settle(index, phrase, sentence.line, behind)
    }
  }

  private mutating func settle(
    _ index: Int, _ phrase: OutlinePhrase, _ line: Int, _ behind: [Int]
  ) {
    phrases += 1
    guard phrases <= Self.maximumPhrases else { return }
    let parts = OutlinePhrase.parts(of: phrase.objects)
    if let whole = titles.item(
      phrase.objects, for: index, phrase.strength, isList: parts.count > 1)
    {
      if add(whole, to: index, line: line) { isSettled[index] = true }
      return
    }
    for part in parts {
      let found =
        titles.item(part, for: index, phrase.strength).map { [$0] }
        ?? (part.meansAllBefore ? earlier(than: index, behind) : [])
      for need in found where add(need, to: index, line: line) { isSettled[index] = true }
      if found.isEmpty, phrase.strength == .strong, !part.isPronoun {
        notes.append(
          FormatProblem(
            line: line,
            message: "\(drafts[index].item.title.quoted) waits for \(part.quoted), "
              + "which is no item: left out"))
      }
    }
  }

  private func earlier(than index: Int, _ behind: [Int]) -> [Int] {
    behind.isEmpty
      ? drafts.indices.filter {
        $0 < index && drafts[$0].item.parent == drafts[index].item.parent
      } : behind
  }
}

// What a chain of dependencies says of items that stand elsewhere.
extension OutlineDependencies {
  private mutating func readOrder(_ sections: [OutlineSection]) {
    var behind: [Int] = []
    for node in outline.nodes.indices where sections[node] == .order {
      guard !drafts.contains(where: { $0.node == node }) else { continue }
      let name = OutlineName(outline.nodes[node])
      let isNested = outline.nodes[node].parent.map { outline.nodes[$0].point != nil } ?? false
      guard !isNested, OutlineSection.named(by: name.title) == nil,
        let index = titles.item(name.title, for: nil, .weak)
      else { continue }
      place(index, by: node, behind)
      remarks[index, default: []] += outline.lines(below: node).filter { !$0.isEmpty }
      if !behind.contains(index) { behind.append(index) }
    }
  }

  private mutating func place(_ index: Int, by node: Int, _ behind: [Int]) {
    let before = order.needs[index].count
    for sentence in outline.sentences(at: node) { read(sentence, of: index, behind: behind) }
    let isOrdered = outline.nodes[node].point?.number != nil
    guard order.needs[index].count == before, !isSettled[index], !isParallel[index], isOrdered,
      let last = behind.last
    else { return }
    if add(last, to: index, line: outline.nodes[node].line) { isSettled[index] = true }
  }
}

// What the place says.
extension OutlineDependencies {
  private mutating func followPoints(_ members: [Int]) {
    for (before, index) in zip(members, members.dropFirst()) {
      let (own, other) = (outline.nodes[drafts[index].node], outline.nodes[drafts[before].node])
      guard drafts[index].section == .plan || drafts[index].section == .order,
        own.point?.number != nil, other.point?.number != nil, own.parent == other.parent,
        !isSettled[index], !isParallel[index]
      else { continue }
      isInLine[index] = add(before, to: index, line: own.line)
    }
  }

  private mutating func followPhases(_ members: [Int], _ siblings: [Int?: [Int]]) {
    let phases = members.filter { isPhase($0) }
    for (before, phase) in zip(phases, phases.dropFirst()) {
      for index in siblings[phase] ?? [phase] where !isSettled[index] && !isInLine[index] {
        _ = add(before, to: index, line: drafts[index].item.line ?? 0)
      }
    }
  }

  private static let stages: Set = [
    "roadmap", "phases", "milestones", "sprints", "chain", "order", "timeline", "schedule",
  ]

  /// Headings that are numbered as phases, or stand below one that says so.
  private func isPhase(_ index: Int) -> Bool {
    let node = outline.nodes[drafts[index].node]
    guard node.level != nil, [.plan, .order].contains(drafts[index].section) else { return false }
    if let first = node.text.words.first, node.text.words.isPhase { return first != "task" }
    let above = node.parent.map { outline.nodes[$0].text.words } ?? []
    return above.contains { Self.stages.contains($0) }
  }

  /// Tests of the whole wait for the work in front of them.
  private mutating func followWork(_ members: [Int]) {
    for index in members where drafts[index].section == .tests && !isSettled[index] {
      for other in members where other < index && drafts[other].section != .tests {
        _ = add(other, to: index, line: drafts[index].item.line ?? 0)
      }
    }
  }
}

extension Outline {
  /// What a node and all below it say, without code.
  fileprivate func sentences(at node: Int) -> [OutlineWork.Sentence] {
    let own = OutlineWork.Sentence(text: nodes[node].text.plainMarkup, line: nodes[node].line)
    let prose = nodes[node].prose.filter { !$0.isVerbatim }.map {
      OutlineWork.Sentence(text: $0.text.plainMarkup, line: $0.line)
    }
    return [own] + prose + nodes[node].children.flatMap { sentences(at: $0) }
  }
}

extension String {
  /// `all previous steps`, `most previous components`.
  fileprivate var meansAllBefore: Bool {
    words.contains { ["previous", "preceding", "prior", "earlier", "above"].contains($0) }
  }

  fileprivate var isPronoun: Bool {
    words.allSatisfy {
      ["this", "it", "that", "these", "them", "those", "all", "other"].contains($0)
    }
  }
}

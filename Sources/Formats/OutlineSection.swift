/// What a heading says that its text is about.
enum OutlineSection: Equatable {
  /// Work in the order in which it is to be done: a roadmap, phases, tasks.
  case plan
  /// What waits for what, mostly of work that is described elsewhere.
  case order
  /// What is to be built.
  case work
  /// How the whole is tested.
  case tests
  /// How to see that the work around it is done.
  case criteria
  /// What people want from it, or how it is made up: work only where nothing else is.
  case wish
  /// No work: why, for whom, risks, what is left for later.
  case background

  /// Returns the kind that a title names, and whether it names nothing else ("Features"); nil for
  /// the title of some particular work.
  static func named(by title: String) -> (kind: OutlineSection, isGeneric: Bool)? {
    let words = title.words.drop { $0.allSatisfy { $0.isNumber || $0 == "." } }
    if Array(words).isPhase { return (.plan, false) }
    for (kind, phrases) in edges where phrases.contains(where: { stands($0, atEdgeOf: words) }) {
      return (kind, true)
    }
    let whole = words.joined(separator: " ")
    for (kind, titles) in wholes where titles.contains(whole) { return (kind, true) }
    return nil
  }

  /// At the beginning, or anywhere in a title that is hardly longer.
  private static func stands(_ phrase: String, atEdgeOf words: ArraySlice<String>) -> Bool {
    let phrase = phrase.words
    if words.starts(with: phrase) { return words.count <= phrase.count + 4 }
    guard words.count <= phrase.count + 1 else { return false }
    return words.suffix(phrase.count).elementsEqual(phrase)
  }

  /// Found at the beginning or the end of a title; the first that fits counts.
  private static let edges: [(OutlineSection, [String])] = [
    (
      .order,
      [
        "dependency chain", "dependency graph", "dependency order", "task dependencies",
        "implementation order", "build order", "development order", "execution order",
        "order of work", "order of implementation", "order of development",
      ]
    ),
    (.criteria, ["acceptance criteria", "definition of done", "done when", "exit criteria"]),
    (
      .background,
      [
        "overview", "introduction", "executive summary", "background", "problem", "motivation",
        "non goals", "nongoals", "out of scope", "risk", "risks", "appendix", "references",
        "glossary", "persona", "personas", "target audience", "target users", "stakeholders",
        "success metrics", "success criteria", "metrics", "kpis", "assumptions", "constraints",
        "future", "nice to have", "open questions", "faq", "changelog", "revision history",
        "document history", "table of contents", "competitive analysis", "market analysis",
        "vision", "mission", "purpose", "user experience", "business case",
      ]
    ),
    (
      .plan,
      [
        "roadmap", "implementation plan", "development plan", "work plan", "project plan",
        "work breakdown", "implementation tasks", "development tasks", "implementation steps",
        "development steps", "implementation phases", "development phases", "project phases",
        "delivery plan", "rollout plan", "build plan", "task list", "task breakdown",
      ]
    ),
    (.tests, ["testing strategy", "test strategy", "test plan", "testing plan"]),
    (
      .wish,
      [
        "goals", "objectives", "user stories", "use cases", "user scenarios", "architecture",
        "tech stack", "technology stack", "data model", "data models", "system components",
      ]
    ),
    (
      .work,
      [
        "features", "requirements", "deliverables", "technical design", "specification",
        "functionality", "implementation details", "apis and integrations",
      ]
    ),
  ]

  /// Words that mean a kind of section only when nothing stands beside them.
  private static let wholes: [(OutlineSection, [String])] = [
    (.order, ["dependencies", "order", "sequence"]),
    (
      .background,
      [
        "context", "users", "audience", "team", "notes", "summary", "about", "contents",
        "resources", "links", "legend", "why", "history", "license", "later", "ideas",
      ]
    ),
    (
      .plan,
      [
        "tasks", "to do", "todo", "todos", "backlog", "phases", "milestones", "sprints", "steps",
        "plan", "schedule", "timeline", "work items", "action items", "checklist",
        "implementation", "next steps",
      ]
    ),
    (.tests, ["testing", "tests", "quality assurance", "qa", "verification", "validation"]),
    (.work, ["scope", "mvp", "design", "components", "modules"]),
  ]

  /// What a heading of this kind means inside one of another kind.
  func inside(_ outer: OutlineSection, isPhase: Bool) -> OutlineSection {
    switch (self, outer) {
    case (.plan, .background): isPhase ? .background : .plan
    case (_, .background): .background
    case (.plan, .wish), (.plan, .order): isPhase ? outer : .plan
    case (.work, .plan), (.work, .wish), (.work, .tests), (.work, .order): outer
    default: self
    }
  }
}

extension [String] {
  private static let phases = [
    "phase", "milestone", "sprint", "stage", "iteration", "week", "step", "task", "epic",
  ]

  /// As in `phase 1`, whatever follows.
  var isPhase: Bool {
    guard count >= 2, Self.phases.contains(self[0]) else { return false }
    return self[1].allSatisfy(\.isNumber) || ["i", "ii", "iii", "iv", "v"].contains(self[1])
  }
}

extension StringProtocol {
  /// Letters and digits between everything else, in lower case.
  var words: [String] {
    lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }
}

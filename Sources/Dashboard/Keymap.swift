package import Canvas
import Model
import Planning

/// Which key means what, where: the one table behind key handling, footer, help and documentation.
package struct Keymap: Sendable {
  package static let standard = Keymap(main + replay + timeline + filter + anywhere + popups)

  package let bindings: [Binding]
  private let positions: [KeyContext: [Key: Int]]

  /// A later binding of the same key in the same context is not reached.
  package init(_ bindings: [Binding]) {
    self.bindings = bindings
    var positions: [KeyContext: [Key: Int]] = [:]
    for (position, binding) in bindings.enumerated() {
      for key in binding.keys where positions[binding.context, default: [:]][key] == nil {
        positions[binding.context, default: [:]][key] = position
      }
    }
    self.positions = positions
  }

  package func binding(of key: Key, in context: KeyContext) -> Binding? {
    positions[context]?[key].map { bindings[$0] }
  }

  package func bindings(in context: KeyContext) -> [Binding] {
    bindings.filter { $0.context == context }
  }

  /// The bindings that the footer shows now, most important first.
  package func footer(of state: DashboardState, in context: KeyContext) -> [Binding] {
    let contexts = context == .main ? state.mainContexts : [context]
    let isReplay = state.replay != nil
    return contexts.flatMap { bindings(in: $0) }.filter {
      !$0.label.isEmpty && !$0.keys.isEmpty && $0.isOffered(by: state)
        && !(isReplay && $0.action.asksTheRun)
    }
  }
}

/// One action and its keys in one context.
package struct Binding: Sendable {
  package var context: KeyContext
  /// The first is the one that the footer shows.
  package var keys: [Key]
  package var action: Action
  /// One word for the footer; empty leaves the binding to the help.
  package var label: String
  /// A sentence without a full stop.
  package var help: String
  package var isValid: @Sendable (DashboardState) -> Bool

  package init(
    _ context: KeyContext, _ keys: [Key], _ action: Action, _ label: String, _ help: String,
    when isValid: @escaping @Sendable (DashboardState) -> Bool = { _ in true }
  ) {
    self.context = context
    self.keys = keys
    self.action = action
    self.label = label
    self.help = help
    self.isValid = isValid
  }

  /// Valid, and of use as far as the screen knows.
  ///
  /// The run may be ahead of the screen: `P c` typed at once holds and continues it.
  package func isOffered(by state: DashboardState) -> Bool {
    isValid(state) && (action != .continue || state.run.isHeld)
  }

  /// The word for the footer; it follows what a toggling key would do now.
  package func label(in state: DashboardState) -> String {
    switch action {
    case .togglePause: state.isTargetPaused ? "resume" : "pause"
    case .toggleHold: state.run.isHeld ? "continue" : "hold"
    case .toggleView: state.nextView.rawValue
    case .replay(.togglePlay): state.isMoving ? "pause" : "play"
    case .timeline(.toggleRows): state.timeline.rows == .tasks ? "slots" : "tasks"
    default: label
    }
  }

  /// As in `⏎/d`, at most two keys unless `all`.
  package func keyNames(_ glyphs: Glyphs, all: Bool = false) -> SafeText {
    SafeText(keys.prefix(all ? keys.count : 1).map { $0.name(glyphs) }.joined(separator: " "))
  }
}

extension Action {
  /// Something that a replay refuses and a run that is over cannot do; neither's footer offers it.
  var asksTheRun: Bool {
    switch self {
    case .togglePause, .toggleHold, .toggleFreeze, .step, .stepWave, .continue, .stop, .pickSignal,
      .retry, .retryDownstream, .skip:
      true
    default: false
    }
  }
}

extension Action {
  /// Leaves the footer before what is needed more often.
  var canBeSpared: Bool { self == .retryDownstream || self == .copy }

  /// Valid on the main screen whatever the run and its tasks do.
  var isAlwaysOffered: Bool {
    switch self {
    case .details, .toggleView, .startFilter, .help, .quit: true
    default: false
    }
  }
}

extension Key {
  /// What the key is called on the screen.
  package func name(_ glyphs: Glyphs) -> String {
    let isASCII = glyphs.isASCII
    switch self {
    case .character(" "): return isASCII ? "Space" : "␣"
    case .character(let character): return String(character)
    case .control(let character): return "^\(character)"
    case .alt(let character): return "M-\(character)"
    case .enter: return isASCII ? "Enter" : "⏎"
    case .tab: return isASCII ? "Tab" : "⇥"
    case .backTab: return isASCII ? "S-Tab" : "⇤"
    case .escape: return "Esc"
    case .backspace: return "BS"
    case .delete: return "Del"
    case .insert: return "Ins"
    case .up: return isASCII ? "Up" : "↑"
    case .down: return isASCII ? "Down" : "↓"
    case .left: return isASCII ? "Left" : "←"
    case .right: return isASCII ? "Right" : "→"
    case .home: return "Home"
    case .end: return "End"
    case .pageUp: return "PgUp"
    case .pageDown: return "PgDn"
    case .function(let number): return "F\(number)"
    case .paste, .focus, .mouse: return ""
    }
  }
}

package import Canvas
import Model

/// A window above the panels.
///
/// The newest on the stack gets every key; all are drawn, oldest first.
///
/// To add one: a struct that conforms to `PopupContent`, a case here, a line in `content`, a
/// `KeyContext` and its bindings in `PopupKeys.swift`.
///
/// The way of a key: `DashboardState.update` looks it up in the keymap of the popup's `keyContext` and
/// calls `update(_:_:in:)` with the key and the action (nil for a key without a binding: typed text,
/// say). The result says what happens next; `.pass` hands the key to the keymap of the main screen, so
/// that Space pauses from within the details too. Every other message goes to `receive(_:in:)` after
/// the state has taken it in: new facts, samples, a window of a log (kept in `state.logs`), what a
/// search found. A click on a button of what it draws (`Frame.button`) comes as its key, or as a
/// number to `choose(_:in:)`; one outside closes it by Escape, any other use of the mouse goes to
/// `point(_:in:)`. `draw(on:state:)` is pure and must cope with any size down to 1 × 1.
package enum Popup: Sendable, Equatable {
  case details(DetailsPopup)
  case output(OutputPopup)
  case help(HelpPopup)
  case signals(SignalsPopup)
  case quit(QuitPopup)
  case confirm(ConfirmPopup)
  case themes(ThemePopup)
  case seek(SeekPopup)
  case palette(PalettePopup)
  case workspace(WorkspacePopup)
  case decision(DecisionPopup)
  case autonomy(AutonomyPopup)

  package var content: any PopupContent {
    get {
      switch self {
      case .details(let popup): popup
      case .output(let popup): popup
      case .help(let popup): popup
      case .signals(let popup): popup
      case .quit(let popup): popup
      case .confirm(let popup): popup
      case .themes(let popup): popup
      case .seek(let popup): popup
      case .palette(let popup): popup
      case .workspace(let popup): popup
      case .decision(let popup): popup
      case .autonomy(let popup): popup
      }
    }
    set {
      switch newValue {
      case let popup as DetailsPopup: self = .details(popup)
      case let popup as OutputPopup: self = .output(popup)
      case let popup as HelpPopup: self = .help(popup)
      case let popup as SignalsPopup: self = .signals(popup)
      case let popup as QuitPopup: self = .quit(popup)
      case let popup as ConfirmPopup: self = .confirm(popup)
      case let popup as ThemePopup: self = .themes(popup)
      case let popup as SeekPopup: self = .seek(popup)
      case let popup as PalettePopup: self = .palette(popup)
      case let popup as WorkspacePopup: self = .workspace(popup)
      case let popup as DecisionPopup: self = .decision(popup)
      case let popup as AutonomyPopup: self = .autonomy(popup)
      default: preconditionFailure("\(newValue) is no popup of the stack")
      }
    }
  }
}

package protocol PopupContent: Sendable, Equatable {
  /// Which bindings of the keymap are valid while this popup is on top.
  var keyContext: KeyContext { get }

  /// Answers a key. `action` is what the keymap of `keyContext` makes of it, if anything.
  mutating func update(_ key: Key, _ action: Action?, in context: DashboardContext) -> PopupResult

  /// Answers the mouse: the wheel, and presses inside what it draws that are on no button.
  mutating func point(_ event: MouseEvent, in context: DashboardContext) -> PopupResult

  /// Answers a click on one of its own buttons that stand for no key.
  mutating func choose(_ number: Int, in context: DashboardContext) -> PopupResult

  /// Where a text stands whose lines can be selected and copied; nil is nowhere.
  func textPlace(in state: DashboardState) -> Rect?

  /// The lines that show there, as they are read.
  func textLines(in state: DashboardState) -> [SafeText]

  /// Has them stay where they are, whatever comes.
  mutating func holdText(in context: DashboardContext)

  /// Hears of everything that is not a key, after the state has taken it in.
  mutating func receive(_ message: Message, in context: DashboardContext) -> PopupResult

  func draw(on frame: inout Frame, state: DashboardState)
}

extension PopupContent {
  package mutating func receive(_ message: Message, in context: DashboardContext) -> PopupResult {
    .stay()
  }
}

/// What a popup may look at while it answers: the whole state, without the popups.
package struct DashboardContext: Sendable {
  package let state: DashboardState

  package init(_ state: DashboardState) { self.state = state }
}

/// What becomes of the popup and what is to be done.
package struct PopupResult: Sendable, Equatable {
  package enum Next: Sendable, Equatable {
    case stay
    case close
    /// Close every popup.
    case closeAll
    /// Put one more on top.
    case open(Popup)
    case replace(Popup)
    /// Let the main screen answer the key.
    case pass
  }

  /// What changes behind the popup.
  package enum Change: Sendable, Equatable {
    case theme(Theme)
    case filter(String)
    case select(Item)
    /// As if the key of the action had been pressed in that context.
    case perform(Action, KeyContext)
  }

  package var next: Next
  package var effects: [Effect]
  /// Moves the selection of the main screen.
  package var selection: Item?
  /// Made after `next`.
  package var change: Change?

  package init(
    _ next: Next, _ effects: [Effect] = [], selection: Item? = nil, change: Change? = nil
  ) {
    self.next = next
    self.effects = effects
    self.selection = selection
    self.change = change
  }

  package static func stay(_ effects: [Effect] = []) -> PopupResult { PopupResult(.stay, effects) }
  package static func close(_ effects: [Effect] = []) -> PopupResult {
    PopupResult(.close, effects)
  }
}

extension Popup {
  /// Effects that a popup wants when it is opened, the first window of a log say.
  package func opening(in context: DashboardContext) -> [Effect] {
    switch self {
    case .details(let popup): popup.opening(in: context)
    case .output(let popup): popup.opening(in: context)
    case .decision(let popup): popup.opening(in: context)
    default: []
    }
  }
}

extension Frame {
  /// Clears a rectangle of the given size in the middle, draws its border, and returns the inside.
  ///
  /// The rectangle shrinks to the frame; on a frame too small for a border it is the whole frame.
  package mutating func window(
    columns: Int, rows: Int, title: SafeText, facts: [SafeText] = [], state: DashboardState
  ) -> Rect {
    let (rect, inside) = size.window(columns: columns, rows: rows)
    fill(rect)
    guard rect != inside else { return rect }
    border(
      rect, title: title, facts: facts, glyphs: state.glyphs, style: state.theme.focus,
      titleStyle: state.theme.title)
    return inside
  }
}

extension Size {
  /// Where `Frame.window` lies, and its inside.
  func window(columns: Int, rows: Int) -> (whole: Rect, inside: Rect) {
    let width = min(columns, self.columns)
    let height = min(rows, self.rows)
    let rect = Rect(
      row: (self.rows - height) / 2, column: (self.columns - width) / 2, rows: height,
      columns: width)
    return (rect, height >= 3 && width >= 8 ? rect.inside : rect)
  }
}

/// What a terminal is known to stand beside pictures, told by its names.
///
/// There is no way to ask that works everywhere, and what a terminal does not know it may print. So
/// whoever is not known gets the bell at most.
package struct TerminalAbilities: Sendable, Equatable {
  package enum Notification: Sendable, Equatable { case bell, osc9, osc777 }

  package var hasMouse = true
  package var hasBell = true
  /// The window's title can be set, and set back.
  package var hasTitle = false
  /// OSC 9;4; others take it for the text of a notification.
  package var hasProgress = false
  /// OSC 52.
  package var hasClipboard = false
  package var notification = Notification.bell
  /// Inside tmux, which has a clipboard of its own and passes on only what is wrapped.
  package var isTmux = false
  package var isUnicode = true
  /// Takes 24 bits of a colour, `38;2;r;g;b`.
  package var hasDirectColor = false

  package static let none = TerminalAbilities(type: "dumb", environment: [:])

  /// - Parameters:
  ///   - type: The value of `TERM`.
  ///   - environment: Variables by which terminals name themselves.
  package init(type: String, environment: [String: String]) {
    isTmux = environment["TMUX"]?.isEmpty == false
    let family = type.split(separator: "-").first.map(String.init) ?? ""
    // screen hands the variable of the terminal around it on, and takes the numbers for attributes.
    hasDirectColor =
      ["truecolor", "24bit"].contains(environment["COLORTERM"]) && family != "screen"
      && environment["STY"] == nil
    if isTmux {
      hasTitle = true
      return
    }
    // The console shows what it does not know; old terminals may do anything.
    guard Self.windowed.contains(family), environment["STY"] == nil else {
      hasBell = type != "dumb"
      hasMouse = type != "dumb"
      return
    }
    hasTitle = true
    hasClipboard = true
    let program = Program(type: type, environment: environment)
    hasProgress = program.hasProgress
    notification = program.notification
  }

  /// First parts of the names of terminals in windows.
  private static let windowed: Set<String> = [
    "xterm", "alacritty", "contour", "foot", "ghostty", "iterm2", "kitty", "konsole", "mintty",
    "mlterm", "rio", "rxvt", "st", "vscode", "vte", "wezterm",
  ]

  /// As tmux passes it on to the terminal around it.
  func wrapped(_ bytes: [UInt8]) -> [UInt8] {
    guard isTmux else { return bytes }
    let doubled = bytes.flatMap { $0 == 0x1b ? [0x1b, 0x1b] : [$0] }
    return Array("\u{1b}Ptmux;".utf8) + doubled + Array("\u{1b}\\".utf8)
  }
}

extension TerminalAbilities {
  /// Programs that give themselves away.
  private enum Program {
    case other, ghostty, iTerm, kitty, foot, wezterm, windowsTerminal, conEmu, mintty, rxvt
    case konsole

    init(type: String, environment: [String: String]) {
      let name = environment["TERM_PROGRAM"] ?? ""
      self =
        switch true {
        case type == "xterm-ghostty" || name == "ghostty": .ghostty
        case type == "xterm-kitty" || environment["KITTY_WINDOW_ID"] != nil: .kitty
        case name == "iTerm.app" || environment["LC_TERMINAL"] == "iTerm2": .iTerm
        case name == "WezTerm" || type == "wezterm": .wezterm
        case type.hasPrefix("foot"): .foot
        case environment["WT_SESSION"] != nil: .windowsTerminal
        case environment["ConEmuANSI"] == "ON": .conEmu
        case name == "mintty" || type.hasPrefix("mintty"): .mintty
        case type.hasPrefix("rxvt-unicode"): .rxvt
        case environment["KONSOLE_VERSION"] != nil: .konsole
        default: .other
        }
    }

    var hasProgress: Bool {
      switch self {
      case .ghostty, .windowsTerminal, .conEmu, .mintty: true
      default: false
      }
    }

    var notification: Notification {
      switch self {
      case .ghostty, .iTerm, .kitty, .wezterm: .osc9
      case .foot, .rxvt: .osc777
      case .other, .windowsTerminal, .conEmu, .mintty, .konsole: .bell
      }
    }
  }
}

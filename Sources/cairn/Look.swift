import ArgumentParser
import Canvas
import Dashboard
import Formats
import Foundation
import Terminal

/// How the dashboard looks: glyphs and theme, as asked for and as the terminal allows.
struct Look {
  typealias GlyphChoice = UserConfig.GlyphChoice

  var theme: Theme
  /// What can be picked instead.
  var themes: [ThemeChoice]
  var glyphs: GlyphChoice
  var mouse = MouseMode.full
  /// The command that takes what is copied; nil is tmux or the terminal.
  var copy: String?
  var notify = Notify.desktop
  var motion = Motion.full
  var keymap = Keymap.standard

  /// How a person who looks elsewhere is told.
  enum Notify: String, ExpressibleByArgument, CaseIterable { case off, bell, desktop }
  enum Motion: String, ExpressibleByArgument, CaseIterable { case full, reduced }

  func state(on traits: TerminalTraits, isAttached: Bool) -> DashboardState {
    let isUnicode = glyphs == .unicode || (glyphs == .auto && traits.isUnicode)
    let hasColors = traits.colors > 0
    return DashboardState(
      glyphs: isUnicode ? .unicode : .ascii, theme: hasColors ? theme : .noColor,
      themes: hasColors ? themes : [.noColor], keymap: keymap,
      utcOffsetSeconds: TimeZone.current.secondsFromGMT(),
      isAttached: isAttached, mouse: mouse, alerts: notify != .off)
  }
}

extension UserConfig.GlyphChoice: ExpressibleByArgument {}
extension MouseMode: ExpressibleByArgument {}

struct LookOptions: ParsableArguments {
  @Option(
    help: "A theme: terminal, okabe-ito, no-color, a base16 or base24 scheme by name, or a file.")
  var theme: String?

  @Option(help: "auto, unicode or ascii.")
  var glyphs: Look.GlyphChoice?

  @Option(help: "The mouse: off, scroll (the wheel only) or full. Shift selects as ever.")
  var mouse: MouseMode = .full

  @Option(
    help: ArgumentHelp(
      "A command that takes copied text on its standard input, as wl-copy.",
      discussion:
        "CAIRN_COPY in the environment means the same. By default tmux, or the terminal by OSC 52.",
      valueName: "command"))
  var copy: String?

  @Option(
    help: ArgumentHelp(
      "Failed, waiting, ended, while you look elsewhere: off, bell or desktop.",
      discussion: "By default desktop where the terminal is known to show it, else the bell."))
  var notify: Look.Notify = .desktop

  @Option(help: "full, or reduced: nothing moves more than once a second but by a key.")
  var motion: Look.Motion = .full

  @Flag(
    help: ArgumentHelp(
      "Event lines in words alone instead of the dashboard.",
      discussion: "CAIRN_SCREEN_READER=1 in the environment means the same."))
  var screenReader = false

  var isSpoken: Bool {
    let asked = ProcessInfo.processInfo.environment["CAIRN_SCREEN_READER"] ?? ""
    return screenReader || !asked.isEmpty && asked != "0"
  }

  /// How lines are printed where no dashboard is drawn.
  var lineForm: LineFollower.Form { isSpoken ? .spoken : .plain }

  /// The mode that was chosen, unless lines are to be spoken.
  func mode(_ chosen: OutputMode) -> OutputMode {
    chosen == .dashboard && isSpoken ? .plain(because: "screen reader") : chosen
  }

  func look() throws -> Look {
    let user = UserFolder()
    let config = try user.config()
    return Look(
      theme: try theme(config, of: user), themes: ThemeShelf(user).choices(),
      glyphs: glyphs ?? config.glyphs ?? .auto, mouse: mouse, copy: copy,
      notify: notify, motion: motion,
      keymap: try user.keymap())
  }

  /// Finds what is wrong with settings and arguments, before anything runs that wants a dashboard.
  func check(for mode: OutputMode) throws {
    guard mode == .dashboard else { return }
    let user = UserFolder()
    _ = try theme(try user.config(), of: user)
    _ = try user.keymap()
  }

  /// What the command line asks for goes before `NO_COLOR`, which goes before what holds for always.
  private func theme(_ config: UserConfig, of user: UserFolder) throws -> Theme {
    let shelf = ThemeShelf(user)
    if let theme { return try shelf.theme(named: theme) }
    let noColor = ProcessInfo.processInfo.environment["NO_COLOR"] ?? ""
    if !noColor.isEmpty { return .noColor }
    guard let written = config.theme else { return .terminal }
    do throws(FormatProblem) {
      return try shelf.theme(named: written.value, from: user.path)
    } catch {
      throw error.code == .missing ? written.problem(error.message, hint: error.hint) : error
    }
  }
}

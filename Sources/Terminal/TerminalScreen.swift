import Canvas
import CNcurses
import Glibc

/// ncurses on a tty: frames in, bytes out, and the terminal given back at the end.
///
/// The C side is one screen a process, so there is one of these at a time, used by one thread at a
/// time: `TerminalLoop` holds it under its lock.
struct TerminalScreen: Sendable {
  /// Beyond this a terminal is taken for broken, and drawn on no further.
  static let largest = Size(columns: 1000, rows: 500)
  private static let fallbackSize = Size(columns: 80, rows: 24)

  private(set) var device: TerminalDevice
  private(set) var traits: TerminalTraits
  private let colors: ColorMap
  /// nil where colours are told by number.
  private var directColors: DirectColors?
  /// ncurses pushes the last cell to its place, and can do so neither past a wide glyph nor alone.
  private let pushesCorner: Bool
  /// What ncurses was told last; nil if nothing that still holds.
  private var shown: Frame?
  private(set) var isSuspended = false
  /// A frame was skipped since the last one that was drawn.
  private(set) var owesFrame = false
  private(set) var outbox: Outbox

  // `signals` is the writing end of a pipe, for the numbers of signals.
  init(
    tty: Int32, type: String, signals: Int32, abilities: TerminalAbilities = .none
  ) throws(TerminalProblem) {
    device = try TerminalDevice(inheriting: tty)
    let size = Self.clamped(device.size ?? Self.fallbackSize)
    let isUnicode = cairn_locale_open() == 1
    // Before ncurses, which puts handlers of its own where it finds none.
    guard cairn_guard_open(device.descriptor, signals) == 0 else {
      throw .system(call: "tcgetattr", code: errno)
    }
    var count: Int32 = 0
    let known = TerminalType(name: type).candidates.first {
      cairn_screen_open($0, Int32(size.rows), Int32(size.columns), &count) == 0
    }
    guard let known else {
      cairn_guard_close()
      device.close()
      throw .unknownType(type)
    }
    traits = TerminalTraits(type: known, size: size, colors: Int(count), isUnicode: isUnicode)
    colors = ColorMap(count: Int(count))
    var abilities = abilities
    if abilities.hasDirectColor, count >= 256, cairn_screen_numbers_colors() == 1 {
      directColors = DirectColors()
      traits.colors = 1 << 24
    }
    abilities.isUnicode = isUnicode
    outbox = Outbox(abilities)
    pushesCorner = cairn_screen_pushes_corner() == 1
    guard cairn_guard_enter() == 0 else {
      let code = errno
      close()
      throw .system(call: "tcsetattr", code: code)
    }
  }

  /// Gives the terminal back; nothing may be called afterwards.
  func close() {
    cairn_guard_close()
    cairn_screen_close()
    device.close()
  }

  private static func clamped(_ size: Size) -> Size {
    Size(columns: min(size.columns, largest.columns), rows: min(size.rows, largest.rows))
  }
}

extension TerminalScreen {
  /// Brings the terminal to this picture; cells outside its size are dropped.
  @discardableResult
  mutating func show(_ frame: Frame) -> FrameReport {
    guard !isSuspended, !device.isGone else { return .skipped }
    guard !device.hasPendingOutput, device.isWritable else {
      owesFrame = true
      return .skipped
    }
    owesFrame = false
    cairn_guard_trim()
    put(frame)
    if directColors?.isShort == true, frame.fitsDirectColors {
      repaint()
      put(frame)
    }
    var count = 0
    let picture = UnsafeRawBufferPointer(start: cairn_screen_render(&count), count: count)
    if let directColors { return write(directColors.told(picture) + outbox.take()) }
    guard outbox.isEmpty else { return write(Array(picture) + outbox.take()) }
    guard count > 0 else { return FrameReport(bytes: 0, writes: 0, isSkipped: false) }
    device.write(picture)
    return FrameReport(bytes: count, writes: 1, isSkipped: false)
  }

  private mutating func write(_ bytes: [UInt8]) -> FrameReport {
    guard !bytes.isEmpty else { return FrameReport(bytes: 0, writes: 0, isSkipped: false) }
    bytes.withUnsafeBytes { device.write($0) }
    return FrameReport(bytes: bytes.count, writes: 1, isSkipped: false)
  }

  /// Has the note go out with the next frame; returns whether the terminal can be told this.
  mutating func add(_ note: TerminalNote) -> Bool {
    guard !device.isGone, outbox.add(note) else { return false }
    armRestore()
    return true
  }

  private func armRestore() {
    let restore = outbox.restore
    cairn_guard_extend_restore(restore, restore.count, outbox.mouse == .off ? 0 : 1)
  }

  /// Tells ncurses the cells that changed since the last frame.
  private mutating func put(_ frame: Frame) {
    let old = shown?.size == frame.size ? shown : nil
    for row in 0..<traits.size.rows where !isSame(row, frame, old) {
      // Half of a wide cell must not stay behind, so rows that have one are told whole.
      let isWhole = old.map { hasWide(frame, row) || hasWide($0, row) } ?? true
      for column in 0..<traits.size.columns
      where isWhole || old?[row, column] != frame[row, column] {
        put(frame, row, column)
      }
    }
    shown = frame
  }

  /// Most rows are; each is looked at cell by cell only when it is not.
  private func isSame(_ row: Int, _ frame: Frame, _ old: Frame?) -> Bool {
    guard let old else { return false }
    let cells = row * frame.size.columns..<(row + 1) * frame.size.columns
    return frame.cells[cells] == old.cells[cells]
  }

  private func hasWide(_ frame: Frame, _ row: Int) -> Bool {
    (0..<frame.size.columns).contains { frame[row, $0].isContinuation }
  }

  private mutating func put(_ frame: Frame, _ row: Int, _ column: Int) {
    let cell = frame[row, column]
    if pushesCorner, row + 1 == traits.size.rows, standsInCornersWay(frame, row, column) {
      return column > 0
        ? put(substitute, style: cell.style, row, column) : put(" ", style: Style(), row, column)
    }
    let isLast = column + 1 >= traits.size.columns
    let isWide = !isLast && frame[row, column + 1].isContinuation
    if cell.isContinuation {
      // The cell before draws it, unless ncurses counts that one narrow.
      let before = frame[row, column - 1]
      if column > 0, !before.isContinuation, width(of: before.glyph) == 2 { return }
      return put(" ", style: cell.style, row, column)
    }
    let fits = width(of: cell.glyph) == (isWide ? 2 : 1) || isWide && width(of: cell.glyph) == 1
    put(fits ? cell.glyph : substitute, style: cell.style, row, column)
  }

  /// Both halves of a wide glyph beside the last cell of the screen, or that cell in a column alone.
  private func standsInCornersWay(_ frame: Frame, _ row: Int, _ column: Int) -> Bool {
    let last = traits.size.columns - 1
    let isBeside = column == last - 1 || column == last - 2
    return last == 0 || isBeside && frame[row, last - 1].isContinuation
  }

  private mutating func put(_ glyph: Character, style: Style, _ row: Int, _ column: Int) {
    var scalars = glyph.unicodeScalars.prefix(Int(CAIRN_CELL_SCALARS)).map(\.value)
    cairn_screen_cell(
      Int32(row), Int32(column), &scalars, Int32(scalars.count),
      UInt32(style.attributes.rawValue), number(of: style.foreground),
      number(of: style.background))
  }

  private mutating func number(of color: Color) -> Int32 {
    guard case .rgb(let red, let green, let blue) = color,
      let number = directColors?.number(red: red, green: green, blue: blue)
    else { return colors.index(of: color) }
    return number
  }

  /// Shown for what the locale or ncurses cannot show, one column wide.
  private var substitute: Character { traits.isUnicode ? "\u{FFFD}" : "?" }

  /// Columns as ncurses counts them; 0 for what cannot stand in a cell.
  private func width(of glyph: Character) -> Int {
    guard let first = glyph.unicodeScalars.first else { return 0 }
    if first.isASCII { return first.value >= 0x20 && first.value < 0x7f ? 1 : 0 }
    return traits.isUnicode ? max(0, Int(cairn_scalar_width(first.value))) : 0
  }
}

extension TerminalScreen {
  /// The next frame paints every cell.
  mutating func repaint() {
    shown = nil
    directColors?.clear()
    cairn_screen_repaint()
  }

  /// Takes over the size of the tty; returns it if it is another one.
  mutating func adoptSize() -> Size? {
    guard let size = device.size.map(Self.clamped), size != traits.size else { return nil }
    traits.size = size
    shown = nil
    directColors?.clear()
    cairn_screen_resize(Int32(size.rows), Int32(size.columns))
    return size
  }

  mutating func leave() {
    isSuspended = true
    device.discard()
    cairn_screen_suspend()
    cairn_guard_leave()
  }

  /// Takes the terminal again after a loan, with the modes it was lent with: those that the program left
  /// behind would otherwise become the person's own.
  mutating func enterAfterLoan() {
    if cairn_guard_reset() != 0 { device.markGone() }
    enter()
  }

  /// Takes the terminal again, with the modes it now has as those to leave it with.
  mutating func enter() {
    if cairn_guard_enter() != 0 { device.markGone() }
    isSuspended = false
    outbox.startAnew()
    armRestore()
    _ = adoptSize()
    repaint()
  }

  /// Another program may have changed modes while we were stopped without a chance to leave.
  mutating func retake() {
    leave()
    enter()
  }

  mutating func read() -> [UInt8] { device.read() }

  mutating func flush() { device.flush() }

  /// The loop should sleep until the terminal takes bytes again, too.
  var waitsForOutput: Bool { !isSuspended && (device.hasPendingOutput || owesFrame) }

  /// Whether a skipped frame can be drawn now; true only once for it.
  mutating func takeOwedFrame() -> Bool {
    defer { if !device.hasPendingOutput { owesFrame = false } }
    return owesFrame && !device.hasPendingOutput
  }

  mutating func hangUp() {
    device.markGone()
    cairn_guard_abandon()
  }
}

import Canvas

/// The control sequences of notes.
///
/// Texts end up inside operating system commands (OSC), which a BEL, an ESC or, in a terminal that is
/// not in UTF-8 mode, a byte of a character ends. So nothing but printable characters gets in, and
/// nothing but ASCII where the locale is not UTF-8.
enum ControlString {
  static let titleLimit = 120
  static let notificationLimit = 200
  static let pushTitle = Array("\u{1b}[22;0t".utf8)
  static let popTitle = Array("\u{1b}[23;0t".utf8)
  static let clearProgress = Array("\u{1b}]9;4;0;0\u{7}".utf8)

  /// Returns nil where the terminal does not understand the note.
  static func bytes(
    of note: TerminalNote, _ abilities: TerminalAbilities, before mouse: MouseMode
  ) -> [UInt8]? {
    switch note {
    case .mouse(let mode): return abilities.hasMouse ? mouseModes(from: mouse, to: mode) : nil
    case .title(let text):
      guard abilities.hasTitle else { return nil }
      return command("2", [safe(text, titleLimit, abilities)])
    case .progress(let progress):
      guard abilities.hasProgress else { return nil }
      return progress.map(taskbar) ?? clearProgress
    case .bell: return abilities.hasBell ? [7] : nil
    case .notification(let title, let body):
      return notification(safe(title, titleLimit, abilities), body, abilities)
    case .clipboard(let bytes):
      guard abilities.hasClipboard, bytes.count <= TerminalNote.clipboardLimit else { return nil }
      return command("52", ["c", Base64.text(bytes)])
    }
  }

  private static func command(_ number: String, _ parts: [String]) -> [UInt8] {
    Array("\u{1b}]\(([number] + parts).joined(separator: ";"))\u{7}".utf8)
  }

  /// Off first: a terminal that was told less before must not be left with more.
  private static func mouseModes(from before: MouseMode, to mode: MouseMode) -> [UInt8] {
    let off = before == .off ? "" : "\u{1b}[?1006l\u{1b}[?1002l\u{1b}[?1000l"
    switch mode {
    case .off: return Array(off.utf8)
    case .scroll: return Array("\(off)\u{1b}[?1000h\u{1b}[?1006h".utf8)
    case .full: return Array("\(off)\u{1b}[?1000h\u{1b}[?1002h\u{1b}[?1006h".utf8)
    }
  }

  private static func taskbar(_ progress: TaskbarProgress) -> [UInt8] {
    let look =
      switch progress.look {
      case .normal: 1
      case .failed: 2
      case .paused: 4
      }
    return command("9", ["4", "\(look)", "\(progress.percent)"])
  }

  private static func notification(
    _ title: String, _ body: String, _ abilities: TerminalAbilities
  ) -> [UInt8]? {
    let body = safe(body, notificationLimit, abilities)
    switch abilities.notification {
    case .osc9: return [7] + abilities.wrapped(command("9", ["\(title): \(body)"]))
    case .osc777:
      // Fields end at semicolons.
      let fields = [title, body].map { String($0.map { $0 == ";" ? "," : $0 }) }
      return [7] + abilities.wrapped(command("777", ["notify"] + fields))
    case .bell: return abilities.hasBell ? [7] : nil
    }
  }

  /// Only what is printed, cut at the limit.
  private static func safe(_ text: String, _ limit: Int, _ abilities: TerminalAbilities) -> String {
    let clean = SafeText(text).clipped(to: limit).string
    guard !abilities.isUnicode else { return clean }
    return String(clean.map { $0.isASCII ? $0 : "?" })
  }
}

/// RFC 4648, section 4.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0...group.count { text.append(alphabet[bits >> (18 - 6 * place) & 63]) }
      text += repeatElement(UInt8(ascii: "="), count: 3 - group.count)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

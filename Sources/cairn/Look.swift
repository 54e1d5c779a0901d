import ArgumentParser
import Canvas
import Dashboard
import Formats
import Foundation
import Project
import Terminal

/// How the dashboard looks: glyphs and theme, as asked for and as the terminal allows.
struct Look {
  var theme: Theme
  var glyphs: GlyphChoice

  enum GlyphChoice: String, ExpressibleByArgument, CaseIterable { case auto, unicode, ascii }

  func state(on traits: TerminalTraits, isAttached: Bool) -> DashboardState {
    let isUnicode = glyphs == .unicode || (glyphs == .auto && traits.isUnicode)
    return DashboardState(
      glyphs: isUnicode ? .unicode : .ascii, theme: traits.colors == 0 ? .noColor : theme,
      utcOffsetSeconds: TimeZone.current.secondsFromGMT(), isAttached: isAttached)
  }
}

struct LookOptions: ParsableArguments {
  @Option(help: "A base16 scheme: the name of one that comes with Cairn, or a file.")
  var theme: String?

  @Option(help: "auto, unicode or ascii.")
  var glyphs: Look.GlyphChoice = .auto

  func look() throws -> Look {
    let noColor = ProcessInfo.processInfo.environment["NO_COLOR"] ?? ""
    if !noColor.isEmpty { return Look(theme: .noColor, glyphs: glyphs) }
    guard let theme else { return Look(theme: .okabeIto, glyphs: glyphs) }
    return Look(theme: try ThemeFolder.theme(named: theme), glyphs: glyphs)
  }
}

/// The schemes that come with Cairn, and files of other people's.
enum ThemeFolder {
  private static let maximumBytes = 64 * 1024

  static func theme(named name: String) throws -> Theme {
    let isFile = name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    let path = isFile ? name : folder + "/" + name + ".yaml"
    guard let data = FileManager.default.contents(atPath: path), data.count <= maximumBytes else {
      throw ProjectProblem(.missing, "no theme \"\(name)\"; \(choice)")
    }
    let scheme = try SchemeFile.load(Array(data), file: name)
    guard let theme = Theme(base16: scheme.palette) else {
      throw ProjectProblem(.badData, "\(name): a base16 scheme has 16 colours")
    }
    return theme
  }

  /// Beside the program.
  ///
  /// Not `Bundle.module`, which traps where somebody has copied the program alone.
  private static var folder: String { Bundle.main.bundlePath + "/cairn_cairn.resources/Themes" }

  private static var choice: String {
    let names = names()
    return names.isEmpty
      ? "the folder cairn_cairn.resources, which has them, is not beside cairn: give a file"
      : "there are \(names.joined(separator: ", ")), or give a file"
  }

  private static func names() -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }
}
